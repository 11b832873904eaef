"""What a workflow file says, as frozen values. Built by `loader`, read by everything after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from engine.definition.cadence import Cadence, Fixed
from engine.definition.conditions import Condition
from engine.definition.dates import DateExpr, Distance, Span, in_year
from engine.definition.measures import Count, Each, Objective, Output
from engine.definition.people import AddressRule, Contact, Party, Role, Titles
from engine.definition.workdays import Quiet
from engine.errors import Place


@dataclass(frozen=True, slots=True)
class Anchor:
    """A named date of the plan that is not a step."""

    name: str
    on: Span
    title: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column of the roster: `choice`, `flag`, `date` or `text`."""

    name: str
    type: str
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FactDecl:
    """A fact that may be recorded; `about` party, step or workflow; `each_cycle` for what recurs."""

    name: str
    type: str
    of: tuple[str, ...]
    label: str
    about: str
    each_cycle: bool
    details: Mapping[str, tuple[str, ...]]
    detail_labels: Mapping[str, str]

    def called(self, detail: str) -> str:
        """What people call one of its details."""
        return self.detail_labels.get(detail) or detail.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Setting:
    """An ambiguity of the source, with our reading. `value` names a set, a date or a word."""

    name: str
    value: str
    of: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class PartySet:
    """A named group of parties; frozen as of a day when `as_of` is set."""

    name: str
    who: Condition
    as_of: DateExpr | None
    expect: int | None
    place: Place


@dataclass(frozen=True, slots=True)
class Escalation:
    """Tell a role of a party that is not done: `after` so many letters, so long `before` the deadline, or whichever of
    both comes first. `slot` names the letter to that role in keys."""

    to: str
    after: int | None
    before: Distance | None
    letter: str
    slot: str


OWN_DEADLINE = "by"
"""In a rule for extensions: the step's own deadline, before any extension."""


@dataclass(frozen=True, slots=True)
class ExtensionRule:
    """When an extension may be given. `asked`: how long before the deadline it has to be asked for (None: it need not
    be), `at_most` so many for a party, `until` at the latest (counted from the step's own deadline, `by`, or from
    another date)."""

    asked: Distance | None
    at_most: int | None
    until: DateExpr | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What every kind of step has. `ours` names what is our reading and not the source's."""

    name: str
    title: str
    owner: str
    note: str
    ours: tuple[str, ...]
    per_cycle: bool
    titles: Titles
    place: Place
    letter_places: Mapping[str, Place] = field(compare=False, repr=False)
    """Where each template is named (`moved` and the like by default: the step's own place)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Step):
    """Something held on a day; `when` is a date, or `by` a day up to which it is."""

    when: DateExpr | None
    by: DateExpr | None
    venue: str
    timezone: str | None
    invite: Condition | None
    prepare: tuple[Fixed, ...]
    invitations: Cadence | None
    moved: str
    cancelled: str

    kind = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp(Step):
    """Letters to each party that has not done something yet. `grace` is how long after `by` it is not late yet."""

    by: DateExpr
    until: Condition
    cadence: Cadence
    to: Condition | None
    after: DateExpr | None
    since: DateExpr | None
    thanks: str | None
    escalate: tuple[Escalation, ...]
    corrected: str | None
    closes_when: Each | None
    grace: Distance | None
    extensions: ExtensionRule | None
    optional: bool

    kind = "follow_up"


@dataclass(frozen=True, slots=True)
class Ask:
    """Letters that a target sends to parties which might help meet it."""

    to: Condition
    cadence: Cadence
    thanks: str | None
    corrected: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Step):
    """So many parties by a day; its owner is reminded of who is missing."""

    count: Count
    by: DateExpr
    remind: tuple[Fixed, ...]
    ask: Ask | None
    stop_when_enough: bool
    optional: bool

    kind = "target"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Step):
    """One thing for its owner, done when it is recorded done."""

    by: DateExpr
    remind: tuple[Fixed, ...]
    for_: Condition | None

    kind = "task"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ongoing(Step):
    """Never overdue: looked at every so often."""

    review: Distance
    with_: tuple[str, ...]
    about: Condition | None
    first: Condition | None

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
class BudgetLine:
    """Money for a step, in one currency. Lines of different currencies are never added."""

    for_: str
    amount: Decimal
    currency: str
    from_: str
    status: str
    note: str
    ours: tuple[str, ...]


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
    quiet: tuple[Quiet, ...]
    source: str
    starts: DateExpr | None
    ends: DateExpr | None
    horizon: int
    ask_ahead: Distance
    cycle: CycleRule | None
    contacts_file: str
    address: AddressRule
    anchors: Mapping[str, Anchor]
    attributes: Mapping[str, Attribute]
    settings: Mapping[str, Setting]
    facts: Mapping[str, FactDecl]
    values: Mapping[str, DateExpr | Condition]
    sets: Mapping[str, PartySet]
    roles: Mapping[str, Role]
    steps: Mapping[str, AnyStep]
    objectives: Mapping[str, Objective]
    outputs: Mapping[str, Output]
    budget: tuple[BudgetLine, ...]
    ours: tuple[str, ...]
    labels: Mapping[str, str]
    """What people call its attributes, values and sets, where that is said."""
    language: str
    titles: Titles


@dataclass(frozen=True, slots=True)
class Plannable:
    """A workflow with its roster and contacts: all that the planner needs of the files."""

    workflow: Workflow
    parties: Mapping[str, Party]
    contacts: tuple[Contact, ...] = ()

    @property
    def is_sample(self) -> bool:
        """Whether the roster says of anything in it that it is illustrative."""
        return any(party.illustrative for party in self.parties.values())
