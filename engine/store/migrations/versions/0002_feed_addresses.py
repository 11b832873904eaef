"""Private addresses of feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# What the tables were when this was written, and on purpose not imported: a migration must never change.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "feed_address",
        sa.Column("id", _ID, nullable=False),
        sa.Column("token_hash", _ORDERED, nullable=False),
        sa.Column("hint", sa.String, nullable=False),
        sa.Column("workflow", _ORDERED, nullable=False),
        sa.Column("feed", _ORDERED, nullable=False),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("made_by", sa.String, nullable=False),
        sa.Column("revoked_at", sa.BigInteger, nullable=True),
        sa.Column("revoked_by", sa.String, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_feed_address"),
        sa.UniqueConstraint("token_hash", name="uq_feed_address_token_hash"),
    )
