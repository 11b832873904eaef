"""Two record at once, each with an installation of their own over one database: only one has what only one may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier

import pytest

from engine.app.catalog import Catalog
from engine.app.facts.recording import fact_rows, record, retract
from engine.app.root import App
from engine.clock import ManualClock
from engine.definition.dates import parse_moment
from engine.definition.facts import Subject
from engine.errors import Refused
from engine.settings import Configuration, Settings
from engine.store import Transaction
from tests.installation import NOTE, Installation
from tests.support import WORKFLOWS, ZURICH

ANNUAL = "article7-annual"
STEP = "ny_follow_up"
RULE = "    extensions: {asked: before, at_most: 1, until: by + 60 days}\n"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    """The note's plan, of which one extension is given at most and Fiji has asked for one; the annual plan beside it."""
    with Installation(tmp_path) as house:
        house.edit("ccm-nim-2018.yaml", "    by: settings.by_march\n", "    by: settings.by_march\n" + RULE)
        house.apply()
        house.at("2017-09-20").record("date", "2017-10-12", step="ny_workshop")
        house.at("2017-10-16").record("attended", "yes", "FJ", step="ny_workshop", on="2017-10-12")
        house.at("2018-03-20").record("extension_asked", "2018-03-19", "FJ", step=STEP)
        yield house


@pytest.fixture
def other(house: Installation) -> Iterator[App]:
    """Another process, as it were: it has read the same plan, and knows of the first only what the database says."""
    app = App(house.app.configuration, house.clock, durable=False)
    app.catalog = Catalog({}, workflows=house.workflows)
    yield app
    app.close()


def extend(app: App, to: str) -> str:
    return said(lambda: record(app, NOTE, "extended_to", to, [Subject("FJ", STEP)]))


def report(app: App, on: str) -> str:
    return said(lambda: record(app, ANNUAL, "annual_report", on, [Subject("FJ")]))


def said(work: Callable[[], object]) -> str:
    """Why it is refused; nothing where it is done."""
    try:
        work()
    except Refused as error:
        return str(error)
    return ""


def first(monkeypatch: pytest.MonkeyPatch, app: App, work: Callable[[], object]) -> None:
    """Let somebody else do this just before an app has its turn to write: it has looked at the plan by then."""
    deciding = app.standings.deciding

    @contextmanager
    def later() -> Iterator[Transaction]:
        work()
        with deciding() as tx:
            yield tx

    monkeypatch.setattr(app.standings, "deciding", later)


def values(app: App, workflow: str, name: str) -> list[tuple[str, str | None]]:
    """What stands of a fact of Fiji, and for which cycle."""
    rows = fact_rows(app, workflow, party="FJ", name=name)
    return [(row["value"], row["cycle"]) for row in rows if row["retracted_at"] is None]


def test_an_extension_given_meanwhile_counts_for_the_rule(
    house: Installation, other: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    first(monkeypatch, house.app, lambda: extend(other, "2018-04-30"))
    assert "at most 1, and its deadline was extended once already" in extend(house.app, "2018-05-15")
    assert values(other, NOTE, "extended_to") == [("2018-04-30", None)]


def test_a_rehearsal_says_what_would_be_refused_by_now(
    house: Installation, other: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    first(monkeypatch, house.app, lambda: extend(other, "2018-04-30"))
    with pytest.raises(Refused, match="at most 1"):
        record(house.app, NOTE, "extended_to", "2018-05-15", [Subject("FJ", STEP)], rehearse=True)


@pytest.mark.parametrize("applied", [True, False], ids=["applied", "kept only"])
def test_two_reports_of_one_party_are_not_for_one_cycle(
    house: Installation, other: App, monkeypatch: pytest.MonkeyPatch, applied: bool
) -> None:
    house.at("2027-02-10")
    if applied:
        house.apply(ANNUAL)
    first(monkeypatch, house.app, lambda: report(other, "2027-02-06"))
    assert "for which cycle is annual_report?" in report(house.app, "2027-02-07")
    assert [value for value, _ in values(other, ANNUAL, "annual_report")] == ["2027-02-06"]


def test_a_date_recorded_again_supersedes_the_one_that_came_meanwhile(
    house: Installation, other: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is earlier, so it counts only if it was seen: of two, what was recorded last is what stands."""
    about = [Subject(step="auckland")]
    first(monkeypatch, house.app, lambda: record(other, NOTE, "date", "2018-02-14", about))
    record(house.app, NOTE, "date", "2018-02-12", about)
    with house.app.store.read() as tx:
        standing = house.app.standings.get(tx, NOTE, house.clock.now())
        newest = standing.planner.book.newest("date", about[0])
    assert newest is not None
    assert newest.value == "2018-02-12"


def test_what_was_taken_back_meanwhile_is_not_taken_back_twice(
    house: Installation, other: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands by then is what is taken back, and where nothing does, that is said."""
    about = [Subject("FJ", "ny_workshop")]
    first(monkeypatch, house.app, lambda: retract(other, NOTE, "attended", about))
    assert "there is no attended" in said(lambda: retract(house.app, NOTE, "attended", about))


def test_what_was_recorded_meanwhile_is_what_is_taken_back(
    house: Installation, other: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = [Subject("FJ", "ny_workshop")]
    first(monkeypatch, house.app, lambda: record(other, NOTE, "attended", "no", about, on="2017-10-12"))
    taken = retract(house.app, NOTE, "attended", about)
    assert [fact.value for fact in taken.facts] == ["no"]
    assert [fact.value for fact in taken.now_standing if fact] == ["yes"]


def test_of_many_in_threads_one_has_the_extension(house: Installation, other: App) -> None:
    barrier = Barrier(2)

    def give(app: App, to: str) -> str:
        barrier.wait()
        return extend(app, to)

    with ThreadPoolExecutor(2) as pool:
        works = [pool.submit(give, house.app, "2018-04-30"), pool.submit(give, other, "2018-05-15")]
        answers = [work.result() for work in works]
    assert sorted(map(bool, answers)) == [False, True]
    assert len(values(other, NOTE, "extended_to")) == 1


def test_what_is_refused_makes_no_database(tmp_path: Path) -> None:
    app = App(Configuration(Settings(home=tmp_path / "home"), {}), ManualClock(parse_moment("2018-03-20", ZURICH)))
    app.catalog = Catalog({}, workflows=WORKFLOWS)
    assert "tomorrow" in said(lambda: record(app, NOTE, "report", "tomorrow", [Subject("FJ")]))
    assert not app.has_store
    record(app, NOTE, "report", "2018-03-19", [Subject("FJ")])
    assert values(app, NOTE, "report") == [("2018-03-19", None)]
    app.close()
