"""What a person may do about a party at a step, now: each act records one built-in fact, by the use case of `record`.

The page shows them; what each would change is rehearsed before it is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from engine.definition import facts
from engine.definition.built_in import is_optional, paces_of
from engine.definition.cadence import USUAL
from engine.definition.dates import local_date
from engine.definition.people import Party
from engine.definition.words import day_words, listed
from engine.definition.workflow import AnyStep, Event, FollowUp, Ongoing, Target
from engine.errors import NotFound
from engine.planning.letters.case import Case, case_of, chase_of, is_meant
from engine.planning.letters.chase import released_words
from engine.planning.planner import Planner
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.extensions import last_day
from engine.planning.world.overrides import overrides
from engine.planning.world.scope import PartyScope

_OPEN_CYCLES = 3
"""So many of the cycles that are open may be acted upon from a page, the newest first."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that may be done. Its value is fixed, one of `options` (value, in words), or a day (`day` says which).

    `title` is what its button says, `does` what comes of it. A day lies ahead where `ahead`, else it is past or today.
    `rule` is what the step says of it, which a person may go against; `reason` asks for the reason.
    """

    name: str
    fact: str
    title: str
    does: str
    value: str = "yes"
    day: str = ""
    ahead: bool = False
    options: tuple[tuple[str, str], ...] = ()
    rule: str = ""
    reason: str = "Why?"


@dataclass(frozen=True, slots=True)
class StepActs:
    """A party at a step, in a cycle, with what may be done there."""

    step: AnyStep
    cycle: str | None
    acts: tuple[Act, ...]

    def act(self, name: str) -> Act:
        """The act of that name. Raises NotFound where it cannot be done now."""
        found = next((act for act in self.acts if act.name == name), None)
        if found is None:
            raise NotFound(f"“{name}” cannot be done at {self.step.name} now: look at the party's page again")
        return found


def places_of(planner: Planner, party: str) -> list[StepActs]:
    """Each step, in each cycle that is open, at which something may be done about a party."""
    if planner.desk.over():
        return []
    found = []
    for step in planner.workflow.steps.values():
        for cycle in cycles_open(planner) if step.per_cycle else [None]:
            acts = tuple(_acts(planner, step, planner.plannable.parties[party], cycle))
            if acts:
                found.append(StepActs(step, cycle_name(cycle), acts))
    return found


def place_of(planner: Planner, party: str, step: str, cycle: str | None) -> StepActs:
    """One of them. Raises NotFound where nothing may be done."""
    for place in places_of(planner, party) if party in planner.plannable.parties else ():
        if (place.step.name, place.cycle) == (step, cycle):
            return place
    raise NotFound(f"nothing can be done about {party} at {step}{f' in {cycle}' if cycle else ''} now")


def cycles_open(planner: Planner) -> list[Cycle]:
    """The cycles that may be acted upon now, the newest last."""
    zone = planner.workflow.timezone
    first = local_date(planner.desk.lineage.first, zone)
    return planner.world.resolver.cycles(local_date(planner.now, zone), first)[0][-_OPEN_CYCLES:]


def _acts(planner: Planner, step: AnyStep, party: Party, cycle: Cycle | None) -> Iterator[Act]:
    match step:
        case FollowUp() | Target():
            if chase := chase_of(step):
                yield from _of_chase(planner, case_of(planner.desk, chase, party, cycle))
        case Event():
            yield from _of_event(planner, step, party)
        case Ongoing(about=about):
            if about is None or about.holds(PartyScope(planner.world, party)):
                yield _CALL


_CALL = Act(
    "call", facts.CONTACTED, "Note a call or talk", "What falls due in the next days waits: two words at once are one too many.",
    reason="What was said?",
)  # fmt: skip
_REOPEN = Act(
    "reopen", facts.REOPENED, "Open it again", "It counts as not done, and a new round of letters begins.",
)  # fmt: skip
_EXEMPT = Act(
    "exempt", facts.EXEMPT, "Exempt it", "It need not do this: no more letters, no thanks, and it is not counted as missing.",
)  # fmt: skip
_OPT_OUT = Act(
    "opt-out", facts.OPTED_OUT, "It opts out", "It said that it wants none of this: no more letters, and no thanks.",
    reason="Who said so, and how?",
)  # fmt: skip
_SNOOZE = Act(
    "snooze", facts.SNOOZED_UNTIL, "Leave it alone for a while",
    "Nothing leaves before that day; what falls due until then comes once, after it.", day="Until", ahead=True,
)  # fmt: skip
_APPROVAL = Act(
    "approval", facts.APPROVAL, "Ask me about each letter", "No letter to it leaves without a person's approval.",
    value="required",
)  # fmt: skip
_LANGUAGES = (
    ("en", "English"),
    ("fr", "French"),
    ("es", "Spanish"),
    ("ru", "Russian"),
    ("ar", "Arabic"),
    ("zh", "Chinese"),
)


def _of_chase(planner: Planner, case: Case) -> Iterator[Act]:
    if not is_meant(planner.desk, case):
        return
    if released_words(planner.desk, case) is not None:
        return  # taking that back is how it goes on
    if case.chase.done.holds(case.scope):
        if isinstance(case.chase.step, FollowUp):
            yield _REOPEN
        return
    if isinstance(case.chase.step, FollowUp):
        yield from _extending(planner, case.chase.step, case)
    yield _SNOOZE
    yield _CALL
    yield _EXEMPT
    if is_optional(case.chase.step):
        yield _OPT_OUT
    yield from _otherwise(planner, case.chase.step, case.party, case.cadence.approval)


def _extending(planner: Planner, step: FollowUp, case: Case) -> Iterator[Act]:
    rule = step.extensions
    if rule is not None and rule.asked is not None:
        yield Act(
            "asked", facts.EXTENSION_ASKED, "It asks for an extension",
            "It changes no letter: the rule for extensions looks at the day on which it was asked for.",
            day="Asked on", reason="Who asked, and how?",
        )  # fmt: skip
    said = []
    if rule is not None:
        said += [f"asked for {f'{rule.asked} ' if rule.asked.count else ''}before the deadline"] if rule.asked else []
        said += [f"at most {rule.at_most}"] if rule.at_most is not None else []
        latest = last_day(planner.world, step, case.party, case.cycle)
        said += [f"to {day_words(latest.last)} at the latest"] if latest is not None else []
    now = next(
        (due.by.span.last for due in planner.deadlines(case.party.id) if (due.step, due.cycle) == (step, case.cycle)), None
    )  # fmt: skip
    deadline = f"Its deadline is {day_words(now)} now. " if now is not None else ""
    yield Act(
        "extend", facts.EXTENDED_TO, "Give an extension", f"{deadline}A new round of letters counts from the new one.",
        day="New deadline", ahead=True, rule=listed(said),
    )  # fmt: skip


def _of_event(planner: Planner, step: Event, party: Party) -> Iterator[Act]:
    day, scope = planner.world.resolver.event(step), PartyScope(planner.world, party)
    today = local_date(planner.now, planner.workflow.timezone)
    over = day.span.last < today or any(scope.flag(step.name, name) for name in (facts.HELD, facts.CANCELLED))
    invited = step.invite is not None and (step.invite.holds(scope) or scope.flag(step.name, facts.INVITED))
    if over or not invited:
        return
    yield Act(
        "coming", facts.COMING, "Whether it comes", "Once it is known that it does not come, no more invitations go to it.",
        options=(("yes", "it comes"), ("no", "it does not come")), reason="Who said so, and how?",
    )  # fmt: skip
    if step.invitations is not None:
        yield from _otherwise(planner, step, party, step.invitations.approval)


def _otherwise(planner: Planner, step: AnyStep, party: Party, approval: bool) -> Iterator[Act]:
    """What may be done otherwise for this party than the plan says."""
    standing = {fact.name: fact.value for fact in overrides(planner.book, party.id, step.name)}
    contacts = planner.desk.recipients.contacts(party.id)
    if len(contacts) > 1:
        posts = dict.fromkeys(contact.post for contact in contacts)
        options = [(post, f"whoever is at its {post.replace('_', ' ')}") for post in posts]
        options += [(contact.id, f"{contact.name} ({contact.address})") for contact in contacts]
        yield Act(
            facts.WRITE_TO.replace("_", "-"), facts.WRITE_TO, "Write to another",
            "What is still to come goes to that contact, at its own hour; what was sent is not sent again.",
            options=_without(options, standing.get(facts.WRITE_TO)),
        )  # fmt: skip
    paces = paces_of(step)
    if paces:
        named = [*((pace, pace.replace("_", " ")) for pace in paces), (USUAL, "the usual one")]
        yield Act(
            "pace", facts.PACE, "Change the pace", "Letters go on from the last one sent, at that pace; none is repeated.",
            options=_without(named, standing.get(facts.PACE, USUAL)),
        )  # fmt: skip
    if not approval:
        yield _APPROVAL
    yield Act(
        "language", facts.LANGUAGE, "Write in another language", "Letters to come are in it, where there is a text.",
        options=_without(list(_LANGUAGES), standing.get(facts.LANGUAGE)),
    )  # fmt: skip


def _without(options: list[tuple[str, str]], standing: str | None) -> tuple[tuple[str, str], ...]:
    return tuple(option for option in options if option[0] != standing)


def day_bounds(act: Act, planner: Planner) -> tuple[str, str]:
    """The first and the last day that an act's form offers (empty: any)."""
    today = local_date(planner.now, planner.workflow.timezone)
    return ((today + timedelta(days=1)).isoformat(), "") if act.ahead else ("", today.isoformat())
