"""`check`: everything about a plan that can be known before the day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.app.plans.foresight import Alike, foresee, warn
from engine.app.plans.languages import Languages
from engine.app.plans.plan import never_run
from engine.app.root import App
from engine.definition.building.checks import template_uses
from engine.definition.building.roster import roster_facts
from engine.definition.cadence import CORRECTED, ESCALATION, THANKS
from engine.definition.dates import start_of_day
from engine.definition.hints import suggest
from engine.definition.measures import Count
from engine.definition.words import listed
from engine.definition.workdays import known_country
from engine.definition.workflow import AnyStep, Event, FollowUp, Plannable, Target, Workflow, cadence_of
from engine.dispatcher.package import Opened
from engine.errors import BadInput, Place, Problem, RenderError
from engine.letter import Letter
from engine.planning.letters.case import chase_of
from engine.planning.letters.invitations import CANCELLED, MOVED
from engine.planning.letters.prompts import PROMPTS
from engine.planning.planner import Planner
from engine.planning.world.cycles import cycle_name
from engine.planning.world.progress import baseline_of
from engine.planning.world.scope import PartyScope, book_of
from engine.rendering.compose import Composer
from engine.rendering.letters import NOTE_COVER
from engine.rendering.source import FOLDER
from engine.rendering.templates import TemplateFault

_NOWHERE = "check.invalid"
"""The domain of what `check` makes: nothing of it leaves."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One plan that was checked. `summary` says what is in it; `problems` may be warnings only."""

    workflow: str
    problems: tuple[Problem, ...]
    summary: str = ""

    @property
    def fine(self) -> bool:
        """Whether it can be applied."""
        return all(problem.warning for problem in self.problems)


def check(app: App, workflow: str) -> Checked:
    """Check a WORKFLOW: the files, the roster, and every letter that could be written. Raises NotFound."""
    try:
        _, opened = app.catalog.open(workflow)
    except BadInput as error:
        return Checked(workflow, tuple(error.problems))
    only_planned = check_plan(opened, app.clock.now(), app.settings.weekly_cap)
    found = [*opened.loaded.problems, *opened.templates.problems, *only_planned]
    problems = [_with_line(problem, opened) for problem in found]
    return Checked(workflow, tuple(dict.fromkeys(sorted(problems))), _summary(opened.loaded.plannable))


def _with_line(problem: Problem, opened: Opened) -> Problem:
    """The problem with the line itself, where it is in the workflow file."""
    source = opened.loaded.source
    if problem.text or problem.place.file != source.path:
        return problem
    return replace(problem, text=source.text.splitlines()[problem.place.line - 1])


def _summary(plannable: Plannable) -> str:
    workflow = plannable.workflow
    return f"{len(workflow.steps)} steps, {len(plannable.parties)} parties, {len(plannable.contacts)} contacts"


def check_plan(opened: Opened, now: datetime, cap: int) -> Iterator[Problem]:
    """What only the plan shows: cohorts of another size, parties without a contact, letters that cannot be written."""
    plannable = opened.loaded.plannable
    workflow = plannable.workflow
    planner = _on_its_first_day(plannable, now)
    yield from _sets(planner, workflow)
    yield from _baselines(planner, workflow)
    yield from _days_off(planner, workflow)
    yield from letters_named(opened)
    yield from _contacts(planner, workflow)
    yield from _letters(opened, planner, every_letter(planner))
    yield from foresee(planner, planner.plan().letters, cap)


def _on_its_first_day(plannable: Plannable, now: datetime) -> Planner:
    """A plan of which nothing is recorded, as it stands when it starts (or now, if it does not say when)."""
    planner = never_run(plannable, book_of(roster_facts(plannable)), now)
    starts = planner.world.resolver.starts()
    if starts is None:
        return planner
    return never_run(plannable, planner.book, start_of_day(starts, plannable.workflow.timezone))


def _sets(planner: Planner, workflow: Workflow) -> Iterator[Problem]:
    for found in workflow.sets.values():
        if found.expect is None:
            continue
        size = sum(
            planner.world.in_set(found, PartyScope(planner.world, party))
            for party in planner.plannable.parties.values()
        )
        if size != found.expect:
            yield warn(found.place, f"the set {found.name} has {size} parties, and {found.expect} are expected")


def letters_named(opened: Opened) -> Iterator[Problem]:
    """Letters that the steps name, and that are not there or are written to somebody else."""
    known = opened.templates.names
    for use in template_uses(opened.loaded.plannable.workflow):
        if use.template not in known:
            hint = suggest(use.template, known)
            where = f"{opened.beside} or {FOLDER}" if opened.beside else FOLDER
            message = f"there is no letter “{use.template}” in {where}. {hint}".rstrip()
            yield _with_line(Problem(use.place, message), opened)
        elif use.use != ESCALATION and _audience(opened, use.template) == "role":
            message = f"the letter “{use.template}” is written to a role, and {use.step} would send it to parties"
            yield _with_line(Problem(use.place, message), opened)


def _audience(opened: Opened, template: str) -> str | None:
    try:
        return opened.templates.audience(template)
    except BadInput:
        return None  # the set's own problems say it already


def _baselines(planner: Planner, workflow: Workflow) -> Iterator[Problem]:
    """Baselines of another size than the source says."""
    counts = [step.count for step in workflow.steps.values() if isinstance(step, Target)]
    counts += [what for each in workflow.objectives.values() for what in each.measures if isinstance(what, Count)]
    counts += [output.count for output in workflow.outputs.values() if output.count is not None]
    for count in counts:
        if count.baseline is None or count.baseline.expect is None:
            continue
        found = baseline_of(planner.world, count)
        if found != count.baseline.expect:
            message = f"the baseline of {count.count.text} is {found}, and {count.baseline.expect} is expected"
            yield warn(count.place, message)


def _days_off(planner: Planner, workflow: Workflow) -> Iterator[Problem]:
    """Steps that keep the addressees' days off, where a party's id names no country with a calendar."""
    for step in workflow.steps.values():
        cadence = cadence_of(step)
        if cadence is not None and cadence.days_off == "addressee":
            unknown = [party for party in planner.plannable.parties if not known_country(party)]
            if unknown:
                message = f"{step.name} keeps the addressees' days off, and no calendar is known for {listed(unknown)}"
                yield warn(step.place, f"{message}: the plan's own is used")


def _contacts(planner: Planner, workflow: Workflow) -> Iterator[Problem]:
    if workflow.contacts_file:
        for party in planner.plannable.parties.values():
            if not planner.desk.recipients.addressees(party.id):
                place = Place(workflow.contacts_file)
                yield warn(place, planner.desk.recipients.missing_words(party))


def faulty_letters(opened: Opened, now: datetime) -> Iterator[Problem]:
    """What `check` finds wrong in letters, looked for in one of each shape: what all of a plan's parties have, or lack,
    is the same to a template for all of them."""
    planner = _on_its_first_day(opened.loaded.plannable, now)
    for problem in _letters(opened, planner, _one_of_each(planner)):
        if not problem.warning:
            yield problem


_NOT_SO = {"": "empty", "no": "no"}


def _shape(letter: Letter, planner: Planner) -> tuple[object, ...]:
    party = planner.plannable.parties.get(letter.party or "")
    # What an “if” in a letter can see: whether a column is empty, and its yes or no.
    lacks = tuple(_NOT_SO.get(party.values.get(name, "")) for name in planner.workflow.attributes) if party else None
    role = letter.addressee in planner.workflow.roles
    return letter.step, letter.template, letter.slot, role, party and party.language, lacks


def _one_of_each(planner: Planner) -> Iterator[Letter]:
    seen = set[tuple[object, ...]]()
    for letter in every_letter(planner):
        shape = _shape(letter, planner)
        if shape not in seen:
            seen.add(shape)
            yield letter


def _letters(opened: Opened, planner: Planner, letters: Iterable[Letter]) -> Iterator[Problem]:
    """Fill in letters, of every step, slot and party, so that a missing name is found before the day."""
    composer = Composer(planner, opened.materials(_NOWHERE))
    names, faulty = set(opened.templates.names), set[str]()
    alike, languages = Alike(planner.workflow), Languages(opened.versions)
    for letter in letters:
        if letter.template not in names or letter.template in faulty:
            continue
        languages.add(letter, composer.addressing.wanted(letter))
        try:
            context = composer.context(letter)
            alike.add(letter, opened.templates.fill(context))
            for template in (context.note.template, NOTE_COVER) if context.note else ():
                opened.templates.fill(replace(context, template=template))
        except TemplateFault as fault:
            faulty.add(letter.template)
            yield fault.problem
        except BadInput:
            faulty.add(letter.template)  # the set's own problems say it already
        except RenderError as error:
            yield Problem(planner.workflow.steps[letter.step].place, f"{letter.key}: {error}")
    yield from alike.problems()
    yield from languages.problems(planner.workflow)


def every_letter(planner: Planner) -> Iterator[Letter]:
    """A letter for each step, each of its slots and each party (or role) that it could go to."""
    for step in planner.workflow.steps.values():
        cycle = next(iter(planner.cycles()), None) if step.per_cycle else None
        blank = planner.desk.prompt(
            step, step.owner, "", planner.now + timedelta(days=1), "", "", cycle=cycle_name(cycle)
        )
        if planner.desk.can_write_to(step.owner):
            yield from (blank._replace(template=template, slot=template) for template in PROMPTS[step.kind])
        templates = list(_to_parties(step))
        chase = chase_of(step)
        for party in planner.plannable.parties.values():
            if chase is not None and planner.desk.resolve(chase.by, party, cycle) is None:
                continue  # without a date of its own it is never written to
            for contact in planner.desk.recipients.addressees(party.id, step.name):
                for template, slot in templates:
                    yield blank._replace(template=template, slot=slot, party=party.id, addressee=contact.id)
            for rule in step.escalate if isinstance(step, FollowUp) else ():
                if planner.desk.can_write_to(rule.to):
                    yield blank._replace(template=rule.letter, slot=rule.slot, party=party.id, addressee=rule.to)


def _to_parties(step: AnyStep) -> Iterator[tuple[str, str]]:
    """Each template that a step sends to parties, with the slot it is for."""
    chase, cadence = chase_of(step), cadence_of(step)
    if cadence:
        yield from ((cadence.letters.for_slot(slot), slot.token) for slot in cadence.every_slot())
    if chase and chase.thanks:
        yield chase.thanks, THANKS
    if chase and chase.corrected:
        yield chase.corrected, f"{CORRECTED}-1"
    if isinstance(step, Event) and step.invitations:
        yield step.moved, f"{MOVED}-1"
        yield step.cancelled, f"{CANCELLED}-1"
