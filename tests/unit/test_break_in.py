"""Attempts to break in, one line each, and what holds against them. Those about one part stand with that part's tests:
links and sessions in test_web_access.py, answers in test_inbound.py, headers in test_mail.py, templates in
test_templates.py, workbooks in test_spreadsheets.py.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.app.catalog import Catalog
from engine.app.facts.spreadsheets import read_xlsx
from engine.definition import loader
from engine.definition.syntax.sources import Faults, SourceFile
from engine.errors import BadInput, NotFound
from tests.installation import Installation
from tests.support import BROKEN
from tests.visitor import Visitor, visit

VALID = (BROKEN / "valid.yaml").read_text("utf-8")
COUNTS = 'stance == "open"'
DAY = "    by: 2018-09\n"


def chain(kind: str, of: str, length: int, last: str) -> str:
    """Names that rest on one another, `of` with the next one's."""
    links = "".join(f"  x{number}: {{{of.format(f'x{number + 1}')}}}\n" for number in range(length))
    return f"{kind}:\n{links}  x{length}: {{{last}}}\n"


HEAVY = {
    "values, each naming the next ten times": (
        "values:\n", chain("values", "is: " + " and ".join(["{0}"] * 10), 15, "is: report"), "names with all that it",
    ),
    "sets, each naming the next ten times": (
        "sets:\n", chain("sets", "who: " + " or ".join(["{0}"] * 10), 15, 'who: region == "Africa"'),
        "names with all that it",
    ),
    "sets, one on another": (
        "sets:\n", chain("sets", "who: {0}", 600, 'who: region == "Africa"'), "sets and values, one on another",
    ),
    "dates, one on another": (
        "values:\n", chain("values", "date: '{0} + 1 days'", 600, "date: 2018-01-01"), "dates, one on another",
    ),
    "events, one on another": (
        "steps:\n", chain("steps", "event: E, when: '{0} + 1 days'", 600, "event: E, when: 2018-01-01"),
        "dates, one on another",
    ),
    "a condition of 50,000 parts": (COUNTS, " or ".join([COUNTS] * 50_000), "more than 10,000 characters"),
    "a chain of comparisons": (COUNTS, "stance" + " == stance" * 50_000, "more than 10,000 characters"),
    "a power of powers": (COUNTS, "9 ** 9 ** 9 ** 9", "is not part of the language"),
    "a shift": (COUNTS, "1 << 99999999", "is not part of the language"),
    "a text a million times": (COUNTS, "stance == \"a\" * 99999999", "is not part of the language"),
    "days of 5,000 digits": (DAY, f"    by: meeting + {'9' * 5000} days\n", ":9: “9999999"),
    "times of 5,000 digits": ("at once, 2 weeks before]\n    letters", f"every week at most {'9' * 5000}]\n    letters",
                              ": “every week at most 999"),
    "a thousand years on": (DAY, "    by: meeting + 12000 months\n", "longer than a century"),
    "a year that is none": (DAY, "    by: 9999-12-31\n", "lies outside the years"),
    "100,000 variables that do not end": ("A small plan", '"' + "${" * 100_000 + '"', "begins a variable here"),
    "brackets in brackets": ("A small plan", "[" * 100_000, "maximum nesting depth"),
}  # fmt: skip


@pytest.mark.parametrize("name", HEAVY)
def test_a_file_that_would_take_for_ever_is_refused(name: str) -> None:
    old, new, said = HEAVY[name]
    assert old in VALID

    def read(name: str) -> str:
        return (BROKEN / name).read_text("utf-8")

    with pytest.raises(BadInput) as caught:
        loader.load(SourceFile("small.yaml", VALID.replace(old, new, 1)), read, {})
    assert said in str(caught.value)
    assert "int_max_str_digits" not in str(caught.value)
    assert len(str(caught.value)) < 1_000_000


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "~/x.csv", "../parties.csv", "a/../../x.csv", "C:/x.csv", "a\\\\b.csv", "a\\0b"]
)
@pytest.mark.parametrize("key", ["parties: parties.csv", "contacts: contacts.csv", "    by: 2018-09"])
def test_a_plan_names_files_in_its_own_folder_only(key: str, name: str) -> None:
    """Also what it attaches, which leaves by mail."""
    new = f'    attach: ["{name}"]\n{key}' if "by:" in key else f'{key.split(":")[0]}: "{name}"'
    with pytest.raises(BadInput) as caught:
        loader.load(SourceFile("small.yaml", VALID.replace(key, new, 1)), no_other, {}, no_file)
    assert "is not a file beside this one" in str(caught.value) or "control characters" in str(caught.value)


def no_other(name: str) -> str:
    assert name in ("parties.csv", "contacts.csv")
    return (BROKEN / name).read_text("utf-8")


def no_file(name: str) -> bytes:
    raise AssertionError(f"{name} was read")


def test_a_roster_that_is_a_pipe_or_has_no_end_is_refused(tmp_path: Path) -> None:
    plan = tmp_path / "small.yaml"
    plan.write_text(VALID, "utf-8")
    (tmp_path / "contacts.csv").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "parties.csv")
    with pytest.raises(BadInput) as caught:
        Catalog({}).load(str(plan))
    assert str(caught.value).count("cannot be read: it is no file") == 2
    (tmp_path / "parties.csv").unlink()
    with (tmp_path / "parties.csv").open("wb") as file:
        file.truncate(60_000_000)
    with pytest.raises(BadInput, match="it is larger than 50 MB"):
        Catalog({}).load(str(plan))


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "answers.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(101_000_000))
    assert bomb.stat().st_size < 1_000_000
    with pytest.raises(BadInput, match="this spreadsheet is too large"):
        read_xlsx(str(bomb), bomb.read_bytes(), Faults(), None)


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with Installation(tmp_path_factory.mktemp("pages")) as house:
        house.apply()
        yield visit(house.app)


PLACES = (
    "/party/{}", "/mailbox?find={}", "/mailbox?box={}", "/mailbox?page={}", "/mailbox/{}", "/frame/{}",
    "/attached/1/{}", "/attached/{}/x",
    "/alike/{}", "/edit/{}", "/act/{}/FJ/ny_follow_up/extend", "/act/ccm-nim-2018/{}/ny_follow_up/extend",
    "/act/ccm-nim-2018/FJ/{}/extend", "/act/ccm-nim-2018/FJ/ny_follow_up/{}", "/record/{}/FJ/report",
    "/record/ccm-nim-2018/{}/report", "/record/ccm-nim-2018/FJ/{}", "/attendance/{}/ny_workshop",
    "/attendance/ccm-nim-2018/{}", "/undo/ccm-nim-2018/{}", "/undo/{}/1", "/f/{}", "/a/{}", "/enter/{}", "/static/{}",
)  # fmt: skip
NASTY_WORDS = (
    "../../followthrough.db", "..%2f..%2ffollowthrough.db", "/etc/passwd", "%00", "' OR 1=1 --", "1;DROP TABLE letter",
    "<script>alert(1)</script>", "{{7*7}}", "javascript:alert(1)", "%0d%0aSet-Cookie:%20evil=1", "\u202e\u2028", "%ff%fe",
    "9" * 400, "a" * 5000, "-1",
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_words_in_a_path_do_nothing(visitor: Visitor, place: str) -> None:
    for nasty in NASTY_WORDS:
        answer = visitor.get(place.format(nasty))
        assert answer.status_code in (200, 400, 403, 404, 409, 410, 422), f"{nasty}: {answer.status_code}"
        assert "<script>alert" not in answer.text, nasty
        assert b"SQLite format" not in answer.content, nasty
        assert "root:" not in answer.text, nasty
        assert "evil" not in answer.headers.get("set-cookie", ""), nasty


def test_a_plan_whose_name_is_too_long_for_a_file_is_not_found() -> None:
    with pytest.raises(NotFound):
        Catalog({}).find("a" * 5000)


def test_state_is_for_its_owner_alone(tmp_path: Path) -> None:
    with Installation(tmp_path) as house:
        house.apply()
        files = [path for path in (tmp_path / "home").iterdir() if path.is_file()]
        assert {path.name.partition(".db")[2] for path in files} >= {"", "-wal", "-shm"}
        assert {path.name: path.stat().st_mode & 0o077 for path in files} == {path.name: 0 for path in files}
