"""Edits: how a person worded a letter before it was approved."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# What the tables were when this was written, and on purpose not imported: a migration must never change.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "edit",
        sa.Column("id", _ID, nullable=False),
        sa.Column("letter", _ORDERED, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_edit"),
    )
    op.create_index("ix_edit_letter", "edit", ["letter"])
    op.add_column("letter", sa.Column("edited", _ID, nullable=True))
