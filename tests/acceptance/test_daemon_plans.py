"""Which file a running plan is read from: the one that it was last applied from, wherever that is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.app.plans.apply import apply, source_of
from tests.installation import NOTE, Installation
from tests.processes import DaemonProcess
from tests.support import WORKFLOWS, moment

pytestmark = pytest.mark.slow

UNCHANGED, NOT_APPLIED = "plans read again: nothing changed", "not applied: the last good revision goes on"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as house:
        yield house


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A plan of one's own outside of `workflows/`."""
    folder = tmp_path / "my plans"
    shutil.copytree(WORKFLOWS, folder)
    path = (folder / f"{NOTE}.yaml").rename(folder / "mine.yaml")
    edit(path, f"workflow: {NOTE}", "workflow: my-plan")
    return path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def daemon_of(house: Installation, *plans: str | Path) -> DaemonProcess:
    return DaemonProcess(
        house.app.settings.home, moment("2017-09-04T12:00"), house.workflows, plans=[str(plan) for plan in plans]
    )


def revision(house: Installation, name: str) -> int | None:
    with house.app.store.read() as tx:
        return tx.current_revision_id(name)


def test_a_plan_given_by_path_is_read_again_from_there(house: Installation, mine: Path) -> None:
    with daemon_of(house, mine) as daemon:
        daemon.until("applied", workflow="my-plan", revision=1)
        edit(mine, "2 weeks after]", "3 weeks after]")
        daemon.hang_up()
        daemon.until("applied", workflow="my-plan", revision=2)
        daemon.hang_up()
        assert daemon.until(UNCHANGED)["workflows"] == ["my-plan"]
        assert daemon.stop() == 0
    edit(mine, "3 weeks after]", "4 weeks after]")
    with daemon_of(house, mine) as daemon:
        daemon.ready()
        assert daemon.stop() == 0
    assert revision(house, "my-plan") == 2, "a start applies what was never applied, and that alone"


def test_a_plan_that_was_applied_by_path_needs_no_word_at_the_start(house: Installation, mine: Path) -> None:
    apply(house.app, str(mine), "tester", yes=True)
    house.app.close()
    with daemon_of(house) as daemon:
        daemon.ready()
        edit(mine, "2 weeks after]", "3 weeks after]")
        daemon.hang_up()
        assert daemon.until("applied")["workflow"] == "my-plan"
        edit(mine, "workflow: my-plan", "workflow: another-plan")
        daemon.hang_up()
        told = daemon.until(NOT_APPLIED, workflow="my-plan")["problems"]
        assert told == [f"{mine} is the plan another-plan now: “followthrough apply {mine}” puts it to work"]
        assert daemon.stop() == 0
    assert revision(house, "another-plan") is None


def test_one_file_for_one_plan(house: Installation, mine: Path) -> None:
    edit(mine, "workflow: my-plan", f"workflow: {NOTE}")
    edit(mine, "2 weeks after]", "3 weeks after]")
    house.apply()
    house.app.close()
    with daemon_of(house, mine) as daemon:
        told = daemon.until(NOT_APPLIED, workflow=NOTE)["problems"]
        assert told == [f"it is applied from {NOTE}: “followthrough apply {mine}” takes this file from then on"]
        daemon.until("started")
        daemon.hang_up()
        daemon.until(NOT_APPLIED, workflow=NOTE)
        assert revision(house, NOTE) == 1
        apply(house.app, str(mine), "tester", yes=True)
        for _ in range(2):
            daemon.hang_up()
            daemon.until(UNCHANGED)
        assert daemon.stop() == 0
    assert revision(house, NOTE) == 2


def test_a_file_in_the_folder_of_plans_goes_by_its_name(house: Installation) -> None:
    path = house.workflows / f"{NOTE}.yaml"
    apply(house.app, str(path), "tester", yes=True)
    with house.app.store.read() as tx:
        assert source_of(tx, NOTE) == NOTE
