"""Tables that people made elsewhere: roster, contacts, lists of names, and facts as CSV and as spreadsheets.

The first line says which of them the rest is; a spreadsheet comes whole, or as its sheet, texts or styles in a sound one.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO

from openpyxl import Workbook

from engine.app.facts.cases import Case
from engine.app.facts.importing import _Chosen, _grid
from engine.definition import loader
from engine.definition.building.roster import roster_facts
from engine.definition.recording.incoming import read_entries
from engine.definition.recording.naming import Finder
from engine.definition.recording.pasted import read_names
from engine.definition.syntax.grid import CellFaults
from engine.definition.syntax.sources import SourceFile, decode
from engine.errors import BadInput, Refused
from engine.planning.world.scope import book_of
from tests.support import BROKEN, FILES, check_faults

WORKFLOW = decode("valid.yaml", (BROKEN / "valid.yaml").read_bytes())
PLAN = loader.load(WORKFLOW, lambda name: FILES[name].decode(), {}).plannable
CASE = Case(PLAN, book_of(roster_facts(PLAN)), False, datetime(2018, 6, 1, 8, tzinfo=UTC))
PARTS = {b"sheet": "xl/worksheets/sheet1.xml", b"texts": "xl/sharedStrings.xml", b"styles": "xl/styles.xml"}
SHARED = (
    b'<Override PartName="/xl/sharedStrings.xml"'
    b' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)
FACTS = b"""party,fact,value,true,step,report.form,note
KE,report,2018-03-20,,,full,
FJ,stance,open,2018-02-01,,,\xe2\x80\x9cyes\xe2\x80\x9d
KE,attended,yes,2018-05-20,meeting,,
"""
WIDE = b"name;report;report.form;stance;meeting.attended\nKenya;20.3.2018;full;open;yes\nFiji;2018-03;;closed;no\n"
WORDS = (
    "party", "parties", "contacts", "facts", "names", "book", "sheet", "texts", "styles", "fact", "value", "true", "step",
    "anchor", "cycle", "contact", "source", "note", "date", "held", "attended", "address", "unreachable", "extended_to",
    "exempt", "pace", "2018-03-20", "20/03/2018", "43179", "yes", "Kenya", "KE", ";", "\t", '""', '"', "\r\n", "\ufeff",
    '<c r="XFD1" t="s"><v>0</v></c>', '<row r="1048576">', '<c t="b">', '<c t="d">', '<c t="e">', '<c t="inlineStr">',
    "<f>1/0</f>", '<mergeCell ref="A1:B2"/>', "<is><t>x</t></is>", "<v>1e308</v>", "<v>-1</v>", "&#0;", "<!DOCTYPE x>",
)  # fmt: skip


@lru_cache
def book() -> dict[str, bytes]:
    """The parts of a sound spreadsheet."""
    made = Workbook()
    assert made.active is not None
    for row in FACTS.decode().splitlines():
        made.active.append(list(row.split(",")))
    made.active["D2"] = datetime(2018, 3, 20)  # noqa: DTZ001 - a spreadsheet's day has no zone
    made.active["G2"] = "=1+1"
    data = BytesIO()
    made.save(data)
    with zipfile.ZipFile(data) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    types = parts["[Content_Types].xml"].replace(b"</Types>", SHARED + b"</Types>")
    texts = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>KE</t></si></sst>'
    return parts | {"[Content_Types].xml": types, PARTS[b"texts"]: texts}


def zipped(parts: dict[str, bytes]) -> bytes:
    """A spreadsheet of parts."""
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return data.getvalue()


def seeds() -> Iterator[bytes]:
    """The tables of the tests, sound and faulty, and each part of a spreadsheet."""
    yield b"facts\n" + FACTS
    yield b"facts\n" + WIDE
    yield b"names\n1. Kenya\n- FJ; Fiji, Kenya\n"
    yield b"book\n" + zipped(book())
    yield from (kind + b"\n" + book()[part] for kind, part in PARTS.items())
    for path in (*(BROKEN / name for name in FILES), *sorted((BROKEN / "rosters").glob("*.csv"))):
        yield path.name.partition("-")[0].removesuffix(".csv").encode() + b"\n" + path.read_bytes()


def run(data: bytes) -> None:
    """Read the table. Every fault has a place, and is said in one line."""
    kind, _, rest = data.partition(b"\n")
    try:
        READERS.get(kind, facts)(rest if kind not in PARTS else zipped({**book(), PARTS[kind]: rest}))
    except BadInput as error:
        check_faults(error)
    except Refused as error:
        str(error).encode()


def facts(data: bytes) -> None:
    """What is to be recorded, checked against the plan."""
    faults = CellFaults()
    grid = _grid("in/facts.csv", data, faults, None)
    chosen = _Chosen(CASE, faults)
    for entry in read_entries(grid, CASE.plannable, faults):
        chosen.take(entry)
    faults.stop()


def names(data: bytes) -> None:
    """Who came, as pasted."""
    faults = CellFaults()
    read_names(SourceFile("names", data.decode("utf-8", "replace")), Finder(PLAN.parties), faults)
    faults.stop()


def table(name: str) -> Callable[[bytes], None]:
    """A file of the plan, with the others as they are."""

    def read(data: bytes) -> None:
        files = {**FILES, name: data}
        loader.load(WORKFLOW, lambda wanted: files[wanted].decode(), {})

    return read


READERS = {b"parties": table("parties.csv"), b"contacts": table("contacts.csv"), b"names": names}
