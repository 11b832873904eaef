"""A small plan to try the planner on, and an outbox in memory that is kept as the engine keeps the real one."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import NamedTuple

from engine.definition.building.roster import roster_facts
from engine.definition.dates import parse_span, zone
from engine.definition.facts import Fact, FactBook, Subject, details_of
from engine.definition.workflow import Plannable
from engine.letter import Letter, Recorded
from engine.lifecycle import UNSENT, State, may_move
from engine.planning.arrange import arrange
from engine.planning.changes import Action, Change
from engine.planning.planner import Planned, Planner
from engine.planning.reconcile import reconcile
from engine.planning.world import lineage
from engine.planning.world.history import History, past
from tests.support import ZURICH, load_text, moment

PARTIES = ("AA", "BB", "CC")
POSTS = ("mission", "ny_mission", "capital")
CONTACTS = "id,party,post,name,address,timezone\n" + "".join(
    f"{party.lower()}_m,{party},mission,Mission of {party},{party.lower()}@mission.example,\n" for party in PARTIES
)


def roster(rows: Iterable[str] = PARTIES, header: str = "id,name,joined,member,timezone") -> str:
    """A roster of rows as written; a bare id is a party of that name."""
    return header + "\n" + "".join(f"{row if ',' in row else f'{row},{row},,yes,'}\n" for row in rows)


def small(
    steps: str,
    *,
    ends: str | None = "2018-12-31",
    anchors: str = "{end: {on: 2018-06-29, title: The end}}",
    parties: str | None = None,
    contacts: str = CONTACTS,
    extra: str = "",
    calendar: str = "{country: CH, subdivision: GE}",
    timezone: str = ZURICH,
) -> Plannable:
    """A small plan: its steps are given as YAML, indented by two."""
    lines = [
        "workflow: small",
        "title: A small plan",
        f"timezone: {timezone}",
        f"working_days: {calendar}" if calendar else "",
        "send_at: 09:00",
        "starts: 2018-01-01",
        f"ends: {ends}" if ends else "",
        "owner: desk",
        f"anchors: {anchors}",
        "parties: parties.csv",
        "contacts: contacts.csv",
        f"address: {{to: [{', '.join(post for post in POSTS if f',{post},' in contacts)}]}}",
        "attributes: {joined: {type: date}, member: {type: flag}}",
        "facts:",
        "  report: {type: date, details: {form: {of: [full, empty]}}}",
        "  oral: {type: date}",
        "  status: {type: choice, of: [silent, candidate, prepared, declined]}",
        "  policy: {type: text, about: workflow}",
        "roles:",
        "  desk: {title: Desk, email: desk@example.org}",
        "  boss: {title: Boss, email: boss@example.org}",
        "  nobody: {title: Nobody}",
        extra,
        "steps:",
        steps,
    ]
    text = "\n".join(line for line in lines if line)
    return load_text(text, {"parties.csv": parties or roster(), "contacts.csv": contacts})


def chase(
    send: str = "[at once, 2 weeks before, on the day]", *, by: str = "end", until: str = "report", more: str = ""
) -> str:
    """A follow-up of every party, as YAML."""
    head = f"  ask:\n    follow_up: Reports\n    by: {by}\n    until: {until}\n    send: {send}\n    letter: nudge\n"
    return head + "    approval: none\n" + "".join(f"    {line}\n" for line in more.splitlines())


class Departure(NamedTuple):
    """A letter that left, and when."""

    letter: Recorded
    at: datetime

    @property
    def local(self) -> str:
        """When it left, at the addressee's."""
        return self.at.astimezone(zone(self.letter.zone)).strftime("%Y-%m-%d %H:%M")


class Outbox:
    """Plan, reconcile, arrange and send, as `replan` and `tick` do it, with rows in a dictionary.

    It refuses what the store refuses: a second row of a key, a move that the lifecycle has not.
    """

    def __init__(self, plan: Plannable, applied: str = "2018-01-02", facts: Sequence[Fact] = ()) -> None:
        self._ids, self._facts = count(1), count(1)
        self.rows: dict[str, Recorded] = {}
        self.sent: list[Departure] = []
        self.facts = list(facts)
        self.now = self.applied = moment(applied, plan.workflow.timezone)
        self.line: lineage.Lineage | None = None
        self.apply(plan)

    def apply(self, plan: Plannable) -> list[Change]:
        """A revision becomes the one that runs."""
        self.plan = plan
        self.line = lineage.load(lineage.dump(lineage.advance(self.line, plan, self.now)))
        self.planner = self.fresh()
        return self.replan()

    def fresh(self, order: random.Random | None = None) -> Planner:
        """A planner that has learnt nothing little by little: all it knows was there when it was made, in any order."""
        assert self.line is not None
        facts = [*roster_facts(self.plan), *self.facts]
        if order is not None:
            order.shuffle(facts)
        history = History(past(row) for row in self.rows.values())
        return Planner(self.plan, FactBook(facts), self.line, history, now=self.now)

    def at(self, when: str | datetime) -> datetime:
        """An instant, as text in the workflow's zone or as it is."""
        return when if isinstance(when, datetime) else moment(when, self.plan.workflow.timezone)

    def record(
        self, name: str, value: str, *, party: str | None = None, step: str | None = None, anchor: str | None = None,
        cycle: str | None = None, contact: str | None = None, on: str | None = None,
        details: Mapping[str, str] | None = None,
    ) -> Fact:  # fmt: skip
        """Record a fact now; true today unless it is a declared date or `on` says otherwise."""
        declared = self.plan.workflow.facts.get(name)
        local = self.now.astimezone(zone(self.plan.workflow.timezone)).date()
        true = parse_span(on or (value if declared and declared.type == "date" else local.isoformat()))
        subject = Subject(party, step, anchor, cycle, contact)
        number = next(self._facts)
        fact = Fact(number, name, subject, value, true, self.now, details_of(details or {}))
        self.facts.append(fact)
        self.replan(self.planner.learn(fact), self.planner.concerned(fact))
        return fact

    def retract(self, fact: Fact) -> None:
        """Take a fact back now."""
        taken = replace(fact, retracted_at=self.now)
        self.facts[self.facts.index(fact)] = taken
        self.replan(self.planner.learn(taken), self.planner.concerned(taken))

    def bounce(self, row: Recorded, address: str) -> Fact:
        """A letter that has left comes back from an address."""
        assert may_move(State(row.state), State.BOUNCED)
        self._put(row._replace(state=State.BOUNCED.value))
        return self.record("unreachable", address, contact=row.addressee)

    def letters(self, planner: Planner | None = None) -> list[Letter]:
        """The whole plan as it stands now."""
        return (planner or self.planner).plan().letters

    def replan(self, parties: Iterable[str] | None = None, steps: Set[str] | None = None) -> list[Change]:
        """Plan some parties again (None: all), of some steps or (None) of all, and make the outbox agree."""
        whom = [*(self.plan.parties if parties is None else dict.fromkeys(parties)), None]
        self.planner.at(self.now)
        plans = [self._plan_of(party, steps) for party in whom]
        rows = [
            row
            for row in self.rows.values()
            if (parties is None or row.party in whom) and (steps is None or row.party is None or row.step in steps)
        ]
        changes = reconcile(
            [letter for plan in plans for letter in plan.letters], rows, self.now,
            [silence for plan in plans for silence in plan.silences],
        )  # fmt: skip
        for change in changes:
            self._do(change)
        return changes

    def _plan_of(self, party: str | None, steps: Set[str] | None = None) -> Planned:
        if party is None:
            return self.planner.plan_steps()
        return self.planner.plan_party(party, steps) if party in self.plan.parties else Planned([], [])

    def _do(self, change: Change) -> None:
        row, letter = self.rows.get(change.key), change.letter
        if change.action is Action.INSERT:
            assert row is None, f"a second row of {change.key}"
            assert letter is not None
            assert letter.due_at is not None
            row = Recorded(
                next(self._ids), *letter[:9], letter.due_at, letter.zone, "scheduled", *letter[12:16], letter.ordinary,
                self.now, 1, person=letter.person,
            )  # fmt: skip
        elif change.action in (Action.RETIME, Action.READDRESS, Action.REVIVE):
            assert row is not None
            assert letter is not None
            assert letter.due_at is not None
            state = State.SCHEDULED.value if change.action is Action.REVIVE else row.state
            assert state == row.state or may_move(State(row.state), State(state))
            row = row._replace(
                state=state, due_at=letter.due_at, stale_at=letter.stale_at, zone=letter.zone, reason=change.reason,
                template=letter.template, approval=letter.approval, person=letter.person,
            )  # fmt: skip
        else:
            assert row is not None
            state = (State.MISSED if change.action is Action.MISS else State.WITHDRAWN).value
            assert may_move(State(row.state), State(state)), f"{row.key}: {row.state} to {state}"
            row = row._replace(state=state, reason=change.reason)
        self._put(row)

    def _put(self, row: Recorded) -> None:
        self.rows[row.key] = row
        self.planner.history.put(past(row))

    def tick(self) -> None:
        """What is due now: late letters settled, then each looked at again and sent."""
        self.planner.at(self.now)
        changes = arrange(list(self.rows.values()), self.now)
        for change in changes:
            self._do(change)
        if changes:
            self.replan(dict.fromkeys(row.party for change in changes if (row := self.rows[change.key]).party))
        due = [row for row in self.rows.values() if row.state == State.SCHEDULED and row.due_at <= self.now]
        for row in sorted(due, key=lambda row: (row.due_at, row.id)):
            self._hand(row)

    def _hand(self, row: Recorded) -> None:
        plan = self._plan_of(row.party)
        letter = next((letter for letter in plan.letters if letter.key == row.key), None)
        if letter is None or letter.state != State.SCHEDULED or letter.due_at is None or letter.due_at > self.now:
            rows = [found for found in self.rows.values() if found.party == row.party]
            for change in reconcile(plan.letters, rows, self.now, plan.silences):
                if change.key == row.key:
                    self._do(change)
            return
        self.sent.append(Departure(row, self.now))
        self._put(row._replace(state=State.SENT.value, sent_at=self.now, told=letter.told or None))

    def go_on(self, until: str) -> Outbox:
        """Time goes on, and what has no end is planned further ahead now and then, as `tick` does it."""
        end = self.at(until)
        while self.now < end:
            self.run(min(end, self.now + timedelta(days=20)))
            self.replan()
        return self

    def run(self, until: str | datetime) -> Outbox:
        """Time goes on, and each letter is sent at its instant."""
        end = self.at(until)
        while True:
            ahead = [
                row.due_at
                for row in self.rows.values()
                if row.state in UNSENT and self.now <= row.due_at <= end and not self._tried(row)
            ]
            if not ahead:
                break
            self.now = min(ahead)
            self.tick()
        self.now = end
        self.planner.at(end)
        return self

    def _tried(self, row: Recorded) -> bool:
        return row.due_at == self.now and row.state != State.SCHEDULED

    def sleep(self, until: str | datetime) -> Outbox:
        """Time goes on without the daemon; then it wakes."""
        self.now = self.at(until)
        self.tick()
        return self

    def slots(self, party: str = "AA", step: str = "ask") -> dict[str, str]:
        """Each row of a party's step: slot and state with the local time that it is due."""
        return {
            row.slot: f"{row.state} {row.due_at.astimezone(zone(row.zone)):%Y-%m-%d %H:%M}"
            for row in sorted(self.rows.values(), key=lambda row: row.due_at)
            if row.party == party and row.step == step
        }

    def departures(self, party: str | None = "AA", step: str = "ask") -> list[tuple[str, str]]:
        """The slots that left for a party's step, with the local time."""
        return [
            (sent.letter.slot, sent.local)
            for sent in self.sent
            if sent.letter.party == party and sent.letter.step == step
        ]

    def left(self, party: str | None = "AA", step: str = "ask") -> list[str]:
        """The slots that left for a party's step."""
        return [slot for slot, _ in self.departures(party, step)]


def a_second(before: datetime) -> datetime:
    """Just before an instant."""
    return before - timedelta(seconds=1)
