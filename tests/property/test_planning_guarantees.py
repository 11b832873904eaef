"""The guarantees of keys, of what is late, and of one plan for one input (G1, G4, G7)."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.definition.building.roster import roster_facts
from engine.definition.facts import Fact, FactBook
from engine.letter import Letter, LetterKey, Recorded, parse_key
from engine.lifecycle import UNSENT, State
from engine.planning.arrange import arrange
from engine.planning.changes import Action
from engine.planning.planner import Planner
from engine.planning.reconcile import reconcile
from engine.planning.replay import in_order
from engine.planning.world.lineage import begin
from tests.planning_model import PARTIES, Outbox, chase, roster, small
from tests.support import ROOT, fact, moment

FIXED = {"before-6w", "before-2w", "on-day", "after-2w"}
ASK = chase("[6 weeks before, 14 days before, on the day, 2 weeks after]")
NOW = datetime(2018, 3, 1, 8, tzinfo=UTC)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(1, 45), st.dates(date(2018, 2, 1), date(2018, 11, 30))), max_size=5))
def test_a_date_that_moves_keeps_the_keys_and_repeats_nothing(moves: list[tuple[int, date]]) -> None:
    """G1: whatever the moves, each letter has the key it always had, and leaves at most once."""
    outbox = Outbox(small(ASK))
    for days, to in moves:
        outbox.run(outbox.now + timedelta(days=days))
        outbox.record("date", to.isoformat(), anchor="end")
        assert {letter.slot for letter in outbox.letters() if letter.party} <= FIXED
    outbox.run("2018-12-30")
    sent = Counter(each.letter.key for each in outbox.sent)
    assert all(times == 1 for times in sent.values())
    asked = ("date-passed", "date-moved")  # of the owner
    numbered = {f"{slot}-{n}" for slot in asked for n in range(2, 6)}
    assert {parse_key(key).slot for key in outbox.rows} <= {*FIXED, *asked, *numbered}


NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=8)


@given(st.builds(
    LetterKey, NAMES, st.none() | st.integers(2000, 2100).map(str), NAMES, st.none() | NAMES, st.integers(1, 99), NAMES,
    st.sampled_from(["at-once", "every-4w-2", "before-6w", "on-day", "after-2w", "thanks"]),
))  # fmt: skip
def test_a_key_is_read_as_it_is_written(key: LetterKey) -> None:
    assert parse_key(str(key)) == key


HOURS = st.integers(-24 * 30, 24 * 10).map(lambda hours: NOW + timedelta(hours=hours))
SLOTS = st.sampled_from(["at-once", "every-4w-1", "before-2w", "on-day", "thanks"])


@st.composite
def rows(draw: st.DrawFn) -> list[Recorded]:
    """Rows of two contacts, in whatever state, some of them late."""
    found: dict[str, Recorded] = {}
    for number in range(draw(st.integers(0, 8))):
        slot, addressee, round_ = draw(SLOTS), draw(st.sampled_from(["aa_1", "aa_2"])), draw(st.integers(1, 2))
        key = str(LetterKey("small", None, "ask", "AA", round_, addressee, slot))
        due = draw(HOURS)
        stale = draw(st.none() | st.integers(1, 24 * 9).map(lambda hours, due=due: due + timedelta(hours=hours)))  # type: ignore[misc]
        state = draw(st.sampled_from([state.value for state in State][:10]))
        found[key] = Recorded(
            number + 1, key, "small", None, "ask", "follow_up", "AA", round_, addressee, slot, due, "Europe/Zurich", state,
            "as planned", "nudge", True, stale, slot != "thanks", NOW - timedelta(days=60), 1,
        )  # fmt: skip
    return list(found.values())


@settings(max_examples=150, deadline=None, derandomize=True)
@given(rows())
def test_of_what_is_late_the_newest_goes_and_what_is_stale_is_missed(found: list[Recorded]) -> None:
    """G4: `at once` is never dropped for being stale, but for want of a decision."""
    changes = {change.key: change for change in arrange(found, NOW)}
    assert {change.action for change in changes.values()} <= {Action.MISS}
    late = {row.key: row for row in found if row.state in UNSENT and row.due_at <= NOW}
    assert set(changes) <= set(late), "only what is due and unsent is touched"
    stale = {
        key for key, row in late.items()
        if row.stale_at is not None and row.stale_at <= NOW
        and (row.slot != "at-once" or row.state == State.AWAITING_APPROVAL)
    }  # fmt: skip
    assert stale <= set(changes)
    going: dict[str, list[Recorded]] = {}
    for key, row in late.items():
        if key not in stale and row.ordinary:
            going.setdefault(row.addressee, []).append(row)
    for each in going.values():
        left = [row for row in each if row.key not in changes]
        assert len(left) == 1
        assert left[0].due_at == max(row.due_at for row in each)
        for row in each:
            if row.key in changes:
                assert "goes instead" in changes[row.key].reason
    assert not [key for key, row in late.items() if not row.ordinary and key in changes and key not in stale]
    missed = [row._replace(state="missed") if row.key in changes else row for row in found]
    assert arrange(missed, NOW) == [], "once is enough"


@settings(max_examples=150, deadline=None, derandomize=True)
@given(rows(), st.lists(st.tuples(SLOTS, st.sampled_from(["aa_1", "aa_2"]), st.integers(1, 2), HOURS), max_size=8))
def test_reconciling_inserts_no_past_and_touches_nothing_that_left(
    found: list[Recorded], wanted: list[tuple[str, str, int, datetime]]
) -> None:
    letters: dict[str, Letter] = {}
    for slot, addressee, round_, due in wanted:
        key = str(LetterKey("small", None, "ask", "AA", round_, addressee, slot))
        letters[key] = Letter(
            key, "small", None, "ask", "follow_up", "AA", round_, addressee, slot, due, "Europe/Zurich", "scheduled", "why",
            "nudge", True, due + timedelta(days=3),
        )  # fmt: skip
    before = {row.key: row for row in found}
    for change in reconcile(letters.values(), found, NOW, []):
        row = before.get(change.key)
        assert change.reason
        if change.action is Action.INSERT:
            assert row is None
            assert letters[change.key].due_at is not None
            assert letters[change.key].due_at >= NOW  # type: ignore[operator]  # asserted in the line before
            continue
        assert row is not None
        assert row.state not in ("sent", "bounced", "answered", "failed")
        if change.action is Action.WITHDRAW:
            assert change.key not in letters
        if change.action is Action.REVIVE:
            assert row.state in ("withdrawn", "missed")
            assert letters[change.key].due_at >= NOW  # type: ignore[operator]  # each of them has an instant


PLANS = {
    "steps": chase(
        "[at once, every 3 weeks until 2 weeks before, 2 weeks before, on the day]",
        more='to: member == "yes" or status == "candidate"\nthanks: thank_you\nescalate: {after: 2 letters, to: boss}',
    ),
}
FACTS = [
    fact("report", "2018-02-03", party="AA", details={"form": "full"}, at="2018-02-05T10:00"),
    fact("report", "2018-02-03", party="AA", details={"form": "empty"}, at="2018-02-06T10:00"),
    fact("status", "candidate", party="BB", on="2018-01-20"),
    fact("status", "prepared", party="BB", on="2018-03-01"),
    fact("status", "candidate", party="CC", on="2018-02-11"),
    fact("date", "2018-07-20", anchor="end", on="2018-02-20"),
    fact("date", "2018-07-06", anchor="end", on="2018-03-20"),
    fact("oral", "2018-03-03", party="CC"),
    fact("address", "new@aa.example", contact="aa_m", on="2018-01-15"),
]


def planned(facts: list[Fact], parties: tuple[str, ...] = PARTIES) -> list[Letter]:
    plan = small(PLANS["steps"], parties=roster(parties))
    now = moment("2018-04-01")
    planner = Planner(plan, FactBook([*roster_facts(plan), *facts]), begin(plan, moment("2018-01-02")), now=now)
    return in_order(planner.plan().letters)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.permutations(FACTS), st.permutations(PARTIES))
def test_the_order_of_facts_and_of_the_roster_does_not_matter(facts: list[Fact], parties: list[str]) -> None:
    """G7."""
    assert planned(facts, tuple(parties)) == planned(FACTS)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_learning_little_by_little_is_knowing_at_once(chance: random.Random) -> None:
    """A planner that learns facts one by one, and is asked between, says what a new one says."""
    plan = small(PLANS["steps"])
    now = moment("2018-04-01")
    slow = Planner(plan, FactBook(roster_facts(plan)), begin(plan, moment("2018-01-02")), now=now)
    facts = list(FACTS)
    chance.shuffle(facts)
    for each in facts:
        slow.learn(each)
        if chance.random() < 0.5:
            slow.plan()
    assert in_order(slow.plan().letters) == planned(FACTS)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_learning_many_together_is_learning_each(chance: random.Random) -> None:
    """In portions of any size, with plans between them; all whom each alone touches are touched."""
    plan = small(PLANS["steps"])
    now = moment("2018-04-01")
    begun = begin(plan, moment("2018-01-02"))
    together, alone = (Planner(plan, FactBook(roster_facts(plan)), begun, now=now) for _ in range(2))
    facts = list(FACTS)
    chance.shuffle(facts)
    while facts:
        portion = [facts.pop() for _ in range(min(len(facts), chance.randint(1, 5)))]
        touched = together.learn_all(portion)
        each = [alone.learn(fact) for fact in portion]
        if touched is not None:
            assert {party for parties in each for party in parties or ()} <= set(touched)
        if chance.random() < 0.5:
            together.plan()
            alone.plan()
    assert in_order(together.plan().letters) == planned(FACTS)


PROGRAM = """
import sys
from tests.support import auckland, new_york, replay, report
from engine.planning.replay import in_order
facts = [*new_york("TG", "NR", "CK", "FJ"), *auckland(), report("FJ", "2018-03-03")]
_, planned = replay(facts, "2018-03-05")
out = [*map(repr, in_order(planned.letters)), *map(repr, planned.silences)]
sys.stdout.buffer.write("\\n".join(out).encode())
"""


@pytest.mark.slow
def test_the_plan_is_the_same_byte_for_byte_wherever_it_is_made(tmp_path: Path) -> None:
    """G7: another hash seed, zone, language and working directory."""
    surroundings = [
        {"PYTHONHASHSEED": "0", "TZ": "UTC", "LANG": "C"},
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"},
        {"PYTHONHASHSEED": "4242", "TZ": "America/St_Johns", "LANG": "ar_EG.UTF-8", "PYTHONUTF8": "0"},
    ]
    folders = [ROOT, tmp_path, Path("/")]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM], cwd=folder, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        )
        for env, folder in zip(surroundings, folders, strict=True)
    ]  # fmt: skip
    said = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert said[0].count(b"\n") > 500
    assert said[0] == said[1] == said[2]
