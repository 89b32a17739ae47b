"""Which tables does the archive begin with?"""

import sqlalchemy as sa
from alembic import op

revision = "archive_0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "archive"


def upgrade() -> None:
    _messages()
    _words()
    _people()


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("ticked_at", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("retry_at", sa.DateTime(timezone=True)),
        schema=SCHEMA,
    )
    pending = sa.text("ticked_at IS NULL")
    op.create_index(
        "messages_pending",
        "messages",
        ["kept_at", "key"],
        schema=SCHEMA,
        sqlite_where=pending,
        postgresql_where=pending,
    )
    op.create_table(
        "message_ids",
        sa.Column("hash", sa.String(32), primary_key=True),
        sa.Column("message", sa.String(32), primary_key=True),
        schema=SCHEMA,
    )
    op.create_index("message_ids_message", "message_ids", ["message"], schema=SCHEMA)


def _words() -> None:
    op.create_table(
        "texts",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "files",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "file_chunks",
        sa.Column("address", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "contents",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        schema=SCHEMA,
    )


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("same_as", sa.String(32)),
        schema=SCHEMA,
    )
    op.create_index("people_same_as", "people", ["same_as"], schema=SCHEMA)
    op.create_table(
        "contacts",
        sa.Column("hash", sa.String(32), primary_key=True),
        sa.Column("person", sa.String(32), primary_key=True),
        schema=SCHEMA,
    )
    op.create_index("contacts_person", "contacts", ["person"], schema=SCHEMA)
