"""Which tables does the work begin with?"""

import sqlalchemy as sa
from alembic import op

revision = "work_0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "work"


def upgrade() -> None:
    _followers()
    _effects()
    _access()
    _seal()


def _followers() -> None:
    op.create_table(
        "numbers",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("holder", sa.String(200), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "positions",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "cursors",
        sa.Column("mailbox", sa.String(200), primary_key=True),
        sa.Column("uidvalidity", sa.BigInteger, nullable=False),
        sa.Column("uid", sa.BigInteger, nullable=False),
        schema=SCHEMA,
    )


def _effects() -> None:
    op.create_table(
        "effects",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.String(200)),
        sa.Column("leased_until", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text),
        schema=SCHEMA,
    )
    for state in ("pending", "failed"):
        in_state = sa.text(f"state = '{state}'")
        op.create_index(
            f"effects_{state}",
            "effects",
            ["next_at", "key"],
            schema=SCHEMA,
            sqlite_where=in_state,
            postgresql_where=in_state,
        )


def _access() -> None:
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("agent", sa.String(32), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_seconds", sa.Integer, nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        schema=SCHEMA,
    )
    op.create_index("sessions_agent", "sessions", ["agent"], schema=SCHEMA)
    op.create_index("sessions_ends_at", "sessions", ["ends_at"], schema=SCHEMA)
    op.create_table(
        "credentials",
        sa.Column("login_hash", sa.String(64), primary_key=True),
        sa.Column("agent", sa.String(32), nullable=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        schema=SCHEMA,
    )
    op.create_index("credentials_agent", "credentials", ["agent"], unique=True, schema=SCHEMA)
    op.create_table(
        "attempts",
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("subject_hash", sa.String(64), primary_key=True),
        sa.Column("minute", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        schema=SCHEMA,
    )
    op.create_index("attempts_minute", "attempts", ["minute"], schema=SCHEMA)


def _seal() -> None:
    op.create_table(
        "seal",
        sa.Column("no", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("first_position", sa.BigInteger, nullable=False),
        sa.Column("last_position", sa.BigInteger, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column(
            "events", sa.LargeBinary, nullable=False, comment="32 bytes for each event: it is named when it is gone"
        ),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("signature", sa.LargeBinary(64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        schema=SCHEMA,
    )
