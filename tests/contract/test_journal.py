"""The journal is complete: what it tells of each letter is what the letter is (G9)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from engine.errors import FollowthroughError
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning.changes import Action
from engine.store import Approval, Sent, Store
from engine.store.records import Failed
from tests.contract.samples import DUE, NOW, W, actions, apply, change, claim, letter, new_mail, plan

HOUR = timedelta(hours=1)
TOLD = {
    "asked": State.AWAITING_APPROVAL,
    "unapproved": State.AWAITING_APPROVAL,
    "claimed": State.CLAIMED,
    "handing": State.HANDING,
    "withdrawn": State.WITHDRAWN,
    "missed": State.MISSED,
    "failed": State.FAILED,
    "sent": State.SENT,
    "bounced": State.BOUNCED,
    "answered": State.ANSWERED,
    **dict.fromkeys(("planned", "approved", "revived", "released", "deferred", "unknown"), State.SCHEDULED),
}


def told_by(journal: list[str]) -> State:
    """The state of a letter, from what the journal says was done to it."""
    told, unwanted = State.SCHEDULED, False
    for action in journal:
        if action in ("unwanted", "wanted"):
            unwanted = action == "unwanted"
            continue
        if action == "retimed":
            told = State.SCHEDULED if told is State.CLAIMED else told
        elif unwanted and action in ("failed", "deferred", "unknown"):
            told = State.WITHDRAWN
        else:
            told = TOLD[action]
        unwanted = False
    return told


class Operations:
    """What can happen to a store, at random."""

    def __init__(self, store: Store, letters: list[Letter], chance: random.Random) -> None:
        self.store, self.letters, self.chance = store, letters, chance

    def one(self) -> Letter:
        return self.chance.choice(self.letters)

    def alter(self) -> None:
        action = self.chance.choice([Action.RETIME, Action.WITHDRAW, Action.REVIVE, Action.MISS])
        apply(self.store, change(action, self.one(), due_at=DUE + HOUR * self.chance.randrange(5)))

    def ask(self) -> None:
        with self.store.write() as tx:
            tx.ask_approval([self.one().key], NOW)

    def approve(self) -> None:
        with self.store.write() as tx:
            tx.approve([Approval(self.one().key, "d", "s", "t", "c")], NOW, "nim")

    def unapprove(self) -> None:
        with self.store.write() as tx:
            tx.unapprove(self.one().key, "otherwise", NOW, "tick")

    def claim(self) -> None:
        claim(self.store, DUE + HOUR * 9, limit=3)

    def hand(self) -> None:
        with self.store.write(alone=False) as tx:
            rows = tx.find_letters(state=State.CLAIMED, limit=2)
            tx.begin_handings([({row.key: "s"}, new_mail(row.key)) for row in rows], "w1", now=DUE)

    def finish(self) -> None:
        with self.store.write(alone=False) as tx:
            outcomes: list[Sent | Failed] = []
            for row in tx.find_letters(state=State.HANDING, limit=2):
                mail = tx.mail_of(row.key)
                assert mail is not None
                if self.chance.random() < 0.3:
                    outcomes.append(Sent(row.key, mail.id, DUE, {}))
                else:
                    outcomes.append(Failed(row.key, mail.id, DUE, "no", self.chance.random() < 0.3, DUE))
            tx.finish(outcomes)

    def rescue(self) -> None:
        with self.store.write() as tx:
            tx.rescue("w1", DUE)

    def move(self) -> None:
        with self.store.write() as tx:
            to = self.chance.choice([State.SCHEDULED, State.BOUNCED, State.ANSWERED, State.MISSED])
            tx.set_state(self.one().key, to, "by hand", now=DUE, actor="nim")


@pytest.mark.parametrize("seed", range(3))
def test_the_journal_tells_the_state_of_each_letter(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    letters = [letter(party=f"P{number}", approval=number % 2 == 0) for number in range(12)]
    plan(store, letters)
    can = Operations(store, letters, chance)
    steps: list[Callable[[], None]] = [
        can.alter, can.ask, can.approve, can.unapprove, can.claim, can.hand, can.finish, can.rescue, can.move,
    ]  # fmt: skip
    refused = 0
    for _ in range(150):
        try:
            chance.choice(steps)()
        except FollowthroughError:
            refused += 1
    with store.read() as tx:
        rows = tx.recorded(W)
    for row in rows:
        journal = actions(store, row.key)
        assert told_by(journal) == row.state, journal
    assert 0 < refused < 150
    assert len({row.state for row in rows}) > 2
