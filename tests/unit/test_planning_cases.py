"""Exact cases of the language over one small plan of their own, asked of the pure planner through a replay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from engine.definition.building.roster import roster_facts
from engine.definition.dates import zone
from engine.definition.facts import BEGINNING, Fact, FactBook
from engine.definition.workflow import Plannable
from engine.letter import Letter, LetterKey, Recorded
from engine.lifecycle import State
from engine.planning.arrange import arrange, go_along
from engine.planning.changes import Action
from engine.planning.reconcile import reconcile
from engine.planning.world.progress import Progress, Tally, objective_progress
from engine.planning.world.scope import World
from tests.support import ZURICH, coming, fact, load_text, moment, of, replay

START = "2018-01-08"
PARTIES = "AA,BB,CC"
SEND = "[at once, 8 weeks before, 2 weeks before, on the day]"
MEETING = (
    "{event: A meeting, when: 2018-05-23, invite: joined, invitations: [at once, "
    "2 weeks before], letter: news, approval: none}"
)
HELD = "{event: A meeting, when: 2018-03-06}"


def ask(send: str = SEND, by: str = "end", until: str = "report", more: str = "") -> str:
    """A follow-up; `more` holds further keys, in flow style."""
    return f"{{follow_up: Answers, by: {by}, until: {until}, send: {send}, letter: nudge, approval: none, {more}}}"


def target(enough: str, at_least: str = "1") -> str:
    return (
        f"{{target: Found, count: status == 'ready', at_least: {at_least}, by: end, enough: {enough}, approval: none,"
        f" ask: {{to: joined, send: {SEND}, letter: nudge}}}}"
    )


def plan(
    *,
    ends: str = "ends: 2018-12-31",
    end: str = "2018-06-29",
    cycle: str = "",
    parties: str | None = None,
    contacts: str | None = None,
    objective: str = "",
    **steps: str,
) -> Plannable:
    """A plan of the given steps; 29 June 2018 is a Friday. Every party has one contact, at its mission, unless told."""
    ids = PARTIES.split(",")
    roster = parties or "".join(f"{each},Party {each},2017-11-01,\n" for each in ids)
    people = contacts or "".join(f"{each.lower()}_m,{each},mission,M,{each.lower()}@m.example,\n" for each in ids)
    text = f"""\
workflow: cases
title: Cases
timezone: {ZURICH}
working_days: {{country: CH, subdivision: GE}}
starts: 2018-01-01
{ends}
{cycle}
owner: desk
anchors: {{end: {{on: {end}, title: The end}}}}
parties: parties.csv
contacts: contacts.csv
address: {{to: [{"capital" if ",capital," in people else "mission"}]}}
attributes: {{joined: {{type: date}}}}
facts:
  report: {{type: date}}
  oral: {{type: date}}
{"  annual_report: {type: date, each: cycle}" if cycle else ""}
  status: {{type: choice, of: [ready, no]}}
values: {{initial_due: {{date: joined + 180 days}}}}
roles:
  desk: {{title: Desk, email: desk@example.org}}
  boss: {{title: Boss, email: boss@example.org}}
steps:
""" + "".join(f"  {name}: {step}\n" for name, step in steps.items())
    if objective:
        text += f"objectives: {{goal: {{title: A goal, {objective}}}}}\n"
    files = {
        "parties.csv": "id,name,joined,timezone\n" + roster,
        "contacts.csv": "id,party,post,name,address,timezone\n" + people,
    }
    return load_text("\n".join(line for line in text.splitlines() if line.strip()) + "\n", files)


def left(plan: Plannable, facts: Sequence[Fact], at: str, step: str = "ask", party: str | None = "AA") -> list[str]:
    """What has left, as `slot day`, in order: of every cycle, in every round, to whomever."""
    history = replay(facts, at, plan, START)[0].planner.history
    found = [entry for cycle in (None, "2018", "2019") for entry in history.of(step, cycle, party) if entry.sent]
    return [
        f"{entry.slot} {entry.due_at.astimezone(zone(ZURICH)).date()}"
        for entry in sorted(found, key=lambda entry: (entry.due_at, entry.key))
    ]


def ahead(plan: Plannable, facts: Sequence[Fact], at: str, step: str = "ask", party: str = "AA") -> list[str]:
    """What is scheduled and still to come, as `slot day`."""
    letters = [letter for letter in coming(facts, at, plan, START) if (letter.step, letter.party) == (step, party)]
    return days(letter for letter in letters if letter.state == State.SCHEDULED)


def days(letters: Iterable[Letter]) -> list[str]:
    return [f"{each.slot} {each.due_at.astimezone(zone(each.zone)).date()}" for each in letters if each.due_at]


def missed(plan: Plannable, facts: Sequence[Fact], at: str, party: str = "AA") -> list[str]:
    _, planned = replay(facts, at, plan, START)
    return [letter.slot for letter in planned.letters if letter.party == party and letter.state == State.MISSED]


def done(party: str, on: str) -> Fact:
    return fact("report", on, party=party)


WHOLE = ["at-once 2018-01-08", "before-8w 2018-05-04", "before-2w 2018-06-15", "on-day 2018-06-29"]

# A yearly cycle

CYCLE = 'cycle: {every: year, due: 04-30, opens: 12 weeks before, name: "{year}"}'
ANNUAL = (
    "{follow_up: Annual, to: initial_due < cycle.due, by: cycle.due, until: annual_report, "
    "send: [2 weeks before], letter: nudge, approval: none}"
)
INITIAL = (
    "{follow_up: Initial, cycle: none, since: joined, by: initial_due, until: report, "
    "send: [2 weeks before], letter: nudge, approval: none}"
)
MADAGASCAR = "AA,Madagascar,2017-11-01,\nBB,Fiji,2010-11-01,\n"
TWO = "aa_m,AA,mission,M,aa@m.example,\nbb_m,BB,mission,M,bb@m.example,\n"


def yearly() -> Plannable:
    return plan(ends="", cycle=CYCLE, parties=MADAGASCAR, contacts=TWO, initial=INITIAL, annual=ANNUAL)


def test_last_years_report_does_not_satisfy_this_years() -> None:
    reported = [fact("annual_report", "2018-04-10", party="BB", cycle="2018")]
    assert left(yearly(), reported, "2018-12-01", "annual", "BB") == []
    assert ahead(yearly(), reported, "2018-12-01", "annual", "BB")[:1] == ["before-2w 2019-04-16"]


def test_madagascar_is_asked_once_for_30_april_2018() -> None:
    assert left(yearly(), [], "2018-12-01", "initial") == ["before-2w 2018-04-16"]
    assert left(yearly(), [], "2018-12-01", "annual") == []
    assert left(yearly(), [], "2018-12-01", "annual", "BB") == ["before-2w 2018-04-16"]
    assert ahead(yearly(), [], "2018-12-01", "annual")[:1] == ["before-2w 2019-04-16"]


# People


def test_one_person_who_is_contact_of_two_parties_is_not_stopped_for_both() -> None:
    people = "one,AA,mission,M,same@m.example,\ntwo,BB,mission,M,same@m.example,\ncc,CC,mission,M,cc@m.example,\n"
    shared = plan(contacts=people, ask=ask())
    facts = [done("AA", "2018-05-07")]
    assert left(shared, facts, "2018-12-01") == WHOLE[:2]
    assert left(shared, facts, "2018-12-01", party="BB") == WHOLE


def test_two_contacts_of_one_party_with_one_address_get_one_letter() -> None:
    people = "a1,AA,mission,M,same@m.example,\na2,AA,mission,N,SAME@m.example,\na3,AA,mission,O,o@m.example,\n"
    letters = of(coming([], START, plan(contacts=people, ask=ask("[on the day]")), START), "ask", "AA")
    assert [letter.addressee for letter in letters] == ["a1", "a3"]


@pytest.mark.parametrize(
    ("post", "own", "of_party", "expected"),
    [
        ("mission", "Asia/Tokyo", "Pacific/Apia", "Asia/Tokyo"),
        ("mission", "", "Pacific/Apia", "Europe/Zurich"),
        ("capital", "", "Pacific/Apia", "Pacific/Apia"),
        ("capital", "", "", ZURICH),
    ],
)
def test_the_contacts_zone_beats_the_posts_which_beats_the_partys(
    post: str, own: str, of_party: str, expected: str
) -> None:
    one = plan(parties=f"AA,A,2017-11-01,{of_party}\n", contacts=f"a,AA,{post},M,a@m.example,{own}\n", ask=ask())
    on_day = of(coming([], START, one, START), "ask", "AA")[-1]
    assert on_day.due_at == moment("2018-06-29T09:00", expected)


def test_working_days_of_the_addressee() -> None:
    us = "AA,United States,2017-11-01,America/New_York\n"
    person = "a,AA,capital,M,a@us.example,\n"
    for more, day in (("", "2018-07-04"), ("working_days: addressee", "2018-07-03")):
        one = plan(
            end="2018-07-04", parties=us.replace("AA,", "US,"), contacts=person.replace("AA", "US"),
            ask=ask("[on the day]", more=more),
        )  # fmt: skip
        assert ahead(one, [], START, party="US") == [f"on-day {day}"]


# Escalation, thanks


def test_a_role_is_told_after_the_third_letter_and_nothing_is_muted() -> None:
    one = plan(ask=ask(more="escalate: {after: 3 letters, to: boss}"))
    assert left(one, [], "2018-12-01") == [*WHOLE[:3], "escalation 2018-06-18", WHOLE[3]]


def test_an_escalation_is_not_planned_once_the_party_is_done() -> None:
    one = plan(ask=ask(more="escalate: {after: 3 letters, to: boss}"))
    assert "escalation 2018-06-18" in ahead(one, [], "2018-06-16")
    assert ahead(one, [done("AA", "2018-06-16")], "2018-06-16") == []


def test_thanks_go_to_whom_a_letter_of_this_round_was_sent() -> None:
    one = plan(ask=ask("[8 weeks before]", more="thanks: thank_you"))
    assert left(one, [done("AA", "2018-05-03")], "2018-12-01") == []
    assert left(one, [done("AA", "2018-05-07")], "2018-12-01") == ["before-8w 2018-05-04", "thanks 2018-05-07"]


def test_thanks_of_a_second_round_want_a_letter_of_the_second_round() -> None:
    one = plan(ask=ask("[8 weeks before]", more="thanks: thank_you"))
    extended = fact("extended_to", "2018-08-31", party="AA", step="ask", on="2018-05-14")
    assert left(one, [extended, done("AA", "2018-05-22")], "2018-12-01") == ["before-8w 2018-05-04"]


# Closing, enough


def test_closes_when_each_is_done_stops_all() -> None:
    one = plan(ask=ask(more="closes_when: {each: joined, is: report or oral}"))
    two = [done("AA", "2018-05-07"), fact("oral", "2018-05-08", party="BB")]
    assert left(one, two, "2018-12-01", party="CC") == WHOLE
    three = [*two, fact("oral", "2018-05-09", party="CC")]
    assert left(one, three, "2018-12-01", party="CC") == left(one, three, "2018-12-01", party="BB") == WHOLE[:2]


@pytest.mark.parametrize(("enough", "expected"), [("stop", WHOLE[:2]), ("go on", WHOLE)])
def test_enough(enough: str, expected: list[str]) -> None:
    found = [fact("status", "ready", party="AA", on="2018-05-07")]
    assert left(plan(ask=target(enough)), found, "2018-12-01", party="BB") == expected


# Rounds


def test_an_extension_starts_round_2_with_what_lies_after_the_decision_and_no_at_once() -> None:
    one = plan(ask=ask())
    extended = fact("extended_to", "2018-08-31", party="AA", step="ask", on="2018-07-10")
    letters = of(coming([extended], "2018-07-10", one, START), "ask", "AA")
    # eight weeks before 31 August is 6 July, before the decision
    assert days(letters) == ["before-2w 2018-08-17", "on-day 2018-08-31"]
    assert {letter.round for letter in letters} == {2}
    assert left(one, [extended], "2018-07-10", party="BB") == WHOLE


# Dates that move


def moved(to: str, on: str) -> list[Fact]:
    return [fact("date", to, anchor="end", on=on)]


def test_moved_closer_the_newest_that_passed_goes_and_the_rest_are_missed() -> None:
    one, facts = plan(ask=ask()), moved("2018-04-13", "2018-04-05")
    # 8 weeks before is 16 February, 2 weeks before is Good Friday, so Thursday 29 March
    assert left(one, facts, "2018-12-01") == [WHOLE[0], "before-2w 2018-04-05", "on-day 2018-04-13"]
    assert missed(one, facts, "2018-04-05") == ["before-8w"]


def test_moved_into_the_past_nothing_is_sent_and_the_owner_is_asked() -> None:
    one, facts = plan(ask=ask()), moved("2018-04-03", "2018-04-05")
    assert left(one, facts, "2018-12-01") == WHOLE[:1]
    assert [slot.split()[0] for slot in left(one, facts, "2018-12-01", party=None)] == ["date-passed"]


# Events


def event(*facts: Fact) -> list[str]:
    return left(plan(meeting=MEETING), facts, "2018-12-01", "meeting")


OFF, ON = (
    fact("cancelled", "yes", step="meeting", on="2018-04-10"),
    fact("cancelled", "no", step="meeting", on="2018-04-17"),
)


def test_a_cancelled_event_tells_those_told_once() -> None:
    assert event(OFF) == ["at-once 2018-01-08", "cancelled-1 2018-04-10"]


def test_cancelled_before_anybody_was_invited_tells_nobody() -> None:
    early = fact("cancelled", "yes", step="meeting", on="2018-01-08")
    assert event(early) == []


def test_an_event_that_is_on_again_tells_them_again() -> None:
    assert event(OFF, ON) == [
        "at-once 2018-01-08", "cancelled-1 2018-04-10", "moved-1 2018-04-17", "before-2w 2018-05-09",
    ]  # fmt: skip


@pytest.mark.parametrize(("answer", "expected"), [("yes", 2), ("no", 1)])
def test_who_is_not_coming_gets_no_reminders(answer: str, expected: int) -> None:
    assert len(event(fact("coming", answer, party="AA", step="meeting", on="2018-04-10"))) == expected


def test_attendance_corrected_to_no_stops() -> None:
    one = plan(meeting=HELD, ask=ask(more="to: meeting.attended, after: meeting + 2 weeks"))
    came = fact("attended", "yes", party="AA", step="meeting", on="2018-03-07")
    corrected = fact("attended", "no", party="AA", step="meeting", on="2018-05-07")
    assert left(one, [came], "2018-12-01") == ["at-once 2018-03-20", *WHOLE[1:]]
    assert left(one, [came, corrected], "2018-12-01") == ["at-once 2018-03-20", WHOLE[1]]


def test_a_workflow_without_ends_goes_on_after_its_dates() -> None:
    send = "[on the day, 10 months after]"
    assert left(plan(ends="", ask=ask(send)), [], "2019-12-01") == ["on-day 2018-06-29", "after-10m 2019-04-29"]
    assert left(plan(ask=ask(send)), [], "2019-12-01") == ["on-day 2018-06-29"]


# Objectives


def progress(what: str, today: str, *facts: Fact) -> Progress:
    one = plan(ask=ask(), objective=f"{what}, by: end")
    world = World(one, FactBook([*roster_facts(one), *facts]))
    return objective_progress(world, one.workflow.objectives["goal"], date.fromisoformat(today))


def test_an_oral_report_true_on_the_day_and_recorded_five_days_later_counts() -> None:
    in_time = fact("oral", "2018-06-29", party="AA", at="2018-07-04T12:00")
    late = fact("oral", "2018-06-30", party="AA", at="2018-07-04T12:00")
    what = "count: report or oral, at_least: 1"
    assert progress(what, "2018-07-04", in_time).met_on == date(2018, 6, 29)
    assert progress(what, "2018-07-04", late).met is False
    assert progress(what, "2018-07-04", late).measures[0].now == 1


def test_a_met_target_stays_met_and_what_counts_today_is_beside_it() -> None:
    ready, no = (
        fact("status", value, party="AA", on=on) for value, on in (("ready", "2018-03-01"), ("no", "2018-04-01"))
    )
    found = progress('count: status == "ready", at_least: 1', "2018-05-01", ready, no)
    assert (found.met, found.met_on, found.measures[0].now) == (True, date(2018, 3, 1), 0)


def test_half_rounds_up() -> None:
    what = "count: oral, among: joined, at_least: half"
    assert [progress(what, "2018-05-01").measures[0].want] == [2]  # of three
    facts = [fact("oral", "2018-03-01", party="AA"), fact("oral", "2018-03-05", party="BB")]
    assert progress(what, "2018-05-01", facts[0]).met is False
    assert progress(what, "2018-05-01", *facts).met_on == date(2018, 3, 5)


# Plan and outbox

NOW = datetime(2018, 6, 15, 7, 30, tzinfo=UTC)
AHEAD, PAST = NOW + timedelta(days=1), NOW - timedelta(days=1)


def wanted(due: datetime) -> Letter:
    key = str(LetterKey("cases", None, "ask", "AA", 1, "aa_m", "on-day"))
    return Letter(
        key, "cases", None, "ask", "follow_up", "AA", 1, "aa_m", "on-day", due, ZURICH, "scheduled", "", "nudge", True,
        due + timedelta(days=3),
    )  # fmt: skip


def row(state: str, due: datetime, slot: str = "on-day", stale: datetime | None = None) -> Recorded:
    key = str(LetterKey("cases", None, "ask", "AA", 1, "aa_m", slot))
    return Recorded(
        1, key, "cases", None, "ask", "follow_up", "AA", 1, "aa_m", slot, due, ZURICH, state, "", "nudge", True,
        stale or due + timedelta(days=3), True, PAST, 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "due", "expected"),
    [
        ([], AHEAD, [Action.INSERT]),
        ([], PAST, []),
        ([row("withdrawn", PAST)], AHEAD, [Action.REVIVE]),
        ([row("missed", PAST)], AHEAD, [Action.REVIVE]),
        ([row("withdrawn", AHEAD)], PAST, [Action.MISS]),
        ([row("missed", PAST)], PAST, []),
        ([row("sent", PAST)], AHEAD, []),
    ],
)
def test_reconcile_inserts_nothing_that_passed_and_revives_what_lies_ahead(
    rows: list[Recorded], due: datetime, expected: list[Action]
) -> None:
    assert [change.action for change in reconcile([wanted(due)], rows, NOW, [])] == expected


@pytest.mark.parametrize(
    ("retry_at", "goes"), [(None, True), (NOW, True), (NOW + timedelta(seconds=1), False)], ids=["new", "now", "later"]
)
def test_what_is_tried_again_goes_along_from_its_instant(retry_at: datetime | None, goes: bool) -> None:
    due = row("scheduled", NOW)._replace(retry_at=retry_at)
    assert go_along([], [due], now=NOW) == ([due] if goes else [])


@pytest.mark.parametrize(
    ("days", "met_on"),
    [((3, 5), date(2018, 3, 5)), ((3, None), None), ((None, None), None), ((), None)],
    ids=["all", "one of two", "none", "nothing to meet"],
)
def test_all_is_met_on_the_day_of_the_last_measure(days: tuple[int | None, ...], met_on: date | None) -> None:
    measures = [Tally("", 1, 1, 1, None, date(2018, 3, each) if each else None, (), ()) for each in days]
    shown = Tally("", 9, 9, None, None, None, (), ())
    found = Progress("x", "X", None, (*measures, shown), over=False)
    assert (found.met_on, found.met) == (met_on, bool(met_on) if days else None)


def test_a_plan_without_a_first_day_holds_nothing_until_one() -> None:
    dated = plan(ask=ask())
    undated = replace(dated, workflow=replace(dated.workflow, starts=None))
    starts = [replay([], START, each, START)[0].planner.desk.starts_at for each in (dated, undated)]
    assert starts == [moment("2018-01-01"), BEGINNING]


def test_what_was_true_before_the_plan_began_is_known_as_it_begins() -> None:
    early = fact("status", "ready", party="AA", on="2017-12-01")
    _, planned = replay([early], "2018-03-01", plan(ask=ask(until="status == 'ready'")), START)
    assert {letter.party for letter in planned.letters if letter.state == State.SCHEDULED} == {"BB", "CC"}


def test_late_letters_collapse_into_the_newest() -> None:
    rows = [row("scheduled", NOW - timedelta(hours=hours), slot) for slot, hours in (("a", 30), ("b", 20), ("c", 2))]
    changes = arrange([*rows, row("scheduled", AHEAD, "d")], NOW)
    assert {change.key.rpartition("/")[2]: change.action for change in changes} == {"a": Action.MISS, "b": Action.MISS}
    assert all("c" in change.reason for change in changes)


@pytest.mark.parametrize(
    ("slot", "state", "gone"),
    [
        ("on-day", "scheduled", True),
        ("on-day", "awaiting_approval", True),
        ("at-once", "scheduled", False),
        ("at-once", "awaiting_approval", True),
    ],
)
def test_stale_letters_are_missed_but_not_at_once_unless_it_waits_for_approval(
    slot: str, state: str, gone: bool
) -> None:
    changes = arrange([row(state, PAST, slot, stale=NOW)], NOW)
    assert [change.action for change in changes] == ([Action.MISS] if gone else [])
