"""Attempts to break in, one line each, and what holds against them. Those about one part stand with that part's tests:
links and sessions in test_web_access.py, answers in test_inbound.py, headers in test_mail.py, templates in
test_templates.py, workbooks in test_spreadsheets.py.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from engine.app.catalog import Catalog
from engine.app.facts.spreadsheets import read_xlsx
from engine.definition import loader
from engine.definition.syntax.sources import Faults, SourceFile
from engine.errors import BadInput
from tests.installation import Installation

BROKEN = Path(__file__).parent.parent / "broken"
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


def test_state_is_for_its_owner_alone(tmp_path: Path) -> None:
    with Installation(tmp_path) as house:
        house.apply()
        files = [path for path in (tmp_path / "home").iterdir() if path.is_file()]
        assert {path.name.partition(".db")[2] for path in files} >= {"", "-wal", "-shm"}
        assert {path.name: path.stat().st_mode & 0o077 for path in files} == {path.name: 0 for path in files}
