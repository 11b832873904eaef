"""The first schema: revisions, facts, the outbox, the journal, calendar items."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Spelled out here rather than taken from the code, which goes on while a migration stays what it was.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_INSTANT = sa.BigInteger()
_WAKE = (
    "CASE state"
    " WHEN 'scheduled' THEN CASE"
    " WHEN approval AND approved_digest IS NULL THEN coalesce(ask_at, due_at)"
    " WHEN retry_at > due_at THEN retry_at"
    " ELSE due_at END"
    " WHEN 'awaiting_approval' THEN stale_at"
    " WHEN 'claimed' THEN lease_until"
    " WHEN 'handing' THEN lease_until"
    " END"
)


def _must(name: str, kind: Any = sa.String, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, **options)


def _may(name: str, kind: Any = sa.String) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _table(name: str, *columns: Any) -> None:
    op.create_table(name, _must("id", _ID), *columns, sa.PrimaryKeyConstraint("id", name=f"pk_{name}"))


def upgrade() -> None:
    _records()
    _outbox()
    op.create_table(
        "calendar_item",
        *(_must("workflow", _ORDERED), _must("uid", _ORDERED), _must("feeds", sa.JSON), _must("digest")),
        *(_must("sequence", sa.Integer), _must("stamped_at", _INSTANT), _may("cancelled_at", _INSTANT)),
        _must("body", sa.LargeBinary),
        sa.PrimaryKeyConstraint("workflow", "uid", name="pk_calendar_item"),
    )
    op.create_table("meta", _must("name"), _must("value", sa.Text), sa.PrimaryKeyConstraint("name", name="pk_meta"))


def _records() -> None:
    _table(
        "revision",
        *(_must("workflow", _ORDERED), _must("fingerprint"), _must("content", sa.LargeBinary)),
        *(_must("lineage", sa.Text), _must("author"), _must("applied_at", _INSTANT)),
    )
    op.create_index("ix_revision_workflow", "revision", ["workflow"])
    _table(
        "fact",
        *(_must("workflow", _ORDERED), _must("name"), _may("party"), _may("step"), _may("anchor")),
        *(_may("cycle"), _may("contact"), _must("value"), _must("true_on"), _must("details", sa.JSON)),
        *(_must("recorded_at", _INSTANT), _must("source"), _must("note"), _must("author"), _may("retracts", _ID)),
        sa.UniqueConstraint("retracts", name="uq_fact_retracts"),
    )
    op.create_index("ix_fact_workflow", "fact", ["workflow"])
    _table(
        "journal",
        *(_must("at", _INSTANT), _must("actor"), _must("action"), _must("workflow", _ORDERED), _may("step")),
        *(_may("party", _ORDERED), _may("letter", _ORDERED), _must("detail")),
    )
    op.create_index("ix_journal_party", "journal", ["party"])
    op.create_index("ix_journal_letter", "journal", ["letter"])


def _outbox() -> None:
    _table(
        "letter",
        *(_must("key", _ORDERED), _must("workflow", _ORDERED), _may("cycle"), _must("step", _ORDERED)),
        *(_must("kind"), _may("party", _ORDERED), _must("round", sa.Integer), _must("addressee"), _must("slot")),
        *(_must("due_at", _INSTANT), _must("zone"), _must("state"), _must("reason"), _must("template")),
        *(_must("approval", sa.Boolean), _may("stale_at", _INSTANT), _must("ordinary", sa.Boolean)),
        *(_must("created_at", _INSTANT), _must("revision", sa.Integer), _may("ask_at", _INSTANT)),
        *(_may("approved_digest"), _may("asked_at", _INSTANT), _may("sent_at", _INSTANT), _may("message_id")),
        *(_must(name, server_default="") for name in ("to", "cc", "subject")),
        _must("attempts", sa.Integer, server_default=sa.text("0")),
        *(_may("retry_at", _INSTANT), _may("worker"), _may("lease_until", _INSTANT), _may("mail", _ID)),
        *(
            _may("unwanted"),
            _may("channel"),
            _may("refused"),
            sa.Column("wake_at", _INSTANT, sa.Computed(_WAKE, persisted=True)),
        ),
        sa.UniqueConstraint("key", name="uq_letter_key"),
    )
    op.create_index("ix_letter_wake_at", "letter", ["wake_at", "id"])
    op.create_index("ix_letter_party", "letter", ["party"])
    _table(
        "mail",
        *(_must("letter", _ORDERED), _must("message_id"), _must("digest"), _must("sender")),
        *(_must("recipients", sa.JSON), _must("subject"), _must("to"), _must("cc")),
        *(_must("body", sa.LargeBinary), _must("frozen_at", _INSTANT)),
    )
    op.create_index("ix_mail_letter", "mail", ["letter"])
    _table(
        "attempt",
        *(_must("letter", _ORDERED), _may("mail", _ID), _must("at", _INSTANT), _must("outcome"), _must("error")),
        *(_must("recipients", sa.JSON), _may("worker")),
    )
    op.create_index("ix_attempt_letter", "attempt", ["letter"])
