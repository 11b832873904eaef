"""`plan --diff`, then `apply`: what is done is what was said, whatever was edited."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.app.catalog import Catalog
from engine.app.plans.apply import TooMany, apply
from engine.app.plans.diff import ChangeKind, diff
from engine.app.plans.reloading import reload_workflows
from engine.errors import Refused
from tests.ahead import assert_done_as_said, look, said
from tests.installation import NOTE, Installation
from tests.support import ROOT

PLAN = f"{NOTE}.yaml"
Edit = Callable[[Installation], None]


def edited(*edits: tuple[str, str, str]) -> Edit:
    """Edits of files: name, what stands there, what instead."""

    def make(house: Installation) -> None:
        for name, old, new in edits:
            house.edit(name, old, new)

    return make


def without(party: str) -> Edit:
    """A party taken out, with its contacts."""

    def make(house: Installation) -> None:
        for name, start in (("ccm/parties.csv", f"{party},"), ("ccm/contacts.csv", f"{party.lower()}_")):
            path = house.workflows / name
            lines = path.read_text("utf-8").splitlines(keepends=True)
            kept = [line for line in lines if not line.startswith(start)]
            assert len(kept) < len(lines)
            path.write_text("".join(kept), "utf-8")

    return make


def joined(house: Installation) -> None:
    """A party added at the end of the roster, with a contact."""
    for name, row in (
        ("parties.csv", "XK,Kosovo,Pacific,yes,party,,2016-01-01,Europe/Belgrade,silent,,,,,,,name law_status"),
        (
            "contacts.csv",
            "xk_mission,XK,mission,Mission of Kosovo,mission-xk@geneva.example,en,,name address",
        ),
    ):
        path = house.workflows / "ccm" / name
        path.write_text(path.read_text("utf-8") + row + "\n", "utf-8")


def without_reviews(house: Installation) -> None:
    """The plan's last two steps taken out."""
    path = house.workflows / PLAN
    head, _, rest = path.read_text("utf-8").partition("  # T8\n")
    path.write_text(head + rest[rest.index("\n# 4. Expected") :], "utf-8")


def template(name: str, old: str, new: str) -> Edit:
    def make(house: Installation) -> None:
        path = house.workflows.parent / "templates" / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    return make


def approval_of(step: str) -> Edit:
    """A step whose letters need no approval any more."""

    def make(house: Installation) -> None:
        path = house.workflows / PLAN
        head, name, rest = path.read_text("utf-8").partition(f"\n  {step}:\n")
        assert name
        path.write_text(head + name + rest.replace("approval: required", "approval: none", 1), "utf-8")

    return make


def all_of(*edits: Edit) -> Edit:
    """Several edits at once."""

    def make(house: Installation) -> None:
        for edit in edits:
            edit(house)

    return make


EDITS: dict[str, tuple[Edit, set[str]]] = {
    "cadence": (
        edited((PLAN, "every 4 weeks until 6 weeks before", "every 2 weeks until 6 weeks before")),
        {"added", "withdrawn"},
    ),
    "anchor": (edited((PLAN, "msp8: {on: 2018-09-03..2018-09-05", "msp8: {on: 2018-09-10..2018-09-12")), {"moved"}),
    "deadline": (edited((PLAN, "by_march: {value: 2018-03,", "by_march: {value: 2018-04,")), {"moved", "added"}),
    "hour": (edited((PLAN, "send_at: 09:00", "send_at: 10:30")), {"moved"}),
    "row removed": (without("TG"), {"withdrawn"}),
    "row added": (joined, {"added"}),
    "contact moved": (
        edited(
            ("ccm/contacts.csv", "tg_mission,TG,mission", "tg_mission,TG,ny_mission"),
            ("ccm/contacts.csv", "mission-tg@geneva.example,fr,Europe/Zurich", "tg@un.example,fr,"),
        ),
        {"moved"},
    ),
    "address": (edited(("ccm/contacts.csv", "mission-tg@", "mission-togo@")), {"changed"}),
    "template": (template("due_today.md", "subject: ", "subject: Today, "), {"changed"}),
    "approval": (approval_of("ny_follow_up"), {"changed"}),
    "condition": (edited((PLAN, "to: ny_workshop.attended", 'to: ny_workshop.attended and region != "Africa"')), {"withdrawn"}),
    "steps removed": (without_reviews, {"withdrawn"}),
    "several": (
        all_of(
            edited((PLAN, "send_at: 09:00", "send_at: 08:30")),
            without("TG"),
            template("nudge.md", 'subject: "', 'subject: "Again, '),
            edited((PLAN, "2 weeks before, on the day, 2 weeks after", "3 weeks before, on the day, 2 weeks after")),
        ),
        {"moved", "withdrawn", "added"},
    ),
}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    """The note's plan in January: workshop held, some attended, letters sent, others approved or waiting."""
    with Installation(tmp_path) as house:
        shutil.copytree(ROOT / "templates" / "email", tmp_path / "templates")
        house.app.catalog = Catalog({}, workflows=house.workflows, templates=tmp_path / "templates")
        house.apply()
        house.at("2017-09-20T12:00").record("date", "2017-10-12", step="ny_workshop")
        house.record("date", "2018-02-12..2018-02-14", step="auckland")
        house.at("2017-10-16T12:00").record("held", "yes", step="ny_workshop", on="2017-10-12")
        house.record("attended", "yes", "TG", "CV", "NR", step="ny_workshop")
        house.run_to("2018-01-08T12:00")
        yield house


@pytest.mark.parametrize("edit", EDITS)
def test_what_is_done_is_what_was_said(house: Installation, edit: str) -> None:
    make, expected = EDITS[edit]
    make(house)
    before = look(house.app, NOTE)
    shown = said(house.app, NOTE)
    assert look(house.app, NOTE) == before, "to look changes nothing"
    house.apply()
    assert_done_as_said(shown, before, look(house.app, NOTE))
    assert {name for name, count in shown["counts"].items() if count} >= expected
    assert said(house.app, NOTE)["unchanged"]


def test_before_anything_is_applied_all_of_it_is_added(tmp_path: Path) -> None:
    with Installation(tmp_path) as house:
        house.record("date", "2017-10-12", step="ny_workshop")
        shown = said(house.app, NOTE)
        assert (shown["revision"], shown["within_a_day"]["asks"]) == (None, True)
        house.apply()
        assert_done_as_said(shown, {}, look(house.app, NOTE))


def test_what_a_person_agreed_to_is_done_or_nothing(house: Installation) -> None:
    house.edit(PLAN, "send_at: 09:00", "send_at: 10:00")
    agreed = diff(house.app, NOTE).ahead.digest
    house.record("report", "2018-01-08", "TG", details={"kind": "initial", "form_a": "substantive"})
    with pytest.raises(Refused, match="other changes than you were shown"):
        apply(house.app, NOTE, "anna", agreed=agreed)
    assert apply(house.app, NOTE, "anna", agreed=diff(house.app, NOTE).ahead.digest).revision == 2


def test_reading_the_plans_again_keeps_what_runs_where_many_would_get_mail(tmp_path: Path) -> None:
    with Installation(tmp_path) as house:
        house.apply()
        house.at("2017-09-20T12:00").record("date", "2017-10-12", step="ny_workshop")
        house.approve_all()
        house.run_to("2017-09-22")
        house.edit(PLAN, "invite: initial_missing or annual_missing", 'invite: membership == "party"')
        ahead = diff(house.app, NOTE).ahead
        before = look(house.app, NOTE)
        ((name, kept),) = reload_workflows(house.app, [], first=False).kept
        assert name == NOTE
        assert isinstance(kept, TooMany)
        assert str(kept).startswith(f"{len(ahead.leaving)} letters of {NOTE} to {len(ahead.people)} people")
        assert f"“followthrough plan {NOTE} --diff”" in str(kept)
        assert f"“followthrough apply {NOTE} --yes”" in str(kept)
        assert look(house.app, NOTE) == before


def test_copies_count_as_people(tmp_path: Path) -> None:
    with Installation(tmp_path) as house:
        house.record("date", "2017-10-12", step="ny_workshop")
        ahead = diff(house.app, NOTE).ahead
        assert len(ahead.people) > len(ahead.leaving)
        assert {"isu@example.org", "nim@example.org"} <= ahead.people
        assert not ahead.over(len(ahead.people))
        assert ahead.over(len(ahead.people) - 1)
        assert diff(house.app, NOTE).counts[ChangeKind.ADDED]
