"""`forecast`, and `status` over time, as a person and a program see them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import NOTE, REPORTS, ROOT, Command, real


@pytest.fixture
def command(command: Command) -> Command:
    command.at("2018-05-02T12:00")
    for party, day in (("NR", "2018-03-20"), ("FJ", "2018-04-03"), ("BZ", "2018-04-30")):
        command(
            "record",
            NOTE,
            "report",
            day,
            "--party",
            party,
            "--detail",
            "form_a=substantive",
            "--detail",
            "kind=initial",
        )
    return command


def test_it_speaks_in_sentences(command: Command) -> None:
    said = command("forecast", NOTE, "--runs", "500").stdout
    flat = " ".join(said.split())
    assert "As of 2 May 2018, from its file, which is not applied; 500 runs with seed 1." in flat
    assert "objective b: 3 of 11; 4 of 5 pacific parties; met by 8MSP in " in flat
    assert "From 3 answers so far: by then " in flat
    assert "it decides nothing" in flat
    assert max(map(len, said.splitlines())) <= 100
    assert not any(line.lstrip().startswith("%") for line in said.splitlines())


def test_the_json_has_all_that_the_sentences_rest_on(command: Command) -> None:
    found = command.json("forecast", NOTE, "--runs", "500", "--seed", "3")
    assert (found["as_of"], found["runs"], found["seed"], found["revision"]) == ("2018-05-02", 500, 3, None)
    b = next(each for each in found["outlooks"] if each["name"] == "b")
    assert (b["met"], b["by"], b["answers_seen"]) == (False, "2018-09-05", 3)
    assert [measure["of"] for measure in b["measures"]] == [None, "pacific parties"]
    assert b["measures"][1]["open"] == ["CK"]
    assert [each["party"] for each in b["most_helped_by"]] in ([], ["CK"])
    assert sum(rate["answers"] for rate in found["rates"] if rate["question"] == "first_report") == 3
    assert command.json("forecast", NOTE, "--runs", "500", "--seed", "3") == found


def test_it_changes_nothing(command: Command) -> None:
    command("apply", NOTE, "--yes")
    before = command.json("letters"), command.json("facts", NOTE)
    assert command.json("forecast", NOTE, "--runs", "100")["revision"] == 1
    assert (command.json("letters"), command.json("facts", NOTE)) == before


def test_it_looks_from_a_past_day(command: Command) -> None:
    found = command.json("forecast", NOTE, "--at", "2018-04-01", "--runs", "100")
    b = next(each for each in found["outlooks"] if each["name"] == "b")
    assert (found["as_of"], b["measures"][0]["have"]) == ("2018-04-01", 1)


@pytest.mark.parametrize("name", ["forecast", "status"])
@pytest.mark.parametrize(
    ("at", "words"), [("2018-06-01", "2018-06-01 is still to come"), ("soon", "--at:")]
)  # fmt: skip
def test_what_is_to_come_is_not_known(command: Command, name: str, at: str, words: str) -> None:
    assert words in command(name, NOTE, "--at", at, exits=1).stderr


@pytest.mark.parametrize("args", [["--runs", "10"], ["--runs", "1000000"], ["--seed", "-1"]])
def test_runs_and_seeds_have_bounds(command: Command, args: list[str]) -> None:
    command("forecast", NOTE, *args, exits=2)


def test_a_yearly_plan_is_about_the_year_that_is_open_or_comes(command: Command) -> None:
    command.at("2026-12-02T12:00")
    said = " ".join(command("forecast", REPORTS, "--runs", "100").stdout.split())
    assert "follow-up annual 2027: 0 of 104; by 30 April 2027. From no answer so far: by then 0 to " in said
    assert "initial" not in said  # each State has a day of its own


def test_a_plan_without_anything_to_count_says_so(command: Command, tmp_path: Path) -> None:
    plan = tmp_path / "bare.yaml"
    plan.write_text(
        "workflow: bare\ntitle: Bare\ntimezone: Europe/Zurich\nsend_at: 09:00\nstarts: 2018-01-01\nends: 2018-12-31\n"
        "owner: desk\nparties: parties.csv\ncontacts: contacts.csv\naddress: {to: [mission]}\n"
        "roles: {desk: {title: Desk, email: desk@example.org}}\n"
        "steps:\n  look: {ongoing: Look at it, review: every 2 months}\n"
    )
    (tmp_path / "parties.csv").write_text("id,name\nAA,Aland\n")
    (tmp_path / "contacts.csv").write_text("id,party,post,name,address\naa,AA,mission,Mission,aa@mission.example\n")
    assert "There is nothing to forecast" in command("forecast", str(plan)).stdout


def measures(command: Command, *args: str) -> list[dict]:
    found: list[dict] = command.json("status", NOTE, *args)["objectives"]["b"]["measures"]
    return found


def test_status_is_as_of_any_past_day(command: Command) -> None:
    assert [measures(command, "--at", day)[0]["have"] for day in ("2018-03-19", "2018-03-20", "2018-04-29", "2018-05-02")] == [
        0, 1, 2, 3,
    ]  # fmt: skip
    assert "As of 20 March 2018" in command("status", NOTE, "--at", "2018-03-20").stdout


def test_what_was_recorded_late_counts_from_its_true_day(command: Command) -> None:
    command("record", NOTE, "report", "2018-02-01", "--party", "WS", "--detail", "form_a=substantive")
    command("record", NOTE, "report", "2018-02-01", "--party", "BO", "--detail", "form_a=substantive")
    assert measures(command, "--at", "2018-03-19")[0]["have"] == 1


def test_status_counts_over_time(command: Command) -> None:
    half, pacific = measures(command)
    days = [(each["on"], each["count"]) for each in half["over_time"]]
    assert days == [("2017-09-04", 0), ("2018-03-20", 1), ("2018-04-03", 2), ("2018-04-30", 3)]
    assert [each["count"] for each in pacific["over_time"]] == [2, 3, 4]
    assert measures(command, "--at", "2018-04-03")[0]["over_time"] == half["over_time"][:3]


@pytest.mark.slow
def test_the_readme_shows_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = Command(tmp_path, monkeypatch)
    command("simulate", NOTE, "--scenario", "workflows/ccm/scenario-2018.yaml", "--json")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    line, *shown = readme.split("$ followthrough forecast ")[1].split("\n$ ")[0].splitlines()
    command.at("2018-09-06T12:00")
    said = command("forecast", *line.split(), FOLLOWTHROUGH_HOME=str(tmp_path / "simulations" / "ccm-2018-1")).stdout
    assert [part for part in shown if part not in said] == [], said


@pytest.mark.slow
def test_the_same_on_every_machine(tmp_path: Path) -> None:
    runs = [
        real(
            tmp_path, "forecast", NOTE, "--at", "2018-03-01", "--json", "--runs", "300", PYTHONHASHSEED=seed, TZ=zone
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Pacific/Auckland"))
    ]
    assert runs[0] == runs[1]
    assert b'"outlooks"' in runs[0]


@pytest.mark.slow
def test_no_other_command_loads_numpy(tmp_path: Path) -> None:
    """It would cost each of them its time."""
    program = (
        "import sys\nfrom engine.cli import main\nsys.argv = ['followthrough', *sys.argv[1:]]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\nprint('numpy' in sys.modules, file=sys.stderr)"
    )
    found = {}
    for name in ("status", "plan", "forecast"):
        done = subprocess.run(
            [sys.executable, "-c", program, name, NOTE], cwd=ROOT, capture_output=True, text=True, check=True,
            env=os.environ | {"FOLLOWTHROUGH_HOME": str(tmp_path)},
        )  # fmt: skip
        found[name] = done.stderr.split()[-1]
    assert found == {"status": "False", "plan": "False", "forecast": "True"}
