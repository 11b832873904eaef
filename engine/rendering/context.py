"""What a letter's template may name: values only, already in words where a person reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from engine.definition.attachments import Attachment
from engine.rendering.notices import AimView, AnswerView, DigestView, HandOverView, PlanDigest, WaitingLetter

Column = date | bool | str
"""What a column of the roster says of a party, as its type has it; an empty text where it says nothing."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name and an address, as in a To header."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class RoleView:
    """The owner of a step, who signs its letters; or the role a prompt goes to."""

    title: str
    person: str
    email: str


@dataclass(frozen=True, slots=True)
class PartyView:
    """The party written about. `illustrative` is true where its sample data is not a real record.

    `columns` are the plan's attributes of it, which a template reads like fields: a date, yes or no, or a text.
    """

    id: str
    name: str
    illustrative: bool = False
    last_contact: date | None = None
    columns: tuple[tuple[str, Column], ...] = ()

    def __getitem__(self, name: str) -> Column:
        """What a template finds where there is no such field. Raises KeyError."""
        return dict(self.columns)[name]


@dataclass(frozen=True, slots=True)
class CycleView:
    """The cycle of a yearly plan: its name (`2027`), the day it is due and the day it opens."""

    name: str
    due: date
    opens: date


@dataclass(frozen=True, slots=True)
class RecipientView:
    """To whom the letter speaks: a contact of a party, or a role.

    `salutation` opens the letter, without the comma; `form` is `excellency`, `madam`, `sir`, `colleague` or, where
    nobody has said, empty. `language` is the one that the letter is in, `direction` how that is written (`ltr`, `rtl`).
    """

    name: str
    salutation: str
    language: str = "en"
    post: str = ""
    form: str = ""
    direction: str = "ltr"


@dataclass(frozen=True, slots=True)
class EventView:
    """An event named in the letter: its own, or the one a follow-up comes from.

    `day` is in words (“12 October 2017”, “12–14 February 2018”, “October 2017” while `tentative`); `told` is the day
    that this addressee was told before, where it was another. `coming` and `attended` are the party's own, None where
    nothing is recorded.
    """

    title: str
    day: str
    tentative: bool
    venue: str
    first: date
    last: date
    told: str | None = None
    coming: bool | None = None
    attended: bool | None = None


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """The day by which: `words` is “31 March 2018”, `zone` “Europe/Zurich time”; `left` days from the letter's day.

    `grace` is the last day, in words, on which it is not late yet (empty: the deadline itself); `late` is true of a
    letter that leaves after it.
    `told` is the day that this addressee was told before, in the letter that says it is another one now.
    """

    day: date
    words: str
    zone: str
    left: int
    grace: str = ""
    late: bool = False
    told: date | None = None


@dataclass(frozen=True, slots=True)
class EarlierLetter:
    """A letter of this round that this addressee already got."""

    on: str
    subject: str


@dataclass(frozen=True, slots=True)
class StepView:
    """The step, as the plan words it. `ours` is true where its deadline is our reading and not the source's."""

    name: str
    title: str
    note: str
    kind: str
    ours: bool = False


@dataclass(frozen=True, slots=True)
class TallyView:
    """How far a target is: `have` of `want`, and who is missing or has been found."""

    have: int
    want: int
    found: tuple[PartyView, ...] = ()
    missing: tuple[PartyView, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteView:
    """A letter's note verbale: `title` is what such a note is called in its language. `number` is whole (“NIM/2018/7”;
    “NIM/2018/…” before it has one); `date` in words.

    `sender` is who writes, in the third person (“the Coordinator”); `begins` the same at the beginning of a sentence.
    """

    template: str
    title: str
    number: str
    numbered: bool
    date: str
    place: str
    sender: str
    begins: str
    letterhead: tuple[str, ...]
    initials: str = ""


@dataclass(frozen=True, slots=True)
class LinksView:
    """The addresses of the links by which whoever reads the letter answers, one for each `Purpose`."""

    submitted: str
    by: str
    wrong_person: str


@dataclass(frozen=True, slots=True)
class LetterContext:
    """Everything one letter is made from. `on` is the day it is due, in words, at the addressee's.

    `fact_day` is the day (in words) of the fact that made the party done, for thanks. `actions` are the commands
    that answer an owner's prompt; `facts_missing` says what the prompt asks for (`held`, `attended`, …). `pages` is
    the address of the pages, where others than this machine reach them. `answers` are those that an owner is told of, and
    `told_before` is the number of others that wait, of which the owner knows. `links` are a
    chasing letter's, where letters have any.
    """

    key: str
    slot: str
    template: str
    on: str
    due_at: datetime
    zone: str
    workflow: str
    workflow_title: str
    step: StepView
    owner: RoleView
    to: RecipientView
    recipients: tuple[Mailbox, ...]
    copies: tuple[Mailbox, ...] = ()
    party: PartyView | None = None
    event: EventView | None = None
    deadline: DeadlineView | None = None
    earlier: tuple[EarlierLetter, ...] = ()
    fact_day: str | None = None
    tally: TallyView | None = None
    cycle: CycleView | None = None
    parties: tuple[PartyView, ...] = ()
    facts_missing: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    letters: tuple[EarlierLetter, ...] = field(default=())
    waiting: tuple[WaitingLetter, ...] = ()
    digest: DigestView | None = None
    hand_over: HandOverView | None = None
    pages: str = ""
    attachments: tuple[Attachment, ...] = ()
    note: NoteView | None = None
    answers: tuple[AnswerView, ...] = ()
    told_before: int = 0
    links: LinksView | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter in words: what a person approves. `digest` covers subject, both bodies, attachments, To and Cc."""

    subject: str
    text: str
    html: str
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    digest: str
    language: str = "en"
    attachments: tuple[Attachment, ...] = ()


VALUES = (
    Attachment, Mailbox, RoleView, PartyView, CycleView, RecipientView, EventView, DeadlineView, EarlierLetter, StepView,
    TallyView, WaitingLetter, AnswerView, LinksView, NoteView, AimView, PlanDigest, DigestView,
)  # fmt: skip
"""The kinds of values that a template may read fields of."""
