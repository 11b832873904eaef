"""Who gets each letter, so that letters to one person can leave as one mail."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# What the tables were when this was written, and on purpose not imported: a migration must never change.
_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    # Empty until the plan is looked at again, which the dispatcher does at its start.
    op.add_column("letter", sa.Column("person", _ORDERED, nullable=False, server_default=""))
    op.create_index("ix_letter_person", "letter", ["person", "wake_at"])
