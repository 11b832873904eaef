"""Answers: what came back about letters, what a person decided about it, and links that answer no more."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# What the tables were when this was written, and on purpose not imported: a migration must never change.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "answer",
        sa.Column("id", _ID, nullable=False),
        sa.Column("source", _ORDERED, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("letter", _ORDERED, nullable=True),
        sa.Column("matched_by", sa.String, nullable=False),
        sa.Column("workflow", _ORDERED, nullable=True),
        sa.Column("party", _ORDERED, nullable=True),
        sa.Column("step", sa.String, nullable=True),
        sa.Column("cycle", sa.String, nullable=True),
        sa.Column("sender", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("message_id", sa.String, nullable=False),
        sa.Column("address", _ORDERED, nullable=False),
        sa.Column("said", sa.String, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("taken_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("decision", sa.String, nullable=False),
        sa.Column("decided_by", sa.String, nullable=False),
        sa.Column("decided_at", sa.BigInteger, nullable=True),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_answer"),
        sa.UniqueConstraint("source", name="uq_answer_source"),
    )
    op.create_index("ix_answer_state", "answer", ["state", "id"])
    op.create_index("ix_answer_letter", "answer", ["letter"])
    op.create_table(
        "link_revocation",
        sa.Column("id", _ID, nullable=False),
        sa.Column("workflow", _ORDERED, nullable=False),
        sa.Column("party", _ORDERED, nullable=True),
        sa.Column("letter", _ORDERED, nullable=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_link_revocation"),
    )
