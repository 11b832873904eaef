"""What a workflow file says, as frozen values. Built by `loader`, read by everything after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from engine.definition.attachments import NO_FILES, AttachNames
from engine.definition.cadence import ESCALATION, Fixed, Slot
from engine.definition.conditions import Condition
from engine.definition.dates import Distance, Span, Unit, in_year
from engine.definition.words import WEEKDAYS
from engine.definition.workdays import Quiet


@dataclass(frozen=True, slots=True)
class DateExpr:
    """A date as written: a span or a dotted name, moved by distances (`entry_into_force + 180 days`)."""

    base: Span | str
    moves: tuple[tuple[int, Distance], ...] = ()
    text: str = ""

    @property
    def name(self) -> str | None:
        """The name it counts from, if it is not a written date."""
        return self.base if isinstance(self.base, str) else None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something was written; `cell` names it in a spreadsheet: `Sheet1:B7`."""

    file: str = ""
    line: int = 1
    column: int = 1
    cell: str = ""


NOWHERE = Place()

FORMS = ("excellency", "madam", "sir", "colleague")
"""How somebody is addressed: a contact's column `form` says it, or their post; never their name."""

Titles = Mapping[str, str]
"""What something is called in other languages, by their codes."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A named date of the plan that is not a step."""

    name: str
    on: Span
    title: str


@dataclass(frozen=True, slots=True)
class AddressRule:
    """To whom letters to a party go: the first post that has a contact; in copy, posts and roles. `notes` are posts that
    get notes verbales."""

    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column of the roster: `choice`, `flag`, `date` or `text`."""

    name: str
    type: str
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactDecl:
    """A fact that may be recorded; `about` party, step or workflow; `each_cycle` for what recurs."""

    name: str
    type: str
    of: tuple[str, ...] = ()
    label: str = ""
    about: str = "party"
    each_cycle: bool = False
    details: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """An ambiguity of the source, with our reading. `value` names a set, a date or a word."""

    name: str
    value: str
    of: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class PartySet:
    """A named group of parties; frozen as of a day when `as_of` is set."""

    name: str
    who: Condition
    as_of: DateExpr | None = None
    expect: int | None = None
    place: Place = Place()


LETTER_FORMS = ("mail", "note_verbale")
"""How a letter is put: as a mail, or as a note verbale on paper that a short mail brings."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What a role's notes verbales have: lines at the top, what their numbers begin with, who initials them; and by
    language where they are dated from, and the role in the third person (`the Coordinator`, `la Coordination`)."""

    lines: tuple[str, ...] = ()
    place: Titles = field(default_factory=dict)
    reference: str = ""
    initials: str = ""
    sender: Titles = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DigestRule:
    """How often a role gets its digest: each working day, or (`weekday`, 0 for Monday) once a week."""

    weekday: int | None = None

    def __str__(self) -> str:
        return "daily" if self.weekday is None else f"weekly on {WEEKDAYS[self.weekday]}"


@dataclass(frozen=True, slots=True)
class Role:
    """Who owns work, or is kept informed. Without an email it is sent nothing; without `digest`, no digest."""

    name: str
    title: str
    email: str | None = None
    person: str = ""
    timezone: str | None = None
    language: str = ""
    titles: Titles = field(default_factory=dict)
    letterhead: Letterhead | None = None
    digest: DigestRule | None = None


@dataclass(frozen=True, slots=True)
class LetterNames:
    """Which template each kind of slot uses."""

    by_kind: Mapping[str, str] = field(default_factory=dict)
    every_kind: str | None = None

    def for_slot(self, slot: Slot) -> str | None:
        """The template for a slot; None when the step names none."""
        return self.by_kind.get(slot.kind) or self.every_kind

    def names(self) -> tuple[str, ...]:
        """Each template named, once."""
        found = [*self.by_kind.values(), *([self.every_kind] if self.every_kind else [])]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Cadence:
    """When a step's letters to a party leave, what they say, and how strictly. `paces` are other times, by their names.

    `copies` are the posts and roles that get one of each; None: those of the plan's rule of address. `attach` are the
    files that go with them; `letter_form` is how they are put, where the step says so.
    """

    send: tuple[Slot, ...]
    letters: LetterNames
    approval: bool = True
    apart: int = 7
    stale_after: Distance = Distance(3, Unit.WORKING_DAYS)
    days_off: str = "workflow"
    paces: Mapping[str, tuple[Slot, ...]] = field(default_factory=dict)
    copies: tuple[str, ...] | None = None
    attach: AttachNames = NO_FILES
    letter_form: str = ""

    def every_slot(self) -> tuple[Slot, ...]:
        """The slots of every pace, each once."""
        return tuple(dict.fromkeys((*self.send, *(slot for slots in self.paces.values() for slot in slots))))


@dataclass(frozen=True, slots=True)
class Escalation:
    """Tell a role of a party that is not done: `after` so many letters, so long `before` the deadline, or whichever of
    both comes first. `slot` names the letter to that role in keys."""

    to: str
    after: int | None = None
    before: Distance | None = None
    letter: str = "escalation"
    slot: str = ESCALATION


OWN_DEADLINE = "by"
"""In a rule for extensions: the step's own deadline, before any extension."""


@dataclass(frozen=True, slots=True)
class ExtensionRule:
    """When an extension may be given. `asked`: how long before the deadline it has to be asked for (None: it need not
    be), `at_most` so many for a party, `until` at the latest (counted from the step's own deadline, `by`, or from
    another date)."""

    asked: Distance | None = None
    at_most: int | None = None
    until: DateExpr | None = None


@dataclass(frozen=True, slots=True)
class Each:
    """Holds when the condition `is_` holds for each party of `each` (and there is one)."""

    each: Condition
    is_: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What every kind of step has. `ours` names what is our reading and not the source's."""

    name: str
    title: str
    owner: str
    note: str = ""
    ours: tuple[str, ...] = ()
    per_cycle: bool = False
    titles: Titles = field(default_factory=dict)
    place: Place = Place()
    letter_places: Mapping[str, Place] = field(default_factory=dict, compare=False, repr=False)
    """Where each template is named (`moved` and the like by default: the step's own place)."""

    kind = "step"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Step):
    """Something held on a day; `when` is a date, or `by` a day up to which it is."""

    when: DateExpr | None = None
    by: DateExpr | None = None
    venue: str = ""
    timezone: str | None = None
    invite: Condition | None = None
    prepare: tuple[Fixed, ...] = ()
    invitations: Cadence | None = None
    moved: str = "event_moved"
    cancelled: str = "event_cancelled"

    kind = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp(Step):
    """Letters to each party that has not done something yet. `grace` is how long after `by` it is not late yet."""

    by: DateExpr
    until: Condition
    cadence: Cadence
    to: Condition | None = None
    after: DateExpr | None = None
    since: DateExpr | None = None
    thanks: str | None = None
    escalate: tuple[Escalation, ...] = ()
    corrected: str | None = None
    closes_when: Each | None = None
    grace: Distance | None = None
    extensions: ExtensionRule | None = None
    optional: bool = False

    kind = "follow_up"


@dataclass(frozen=True, slots=True)
class Threshold:
    """`5`, `half` (rounded up), `baseline + 3`."""

    base: str
    plus: int = 0

    def __str__(self) -> str:
        if self.base == "number":
            return str(self.plus)
        return f"{self.base} + {self.plus}" if self.plus else self.base


@dataclass(frozen=True, slots=True)
class Baseline:
    """How many it was as of a day; `expect` is what the source says."""

    as_of: DateExpr
    expect: int | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """At least so many parties (of `among`) for which a condition holds."""

    count: Condition
    at_least: Threshold
    among: Condition | None = None
    baseline: Baseline | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Listing:
    """The parties of `among`, with a fact shown for each; no threshold."""

    among: Condition
    show: str


Measure = Count | Each | Listing


@dataclass(frozen=True, slots=True)
class Ask:
    """Letters that a target sends to parties which might help meet it."""

    to: Condition
    cadence: Cadence
    thanks: str | None = None
    corrected: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Step):
    """So many parties by a day; its owner is reminded of who is missing."""

    count: Count
    by: DateExpr
    remind: tuple[Fixed, ...] = ()
    ask: Ask | None = None
    stop_when_enough: bool = False
    optional: bool = False

    kind = "target"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Step):
    """One thing for its owner, done when it is recorded done."""

    by: DateExpr
    remind: tuple[Fixed, ...] = ()
    for_: Condition | None = None

    kind = "task"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ongoing(Step):
    """Never overdue: looked at every so often."""

    review: Distance
    with_: tuple[str, ...] = ()
    about: Condition | None = None
    first: Condition | None = None

    kind = "ongoing"


AnyStep = Event | FollowUp | Target | Task | Ongoing


def cadence_of(step: AnyStep) -> Cadence | None:
    """When and how a step writes to parties; None for one that does not."""
    match step:
        case FollowUp():
            return step.cadence
        case Event():
            return step.invitations
        case Target(ask=ask) if ask is not None:
            return ask.cadence
    return None


@dataclass(frozen=True, slots=True)
class Objective:
    """What the plan is for: all its measures have to be met by a day (None: nothing to meet)."""

    name: str
    title: str
    measures: tuple[Measure, ...]
    by: DateExpr | None = None
    ours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """What the source expects to come out: objectives shown again, a count, or a recorded assessment."""

    name: str
    title: str
    shows: tuple[str, ...] = ()
    count: Count | None = None
    record: str | None = None
    ours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """Money for a step, in one currency. Lines of different currencies are never added."""

    for_: str
    amount: Decimal
    currency: str
    from_: str
    status: str
    note: str = ""
    ours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CycleRule:
    """A deadline that recurs: `due` each `every` years, opening some time before."""

    due: tuple[int, int]
    opens: Distance
    every: int = 1
    name: str = "{year}"
    first_year: int | None = None

    def due_in(self, year: int) -> date:
        """The due day of a year."""
        return in_year(*self.due, year)


@dataclass(frozen=True, slots=True)
class Workflow:
    """A whole plan. Mappings keep the order of the file."""

    name: str
    title: str
    timezone: str
    send_at: time
    owner: str
    country: str | None
    subdivision: str | None
    quiet: tuple[Quiet, ...] = ()
    source: str = ""
    starts: DateExpr | None = None
    ends: DateExpr | None = None
    horizon: int = 400
    ask_ahead: Distance = Distance(10, Unit.WORKING_DAYS)
    cycle: CycleRule | None = None
    parties_file: str = ""
    contacts_file: str = ""
    address: AddressRule = AddressRule()
    anchors: Mapping[str, Anchor] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    settings: Mapping[str, Setting] = field(default_factory=dict)
    facts: Mapping[str, FactDecl] = field(default_factory=dict)
    values: Mapping[str, DateExpr | Condition] = field(default_factory=dict)
    sets: Mapping[str, PartySet] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    steps: Mapping[str, AnyStep] = field(default_factory=dict)
    objectives: Mapping[str, Objective] = field(default_factory=dict)
    outputs: Mapping[str, Output] = field(default_factory=dict)
    budget: tuple[BudgetLine, ...] = ()
    ours: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    """What people call its attributes, values and sets, where that is said."""
    language: str = ""
    titles: Titles = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Party:
    """One who is followed up: here a State. `values` are the roster's columns, `illustrative` names those not real.

    `aliases` are other names that people write: an import and a list of who came know the party by them. `language` is
    that of its contacts who have none; `names` are its own in other languages; `iso` is the code of a State.
    """

    id: str
    name: str
    values: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    illustrative: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    language: str = ""
    names: Titles = field(default_factory=dict)
    iso: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or post at a party, under a stable id; `address` may be corrected by a fact.

    `salutation` opens their letters as it is written; without one, `form` says how they are addressed, in whatever
    language. `honorific` goes before the name. `alternate_of` is the contact in whose place this one is written to when
    that one cannot be.
    """

    id: str
    party: str
    post: str
    name: str
    address: str
    language: str = ""
    timezone: str | None = None
    salutation: str = ""
    form: str = ""
    honorific: str = ""
    alternate_of: str = ""
    letter_form: str = ""


@dataclass(frozen=True, slots=True)
class Plannable:
    """A workflow with its roster and contacts: all that the planner needs of the files."""

    workflow: Workflow
    parties: Mapping[str, Party]
    contacts: tuple[Contact, ...] = ()
