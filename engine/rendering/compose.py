"""From a planned letter to what its template may name: a `LetterContext`.

Everything comes from the plan and the facts and from the letter's due instant, never from now: what a person approves
stays the same until what it says changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from engine.definition import facts
from engine.definition.cadence import THANKS, is_escalation
from engine.definition.dates import local_date
from engine.definition.facts import Subject
from engine.definition.people import Party, Role
from engine.definition.workflow import AnyStep, Event, FollowUp, Target, Task
from engine.letter import MISSED_NOTICE, Letter, NoteNumber
from engine.planning.letters.case import events_before
from engine.planning.planner import Planner
from engine.planning.world.cycles import Cycle, cycle_named
from engine.planning.world.deadlines import deadline_of, in_time_until
from engine.rendering import prompting
from engine.rendering.addressing import Addressing, titled
from engine.rendering.attaching import Attaching
from engine.rendering.before import Before
from engine.rendering.context import (
    CycleView,
    DeadlineView,
    EventView,
    LetterContext,
    Mailbox,
    RoleView,
    StepView,
)
from engine.rendering.materials import Materials
from engine.rendering.notices import AnswerView, DigestView, HandOverView, WaitingLetter
from engine.rendering.noting import Noting
from engine.rendering.parties import Parties
from engine.rendering.tongues import Tongue


class Composer:
    """Makes contexts for the letters of one plan."""

    def __init__(self, planner: Planner, materials: Materials) -> None:
        self.planner = planner
        self.links = materials.links
        self.workflow = planner.workflow
        self.world = planner.world
        self.parties = Parties(planner)
        self.before = Before(planner)
        self.addressing = Addressing(planner, materials.versions)
        self.attaching = Attaching(planner, materials)
        self.noting = Noting(planner, materials)

    def context(
        self, letter: Letter, siblings: Sequence[Letter] = (), number: NoteNumber | None = None
    ) -> LetterContext:
        """What a letter is made from. `siblings` are the planned letters of the same party; `number` is that of its
        note verbale, if it has one."""
        assert letter.due_at is not None
        step = self.workflow.steps[letter.step]
        party = self.planner.plannable.parties.get(letter.party) if letter.party else None
        cycle = cycle_named(self.workflow, letter.cycle)
        on = local_date(letter.due_at, letter.zone)
        note = self.noting.template(letter)
        tongue = self.addressing.tongue(letter, note or letter.template)
        to, recipients, copies = self.addressing.people(letter, tongue)
        return LetterContext(
            key=letter.key,
            slot=letter.slot,
            template=letter.template,
            on=tongue.day(on),
            due_at=letter.due_at,
            zone=letter.zone,
            workflow=self.workflow.name,
            workflow_title=titled(self.workflow.title, self.workflow.titles, tongue),
            step=StepView(step.name, titled(step.title, step.titles, tongue), step.note, step.kind, "by" in step.ours),
            owner=role_view(self.workflow.roles[step.owner], tongue),
            to=to,
            recipients=recipients,
            copies=copies,
            party=self.parties.view(party, on, tongue) if party else None,
            event=self._event(step, letter, party, tongue),
            deadline=self._deadline(letter, step, party, cycle, on, tongue),
            earlier=self.before.letters(letter, siblings, tongue),
            fact_day=self.before.fact_day(step, party, cycle, tongue) if letter.slot == THANKS else None,
            cycle=CycleView(cycle.name, cycle.due, cycle.opens) if cycle else None,
            tally=self.parties.tally(step, on, cycle, tongue) if isinstance(step, Target) and party is None else None,
            parties=self.parties.of(letter, step, cycle, on, tongue) if party is None else (),
            facts_missing=prompting.facts_missing(self.planner.desk, step) if party is None else (),
            actions=prompting.actions(self.planner.desk, step, cycle, letter.template) if party is None else (),
            letters=self.before.letters(letter, siblings, tongue, everyone=True) if is_escalation(letter.slot) else (),
            attachments=self.attaching.files(letter, cycle, tongue),
            note=self.noting.view(letter, note, tongue, number) if note else None,
            links=self.links.of(letter.key) if self.links is not None and self._is_chasing(step, letter) else None,
        )

    def addressed(self, letter: Letter) -> tuple[str, tuple[Mailbox, ...]]:
        """The language that a letter is in, and its To; what `context` would say, for a fraction of its time."""
        tongue = self.addressing.tongue(letter, self.noting.template(letter) or letter.template)
        _, recipients, _ = self.addressing.people(letter, tongue)
        return tongue.code, recipients

    def _is_chasing(self, step: AnyStep, letter: Letter) -> bool:
        """Whether a letter asks a party for something: thanks do not, nor does word to a role."""
        chases = isinstance(step, FollowUp | Target) and letter.party is not None
        return chases and letter.slot != THANKS and letter.addressee not in self.workflow.roles

    def notice(self, letter: Letter, waiting: tuple[WaitingLetter, ...], pages: str) -> LetterContext:
        """What asks an owner to approve letters that wait, or tells of those that waited in vain."""
        first = waiting[0].key
        actions: tuple[str, ...]
        if letter.template == MISSED_NOTICE:
            actions = (
                f"followthrough why {first}",
                f"followthrough record {self.workflow.name} --letter-sent {first}",
            )
        else:
            actions = (
                "followthrough approve --all",
                f"followthrough show {first}",
                f"followthrough approve {first}",
                f"followthrough edit {first}",
                f'followthrough refuse {first} --reason "…"',
            )
        return replace(
            self.context(letter), waiting=waiting, pages=pages, parties=(), facts_missing=(), actions=actions
        )

    def answers_notice(
        self, letter: Letter, answers: tuple[AnswerView, ...], told_before: int, pages: str
    ) -> LetterContext:
        """What tells an owner of answers, with the commands that decide about the first."""
        first = answers[0].id
        actions = (
            "followthrough answers",
            f"followthrough answers {first}",
            f"followthrough decide {first} go-on",
        )
        return replace(
            self.context(letter),
            answers=answers,
            told_before=told_before,
            pages=pages,
            parties=(),
            facts_missing=(),
            actions=actions,
        )

    def bulletin(
        self, letter: Letter, *, waiting: tuple[WaitingLetter, ...] = (), digest: DigestView | None = None,
        hand_over: HandOverView | None = None, pages: str = "",
    ) -> LetterContext:  # fmt: skip
        """What tells a role of all its plans at once, or of all of one that it takes over: it is of no step."""
        assert letter.due_at is not None
        role = self.workflow.roles[letter.addressee]
        tongue = self.addressing.tongue(letter, letter.template)
        to, recipients, _ = self.addressing.people(letter, tongue)
        actions = ("followthrough letters --waiting", "followthrough approve --all") if waiting else ()
        if digest is not None and any(plan.open for plan in digest.plans):
            actions = (*actions, "followthrough answers")
        if hand_over is not None:
            own = (f"followthrough {command} {self.workflow.name}" for command in ("status", "facts", "told"))
            actions = (*actions, *own)
        return LetterContext(
            key=letter.key, slot=letter.slot, template=letter.template, on=tongue.day(local_date(letter.due_at, letter.zone)),
            due_at=letter.due_at, zone=letter.zone, workflow=self.workflow.name, workflow_title=self.workflow.title,
            step=StepView("", "", "", ""), owner=role_view(role, tongue), to=to, recipients=recipients, actions=actions,
            waiting=waiting, digest=digest, hand_over=hand_over, pages=pages,
        )  # fmt: skip

    def _event(self, step: AnyStep, letter: Letter, party: Party | None, tongue: Tongue) -> EventView | None:
        event = step if isinstance(step, Event) else next(iter(events_before(self.world, step)), None)
        if event is None:
            return None
        day = self.world.resolver.event(event)
        before = self.before.event_told(letter, event, party)
        told = tongue.span(before) if before and before != day.span else None
        return EventView(
            titled(event.title, event.titles, tongue), tongue.span(day.span), not day.firm, event.venue,
            day.span.first, day.span.last, told,
            self._said(event, party, facts.COMING), self._said(event, party, facts.ATTENDED),
        )  # fmt: skip

    def _said(self, event: Event, party: Party | None, name: str) -> bool | None:
        fact = self.world.book.newest(name, Subject(party=party.id, step=event.name)) if party else None
        return None if fact is None else fact.yes

    def _deadline(
        self, letter: Letter, step: AnyStep, party: Party | None, cycle: Cycle | None, on: date, tongue: Tongue
    ) -> DeadlineView | None:
        if not isinstance(step, FollowUp | Target | Task):
            return None
        by = deadline_of(self.world, step, party, cycle)
        if by is None:
            return None
        day = by.span.last
        last = in_time_until(self.world, step, day)
        grace = tongue.day(last) if last > day else ""
        zone = tongue.zone(self.workflow.timezone)
        before = self.before.deadline_told(letter, step, party, cycle)
        told = before if before != day else None
        return DeadlineView(day, tongue.day(day), zone, (day - on).days, grace, on > last, told)


def role_view(role: Role, tongue: Tongue) -> RoleView:
    """A role as letters in a language name it: they say “the” themselves."""
    return RoleView(titled(role.title, role.titles, tongue).removeprefix("The "), role.person, role.email or "")
