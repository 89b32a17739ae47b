"""Where do the simulations lie that were asked for, what they found, and the rules somebody is thinking of?"""

import sqlalchemy as sa
from alembic import op

revision = "work_0005"
down_revision = "work_0003"
branch_labels = None
depends_on = None

SCHEMA = "work"


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "simulations",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("asked_by", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        *(sa.Column(name, instant, nullable=False) for name in ("asked_at", "start_at", "end_at", "ends_at")),
        sa.Column("behind_at", instant, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("town_version", sa.Integer, nullable=False),
        sa.Column("changes", sa.Text, nullable=False),
        sa.Column("tally", sa.Text, nullable=False),
        sa.Column("pauses", sa.String(32), nullable=False),
        sa.Column("behind_case", sa.String(32), nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("total", "done", "flips", "milliseconds")),
        schema=SCHEMA,
    )
    op.create_index("simulations_ends_at", "simulations", ["ends_at"], schema=SCHEMA)
    codes = ("case_id", "number", "kind", "way", "type", "department", "site", "confidentiality")
    op.create_table(
        "flips",
        sa.Column("simulation", sa.String(32), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.String(32), nullable=False) for name in codes),
        sa.Column("official_due", instant, nullable=False),
        sa.Column("simulated_due", instant, nullable=False),
        sa.Column("kept_at", instant),
        schema=SCHEMA,
    )
    op.create_table(
        "rule_drafts",
        sa.Column("agent", sa.String(32), primary_key=True),
        sa.Column("base", sa.Integer, nullable=False),
        sa.Column("changes", sa.Text, nullable=False),
        sa.Column("saved_at", instant, nullable=False),
        schema=SCHEMA,
    )
