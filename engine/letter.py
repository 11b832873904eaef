"""The values that travel: a letter and its key."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from engine.lifecycle import State

NONE = "-"
APPROVAL_PROMPT = "approval_prompt"
"""The template of what asks an owner to approve."""
MISSED_NOTICE = "missed_notice"
"""The template of what tells an owner that nobody decided in time."""
ANSWERS_NOTICE = "answers_notice"
"""The template of what tells an owner of answers that wait for a decision."""
URGENT_PROMPT = "urgent_prompt"
"""The template of what asks once more, on the last working morning before a letter is due."""
DIGEST = "digest"
"""The template of what tells a role how its plans stand."""
HAND_OVER = "hand_over"
"""The template of what tells whoever takes over a role how things stand."""
BULLETINS = frozenset({DIGEST, URGENT_PROMPT, HAND_OVER})
"""Letters to one person about all of a plan, or all their plans: of no step, so their keys have “-” for it."""
NOTICES = frozenset({APPROVAL_PROMPT, MISSED_NOTICE, ANSWERS_NOTICE}) | BULLETINS
"""Letters to roles that the dispatcher makes, and no plan."""


class LetterKey(NamedTuple):
    """What makes a letter the same letter (guarantee G1): no date, no address, no text."""

    workflow: str
    cycle: str | None
    step: str
    party: str | None
    round: int
    addressee: str
    slot: str

    def __str__(self) -> str:
        return (
            f"{self.workflow}/{self.cycle or NONE}/{self.step}/{self.party or NONE}"
            f"/{self.round}/{self.addressee}/{self.slot}"
        )


def parse_key(text: str) -> LetterKey:
    """Read a key back. Raises ValueError when it has not the seven parts of one."""
    parts = text.split("/")
    if len(parts) != 7 or not parts[4].isdigit():
        raise ValueError(
            f"“{text}” is not a letter's key (workflow/cycle/step/party/round/addressee/slot, “-” for none)"
        )
    workflow, cycle, step, party, round_, addressee, slot = parts
    return LetterKey(
        workflow,
        None if cycle == NONE else cycle,
        step,
        None if party == NONE else party,
        int(round_),
        addressee,
        slot,
    )


class Letter(NamedTuple):
    """What one addressee should get for one slot of one step in one round, as the planner sees it.

    `due_at` and `stale_at` are UTC instants (None while the day is not known, and for what never leaves); `zone` is the
    addressee's. `state` is a row's or a plan-only state of `lifecycle.State`; `reason` says in words why it is so.
    `kind` is the step's. `template` names the letter, of the plan or in templates/email. `about` approximates a time for people
    (“October 2017”) where `due_at` is None. `ordinary` letters collapse with one another when late (G4);
    thanks, escalations and changed dates do not. `person` is the address that it goes to, in small letters: the same in
    all plans, so that one person's letters are known as such. `told` is the day that it tells, as a date is written, or
    `off` of an event that is; nothing for what speaks of no day.
    """

    key: str
    workflow: str
    cycle: str | None
    step: str
    kind: str
    party: str | None
    round: int
    addressee: str
    slot: str
    due_at: datetime | None
    zone: str
    state: str
    reason: str
    template: str
    approval: bool
    stale_at: datetime | None
    about: str = ""
    ordinary: bool = True
    person: str = ""
    told: str = ""

    @classmethod
    def of(
        cls, key: LetterKey, kind: str, zone: str, state: State, reason: str, *, due_at: datetime | None = None,
        template: str = "", stale_at: datetime | None = None, about: str = "", ordinary: bool = True, person: str = "",
    ) -> Letter:  # fmt: skip
        """A letter of that key, which no approval is asked for."""
        return cls(
            str(key), key.workflow, key.cycle, key.step, kind, key.party, key.round, key.addressee, key.slot, due_at,
            zone, state.value, reason, template, False, stale_at, about, ordinary, person,
        )  # fmt: skip


class Wording(NamedTuple):
    """What a person may word themselves: the subject, one line, and the body as Markdown, before any layout."""

    subject: str
    body: str


class NoteNumber(NamedTuple):
    """The number of a note verbale within its series: one sender's notes of one year."""

    series: str
    number: int


class Recorded(NamedTuple):
    """A letter as the outbox holds it: the planner's values with what happened since. All instants are UTC.

    `approved_digest` is the digest of the rendered letter that a person approved (None: not approved);
    `asked_at` when approval was asked for; `sent_at` when it was handed over; `to`, `cc` and `subject` are what
    was last rendered, for people to see. `channel` is how it left (`mailbox`, `smtp`, `hand`); `refused` holds the
    reason of a person who said no, which no plan overrides; `edited` is the number of the edit that it reads by;
    `mail` that of the mail that it left as, or is to leave as once more. `told` is the day that it told as it was last
    handed over (None: not known, since a version before did that, or a person sent it).
    """

    id: int
    key: str
    workflow: str
    cycle: str | None
    step: str
    kind: str
    party: str | None
    round: int
    addressee: str
    slot: str
    due_at: datetime
    zone: str
    state: str
    reason: str
    template: str
    approval: bool
    stale_at: datetime | None
    ordinary: bool
    created_at: datetime
    revision: int
    approved_digest: str | None = None
    asked_at: datetime | None = None
    sent_at: datetime | None = None
    message_id: str | None = None
    to: str = ""
    cc: str = ""
    subject: str = ""
    attempts: int = 0
    retry_at: datetime | None = None
    worker: str | None = None
    lease_until: datetime | None = None
    channel: str | None = None
    refused: str | None = None
    edited: int | None = None
    person: str = ""
    mail: int | None = None
    told: str | None = None

    @property
    def left_at(self) -> datetime:
        """When it left; when it is due where it did not."""
        return self.sent_at or self.due_at
