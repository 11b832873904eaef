"""A year with readers: they use the real links of letters that left, through the real pages, and a scanner changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.app.answers.revoking import links_of
from engine.app.root import App
from engine.clock import SystemClock
from engine.definition.scenario.events import AnyEvent, ScanEvent
from engine.errors import BadInput
from engine.settings import Configuration, Settings
from engine.simulation.opening import Bounds, open_simulation
from engine.simulation.runner import Nobody, Outcome, Simulation

NOTE, STEP = "ccm-nim-2018", "ny_follow_up"
HEAD = """\
scenario: readers
workflow: ccm-nim-2018
from: 2017-09-19
until: 2018-01-05
people: {nim_coordinator: {approves: everything, after: 1 day}}
events:
  - {at: 2017-09-20, record: date, step: ny_workshop, value: 2017-10-12}
  - {at: 2017-10-16, record: held, step: ny_workshop, value: yes, true: 2017-10-12}
  - {at: 2017-10-16, record: attended, step: ny_workshop, parties: [FJ, ML, RW, GY], value: yes}
"""
YEAR = """\
  - {at: 2017-11-27, scan: links, step: ny_follow_up, party: FJ}
  - {at: 2017-11-28, link: wrong_person, step: ny_follow_up, party: RW, note: please write to Ms A}
  - {at: 2017-11-29, contact: rw_mission, address: ms-a@rw.example}
  - {at: 2017-11-30, link: by, step: ny_follow_up, party: ML, value: 2018-01-04}
  - {at: 2017-12-01, decide: wait, step: ny_follow_up, party: ML, value: 2018-01-04, note: they said so}
  - {at: 2017-12-01, link: submitted, step: ny_follow_up, party: GY}
  - {at: 2017-12-04, record: report, party: GY, value: 2017-12-01, details: {kind: initial, form_a: substantive}}
"""


class Watch(Nobody):
    """Sees what is on record before and after a scanner was here."""

    def __init__(self) -> None:
        self.simulation: Simulation | None = None
        self.before = self.scans = 0

    def moved(self, now: object) -> None:
        self.before = self.newest()

    def happened(self, event: AnyEvent, outcome: Outcome) -> None:
        if isinstance(event, ScanEvent):
            assert self.newest() == self.before, "nothing is on record of a look"
            self.scans += 1

    def newest(self) -> int:
        assert self.simulation is not None
        with self.simulation.app.store.read() as tx:
            entries = tx.journal_entries(limit=1)
        return entries[0].id if entries else 0


def run(folder: Path, events: str) -> tuple[Simulation, Watch]:
    path = folder / "scenario.yaml"
    path.write_text(HEAD + events, "utf-8")
    with App(Configuration(Settings(home=folder), {}), SystemClock(), durable=False) as app:
        simulation, watch = open_simulation(app, NOTE, path, Bounds()), Watch()
        watch.simulation = simulation
        simulation.run(watch)
    return simulation, watch


def test_links_are_used_scanned_and_decided_about(tmp_path: Path) -> None:
    simulation, watch = run(tmp_path, YEAR)
    assert watch.scans == 1
    with simulation.app.store.read() as tx:
        found = tx.find_answers()
        assert [(each.party, each.said, each.decision) for each in found] == [
            ("RW", "wrong_person", "settled"), ("ML", "by 2018-01-04", "wait 2018-01-04"), ("GY", "submitted", "settled"),
        ]  # fmt: skip
        assert [each.text for each in found] == ["please write to Ms A", "", ""]
        assert (found[1].decided_by, found[1].note) == ("nim_coordinator", "they said so")
        left = {
            (row.party, row.slot): row for row in tx.find_letters(workflow=NOTE, step=STEP)
            if row.sent_at and row.addressee.endswith("mission")
        }  # fmt: skip
    assert ("FJ", "every-4w-2") in left, "what a scanner opened stopped nothing"
    assert left["RW", "every-4w-2"].to.endswith("<ms-a@rw.example>")
    assert str(left["ML", "every-4w-2"].sent_at)[:10] == "2018-01-04"
    assert ("GY", "every-4w-2") not in left
    assert ("GY", "thanks") in left
    simulation.app.close()


def test_the_same_year_has_the_same_links(tmp_path: Path) -> None:
    links = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        simulation, _ = run(tmp_path / name, YEAR.splitlines()[0] + "\n")
        with simulation.app.store.read() as tx:
            row = tx.letter(f"{NOTE}/-/{STEP}/FJ/1/fj_mission/every-4w-1")
            assert row is not None
            links.append(links_of(tx, row).values())
        simulation.app.close()
    assert list(links[0]) == list(links[1])
    assert len(links[0]) == 3


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("{at: 2017-10-20, link: submitted, step: ny_follow_up, party: FJ}", "no letter with links of ny_follow_up has left"),
        ("{at: 2017-11-27, scan: links, step: ny_follow_up, party: TG}", "no letter with links of ny_follow_up has left"),
        ("{at: 2017-11-27, decide: go-on, step: ny_follow_up, party: FJ}", "no answer of FJ at ny_follow_up waits"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_its_place(tmp_path: Path, event: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        run(tmp_path, f"  - {event}\n")
    (problem,) = caught.value.problems
    assert words in problem.message
    assert problem.place.line == 10
