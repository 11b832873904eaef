"""Why a party gets what it gets of one step, or nothing: for every party and step there is an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from engine.app.facts.settling import old_sentences
from engine.definition import facts
from engine.definition.dates import local_date
from engine.definition.words import capital, day_words, in_cycle, moment_words
from engine.definition.workflow import AnyStep, Event, FollowUp, Target
from engine.letter import Letter, Recorded
from engine.lifecycle import SETTLED, UNSENT, State
from engine.planning.planner import Planned, Planner
from engine.planning.told import Holds, day_told, told
from engine.planning.world.deadlines import in_time_until
from engine.planning.world.overrides import overrides
from engine.planning.world.rounds import round_of

NEXT = 5
_OVERRIDDEN = {
    facts.WRITE_TO: "is written to at {}", facts.PACE: "is written to at the pace {}",
    facts.APPROVAL: "has each letter approved", facts.LANGUAGE: "is written to in the language {}",
}  # fmt: skip
_GONE = (State.WITHDRAWN, State.MISSED, State.FAILED)


def step_sentences(planner: Planner, rows: Sequence[Recorded], party: str, step: str, now: datetime) -> list[str]:
    """What went, what did not and why, what comes next with its zone, and what would stop it. `rows` are the party's."""
    found = planner.workflow.steps[step]
    planned = planner.plan_party(party)
    mine = in_time([row for row in rows if row.step == step])
    sentences = [_gone(row) for row in mine if row.state in SETTLED or row.state in _GONE]
    sentences += [
        f"Nothing (more) of {in_cycle(silence.step, silence.cycle)}: {silence.reason}."
        for silence in planner.silences(party)
        if silence.step == step
    ]
    sentences += told_sentences(planner, party, step)
    sentences += out_of_use(planner, party)
    sentences += [f"Waiting: {reason}." for reason in _waiting(planned, step)]
    if not planner.desk.over():
        sentences += _own_deadlines(planner, party, step)
        sentences += override_sentences(planner, party, [step])
    sentences += [held_sentence(row, f"{row.step} {row.slot}") for row in held_back(mine, now)]
    sentences += [undecided_sentence(row, f"{row.step} {row.slot}") for row in undecided(mine, now)]
    coming = next_letters(planner, planned, now, step=step)
    states = {row.key: row for row in mine}
    sentences += [_next(letter, states.get(letter.key)) for letter in coming[:NEXT]]
    if coming:
        sentences.append(stop_sentence(found))
        if isinstance(found, FollowUp):
            today = local_date(now, planner.workflow.timezone)
            sentences += old_sentences(planner.world, found, planner.plannable.parties[party], today)
    elif planner.desk.over():
        sentences.append(f"{capital(planner.ended())}.")
    return sentences or _nothing(planner, planned, found)


def day_sentences(planner: Planner, rows: Sequence[Recorded], party: str, step: str | None, on: date) -> list[str]:
    """Why letters to a party left on a day, or were due on it, or none was: then those before and after it."""
    mine = [row for row in rows if step in (None, row.step)]
    dated = sorted(((local_date(row.left_at, row.zone), row) for row in mine), key=_order)
    sentences = [_gone(row) if row.state not in UNSENT else _due(row) for day, row in dated if day == on]
    if sentences:
        return sentences
    of = f" of {step}" if step else ""
    off = planner.world.resolver.calendar.day_off(on)
    is_off = f", which is {off}" if off else ""
    sentences = [f"No letter{of} to {party} left or was due on {day_words(on, weekday=True)}{is_off}."]
    before = [row for day, row in dated if day < on]
    after = [row for day, row in dated if day > on]
    if before:
        sentences.append(f"Before it: {_gone(before[-1]) if before[-1].state not in UNSENT else _due(before[-1])}")
    if after:
        sentences.append(f"After it: {_gone(after[0]) if after[0].state not in UNSENT else _due(after[0])}")
    return sentences


def in_time(rows: Iterable[Recorded]) -> list[Recorded]:
    """Letters in the order in which they left, or are due."""
    return sorted(rows, key=lambda row: (row.left_at, row.key))


def next_letters(planner: Planner, planned: Planned, now: datetime, step: str | None = None) -> list[Letter]:
    """What is still to come of a plan, by its instant; of one step if it is named."""
    return sorted(
        (
            letter
            for letter in planned.letters
            if letter.due_at
            and letter.due_at >= now
            and letter.state == State.SCHEDULED
            and step in (None, letter.step)
            and not planner.history.has_left(letter)
        ),
        key=lambda letter: (letter.due_at, letter.key),
    )


def held_back(rows: Iterable[Recorded], now: datetime) -> list[Recorded]:
    """The letters that were due by now and wait for a later sending time: their person has had enough mail for now."""
    found = [row for row in rows if row.state == State.SCHEDULED and row.due_at < now and row.retry_at is not None]
    return sorted(found, key=lambda row: (row.due_at, row.key))


def undecided(rows: Iterable[Recorded], now: datetime) -> list[Recorded]:
    """The letters that were due by now and have not left, since nobody has decided about them yet."""
    found = [row for row in rows if row.state == State.AWAITING_APPROVAL and row.due_at < now]
    return sorted(found, key=lambda row: (row.due_at, row.key))


def undecided_sentence(row: Recorded, letter: str) -> str:
    """Since when a letter waits for a person, and until when it may. `letter` names it."""
    until = f"; after {moment_words(row.stale_at, row.zone)} it is missed" if row.stale_at else ""
    return f"Not approved yet: {letter} was due on {moment_words(row.due_at, row.zone)}{until}."


def held_sentence(row: Recorded, letter: str) -> str:
    """Since when a letter is held back, and until when. `letter` names it."""
    was = moment_words(row.due_at, row.zone)
    return f"Held back: {letter} was due on {was}; {held_words(row)}."


def held_words(row: Recorded) -> str:
    """Why a letter is held back, and until when."""
    assert row.retry_at is not None
    until = f"it leaves on {moment_words(row.retry_at, row.zone)}"
    return row.reason if until in row.reason else f"{row.reason}: {until}"


def override_sentences(planner: Planner, party: str, steps: Iterable[str]) -> list[str]:
    """What is done otherwise for a party than the plan says: of which of its decisions, why and since when."""
    zone, name = planner.workflow.timezone, planner.plannable.parties[party].name
    found = {fact: None for step in steps for fact in overrides(planner.book, party, step)}
    return [
        f"Otherwise than the plan says, {name} {_OVERRIDDEN[fact.name].format(fact.value)}"
        f"{f' in {fact.subject.step}' if fact.subject.step else ''}, since"
        f" {day_words(local_date(fact.recorded_at, zone))}{f': {fact.note}' if fact.note else ''}."
        for fact in found
    ]


def _own_deadlines(planner: Planner, party: str, step: str) -> Iterator[str]:
    """The deadlines of a party, where they are not just what the plan says: extended, or with days of grace."""
    for due in planner.deadlines(party):
        if due.step.name != step:
            continue
        cycle = due.cycle.name if due.cycle else None
        last = in_time_until(planner.world, due.step, due.by.span.last)
        round_ = round_of(planner.book, step, party, cycle)
        if last == due.by.span.last and round_.by is None:
            continue
        extended = ", as extended" if round_.by is not None else ""
        grace = f"; it is late only after {day_words(last)}" if last > due.by.span.last else ""
        yield f"{in_cycle('Its deadline', cycle)} is {day_words(due.by.span.last)}{extended}{grace}."


def stop_sentence(step: AnyStep) -> str:
    """What would stop a step's letters."""
    if isinstance(step, FollowUp):
        rule = step.closes_when
        closes = f", or for all once each of {rule.each.text} has {rule.is_.text}" if rule else ""
        return f"What would stop it: {step.until.text}{closes}."
    if isinstance(step, Target):
        enough = ", or enough others" if step.stop_when_enough else ""
        return f"What would stop it: {step.count.count.text}{enough}."
    if isinstance(step, Event):
        return f"What would stop it: {step.name} is recorded as held or cancelled, or the party as not coming."
    return f"It belongs to {step.name}: {step.title}."


def _nothing(planner: Planner, planned: Planned, step: AnyStep) -> list[str]:
    """Where neither the outbox nor the plan has a letter to come: what the plan says of each, else whom the step is for."""
    passed = [letter for letter in planned.letters if letter.step == step.name]
    if passed:
        return [
            f"{in_cycle(letter.slot, letter.cycle)}: {letter.state.replace('_', ' ')}, {letter.reason}."
            for letter in passed
        ]
    if step.per_cycle and not planner.cycles():
        return [f"No cycle of {step.name} lies within the plan's horizon."]
    if step.per_cycle and isinstance(step, FollowUp):
        return [f"Nothing of {step.name} is due within the plan's horizon."]
    owner = planner.workflow.roles[step.owner].title if step.owner in planner.workflow.roles else step.owner
    if isinstance(step, Event):
        return [f"{capital(step.title)} sends no invitations: only its owner, {owner}, is written to about it."]
    return [f"{capital(step.title)} writes to its owner, {owner}, and to no party."]


def _waiting(planned: Planned, step: str) -> list[str]:
    of_step = (letter for letter in planned.letters if letter.step == step)
    return sorted({letter.reason for letter in of_step if letter.state in (State.TENTATIVE, State.WAITING)})


def _gone(row: Recorded) -> str:
    to = f" to {row.to}" if row.to else ""
    name = in_cycle(f"{row.step} {row.slot}", row.cycle)
    if row.state in SETTLED:
        return f"{name} was sent{to} on {moment_words(row.left_at, row.zone)}{came_of(row)}."
    return f"{name}, due {moment_words(row.due_at, row.zone)}, is {row.state}: {row.reason}."


def came_of(row: Recorded) -> str:
    """What came back about a letter that left: `, and came back on 3 April 2018 (answer 12)`."""
    return f", and {row.reason}" if row.state in (State.ANSWERED, State.BOUNCED) else ""


def out_of_use(planner: Planner, party: str) -> list[str]:
    """The contacts of a party that are not written to, since mail to them came back, or somebody says so."""
    recipients, zone = planner.desk.recipients, planner.workflow.timezone
    found = [(contact, recipients.unreachable(contact)) for contact in recipients.known(party)]
    return [
        f"{contact.id} ({contact.address}) is not written to since {moment_words(fact.recorded_at, zone)}:"
        f" {fact.note or 'mail to it came back'}."
        for contact, fact in found
        if fact is not None
    ]


def told_sentences(planner: Planner, party: str, step: str | None = None) -> list[str]:
    """What the people of a party were last told of a step's date; of no step, only where another day holds now."""
    return [
        f"{each.addressee} was last told {day_told(each.day)} ({in_cycle(f'{each.step} {each.slot}', each.cycle)}), and"
        f" {'that is still so' if each.holds is Holds.STILL_SO else f'now it is {day_told(each.now)}'}."
        for each in told(planner, party, {step} if step else None)
        if each.wrong or (step and each.holds is not Holds.SETTLED)
    ]  # fmt: skip


def _due(row: Recorded) -> str:
    waits = " and waits for approval" if row.state == State.AWAITING_APPROVAL else ""
    return f"{in_cycle(f'{row.step} {row.slot}', row.cycle)} is due on {moment_words(row.due_at, row.zone)}{waits}: {row.reason}."


def _next(letter: Letter, row: Recorded | None) -> str:
    asked = "; it waits for approval" if row is not None and row.state == State.AWAITING_APPROVAL else ""
    return next_sentence(letter, in_cycle(f"{letter.step} {letter.slot}", letter.cycle), f"{letter.reason}{asked}")


def next_sentence(letter: Letter, name: str, why: str) -> str:
    """When a letter comes next, by whatever name, and why."""
    assert letter.due_at is not None
    return f"Next: {name} on {moment_words(letter.due_at, letter.zone)} ({why})."


def _order(dated: tuple[date, Recorded]) -> tuple[date, datetime, str]:
    return dated[0], dated[1].due_at, dated[1].key
