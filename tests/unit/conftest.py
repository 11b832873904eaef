"""What tests of the pages and of the command begin with: a plan that was lived for a while, a visitor, an installation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import Command
from tests.installation import Installation
from tests.visitor import Visitor, autumn, visit

PLAN = "ccm-nim-2018.yaml"


@pytest.fixture(scope="session")
def october(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The note's plan on 17 October 2017, lived once."""
    folder = tmp_path_factory.mktemp("october")
    autumn(folder).app.close()
    return folder


@pytest.fixture(scope="session")
def march(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same on 20 March 2018: Fiji and Nauru are followed up until 31 March; extensions have a rule, and paces names."""
    folder = tmp_path_factory.mktemp("march")
    with Installation(folder) as house:
        rule = "    by: settings.by_march\n    optional: yes\n    paces: {gentle: [on the day]}\n"
        extensions = "    extensions: {asked: before, until: by + 60 days}\n"
        house.edit(PLAN, "    by: settings.by_march\n", f"{rule}{extensions}")
        house.apply()
        house.at("2017-09-20").record("date", "2017-10-12", step="ny_workshop")
        house.at("2017-10-16").record("attended", "yes", "FJ", "NR", step="ny_workshop", on="2017-10-12")
        house.run_to("2018-03-20T12:00")
    return folder


@pytest.fixture
def house(october: Path, tmp_path: Path) -> Iterator[Installation]:
    """A copy of October for each test; a file whose tests begin at another time has a `house` of its own."""
    with Installation.copy(october, tmp_path, "2017-10-17T12:00") as house:
        yield house


@pytest.fixture
def visitor(house: Installation) -> Visitor:
    """Somebody who came in by anna's link."""
    return visit(house.app)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command, below a folder of the test's."""
    return Command(tmp_path, monkeypatch)
