"""The tables. Their rows never leave the store: its functions take and return the frozen values of the floors below.

There are no foreign keys: only this package writes, rows are never deleted, and a bulk insert would pay for each.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Column, Computed, Index, MetaData, Table, Text, UniqueConstraint, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from engine.definition.dates import Span
from engine.store.types import Id, Instant, Ordered, Packed, SpanText

_NAMES = {"ix": "ix_%(column_0_N_label)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"}

WAKE = (
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
"""The instant at which something has to be done about a letter; the database computes it, so that it cannot be wrong.
One index on it answers “what is due?” and “when is the next?” for sending, retries, asking, going stale and leases."""


class _Row(SQLModel, registry=registry(metadata=MetaData(naming_convention=_NAMES))):
    """A registry of our own: another package's SQLModel tables are no business of the migrations."""

    # No row is validated (the tables are spoken to through Core), so nothing is built for it at every start.
    model_config = {"defer_build": True}


class RevisionRow(_Row, table=True):
    """A workflow as it was applied, whole. The one with the highest id is in force."""

    __tablename__ = "revision"

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    workflow: str = Field(sa_type=Ordered, index=True)
    fingerprint: str
    content: bytes = Field(sa_type=Packed())
    lineage: str = Field(sa_type=Text)
    author: str
    applied_at: datetime = Field(sa_type=Instant)


class FactRow(_Row, table=True):
    """A fact, or (where `retracts` is set) the taking back of one. Append-only."""

    __tablename__ = "fact"

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    workflow: str = Field(sa_type=Ordered, index=True)
    name: str
    party: str | None
    step: str | None
    anchor: str | None
    cycle: str | None
    contact: str | None
    value: str
    true_on: Span = Field(sa_type=SpanText)
    details: list[list[str]] = Field(sa_type=JSON)
    recorded_at: datetime = Field(sa_type=Instant)
    source: str
    note: str
    author: str
    retracts: int | None = Field(sa_column=Column(Id, nullable=True, unique=True))


class LetterRow(_Row, table=True):
    """A row of the outbox. `unwanted` holds why a letter that is being handed over must not be tried again (G3)."""

    __tablename__ = "letter"
    __table_args__ = (
        Index("ix_letter_wake_at", "wake_at", "id"),
        Index("ix_letter_party", "party"),
        Index("ix_letter_person", "person", "wake_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    key: str = Field(sa_column=Column(Ordered, nullable=False, unique=True))
    workflow: str = Field(sa_type=Ordered)
    cycle: str | None
    step: str = Field(sa_type=Ordered)
    kind: str
    party: str | None = Field(sa_type=Ordered)
    round: int
    addressee: str
    slot: str
    due_at: datetime = Field(sa_type=Instant)
    zone: str
    state: str
    reason: str
    template: str
    approval: bool
    stale_at: datetime | None = Field(sa_type=Instant)
    ordinary: bool
    created_at: datetime = Field(sa_type=Instant)
    revision: int
    ask_at: datetime | None = Field(sa_type=Instant)
    approved_digest: str | None
    asked_at: datetime | None = Field(sa_type=Instant)
    sent_at: datetime | None = Field(sa_type=Instant)
    message_id: str | None
    to: str = Field(sa_column_kwargs={"server_default": ""})
    cc: str = Field(sa_column_kwargs={"server_default": ""})
    subject: str = Field(sa_column_kwargs={"server_default": ""})
    attempts: int = Field(sa_column_kwargs={"server_default": text("0")})
    retry_at: datetime | None = Field(sa_type=Instant)
    worker: str | None
    lease_until: datetime | None = Field(sa_type=Instant)
    mail: int | None = Field(sa_type=Id)
    unwanted: str | None
    channel: str | None
    refused: str | None
    wake_at: datetime | None = Field(sa_column=Column(Instant, Computed(WAKE, persisted=True)))
    edited: int | None = Field(sa_type=Id)
    person: str = Field(sa_type=Ordered, sa_column_kwargs={"server_default": ""})
    told: str | None


class EditRow(_Row, table=True):
    """How a person worded a letter. Append-only: `edited` of the letter names the one that it reads by."""

    __tablename__ = "edit"

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    letter: str = Field(sa_type=Ordered, index=True)
    subject: str
    body: str = Field(sa_type=Text)
    author: str
    at: datetime = Field(sa_type=Instant)


class MailRow(_Row, table=True):
    """What leaves, frozen: the bytes, and the envelope they go in."""

    __tablename__ = "mail"

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    letter: str = Field(sa_type=Ordered, index=True)
    message_id: str = Field(index=True)
    digest: str
    sender: str
    recipients: list[str] = Field(sa_type=JSON)
    subject: str
    to: str
    cc: str
    body: bytes = Field(sa_type=Packed(level=1))
    frozen_at: datetime = Field(sa_type=Instant)


class AttemptRow(_Row, table=True):
    """One handing over, and what the channel answered. Append-only."""

    __tablename__ = "attempt"

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    letter: str = Field(sa_type=Ordered, index=True)
    mail: int | None = Field(sa_type=Id)
    at: datetime = Field(sa_type=Instant)
    outcome: str
    error: str
    recipients: dict[str, str] = Field(sa_type=JSON)
    worker: str | None


class JournalRow(_Row, table=True):
    """Who or what did what, when. Append-only. `letter` is a key, or what the keys of a planned group begin with."""

    __tablename__ = "journal"

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    at: datetime = Field(sa_type=Instant)
    actor: str
    action: str
    workflow: str = Field(sa_type=Ordered)
    step: str | None
    party: str | None = Field(sa_type=Ordered, index=True)
    letter: str | None = Field(sa_type=Ordered, index=True)
    detail: str


class AnswerRow(_Row, table=True):
    """What came back about a letter, once for each `source`, and what a person decided about it."""

    __tablename__ = "answer"
    __table_args__ = (Index("ix_answer_state", "state", "id"), Index("ix_answer_letter", "letter"))

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    source: str = Field(sa_column=Column(Ordered, nullable=False, unique=True))
    kind: str
    letter: str | None = Field(sa_type=Ordered)
    matched_by: str
    workflow: str | None = Field(sa_type=Ordered)
    party: str | None = Field(sa_type=Ordered)
    step: str | None
    cycle: str | None
    sender: str
    subject: str
    text: str = Field(sa_type=Text)
    message_id: str
    address: str = Field(sa_type=Ordered)
    said: str
    raw: bytes = Field(sa_type=Packed())
    received_at: datetime = Field(sa_type=Instant)
    taken_at: datetime = Field(sa_type=Instant)
    state: str
    decision: str
    decided_by: str
    decided_at: datetime | None = Field(sa_type=Instant)
    note: str = Field(sa_type=Text)


class LinkRevocationRow(_Row, table=True):
    """The links of a letter, or of all letters that had left to a party, answer no more. Append-only."""

    __tablename__ = "link_revocation"

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    workflow: str = Field(sa_type=Ordered)
    party: str | None = Field(sa_type=Ordered)
    letter: str | None = Field(sa_type=Ordered)
    at: datetime = Field(sa_type=Instant)
    by: str
    reason: str = Field(sa_type=Text)


class CalendarRowTable(_Row, table=True):
    """A calendar item as it was last published, so that a feed changes only where the plan did."""

    __tablename__ = "calendar_item"

    workflow: str = Field(primary_key=True, sa_type=Ordered)
    uid: str = Field(primary_key=True, sa_type=Ordered)
    feeds: list[str] = Field(sa_type=JSON)
    digest: str
    sequence: int
    stamped_at: datetime = Field(sa_type=Instant)
    cancelled_at: datetime | None = Field(sa_type=Instant)
    body: bytes


class FeedAddressRow(_Row, table=True):
    """An address at which a feed is served. Only a hash of its token is kept: who reads the database subscribes to nothing."""

    __tablename__ = "feed_address"

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    token_hash: str = Field(sa_column=Column(Ordered, nullable=False, unique=True))
    hint: str
    workflow: str = Field(sa_type=Ordered)
    feed: str = Field(sa_type=Ordered)
    label: str
    made_at: datetime = Field(sa_type=Instant)
    made_by: str
    revoked_at: datetime | None = Field(sa_type=Instant)
    revoked_by: str | None


class DelegationRow(_Row, table=True):
    """What one role is asked to approve, given to another. Ended by a mark, never deleted."""

    __tablename__ = "delegation"

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    workflow: str = Field(sa_type=Ordered)
    owner: str
    deputy: str
    letter: str | None = Field(sa_type=Ordered)
    step: str | None = Field(sa_type=Ordered)
    starts_at: datetime = Field(sa_type=Instant)
    ends_at: datetime | None = Field(sa_type=Instant)
    reason: str
    author: str
    made_at: datetime = Field(sa_type=Instant)
    told_at: datetime | None = Field(sa_type=Instant)
    ended_at: datetime | None = Field(sa_type=Instant)
    ended_by: str | None


class NoteRow(_Row, table=True):
    """The number of a note verbale in its series, and the letter that has it. A number is passed on where its letter
    will never leave, so that a series has no gaps."""

    __tablename__ = "note"
    __table_args__ = (UniqueConstraint("series", "number"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    series: str = Field(sa_type=Ordered)
    number: int
    letter: str | None = Field(sa_column=Column(Ordered, nullable=True, unique=True))


class MetaRow(_Row, table=True):
    """Small things that have to outlive a process."""

    __tablename__ = "meta"

    name: str = Field(primary_key=True)
    value: str = Field(sa_type=Text)


METADATA = _Row.metadata


def _table(model: type[SQLModel]) -> Table:
    return METADATA.tables[str(model.__tablename__)]


REVISION = _table(RevisionRow)
FACT = _table(FactRow)
LETTER = _table(LetterRow)
EDIT = _table(EditRow)
MAIL = _table(MailRow)
ATTEMPT = _table(AttemptRow)
JOURNAL = _table(JournalRow)
ANSWER = _table(AnswerRow)
LINK_REVOCATION = _table(LinkRevocationRow)
CALENDAR = _table(CalendarRowTable)
FEED_ADDRESS = _table(FeedAddressRow)
DELEGATION = _table(DelegationRow)
NOTE = _table(NoteRow)
META = _table(MetaRow)
