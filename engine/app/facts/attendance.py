"""A whole meeting's attendance at once: who is invited, who came, and who of the others did not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from engine.app.facts.cases import Case, case_of, refused
from engine.app.facts.keeping import Kept, keep
from engine.app.plans.plan import never_run
from engine.app.root import App
from engine.definition.facts import ATTENDED, HELD, Fact, Subject
from engine.definition.hints import suggest
from engine.definition.people import Party
from engine.definition.recording.draft import Draft, draft
from engine.definition.recording.naming import Finder, names_of
from engine.definition.recording.pasted import read_names
from engine.definition.recording.subjects import RecordingError
from engine.definition.syntax.sources import Faults, SourceFile
from engine.definition.words import span_words
from engine.definition.workflow import Event, Workflow
from engine.errors import NotFound, Refused
from engine.planning.letters.invitations import is_invited
from engine.planning.planner import Planner


@dataclass(frozen=True, slots=True)
class Presence:
    """One party at an event: whether it is invited, and what is on record of its having come (None: nothing)."""

    party: Party
    invited: bool
    attended: Fact | None

    @property
    def came(self) -> bool:
        """Whether it is on record as having come."""
        return self.attended is not None and self.attended.yes


@dataclass(frozen=True, slots=True)
class Roll:
    """An event's list, by name: who is invited, and whoever else something is recorded about."""

    workflow: Workflow
    step: Event
    when: str
    ahead: bool
    last: date | None
    """Its last day, if that is fixed and past."""
    held: bool
    today: date
    seats: tuple[Presence, ...]
    finder: Finder

    @property
    def invited(self) -> list[Presence]:
        """Those who are invited."""
        return [seat for seat in self.seats if seat.invited]


@dataclass(frozen=True, slots=True)
class Attendance:
    """What was recorded: who came, who did not, who came uninvited, and who was on record already."""

    step: Event
    kept: Kept
    came: tuple[str, ...]
    absent: tuple[str, ...]
    uninvited: tuple[str, ...]
    known: tuple[str, ...]
    stays: tuple[str, ...]
    """Of the rest, those who are on record as having come, and stay so."""
    held: bool

    def told(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Who came and who did not, and what needs no recording: a title for each, with the parties."""
        for title, ids in (
            ("Came", self.came), ("Did not come", self.absent), ("Came without being invited", self.uninvited),
            ("On record already", self.known), ("On record as having come, and left so", self.stays),
        ):  # fmt: skip
            if ids:
                yield title, ids


def roll(app: App, workflow: str, step: str) -> Roll:
    """The list of an event. Raises NotFound for what is no event of the plan."""
    case = case_of(app, workflow)
    steps = case.plannable.workflow.steps
    event = steps.get(step)
    if not isinstance(event, Event):
        events = [name for name, found in steps.items() if isinstance(found, Event)]
        what = f"{step} is no event" if event else f"there is no step “{step}”"
        raise NotFound(f"{what}. {suggest(step, events)}".rstrip())
    if case.applied:
        with app.store.read() as tx:
            standing = app.standings.get(tx, case.name, case.now)
            standing.read_invitations(tx)
            return _roll(standing.planner, case, event)
    return _roll(never_run(case.plannable, case.book, case.now), case, event)


def _roll(planner: Planner, case: Case, event: Event) -> Roll:
    seats = []
    for party in case.plannable.parties.values():
        attended = case.book.newest(ATTENDED, Subject(party=party.id, step=event.name))
        invited = is_invited(planner.desk, event, party)
        if invited or attended is not None:
            seats.append(Presence(party, invited, attended))
    date = planner.world.resolver.event(event)
    last = date.span.last if date.firm and date.span.last <= case.today else None
    return Roll(
        case.plannable.workflow, event, span_words(date.span), date.span.first > case.today, last,
        case.book.flag(HELD, Subject(step=event.name)) is not None, case.today,
        tuple(sorted(seats, key=lambda seat: seat.party.name)), Finder(case.plannable.parties),
    )  # fmt: skip


def read_list(path: str, text: str, listed: Roll) -> list[str]:
    """The parties of a pasted list. Raises BadInput with all that are unknown, or Refused for an empty one."""
    faults = Faults()
    found = read_names(SourceFile(path, text), listed.finder, faults)
    faults.stop()
    if not found:
        raise Refused(f"{path} has no names in it")
    return found


def attend(
    app: App, workflow: str, step: str, came: Iterable[str], *, absent: Iterable[str] = (), absent_rest: bool, on: str | None,
    source: str, author: str, rehearse: bool,
) -> Attendance:  # fmt: skip
    """Record who came, who did not, and with `absent_rest` a no for the others who are invited.

    Who is on record as having come and is not named stays so: the rest are those of whom it is not known.
    """
    listed = roll(app, workflow, step)
    if listed.ahead:
        raise Refused(f"{step} is ahead ({listed.when}): nobody has come yet. If it was held, record its date first")
    yes = list(dict.fromkeys(came))
    no = [party for party in dict.fromkeys(absent) if party not in yes]
    rest = [seat for seat in listed.invited if seat.party.id not in yes and seat.party.id not in no]
    if absent_rest:
        if not listed.invited:
            raise Refused(f"nobody is invited to {step}, so there is no rest to be absent: name who came")
        no += [seat.party.id for seat in rest if not seat.came]
    known: list[str] = []

    def choose(case: Case) -> Sequence[Fact]:
        chosen = _Chosen(case, step, on)
        made = [*chosen.new("yes", yes), *chosen.new("no", no)]
        if chosen.later:
            names = names_of(case.plannable.parties, chosen.later)
            raise Refused(
                f"what is on record of {names} is true of a later day, and would still count: give that day with it"
            )
        known[:] = chosen.known
        return [each.fact(case.now, source, "", author) for each in made]

    kept = keep(app, workflow, choose, author, f"attendance at {step} was recorded", rehearse=rehearse)
    invited = {seat.party.id for seat in listed.invited}
    new = {
        value: tuple(fact.subject.party or "" for fact in kept.facts if fact.value == value) for value in ("yes", "no")
    }
    stays = tuple(seat.party.id for seat in rest if seat.came) if absent_rest else ()
    uninvited = tuple(party for party in new["yes"] if party not in invited)
    return Attendance(listed.step, kept, new["yes"], new["no"], uninvited, tuple(known), stays, listed.held)


class _Chosen:
    """What is to be recorded of an event, beside what stands."""

    def __init__(self, case: Case, step: str, on: str | None) -> None:
        self.case = case
        self.step = step
        self.on = on
        self.known: list[str] = []
        self.later: list[str] = []
        """Of whom something else is on record with a later day, which would go on counting."""

    def new(self, value: str, parties: Iterable[str]) -> Iterator[Draft]:
        """Drafts for those of whom this does not stand already, of whatever day. Raises Refused."""
        for party in parties:
            try:
                about = Subject(party=party, step=self.step)
                made = draft(self.case.plannable, ATTENDED, value, about, today=self.case.today, on=self.on)
            except RecordingError as error:
                raise refused(error) from None
            standing = self.case.book.newest(ATTENDED, made.subject)
            if standing is not None and standing.value == value:
                self.known.append(party)
            elif standing is not None and standing.true.first > made.true.first:
                self.later.append(party)
            else:
                yield made
