"""Years of a yearly plan lived through at random, with a step for those who missed three deadlines in a row.

What the counter says is counted again here, by what was recorded and by the calendar alone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.app.why.step import step_sentences
from engine.definition.dates import end_of_day
from engine.definition.facts import Fact
from engine.planning.changes import Action
from engine.planning.replay import in_order
from tests.planning_model import Outbox
from tests.support import ZURICH
from tests.unit.test_misses import cites

CYCLES = ("2016", "2017", "2018", "2019")
PARTY, CYCLE = st.sampled_from(["AA", "BB", "CC"]), st.sampled_from(CYCLES)
GRACE = timedelta(days=7)


class CountedYears(RuleBasedStateMachine):
    """Reports come, are taken back and mended, years are exempt or extended, and time passes."""

    @initialize(first=st.sampled_from(["2016-01-04", "2018-10-01", "2018-12-01"]))
    def begin(self, first: str) -> None:
        self.outbox = Outbox(cites(), first)
        self.checked = 0

    @rule(party=PARTY, cycle=CYCLE)
    def report(self, party: str, cycle: str) -> None:
        self.outbox.record("annual_report", self.outbox.now.date().isoformat(), party=party, cycle=cycle)

    @rule(party=PARTY, cycle=CYCLE, name=st.sampled_from(["exempt", "opted_out"]), yes=st.booleans())
    def release(self, party: str, cycle: str, name: str, yes: bool) -> None:
        self.outbox.record(name, "yes" if yes else "no", party=party, step="annual", cycle=cycle)

    @rule(party=PARTY, cycle=CYCLE, days=st.integers(1, 120))
    def extend(self, party: str, cycle: str, days: int) -> None:
        on = date(int(cycle), 10, 31) + timedelta(days=days)
        self.outbox.record("extended_to", on.isoformat(), party=party, step="annual", cycle=cycle)

    @rule(which=st.integers(0, 7))
    def take_back(self, which: int) -> None:
        standing = [fact for fact in self.outbox.facts if fact.live()]
        if standing:
            self.outbox.retract(standing[which % len(standing)])

    @rule(days=st.integers(1, 150))
    def wait(self, days: int) -> None:
        end = min(self.outbox.now + timedelta(days=days), datetime(2019, 12, 20, tzinfo=UTC))
        while self.outbox.now < end:
            self.outbox.run(min(end, self.outbox.now + timedelta(days=20)))
            self.outbox.replan()

    @invariant()
    def nothing_flips_unseen(self) -> None:
        """What was planned little by little is what a planner says that is made now (G7, G8)."""
        if not hasattr(self, "outbox"):
            return
        again = self.outbox.replan()
        gone = {key for key, row in self.outbox.rows.items() if row.state == "withdrawn"}
        assert [change for change in again if (change.action, change.key in gone) != (Action.MISS, True)] == []
        assert in_order(self.outbox.letters()) == in_order(self.outbox.letters(self.outbox.fresh()))

    @invariant()
    def consequences_follow_three_in_a_row(self) -> None:
        if not hasattr(self, "outbox"):
            return
        for row, at in self.outbox.sent[self.checked :]:
            if row.step == "consequence" and row.slot not in ("thanks", "escalation"):
                assert self.missed(row.party or "", int(row.cycle or 0), row.due_at, at) >= 3, row.key
        self.checked = len(self.outbox.sent)

    @invariant()
    def every_party_and_step_has_an_answer(self) -> None:
        if not hasattr(self, "outbox"):
            return
        rows = [*self.outbox.rows.values()]
        for party in ("AA", "BB", "CC"):
            mine = [row for row in rows if row.party == party]
            for step in ("annual", "consequence"):
                said = step_sentences(self.outbox.planner, mine, party, step, self.outbox.now)
                assert said
                assert "to no party" not in " ".join(said)

    def missed(self, party: str, until: int, passed_by: datetime, known: datetime) -> int:
        """How many cycles in a row up to one were missed: their deadlines passed by an instant, as known at another."""
        count = 0
        for year in range(until, 2015, -1):
            if party == "CC" and date(2017, 1, 1) >= date(year, 10, 31):
                continue
            extension = self.newest("extended_to", party, str(year), known)
            last = date.fromisoformat(extension.value) if extension else date(year, 10, 31)
            if end_of_day(last + GRACE, ZURICH) > passed_by:
                continue
            if any(self.says_yes(name, party, str(year), known) for name in ("exempt", "opted_out")):
                continue
            if self.newest("annual_report", party, str(year), known):
                break
            count += 1
        return count

    def newest(self, name: str, party: str, cycle: str, known: datetime) -> Fact | None:
        standing = [
            fact for fact in self.outbox.facts
            if (fact.name, fact.subject.party, fact.subject.cycle) == (name, party, cycle)
            and fact.recorded_at <= known and (fact.retracted_at is None or fact.retracted_at > known)
        ]  # fmt: skip
        return max(standing, key=lambda fact: (fact.recorded_at, fact.id), default=None)

    def says_yes(self, name: str, party: str, cycle: str, known: datetime) -> bool:
        fact = self.newest(name, party, cycle, known)
        return fact is not None and fact.value == "yes"


CountedYears.TestCase.settings = settings(
    max_examples=15, stateful_step_count=15, deadline=None, derandomize=True,
    phases=[Phase.explicit, Phase.generate, Phase.shrink], suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
TestCountedYears = CountedYears.TestCase
