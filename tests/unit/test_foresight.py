"""What `check` warns of: each fault of a plan gets its one line, and a plan that is fine gets none."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from engine.app.plans.checking import check
from engine.app.root import App
from engine.clock import ManualClock
from engine.settings import Configuration, Settings
from tests.command import NOTE, REPORTS, Command
from tests.support import moment

NOW = moment("2029-12-01")
CONTACTS = (
    "id,party,post,name,address,language\nfr_c,FR,capital,Paris,paris@fr.example,fr\n"
    "de_c,DE,capital,Berlin,berlin@de.example,es\n"
)


def warnings(
    folder: Path, steps: str, *, head: str = "", contacts: str = CONTACTS, to: str = "capital", at: datetime = NOW
) -> list[str]:
    """The warnings of a small plan of two parties, without the file's name."""
    (folder / "parties.csv").write_text("id,name,kind,member\nFR,France,old,yes\nDE,Germany,old,yes\n", "utf-8")
    (folder / "contacts.csv").write_text(contacts, "utf-8")
    (folder / "small.yaml").write_text(
        "workflow: small\ntitle: Small\ntimezone: Europe/Zurich\nworking_days: {country: CH}\nstarts: 2030-01-07\n"
        "ends: 2030-12-31\nowner: desk\nparties: parties.csv\ncontacts: contacts.csv\n"
        f"address: {{to: [{to}]}}\nattributes: {{kind: {{type: choice, of: [old, new]}}, member: {{type: flag}}}}\n"
        "facts:\n  report: {type: date}\nroles:\n  desk: {title: Desk, email: desk@example.org}\n"
        f"{head}steps:\n{steps}",
        "utf-8",
    )
    with App(Configuration(Settings(home=folder / "home"), {}), ManualClock(at)) as app:
        checked = check(app, str(folder / "small.yaml"))
    assert checked.fine, checked.problems
    for problem in checked.problems:
        assert problem.warning
        assert str(problem).startswith(f"{problem.place}: warning: ")
    return [problem.message for problem in checked.problems]


def step(
    name: str = "ask", *, by: str = "2030-06-28", until: str = "report", more: str = "", letter: str = "nudge"
) -> str:
    return (
        f"  {name}:\n    follow_up: Reports\n    by: {by}\n    until: {until}\n    send: [2 weeks before]\n"
        f"    letter: {letter}\n" + "".join(f"    {line}\n" for line in more.splitlines())
    )


def test_a_yearly_plan_that_ends_before_its_first_cycle_is_due(tmp_path: Path) -> None:
    cycle = "cycle: {every: year, due: %s, opens: 12 weeks before}\n"
    assert warnings(tmp_path, step(by="cycle.due"), head=cycle % "12-30") == []
    (said,) = warnings(tmp_path, step(by="cycle.due"), head=cycle % "01-06")
    assert said == "no cycle is due from the plan's start to its end, so that nothing of its cycles is asked"


def event(when: str) -> str:
    return (
        f"  meeting:\n    event: A meeting\n    when: {when}\n    invite: member\n    invitations: [at once]\n"
        "    letters: {at once: invitation}\n"
    )


def test_a_plan_that_is_fine_gets_none(tmp_path: Path) -> None:
    assert warnings(tmp_path, step()) == []


@pytest.mark.parametrize(
    ("steps", "head", "expected"),
    [
        (step(by="2029-06-28"), "", "ask can never start: its deadline, 28 June 2029, is before the plan, 7 January 2030"),
        (
            step(more="after: 2030-09-02"),
            "",
            "ask can never start: it begins on 2 September 2030, after its deadline, 28 June 2030",
        ),
        (event("2029-10"), "", "meeting can never start: October 2029 is before the plan, 7 January 2030"),
        (
            event("2030-09-10") + step(more="to: meeting.attended"),
            "",
            "the deadline of ask, 28 June 2030, is before its event: meeting is 10 September 2030",
        ),
        (
            event("2030-09") + step(more="after: meeting + 2 weeks"),
            "",
            "the deadline of ask, 28 June 2030, is before its event: meeting is September 2030",
        ),
        (step(until="not member"), "", "ask can never stop: nothing that is recorded makes “not member” true"),
        (step(until='kind == "old"'), "", "ask can never start: “kind == \"old\"” holds for every party already"),
        (step(more='to: kind == "new"'), "", "ask is for nobody: no party of the roster has “kind == \"new\"”"),
        (
            step(),
            "sets:\n  newcomers: {who: 'kind == \"new\"'}\n",
            "the set newcomers is empty: no party of the roster has “kind == \"new\"”",
        ),
        (
            step() + step("again"),
            "",
            None,
        ),
    ],
)  # fmt: skip
def test_a_fault_is_warned_of_once(tmp_path: Path, steps: str, head: str, expected: str | None) -> None:
    found = warnings(tmp_path, steps, head=head)
    if expected is None:
        (found_one,) = found
        assert "again and ask say the same to FR, word for word, by “nudge”" in found_one
    else:
        assert found == [expected]


def test_what_may_be_recorded_yet_is_no_fault(tmp_path: Path) -> None:
    steps = event("2030-03-12") + step(more="to: meeting.attended\nafter: meeting + 1 week", until="report")
    assert warnings(tmp_path, steps, head="sets:\n  done: {who: report}\n") == []


def test_letters_on_a_public_holiday_of_the_recipient(tmp_path: Path) -> None:
    (found,) = warnings(tmp_path, step(by="2030-10-03").replace("2 weeks before", "on the day"))
    assert found == (
        "letters of ask on 3 October 2030 fall on German Unity Day where DE read them: “working_days: addressee” at the"
        " step avoids it"
    )
    kept = step(by="2030-10-03", more="working_days: addressee").replace("2 weeks before", "on the day")
    assert warnings(tmp_path, kept) == []


def test_many_public_holidays_that_one_key_avoids_are_one_warning(tmp_path: Path) -> None:
    often = step(by="2030-11-11").replace("2 weeks before", "39 days before, 10 days before, on the day")
    assert warnings(tmp_path, often) == [
        "letters of ask fall on days off where DE and FR read them, on 3 days: “working_days: addressee” at the step"
        " avoids it"
    ]


def test_a_mission_keeps_the_holidays_of_where_it_is(tmp_path: Path) -> None:
    contacts = CONTACTS.replace("capital", "ny_mission")
    independence = step(by="2030-07-04").replace("2 weeks before", "on the day")
    (found,) = warnings(tmp_path, independence, contacts=contacts, to="ny_mission")
    assert found == "letters of ask on 4 July 2030 fall on Independence Day where FR and DE read them"
    unity = step(by="2030-10-03").replace("2 weeks before", "on the day")
    assert warnings(tmp_path, unity, contacts=contacts, to="ny_mission") == []


def test_a_contact_without_a_language(tmp_path: Path) -> None:
    assert warnings(tmp_path, step(), contacts=CONTACTS.replace("fr.example,fr", "fr.example,")) == [
        "Paris has no language here: its letters are in English"
    ]


def test_a_language_that_letters_lack(tmp_path: Path) -> None:
    contacts = CONTACTS.replace("de.example,es", "de.example,pt-BR").replace("fr.example,fr", "fr.example,en-GB")
    assert warnings(tmp_path, step(), contacts=contacts) == [
        "1 contact reads “pt-BR”, in which these letters have no version: nudge"
    ]


def test_the_shipped_plans_are_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = Command(tmp_path, monkeypatch)
    for day in ("2026-11-28", "2027-05-01", "2028-03-01"):
        command.at(day)
        assert command.json("check", NOTE) == []
        for row in command.json("check", REPORTS):
            assert "fall on" in row["message"], row


def test_a_person_over_the_cap_is_told_beforehand(tmp_path: Path) -> None:
    steps = "".join(
        step(f"ask_{at}", by=f"2030-07-0{at}", letter=letter)
        for at, letter in ((2, "nudge"), (3, "reminder"), (4, "due_today"), (5, "firmer"))
    )
    assert warnings(tmp_path, steps) == [
        "ask_5 brings more than 3 mails within a week, the first from 18 June 2030, to DE and FR: what is more waits for"
        " the next week, or is missed (FOLLOWTHROUGH_WEEKLY_CAP)"
    ]
