"""What States send back in a simulated year goes the way of any mail, and once, also where a run was killed around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.answer import AnswerKind
from engine.app.answers.inbox import open_inbox
from engine.app.root import App
from engine.clock import SystemClock
from engine.definition.scenario.events import DecideEvent, MailEvent
from engine.errors import BadInput, Refused
from engine.settings import Configuration, Settings
from engine.simulation.opening import Bounds, open_simulation
from engine.simulation.post import comes, decides
from engine.simulation.runner import Simulation
from engine.store import AnswerRecord
from tests.support import WORKFLOWS

SCENARIO = WORKFLOWS / "ccm" / "scenario-2018.yaml"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    """The year up to the day after the last answer."""
    home = tmp_path_factory.mktemp("year")
    with App(Configuration(Settings(home=home), {}), SystemClock(), durable=False) as app:
        simulation = open_simulation(app, "ccm-nim-2018", SCENARIO, Bounds(until="2018-03-24"))
        simulation.run()
        with simulation.app:
            yield simulation


def answers(simulation: Simulation) -> list[AnswerRecord]:
    """What came by mail: links are used on a page."""
    with simulation.app.store.read() as tx:
        return [answer for answer in tx.find_answers() if answer.kind != AnswerKind.LINK]


def events(simulation: Simulation) -> list[MailEvent | DecideEvent]:
    return [event for event in simulation.scenario.events if isinstance(event, MailEvent | DecideEvent)]


def test_each_is_told_for_what_it_is_and_decided_about(played: Simulation) -> None:
    found = {(answer.kind, answer.party, answer.matched_by): answer for answer in answers(played)}
    assert set(found) == {
        ("automatic", "TT", "address"), ("reply", "GY", "address"), ("bounce", "ML", "address"), ("reply", "RW", "address"),
    }  # fmt: skip
    assert found["reply", "GY", "address"].text.startswith("The report is before the Cabinet.")
    assert found["reply", "GY", "address"].decision == "wait 2018-03-26"
    assert found["reply", "RW", "address"].decision == "go-on"
    assert found["bounce", "ML", "address"].said.startswith("5.1.1")
    assert not [answer for answer in found.values() if answer.open]


def test_what_came_is_when_it_came(played: Simulation) -> None:
    at = {answer.party: answer.received_at for answer in answers(played)}
    for event in events(played):
        if isinstance(event, MailEvent):
            assert at[event.party] == event.at


def test_played_again_an_event_changes_nothing(played: Simulation) -> None:
    before = answers(played)
    for event in events(played):
        if isinstance(event, MailEvent):
            assert comes(played.app, played.workflow, event) is None
    assert answers(played) == before
    inbox = open_inbox(played.app.settings)
    assert inbox is not None
    assert inbox.name.startswith(f"maildir:{played.app.settings.home}")


def test_a_decision_about_nothing_is_refused(played: Simulation) -> None:
    (wait,) = [event for event in events(played) if isinstance(event, DecideEvent) and event.decision == "wait"]
    with pytest.raises(Refused, match="no answer of GY at ny_follow_up waits for a decision"):
        decides(played.app, played.workflow, wait)


def test_an_answer_to_a_letter_that_never_left_is_a_fault_of_the_scenario(tmp_path: Path) -> None:
    text = SCENARIO.read_text("utf-8")
    first = "  - {at: 2017-09-20,"
    reply = "  - {at: 2017-09-06, reply: ny_follow_up, party: GY, text: Hello.}\n"
    early = text.replace(first, reply + first, 1)
    (tmp_path / "early.yaml").write_text(early, "utf-8")
    with App(Configuration(Settings(home=tmp_path / "home"), {}), SystemClock(), durable=False) as app:
        simulation = open_simulation(app, "ccm-nim-2018", tmp_path / "early.yaml", Bounds(until="2017-09-10"))
        with (
            simulation.app,
            pytest.raises(BadInput, match=r"early.yaml:\d+:5: no letter of ny_follow_up has left to GY by then"),
        ):
            simulation.run()


def test_a_year_played_twice_has_the_same_letters_and_answers(played: Simulation, tmp_path: Path) -> None:
    with App(Configuration(Settings(home=tmp_path), {})) as app:
        again = open_simulation(app, "ccm-nim-2018", SCENARIO, Bounds(until="2018-03-24"))
        again.run()
        files = [
            sorted(path.name for path in (each.app.settings.mailbox / "new").iterdir()) for each in (played, again)
        ]
        assert files[0] == files[1], "a file's name has a hash of its bytes"
        assert len(files[0]) > 100
        assert [answer.text for answer in answers(again)] == [answer.text for answer in answers(played)]
        again.app.close()
