"""Delegations: what one role is asked to approve, given to another."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# What the tables were when this was written, and on purpose not imported: a migration must never change.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "delegation",
        sa.Column("id", _ID, nullable=False),
        sa.Column("workflow", _ORDERED, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("deputy", sa.String, nullable=False),
        sa.Column("letter", _ORDERED, nullable=True),
        sa.Column("step", _ORDERED, nullable=True),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=True),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("told_at", sa.BigInteger, nullable=True),
        sa.Column("ended_at", sa.BigInteger, nullable=True),
        sa.Column("ended_by", sa.String, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_delegation"),
    )
