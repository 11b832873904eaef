"""The day that a letter told as it left: what a plan said then may not be what it says now."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letter", sa.Column("told", sa.String, nullable=True))
