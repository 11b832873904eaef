"""The frozen values that the store takes and returns beside letters and facts. All instants are UTC, aware."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Final, NamedTuple

from engine.letter import Wording


class _Any(Enum):
    ANY = "any"


ANY: Final = _Any.ANY
"""Whatever the party: None means the letters that have none."""
AnyParty = str | _Any | None


class RevisionRecord(NamedTuple):
    """A workflow as it was applied: `content` is its JSON text, whole; `lineage` says what it came from."""

    id: int
    workflow: str
    fingerprint: str
    content: str
    lineage: str
    author: str
    applied_at: datetime


class Sought(NamedTuple):
    """A word that is looked for in letters, in small letters, with the ids of what has it in its name."""

    word: str
    parties: tuple[str, ...] = ()
    addressees: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


class Retraction(NamedTuple):
    """The taking back of a fact."""

    id: int
    fact_id: int
    at: datetime
    note: str
    author: str
    source: str


class JournalEntry(NamedTuple):
    """Who (`actor`) did what (`action`), when, to what. `detail` is a sentence for a person.

    `letter` is a letter's key; for `planned`, the first five parts of the keys of a group of letters that were
    planned together.
    """

    id: int
    at: datetime
    actor: str
    action: str
    workflow: str
    step: str | None
    party: str | None
    letter: str | None
    detail: str


class EditRecord(NamedTuple):
    """How a person worded a letter, and when."""

    id: int
    letter: str
    wording: Wording
    author: str
    at: datetime


class NewMail(NamedTuple):
    """A mail about to be frozen: one RFC 5322 message (`body`) and one envelope (`sender`, `recipients`).

    `digest` is that of the rendered letter, as approved: the same digest means the same mail. `to` and `cc` are
    what people see.
    """

    message_id: str
    digest: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    to: str
    cc: str
    body: bytes


class MailRecord(NamedTuple):
    """A mail as it was frozen at its first handing over; a retry sends these bytes."""

    id: int
    letter: str
    message_id: str
    digest: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    to: str
    cc: str
    body: bytes
    frozen_at: datetime


class AttemptRecord(NamedTuple):
    """One handing over. `outcome` is `sent`, `failed` (for good), `deferred` (to be retried) or `unknown`.

    `recipients` has each envelope recipient's own answer, where the channel gave one.
    """

    id: int
    letter: str
    mail: int | None
    at: datetime
    outcome: str
    error: str
    recipients: tuple[tuple[str, str], ...]
    worker: str | None


class Approval(NamedTuple):
    """What a person approves of a letter: the digest of all of it, and what of it is shown.

    `instead` says in whose place, where a deputy was asked.
    """

    key: str
    digest: str
    subject: str
    to: str
    cc: str
    instead: str = ""


class Sent(NamedTuple):
    """The channel accepted a mail at `at`; `recipients` maps each envelope recipient to the answer about it."""

    key: str
    mail_id: int
    at: datetime
    recipients: dict[str, str]
    channel: str = "mailbox"


class Failed(NamedTuple):
    """The channel did not accept a mail: for good (`permanent`), or to be tried again at `retry_at` or later."""

    key: str
    mail_id: int
    at: datetime
    error: str
    permanent: bool
    retry_at: datetime | None = None
    unknown: bool = False
    """The connection was lost before the answer: it may have been accepted."""
    recipients: dict[str, str] = {}  # noqa: RUF012  # nobody changes it
    """What the far side said of each, where it took the mail for some."""


class Stopped(NamedTuple):
    """Everything is stopped: since when, by whom, and why."""

    at: datetime
    by: str
    reason: str


class FeedAddress(NamedTuple):
    """An address at which a feed is served. `hint` is how its token begins, `label` says whom it was given to."""

    id: int
    hint: str
    workflow: str
    feed: str
    label: str
    made_at: datetime
    made_by: str
    revoked_at: datetime | None
    revoked_by: str | None


class AnswerRecord(NamedTuple):
    """What came back, as it is kept (but for its octets).

    `kind` is an `AnswerKind`; `letter` the key of what it is about, with that letter's workflow, party, step and cycle.
    `state` is `open` while it waits for a person, then `decided`: `decision` in words, by whom, when, with a `note`.
    """

    id: int
    source: str
    kind: str
    letter: str | None
    matched_by: str
    workflow: str | None
    party: str | None
    step: str | None
    cycle: str | None
    sender: str
    subject: str
    text: str
    message_id: str
    address: str
    said: str
    received_at: datetime
    taken_at: datetime
    state: str
    decision: str
    decided_by: str
    decided_at: datetime | None
    note: str

    @property
    def open(self) -> bool:
        """Whether it waits for a person."""
        return self.state == "open"


class LinkRevocation(NamedTuple):
    """That the links of one `letter`, or of whatever had left to a `party` by then, answer no more."""

    id: int
    workflow: str
    party: str | None
    letter: str | None
    at: datetime
    by: str
    reason: str


class Ticks(NamedTuple):
    """How many letters of a step are in a state and due (or sent) at one instant in one zone."""

    step: str
    state: str
    at: datetime
    zone: str
    number: int


class CalendarRow(NamedTuple):
    """A calendar item as it was last published: `body` is its VEVENT or VTODO, `feeds` who has it."""

    workflow: str
    uid: str
    feeds: tuple[str, ...]
    digest: str
    sequence: int
    stamped_at: datetime
    cancelled_at: datetime | None
    body: bytes
