"""The states of letters against their drawing (docs/lifecycle.md): no row moves but along an arrow, and each arrow is walked.

The database tells every move of a row, by a trigger: whatever is done in between is seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from engine.answer import AnswerKind
from engine.app.answers.deciding import Decision
from engine.errors import NotFound, Refused
from engine.letter import Recorded
from engine.lifecycle import UNSENT, State
from tests.moving import House, Move
from tests.support import ROOT

DRAWING = (ROOT / "docs" / "lifecycle.md").read_text("utf-8")
DRAWN = {Move(*arrow) for arrow in re.findall(r"^ +(\w+) --> (\w+)$", DRAWING, re.MULTILINE)} - {Move("*", "scheduled")}
AWAITING, MISSED, WITHDRAWN = State.AWAITING_APPROVAL.value, State.MISSED.value, State.WITHDRAWN.value
SENT, FAILED, SCHEDULED, CLAIMED = State.SENT.value, State.FAILED.value, State.SCHEDULED.value, State.CLAIMED.value
LEFT = (SENT, State.BOUNCED.value, State.ANSWERED.value)


def strange(moves: set[Move]) -> set[Move]:
    """What is not in the drawing; above it stands that what was accepted is sent, in whatever state it is by then."""
    return {move for move in moves if move not in DRAWN and move.after != SENT}


class Lives(RuleBasedStateMachine):
    """Letters of two parties and two steps, and all that may be done to them, at random."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.house = House(Path(self.folder.name))
        self.answers: list[int] = []
        self.in_hand: list[tuple[str, int]] = []

    def teardown(self) -> None:
        self.house.app.close()
        self.folder.cleanup()

    def some(self, which: int, *states: str) -> list[Recorded]:
        """One of the letters that are in one of these states, if there are any."""
        rows = self.house.all(*states)
        return [rows[which % len(rows)]] if rows else []

    @rule(days=st.sampled_from((0, 1, 7, 20, 60)), hours=st.integers(0, 20))
    def sleep(self, days: int, hours: int) -> None:
        self.house.wait(days=days, hours=hours)

    @rule(answer=st.sampled_from(("accepted", "accepted", "refused", "deferred", "unknown")))
    def tick(self, answer: str) -> None:
        self.house.script.answer = answer
        self.house.tick()

    @rule(days=st.integers(1, 40))
    def run_on(self, days: int) -> None:
        self.house.script.answer = "accepted"
        self.house.run(days)

    @rule(
        party=st.sampled_from(("AA", "BB")),
        answer=st.sampled_from(("accepted", "refused", "deferred")),
        stops=st.booleans(),
    )
    def something_happens_in_hand(self, party: str, answer: str, stops: bool) -> None:
        self.house.script.answer = answer
        self.house.script.meanwhile = self.house.stop if stops else lambda: self.house.report(party)
        self.house.tick()
        self.house.script.meanwhile = lambda: None
        self.house.resume()

    @rule(which=st.integers(0, 20), everything=st.booleans())
    def approve(self, which: int, everything: bool) -> None:
        rows = self.house.all(AWAITING, FAILED)
        self.house.approve(*(rows if everything else self.some(which, *UNSENT, FAILED, WITHDRAWN)))

    @rule(which=st.integers(0, 20))
    def refuse(self, which: int) -> None:
        self.house.refuse(*self.some(which, *UNSENT))

    @rule(which=st.integers(0, 20))
    def reword(self, which: int) -> None:
        for row in self.some(which, *UNSENT):
            with suppress(Refused):
                self.house.reword(row)

    @rule(party=st.sampled_from(("AA", "BB")), back=st.booleans())
    def report(self, party: str, back: bool) -> None:
        if not back:
            self.house.report(party)
        else:
            with suppress(Refused, NotFound):
                self.house.take_back(party)

    @rule(days=st.integers(-20, 200))
    def move_end(self, days: int) -> None:
        on = self.house.clock.now().date() + timedelta(days=days)
        self.house.move_end(min(on, date(2018, 12, 20)).isoformat())

    @rule(needs=st.booleans())
    def edit_the_plan(self, needs: bool) -> None:
        with suppress(Refused):
            if needs:
                self.house.write("    approval: none\n", "")
            else:
                self.house.write("    letter: spoilt\n", "    letter: spoilt\n    approval: none\n")

    @rule(ahead=st.sampled_from((0, 0, 20)))
    def another_worker_claims(self, ahead: int) -> None:
        self.house.claim(ahead)

    @rule(which=st.integers(0, 20))
    def another_worker_hands_over(self, which: int) -> None:
        for row in [row for row in self.some(which, CLAIMED) if row.worker == "other"]:
            mail = self.house.hand(row.key)
            self.in_hand += [(row.key, mail)] if mail is not None else []

    @precondition(lambda self: self.in_hand)
    @rule(accepted=st.booleans(), permanent=st.booleans())
    def another_worker_says_what_became_of_it(self, accepted: bool, permanent: bool) -> None:
        self.house.answer_late(*self.in_hand.pop(), accepted=accepted, permanent=permanent)

    @rule()
    def start_again(self) -> None:
        self.house.worker.start(self.house.clock.now())

    @rule(which=st.integers(0, 20), kind=st.sampled_from((AnswerKind.REPLY, AnswerKind.BOUNCE, AnswerKind.DELAYED)))
    def something_comes_back(self, which: int, kind: AnswerKind) -> None:
        self.answers += [self.house.come_in(kind, row) for row in self.some(which, *LEFT)]

    @precondition(lambda self: self.answers)
    @rule(decision=st.sampled_from((Decision.GO_ON, Decision.NOTHING)))
    def decide(self, decision: Decision) -> None:
        with suppress(Refused, NotFound):
            self.house.decide(self.answers.pop(), decision)

    @rule(which=st.integers(0, 20))
    def mail_by_hand(self, which: int) -> None:
        for row in self.some(which, *UNSENT, MISSED, FAILED, State.BOUNCED.value):
            self.house.mailed(row)

    @rule()
    def go_live(self) -> None:
        self.house.go_live()

    @invariant()
    def every_move_is_an_arrow(self) -> None:
        assert strange(self.house.moves()) == set()


Lives.TestCase.settings = settings(
    max_examples=6, stateful_step_count=30, deadline=None, derandomize=True, database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
)  # fmt: skip
TestLives = Lives.TestCase


def sent_and_answered(house: House) -> None:
    """A letter to each is approved and sent; what comes back is decided about."""
    house.script.name = "mailbox"
    house.approve(*house.all(AWAITING))
    house.run(2)
    first, second, *others = house.all(SENT)
    reply = house.come_in(AnswerKind.REPLY, first)
    house.decide(reply, Decision.NOTHING)
    house.decide(house.come_in(AnswerKind.BOUNCE, second), Decision.GO_ON)
    for row in (second, others[0]):
        house.come_in(AnswerKind.BOUNCE, row)
    house.come_in(AnswerKind.REPLY, second)
    house.run(60)
    house.go_live()


def mailed_by_hand(house: House) -> None:
    """Letters in every state that allows it are recorded as mailed."""
    for row in (house.all(AWAITING)[0], house.all(SCHEDULED)[-1]):
        house.mailed(row)
    house.script.answer = "refused"
    house.run(2)
    house.approve(house.all(FAILED)[0])
    house.mailed(house.all(FAILED)[0])
    house.wait(days=30)
    house.tick()
    house.mailed(house.all(MISSED)[0])
    house.script.answer = "accepted"
    house.approve(*house.all(AWAITING))
    house.run(3)
    row = house.all(SENT)[-1]
    house.come_in(AnswerKind.BOUNCE, row)
    house.mailed(row)


def stopped_and_revived(house: House) -> None:
    """A report stops all; taken back, what lies ahead lives again, and what passed is missed, until the date moves."""
    house.report("AA")
    house.take_back("AA")
    house.report("AA")
    house.wait(days=40)
    house.take_back("AA")
    house.tick()
    house.move_end("2018-02-20")
    house.wait(days=20)
    house.tick()
    house.move_end("2018-10-01")
    house.refuse(house.all(SCHEDULED)[0])


def claimed_and_let_go(house: House) -> None:
    """Another worker takes letters, and what happens before it goes on."""
    house.approve(*house.all(AWAITING))
    house.wait(days=1)
    house.claim()
    house.move_end("2018-07-13")
    house.wait(minutes=10)
    house.tick()
    house.run(1)
    house.wait(days=27)
    house.claim()
    house.report("AA")
    house.run(20)


def claimed_and_missed(house: House) -> None:
    """The date moves into the past while another worker has claimed what was to leave on the day."""
    house.run(177)
    house.approve(*house.all(AWAITING, SCHEDULED))
    house.claim(ahead=24)
    house.move_end("2018-05-01")


def in_hand(house: House) -> None:
    """The channel refuses, or asks for patience, while a fact makes a letter needless."""
    house.wait(days=1)
    house.script.answer = "deferred"
    house.tick()
    house.wait(hours=5)
    house.script.meanwhile = lambda: house.report("AA")
    house.tick()


WALKS: tuple[Callable[[House], None], ...] = (
    sent_and_answered, mailed_by_hand, stopped_and_revived, claimed_and_let_go, claimed_and_missed, in_hand,
)  # fmt: skip


def test_each_arrow_is_walked(tmp_path: Path) -> None:
    """The drawing has no arrow that never happens."""
    seen = set[Move]()
    for walk in WALKS:
        folder = tmp_path / walk.__name__
        folder.mkdir()
        with House(folder) as house:
            walk(house)
            seen |= house.moves()
    assert strange(seen) == set()
    assert DRAWN - seen == set()
