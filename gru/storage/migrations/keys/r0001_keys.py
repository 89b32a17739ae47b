"""Which tables do the keys begin with?"""

import sqlalchemy as sa
from alembic import op

revision = "keys_0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "keys"


def upgrade() -> None:
    op.create_table(
        "holders",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("wrapped", sa.LargeBinary),
        sa.Column("same_as", sa.String(32)),
        schema=SCHEMA,
    )
    op.create_index("holders_same_as", "holders", ["same_as"], schema=SCHEMA)
    op.create_table(
        "case_keys",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("holder", sa.String(32), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        schema=SCHEMA,
    )
    op.create_index("case_keys_holder", "case_keys", ["holder"], schema=SCHEMA)
    op.create_index("case_keys_case", "case_keys", ["case_id"], schema=SCHEMA)
    op.create_table(
        "data_keys",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("case_key", sa.String(32), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        schema=SCHEMA,
    )
    op.create_index("data_keys_case_key", "data_keys", ["case_key"], schema=SCHEMA)
    op.create_table(
        "destroyed",
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        schema=SCHEMA,
    )
    op.create_index("destroyed_at", "destroyed", ["at"], schema=SCHEMA)
