"""Where do the parts of a town say that they are alive?"""

import sqlalchemy as sa
from alembic import op

revision = "work_0002"
down_revision = "work_0001"
branch_labels = None
depends_on = None

SCHEMA = "work"


def upgrade() -> None:
    op.create_table(
        "signs",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("worked_at", sa.DateTime(timezone=True)),
        sa.Column("message_at", sa.DateTime(timezone=True)),
        sa.Column("failed_at", sa.DateTime(timezone=True)),
        sa.Column("failure", sa.Text, nullable=False, server_default=sa.text("''")),
        schema=SCHEMA,
    )
