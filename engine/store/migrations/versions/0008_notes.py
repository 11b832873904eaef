"""Notes verbales: their numbers, by series."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# What the tables were when this was written, and on purpose not imported: a migration must never change.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "note",
        sa.Column("id", _ID, nullable=False),
        sa.Column("series", _ORDERED, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("letter", _ORDERED, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_note"),
        sa.UniqueConstraint("letter", name="uq_note_letter"),
        sa.UniqueConstraint("series", "number", name="uq_note_series_number"),
    )
