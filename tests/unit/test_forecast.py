"""The forecast's parts, each against what can be worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta
from math import comb

import numpy as np
import pytest

from engine.definition.workflow import FollowUp
from engine.planning.forecast.forecast import Forecast, Outlook, forecast
from engine.planning.forecast.past import Inquiry, Question, cells
from engine.planning.forecast.rates import Cell, Seen, draw_rates
from engine.planning.forecast.runs import Aim, Goal, Pending, band, play
from tests.planning_model import Outbox, chase, roster, small
from tests.support import fact, plannable, replay, report

ONE, TWO, FAR = Cell("ask", 1, "North"), Cell("ask", 1, "South"), Cell("other", 1, "North")


def chance(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def middle(seen: dict[Cell, Seen], cell: Cell) -> float:
    """The middle of the daily rates that a cell may have."""
    return float(np.median(draw_rates(seen, [cell], 4000, chance())[cell]))


def test_a_cell_with_much_to_see_has_the_rate_that_was_seen() -> None:
    rates = draw_rates({ONE: Seen(100_000, 1000), TWO: Seen(100_000, 100)}, [ONE, TWO], 4000, chance())
    assert np.quantile(rates[ONE], [0.05, 0.95]) == pytest.approx([0.01, 0.01], rel=0.1)
    assert np.median(rates[TWO]) == pytest.approx(0.001, rel=0.15)


def test_a_cell_with_little_to_see_leans_on_its_group_and_the_group_on_the_question() -> None:
    seen = {ONE: Seen(5000, 50), TWO: Seen(20, 0)}
    alone = middle({TWO: Seen(20, 0)}, TWO)
    assert alone < 0.004 < middle(seen, TWO) < middle(seen, ONE) == pytest.approx(0.01, rel=0.15)
    assert alone < middle(seen, FAR) < middle(seen, ONE)


def test_a_cell_that_lies_apart_is_let_be() -> None:
    much = {ONE: Seen(5000, 50), TWO: Seen(5000, 0)}
    assert middle(much, TWO) < 0.001


def test_silence_lowers_a_rate_and_time_makes_it_surer() -> None:
    rates = [draw_rates({ONE: Seen(days, 0)}, [ONE], 4000, chance())[ONE] for days in (10, 1000, 100_000)]
    highest = [float(np.quantile(rate, 0.9)) for rate in rates]
    assert highest == sorted(highest, reverse=True)
    assert highest[-1] < 0.0001


def test_runs_agree_with_the_binomial() -> None:
    daily, days, parties = 0.01, 50, [f"P{number}" for number in range(6)]
    ahead = Pending(
        {party: [(ONE, 20), (TWO, 80)] for party in parties}, {ONE: np.full(40_000, daily), TWO: np.full(40_000, daily)}
    )
    (came,) = play([ahead], [Aim([Goal(0, 2, 5, parties)], [days])], 40_000, chance())
    answers = 1 - (1 - daily) ** days
    enough = sum(comb(6, k) * answers**k * (1 - answers) ** (6 - k) for k in range(3, 7))
    assert came.met == pytest.approx(enough, abs=0.01)
    assert came.answered["P0"] == pytest.approx(answers, abs=1e-9)
    with_one = sum(comb(5, k) * answers**k * (1 - answers) ** (5 - k) for k in range(2, 6))
    assert came.with_it["P3"] == pytest.approx(with_one, abs=0.01)
    assert came.counts[0].min() >= 2


def test_an_aim_is_met_when_all_of_its_measures_are() -> None:
    """The party that both of two measures need helps more than those that one of them needs."""
    ahead = Pending({party: [(ONE, 30)] for party in "ABC"}, {ONE: np.full(20_000, 0.03)})
    aim = Aim([Goal(0, 0, 2, ["A", "B", "C"]), Goal(0, 4, 5, ["A"])], [30])
    (came,) = play([ahead], [aim], 20_000, chance())
    answers = 1 - 0.97**30
    assert came.met == pytest.approx(answers * (1 - (1 - answers) ** 2), abs=0.015)
    assert came.with_it["A"] > came.with_it["B"] + 0.1


def test_many_runs_are_played_in_blocks_all_of_them() -> None:
    many = [f"P{number}" for number in range(3000)]
    ahead = Pending({party: [(ONE, 10)] for party in many}, {ONE: np.full(2000, 0.05)})
    (came,) = play([ahead], [Aim([Goal(0, 0, 1, many)], [10])], 2000, chance())
    assert came.counts[0].min() > 0
    assert came.met == 1.0


@pytest.mark.parametrize(
    ("counts", "found"),
    [([5] * 10, (5, 5, 1.0)), ([1, 2, 2, 2, 2, 2, 2, 2, 2, 9], (2, 2, 0.8)), ([0, 0, 0, 0, 0, 1, 1, 1, 1, 2], (0, 1, 0.9)),
     ([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], (0, 7, 0.8)), ([0, 1], (0, 1, 1.0))],
)  # fmt: skip
def test_a_band_is_the_narrowest_that_holds_about_80_percent(counts: list[int], found: tuple[int, int, float]) -> None:
    assert band(np.array(counts)) == pytest.approx(found)


def test_the_days_of_a_party_are_split_by_its_letters() -> None:
    first, day = date(2018, 1, 1), timedelta(days=1)
    letters = [
        (first + after * day, step) for after, step in ((0, "a"), (4, "a"), (6, "b"), (9, "a"), (11, "a"), (13, "a"))
    ]
    assert cells(letters, "x", first, first + 12 * day) == [
        (Cell("a", 1, "x"), 4), (Cell("a", 2, "x"), 2), (Cell("b", 1, "x"), 3), (Cell("a", 3, "x"), 2), (Cell("a", 3, "x"), 2),
    ]  # fmt: skip
    assert cells([], "", first, first) == [(Cell("", 0, ""), 1)]
    assert cells([], "", first, first - day) == []


def test_what_was_seen_is_counted_by_hand() -> None:
    """AA answers between its first and second letter, BB never, CC had answered before the plan began."""
    box = Outbox(small(chase("[at once, every 4 weeks until on the day]"))).run("2018-01-10T12:00")
    box.record("report", "2018-01-12", party="AA")
    box.record("report", "2017-05-01", party="CC")
    box.run("2018-02-14T12:00")
    assert [at for _, at in box.departures("BB")] == ["2018-01-02 09:00", "2018-01-30 09:00"]
    step = box.plan.workflow.steps["ask"]
    assert isinstance(step, FollowUp)
    past = Inquiry(box.planner, Question(step.until), date(2018, 2, 14))
    assert past.steps == ("ask",)
    assert past.seen(["AA", "BB", "CC"]) == {
        Cell("", 0, ""): Seen(1 + 1, 0),  # 1 January
        Cell("ask", 1, ""): Seen(11 + 28, 1),  # AA from the 2nd to the 12th, BB from the 2nd to the 29th
        Cell("ask", 2, ""): Seen(16, 0),
    }
    assert set(past.to_come(box.planner.plan().letters)) == {"BB", "CC"}  # the step wants a new report of CC


def test_letters_bear_on_what_their_step_waits_for() -> None:
    run, _ = replay([], "2018-01-15")
    objectives = run.planner.workflow.objectives
    steps = {
        name: Inquiry(run.planner, Question(objective.measures[0].count), date(2018, 1, 15)).steps  # type: ignore[union-attr]  # each counts
        for name, objective in objectives.items() if name in "abce"
    }  # fmt: skip
    assert steps == {"a": (), "b": ("ny_follow_up", "auckland_follow_up"), "c": (), "e": ("five_states",)}


def outlook(found: Forecast, name: str) -> Outlook:
    return next(each for each in found.outlooks if each.name == name)


def note(day: str, *, seed: int = 1, runs: int = 2000) -> Forecast:
    """The note's plan, with the reports of two Pacific States on record, and those that had reported before."""
    facts = [report("FJ", "2018-04-03"), report("NR", "2018-03-20"), fact("oral_report", "2018-09-05", party="WS")]
    known = [each for each in facts if each.true.first <= date.fromisoformat(day)]
    run, planned = replay(known, day)
    return forecast(run.planner, planned.letters, date.fromisoformat(day), runs=runs, seed=seed)


def test_the_note_counts_the_pacific_apart_and_says_who_helps_most() -> None:
    b = outlook(note("2018-05-01"), "b")
    assert [(part.words, part.have, part.want) for part in b.measures] == [("", 2, 11), ("pacific parties", 4, 5)]
    assert (b.met, b.by_words, b.answers) == (False, "8MSP", 2)
    assert b.chance is not None
    assert b.chance < 0.2
    assert [helper.party for helper in b.helpers] in ([], ["CK"])
    for part in b.measures:
        assert [expected.on for expected in part.ahead] == [
            date(2018, 5, 31), date(2018, 6, 30), date(2018, 7, 31), date(2018, 8, 31), date(2018, 9, 5),
        ]  # fmt: skip
        middles = [expected.likely for expected in part.ahead]
        assert middles == sorted(middles)
        assert all(e.low <= e.likely <= e.high for e in part.ahead)
        assert all(part.have <= e.low for e in part.ahead)


def test_the_same_seed_gives_the_same_forecast() -> None:
    assert note("2018-05-01") == note("2018-05-01")
    assert note("2018-05-01") != note("2018-05-01", seed=2)


def test_a_plan_that_is_over_has_no_chances() -> None:
    found = note("2018-09-06")
    assert {each.chance for each in found.outlooks} == {None}
    assert [each.met for each in found.outlooks if each.kind == "objective"] == [False] * 4
    assert found.rates == ()


def test_what_has_no_threshold_is_left_out() -> None:
    assert [each.name for each in note("2018-05-01").outlooks if each.kind == "objective"] == ["a", "b", "c", "e"]


def test_letters_still_to_come_raise_the_count_where_letters_were_answered() -> None:
    """Twelve had a letter and answered at once; twelve have none yet, and were silent."""
    early, late = ([f"{half}{number:02}" for number in range(12)] for half in "EL")
    rows = [f"{party},{party},{'2018-01-10' if party in early else '2018-04-16'},yes," for party in (*early, *late)]
    posts = "".join(
        f"{party.lower()},{party},mission,{party},{party.lower()}@mission.example,\n" for party in (*early, *late)
    )
    contacts = f"id,party,post,name,address,timezone\n{posts}"
    box = Outbox(small(chase("[at once]", more="after: joined"), parties=roster(rows), contacts=contacts))
    box.run("2018-01-12T12:00")
    for number, party in enumerate(early):
        box.run(f"2018-01-{13 + number}T12:00")
        box.record("report", f"2018-01-{13 + number}", party=party)
    box.run("2018-04-10T12:00")
    letters, today = box.planner.plan().letters, date(2018, 4, 10)
    asked, spared = (outlook(forecast(box.planner, given, today, runs=2000), "ask") for given in (letters, []))
    assert (asked.letters, spared.letters, asked.answers) == (12, 0, 12)
    assert asked.measures[0].ahead[-1].likely >= spared.measures[0].ahead[-1].likely + 4
    assert asked.measures[0].have == spared.measures[0].have == 12


def test_tentative_letters_are_counted_and_left_out() -> None:
    run, planned = replay([], "2017-09-20")
    b = outlook(forecast(run.planner, planned.letters, date(2017, 9, 20), runs=200), "b")
    assert b.letters == 0
    assert b.undated > 0


def test_a_yearly_plan_learns_from_the_years_before() -> None:
    plan = plannable("article7-annual")
    facts = [fact("annual_report", "2027-03-15", party=party, cycle="2027") for party in list(plan.parties)[:60]]
    found: dict[str, Outlook] = {}
    for name, known in (("silent", facts[:0]), ("answered", facts)):
        run, planned = replay(known, "2028-02-04", plan, "2026-11-01")
        found[name] = outlook(forecast(run.planner, planned.letters, date(2028, 2, 4), runs=500), "annual 2028")
    assert (found["silent"].answers, found["answered"].answers) == (0, 60)
    assert found["answered"].measures[0].ahead[-1].likely > found["silent"].measures[0].ahead[-1].likely + 10
