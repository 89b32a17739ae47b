"""Where do the forms lie that residents have begun?"""

import sqlalchemy as sa
from alembic import op

revision = "work_0003"
down_revision = "work_0002"
branch_labels = None
depends_on = None

SCHEMA = "work"


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        schema=SCHEMA,
    )
    op.create_index("drafts_ends_at", "drafts", ["ends_at"], schema=SCHEMA)
    op.create_table(
        "draft_files",
        sa.Column("draft", sa.String(64), primary_key=True),
        sa.Column("file", sa.String(32), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        schema=SCHEMA,
    )
