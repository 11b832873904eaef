"""Facts from real spreadsheets: what a cell shows is what counts, and its place is sheet and cell."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from engine.app.facts.importing import Imported, import_facts
from engine.errors import BadInput, Refused
from tests.installation import NOTE, Installation

WORKSHOP = datetime.combine(date(2017, 10, 12), time())
HEAD = ["party", "fact", "value", "true", "step", "note"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    house = Installation(tmp_path, at="2017-11-05")
    yield house
    house.app.close()


def saved(book: Workbook) -> bytes:
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def sheet_of(*rows: Sequence[Any], title: str = "Answers") -> Workbook:
    book = Workbook()
    assert book.active is not None
    book.active.title = title
    for row in rows:
        book.active.append(list(row))
    return book


def load(house: Installation, book: Workbook | bytes, sheet: str | None = None) -> Imported:
    data = book if isinstance(book, bytes) else saved(book)
    return import_facts(house.app, NOTE, "in/answers.xlsx", data, sheet=sheet, dry_run=True)


def faults(house: Installation, book: Workbook | bytes, sheet: str | None = None) -> list[str]:
    with pytest.raises(BadInput) as caught:
        load(house, book, sheet)
    return [str(problem) for problem in caught.value.problems]


def with_xml(data: bytes, change: Callable[[str], str]) -> bytes:
    """A workbook whose first sheet is as another program would have written it."""
    changed = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = change(content.decode()).encode()
            new.writestr(name, content)
    return changed.getvalue()


def test_cells_are_read_as_they_are_shown(house: Installation) -> None:
    found = load(
        house,
        sheet_of(
            HEAD,
            ["Fiji", "report", date(2017, 10, 20)],
            [],
            ["NR", "attended", True, WORKSHOP, "ny_workshop", 7],
            ["CK", "attended", "No", "2017-10-12", "ny_workshop", 7.5],
            ["TG", "report", 2016],
        ),
    )
    facts = found.kept.facts
    assert [(fact.subject.party, fact.value, str(fact.true), fact.note) for fact in facts] == [
        ("FJ", "2017-10-20", "2017-10-20", ""), ("NR", "yes", "2017-10-12", "7"), ("CK", "no", "2017-10-12", "7.5"),
        ("TG", "2016", "2016", ""),
    ]  # fmt: skip
    assert [fact.source for fact in facts] == [f"answers.xlsx, Answers!{row}" for row in (2, 4, 5, 6)]


def test_a_fault_names_sheet_and_cell(house: Installation) -> None:
    found = faults(
        house,
        sheet_of(
            HEAD,
            ["Figi", "report", "20/10/2017"],
            ["NR", "report", 43028],
            ["FJ", "report", datetime.combine(date(2017, 10, 20), time(14, 30))],
            ["CK", "report", time(9, 0)],
            ["TG", "report", date(2018, 10, 20), None, None, None, "stray"],
            title="My answers",
        ),
    )
    dates = "(2018-03-31, 2018-02-12..2018-02-14, 2018-03, 2018-Q1 or 2018)"
    assert found == [
        "in/answers.xlsx:My answers:A2: there is no party “Figi”. Did you mean Fiji (FJ)?",
        f"in/answers.xlsx:My answers:C2: “20/10/2017” is not a date {dates}. Write 2017-10-20.",
        f"in/answers.xlsx:My answers:C3: “43028” is not a date {dates}."
        " Format the cell as a date, or write the day as 2018-03-20.",
        "in/answers.xlsx:My answers:C4: “2017-10-20 14:30” has a time of day. Write the day alone: 2017-10-20.",
        "in/answers.xlsx:My answers:C5: “09:00:00” is neither a text nor a day. Write it as text.",
        "in/answers.xlsx:My answers:C6: 2018-10-20 lies ahead, and report is recorded when it has happened"
        " (today is 2017-11-05)",
        "in/answers.xlsx:My answers:G6: this cell stands beside the table. Empty it.",
    ]


def test_a_formula_counts_with_its_last_value(house: Installation) -> None:
    data = saved(sheet_of(HEAD, ["FJ", "report", '="2017-10-"&20'], ["NR", "report", "2017-10-20", None, None, '=""']))
    (first, second) = faults(house, data)
    assert first == (
        "in/answers.xlsx:Answers:C2: this formula has no value yet."
        " Open the file in a spreadsheet program, and save it there."
    )
    assert ":F3: " in second

    def calculated(xml: str) -> str:
        xml = re.sub(r'<c r="C2"><f>(.*?)</f><v ?/></c>', r'<c r="C2" t="str"><f>\1</f><v>2017-10-20</v></c>', xml)
        return re.sub(r'<c r="F3"><f>(.*?)</f><v ?/></c>', r'<c r="F3" t="str"><f>\1</f><v></v></c>', xml)

    facts = load(house, with_xml(data, calculated)).kept.facts
    assert [(fact.value, fact.note) for fact in facts] == [("2017-10-20", ""), ("2017-10-20", "")]


def test_an_error_of_the_spreadsheet_is_refused(house: Installation) -> None:
    (said,) = faults(house, sheet_of(HEAD, ["FJ", "report", "#REF!"]))
    assert said.startswith("in/answers.xlsx:Answers:C2: #REF! is an error of the spreadsheet.")


def test_merged_cells_are_refused(house: Installation) -> None:
    book = sheet_of(HEAD, ["FJ", "report", date(2017, 10, 20)], [None, "law_status", "unclear"])
    assert book.active is not None
    book.active.merge_cells("A2:A3")
    found = faults(house, book)
    assert "in/answers.xlsx:Answers:A2: the cells A2:A3 are merged. Unmerge them, and fill in each of them." in found


def test_the_sheet_that_is_filled_counts(house: Installation) -> None:
    book = sheet_of(HEAD, ["FJ", "report", date(2017, 10, 20)])
    book.create_sheet("Empty")
    book.create_sheet("Hidden").append(["something"])
    book["Hidden"].sheet_state = "hidden"
    assert len(load(house, book).kept.facts) == 1
    book.create_sheet("Other").append(["party", "report"])
    book["Other"].append(["NR", date(2017, 10, 21)])
    (said,) = faults(house, book)
    assert said == (
        "in/answers.xlsx:1:1: several sheets have something in them: “Answers”, “Other”. Name one with --sheet."
    )
    assert load(house, book, "Other").kept.facts[0].subject.party == "NR"
    (said,) = faults(house, book, "Othr")
    assert said.startswith("in/answers.xlsx:1:1: there is no sheet “Othr”. Did you mean Other?")


def test_a_wrong_dimension_hides_no_row(house: Installation) -> None:
    data = saved(sheet_of(["party", "report"], ["FJ", date(2017, 10, 20)], ["NR", date(2017, 10, 21)]))
    wrong = with_xml(data, lambda xml: re.sub(r'<dimension ref="[^"]+"', '<dimension ref="A1:B2"', xml))
    assert len(load(house, wrong).kept.facts) == 2


def test_columns_without_a_name(house: Installation) -> None:
    assert len(load(house, sheet_of(["party", None, "report", None], ["FJ", None, date(2017, 10, 20)])).kept.facts) == 1
    (said,) = faults(house, sheet_of(["party", None, "report"], ["FJ", "x", date(2017, 10, 20)]))
    assert said == "in/answers.xlsx:Answers:B1: a column has no name"


def test_an_empty_workbook(house: Installation) -> None:
    (said,) = faults(house, sheet_of())
    assert said.endswith("the table is empty. Its first row names the columns.")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "this is an old .xls file, or one with a password."),
        (b"PK\x03\x04 and then nothing", "this spreadsheet is damaged. Open it and save it again."),
    ],
)
def test_what_is_no_workbook_is_refused(house: Installation, data: bytes, said: str) -> None:
    assert said in faults(house, data)[0]


def test_another_archive_and_a_damaged_sheet(house: Installation) -> None:
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("content.xml", "<x/>")
    assert "this is no Excel workbook. Save it as .xlsx, or as CSV in UTF-8." in faults(house, data.getvalue())[0]
    broken = with_xml(saved(sheet_of(HEAD, ["FJ", "report", "2017-10-20"])), lambda xml: xml[:200])
    assert "this spreadsheet cannot be read" in faults(house, broken)[0]


def test_a_table_of_text_has_no_sheets(house: Installation) -> None:
    with pytest.raises(Refused, match="has no sheets to choose from"):
        import_facts(house.app, NOTE, "a.csv", b"party,report\n", sheet="Other")
