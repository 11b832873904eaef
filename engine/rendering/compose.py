"""From a planned letter to what its template may name: a `LetterContext`.

Everything comes from the plan and the facts and from the letter's due instant, never from now: what a person approves
stays the same until what it says changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from engine.definition import facts
from engine.definition.cadence import CORRECTED, THANKS, is_escalation, is_request
from engine.definition.dates import local_date
from engine.definition.facts import Subject
from engine.definition.words import day_words, span_words
from engine.definition.workflow import AnyStep, Contact, Event, FollowUp, Ongoing, Party, Role, Target, Task
from engine.letter import MISSED_NOTICE, Letter
from engine.lifecycle import UNSENT, State
from engine.planning.case import chase_of, events_before
from engine.planning.chase import attendance_recorded
from engine.planning.cycles import Cycle, cycle_of
from engine.planning.invitations import CANCELLED, MOVED
from engine.planning.planner import Planner
from engine.planning.progress import measure
from engine.planning.prompts import DATE_MOVED, needs_attendance, told_another_day
from engine.planning.said import deadline, deadline_said, event_said, last_letter
from engine.planning.scope import PartyScope, recorded_facts
from engine.rendering.context import (
    AnswerView,
    DeadlineView,
    EarlierLetter,
    EventView,
    LetterContext,
    Mailbox,
    PartyView,
    RecipientView,
    RoleView,
    StepView,
    TallyView,
    WaitingLetter,
)

_MOST_LISTED = 40


class Composer:
    """Makes contexts for the letters of one plan."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self.workflow = planner.workflow
        self.world = planner.world

    def context(self, letter: Letter, siblings: Sequence[Letter] = ()) -> LetterContext:
        """What a letter is made from. `siblings` are the planned letters of the same party."""
        assert letter.due_at is not None
        step = self.workflow.steps[letter.step]
        party = self.planner.plannable.parties.get(letter.party) if letter.party else None
        cycle = self._cycle(letter.cycle)
        on = local_date(letter.due_at, letter.zone)
        to, recipients, copies = self._people(letter, party)
        return LetterContext(
            key=letter.key,
            slot=letter.slot,
            template=letter.template,
            on=day_words(on),
            due_at=letter.due_at,
            zone=letter.zone,
            workflow=self.workflow.name,
            workflow_title=self.workflow.title,
            step=StepView(step.name, step.title, step.note, step.kind, "by" in step.ours),
            owner=role_view(self.workflow.roles[step.owner]),
            to=to,
            recipients=recipients,
            copies=copies,
            party=self._party(party) if party else None,
            event=self._event(step, letter, party),
            deadline=self._told_before(self._deadline(step, party, cycle, on), letter, step, party, cycle),
            earlier=self._earlier(letter, siblings),
            fact_day=self._fact_day(step, party, cycle) if letter.slot == THANKS else None,
            tally=self._tally(step, on, cycle) if isinstance(step, Target) and party is None else None,
            parties=self._parties_of(letter, step, cycle) if party is None else (),
            facts_missing=self._facts_missing(step) if party is None else (),
            actions=self._actions(step, cycle, letter.template) if party is None else (),
            letters=self._earlier(letter, siblings, everyone=True) if is_escalation(letter.slot) else (),
        )

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

    def _cycle(self, name: str | None) -> Cycle | None:
        rule = self.workflow.cycle
        if name is None or rule is None:
            return None
        year = next(cycle for cycle in self.planner.cycles() if cycle.name == name).due.year
        return cycle_of(rule, year)

    def _people(
        self, letter: Letter, party: Party | None
    ) -> tuple[RecipientView, tuple[Mailbox, ...], tuple[Mailbox, ...]]:
        role = self.workflow.roles.get(letter.addressee)
        if role is not None or party is None:
            role = role or self.workflow.roles[self.workflow.owner]
            box = Mailbox(role.person or role.title, role.email or "")
            return RecipientView(role.person or role.title, "", role.language), (box,), ()
        recipients = self.planner.desk.recipients
        contact = next(contact for contact in recipients.contacts(party.id) if contact.id == letter.addressee)
        contacts, roles = recipients.copies(party.id, contact)
        copies = [_mailbox(other) for other in contacts]
        copies += [
            Mailbox(found.person or found.title, found.email)
            for name in roles
            if (found := self.workflow.roles[name]).email
        ]
        view = RecipientView(contact.name, contact.salutation, contact.language, contact.post)
        unique = {box.address.casefold(): box for box in reversed(copies)}
        unique.pop(contact.address.casefold(), None)
        return view, (_mailbox(contact),), tuple(reversed(unique.values()))

    def _party(self, party: Party, last_contact: date | None = None) -> PartyView:
        return PartyView(party.id, party.name, bool(party.illustrative), last_contact)

    def _event(self, step: AnyStep, letter: Letter, party: Party | None) -> EventView | None:
        event = step if isinstance(step, Event) else next(iter(events_before(self.world, step)), None)
        if event is None:
            return None
        day = self.world.resolver.event(event)
        told = None
        if party and letter.slot.startswith(MOVED):
            sent = self.planner.history.of(step.name, None, party.id)
            last = last_letter((entry for entry in sent if entry.key != letter.key), {letter.addressee})
            before = event_said(self.planner.desk, event, last) if last else None
            told = span_words(before) if before and before != day.span else None
        return EventView(
            event.title, span_words(day.span), not day.firm, event.venue, day.span.first, day.span.last, told,
            self._said(event, party, facts.COMING), self._said(event, party, facts.ATTENDED),
        )  # fmt: skip

    def _said(self, event: Event, party: Party | None, name: str) -> bool | None:
        fact = self.world.book.newest(name, Subject(party=party.id, step=event.name)) if party else None
        return None if fact is None else fact.value == "yes"

    def _deadline(self, step: AnyStep, party: Party | None, cycle: Cycle | None, on: date) -> DeadlineView | None:
        if not isinstance(step, FollowUp | Target | Task):
            return None
        if isinstance(step, Task) or party is None:
            by = self.planner.desk.resolve(step.by, party, cycle)
        else:
            by = deadline(self.planner.desk, step, party, cycle)
        if by is None:
            return None
        day = by.span.last
        return DeadlineView(day, day_words(day), f"{self.workflow.timezone} time", (day - on).days)

    def _told_before(
        self, view: DeadlineView | None, letter: Letter, step: AnyStep, party: Party | None, cycle: Cycle | None
    ) -> DeadlineView | None:
        """A deadline with the day that the addressee of a correction was told before."""
        if not letter.slot.startswith(f"{CORRECTED}-") or not isinstance(step, FollowUp | Target):
            return view
        if view is None or party is None:
            return view
        sent = self.planner.history.of(letter.step, letter.cycle, letter.party)
        persons = self.planner.desk.recipients.persons(party.id)
        same = next((ids for _, ids in persons if letter.addressee in ids), frozenset({letter.addressee}))
        last = last_letter((entry for entry in sent if entry.key != letter.key), same)
        told = deadline_said(self.planner.desk, step, party, cycle, last) if last else None
        return replace(view, told=told.last if told and told.last != view.day else None)

    def _earlier(
        self, letter: Letter, siblings: Sequence[Letter], *, everyone: bool = False
    ) -> tuple[EarlierLetter, ...]:
        """The letters of this round before this one: those that left, and those that will have."""
        place = (letter.step, letter.cycle, letter.party)
        past = {entry.key: entry for entry in self.planner.history.of(*place)}
        before = {
            entry.key: (entry.sent_at or entry.due_at, entry.addressee)
            for entry in past.values()
            if entry.reached and entry.round == letter.round and is_request(entry.slot)
            and not entry.slot.startswith((MOVED, CANCELLED))
        }  # fmt: skip
        for other in siblings:
            entry = past.get(other.key)
            will = other.state == State.SCHEDULED and other.ordinary and other.round == letter.round
            still = (
                entry.state in UNSENT
                if entry is not None
                else other.due_at is not None and other.due_at >= self.planner.now
            )
            if will and still and other.due_at and (other.step, other.cycle, other.party) == place:
                before[other.key] = (other.due_at, other.addressee)
        assert letter.due_at is not None
        found = sorted(
            due
            for due, addressee in before.values()
            if due < letter.due_at and (everyone or addressee == letter.addressee)
        )
        return tuple(EarlierLetter(day_words(local_date(due, letter.zone)), "") for due in found)

    def _fact_day(self, step: AnyStep, party: Party | None, cycle: Cycle | None) -> str | None:
        chase = chase_of(step) if isinstance(step, FollowUp | Target) else None
        if chase is None or party is None:
            return None
        found = [
            fact for fact in recorded_facts(chase.done, PartyScope(self.world, party, cycle)) if fact.live() and fact.id
        ]
        newest = max(found, key=lambda fact: (fact.true.first, fact.recorded_at, fact.id), default=None)
        return span_words(newest.true) if newest else None

    def _tally(self, step: Target, on: date, cycle: Cycle | None) -> TallyView:
        tally = measure(self.world, step.count, None, on, cycle)
        asked = step.ask.to if step.ask else None
        missing = [
            party for party in self.planner.plannable.parties.values()
            if party.id not in tally.found and (
                asked.holds(PartyScope(self.world, party, cycle)) if asked else party.id in tally.missing)
        ]  # fmt: skip
        found = [self.planner.plannable.parties[party] for party in tally.found]
        return TallyView(
            tally.have, tally.want or 0, tuple(map(self._party, found)), tuple(map(self._party, missing[:_MOST_LISTED]))
        )

    def _parties_of(self, letter: Letter, step: AnyStep, cycle: Cycle | None) -> tuple[PartyView, ...]:
        """The parties that a prompt is about."""
        if letter.slot.startswith(DATE_MOVED) and isinstance(step, FollowUp | Target):
            return tuple(map(self._party, told_another_day(self.planner.desk, step, cycle)))
        return self._parties(step)

    def _parties(self, step: AnyStep) -> tuple[PartyView, ...]:
        condition = {"event": "invite", "ongoing": "about", "task": "for_"}.get(step.kind)
        who = getattr(step, condition) if condition else None
        if who is None:
            return ()
        parties = [
            party for party in self.planner.plannable.parties.values() if who.holds(PartyScope(self.world, party))
        ]
        if isinstance(step, Ongoing) and step.first is not None:
            first = step.first
            parties.sort(key=lambda party: not first.holds(PartyScope(self.world, party)))
        return tuple(self._party(party, self._last_contact(step, party)) for party in parties)

    def _last_contact(self, step: AnyStep, party: Party) -> date | None:
        fact = self.world.book.newest(facts.CONTACTED, Subject(party=party.id, step=step.name))
        return fact.true.first if fact else None

    def _facts_missing(self, step: AnyStep) -> tuple[str, ...]:
        if not isinstance(step, Event):
            return ()
        missing = []
        if not self.world.resolver.event(step).firm:
            missing.append(facts.DATE)
        if not PartyScope(self.world, None).flag(step.name, facts.HELD):
            missing.append(facts.HELD)
        if needs_attendance(self.planner.desk, step) and not attendance_recorded(self.planner.desk, step.name):
            missing.append(facts.ATTENDED)
        return tuple(missing)

    def _actions(self, step: AnyStep, cycle: Cycle | None, template: str) -> tuple[str, ...]:
        """The commands that answer a prompt; DAY, XX and YY are for its reader to fill in."""
        record = f"followthrough record {self.workflow.name}"
        match step:
            case Event():
                fix = f"{record} date DAY --step {step.name}"
                held = f"{record} held yes --step {step.name} --on DAY"
                came = f"{record} attended yes --step {step.name} --party XX --party YY --on DAY"
                if template != "was_it_held":
                    return (fix,)
                lines = {facts.DATE: fix, facts.HELD: held, facts.ATTENDED: came}
                return tuple(lines[name] for name in self._facts_missing(step))
            case Ongoing():
                reviewed = f"{record} reviewed yes --step {step.name}"
                return (reviewed, f"{record} contacted yes --step {step.name} --party XX")
            case Task():
                return (f"{record} done yes --step {step.name}" + (f" --cycle {cycle.name}" if cycle else ""),)
        if template == "told_another_day":
            return (f"followthrough told {self.workflow.name} --step {step.name}",)
        return (f"followthrough status {self.workflow.name}",)


def role_view(role: Role) -> RoleView:
    """A role as letters name it."""
    return RoleView(role.title, role.person, role.email or "")


def _mailbox(contact: Contact) -> Mailbox:
    return Mailbox(contact.name, contact.address)
