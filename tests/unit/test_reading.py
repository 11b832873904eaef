"""Files as they are read: where a character stands whatever is before it, and what is said just over each limit."""

from __future__ import annotations

import pytest

from engine.definition.hints import near, nearest, suggest
from engine.definition.syntax.grid import CellFaults, text_of
from engine.definition.syntax.reading import Entries, Items, Scalar, read_yaml
from engine.definition.syntax.sources import Faults, SourceFile, decode
from engine.definition.syntax.table import Table
from engine.errors import BadInput, Place

NEAR = ["meeting", "workshop", "chase"]


def read(text: str, **environment: str) -> tuple[object, list[str]]:
    """What a text is read as, and what is said of it."""
    faults = Faults()
    document = read_yaml(SourceFile("x.yaml", text), environment, faults)
    return plain(document.root) if document else None, heads(faults)


def plain(node: object) -> object:
    match node:
        case Scalar():
            return node.text
        case Items():
            return [plain(each) for each in node.nodes]
        case Entries():
            return {key.text: plain(value) for key, value in node.pairs}
    return None


def heads(faults: Faults) -> list[str]:
    return [str(problem).split("\n")[0] for problem in faults.errors]


NESTED = "this is nested too deep"
TAB = "a tab indents this line. Indent with spaces."
SAID: list[tuple[str, object, list[str]]] = [
    ("[" * 30 + "]" * 30, ..., []), ("[" * 31 + "]" * 31, None, [f"x.yaml:1:31: {NESTED}"]),
    ("{a: " * 30 + "1" + "}" * 30, ..., []), ("{a: " * 31 + "1" + "}" * 31, None, [f"x.yaml:1:121: {NESTED}"]),
    ("# " + "x" * 3_999_995 + "\na", "a", []),
    ("# " + "x" * 3_999_998 + "\na", None, ["x.yaml:1:1: the file is larger than 4 MB"]),
    ("a:\n\tb: 1\n", None, [f"x.yaml:2:1: {TAB}"]), ("a:\n  \tb: 1\n", None, [f"x.yaml:2:3: {TAB}"]),
    ("\t\n" * 20, None, [f"x.yaml:{line}:1: {TAB}" for line in range(1, 21)]),
    ("\t\n" * 21, None, [f"x.yaml:{line}:1: {TAB}" for line in range(1, 21)]),
    ("\ufeffa: 1", {"a": "1"}, []), ("", None, ["x.yaml:1:1: the file is empty"]),
    ("a: \x07", None, ["x.yaml:1:4: the character U+0007 cannot stand in a text file"]),
    ("a: 1\n---\nb: 2", None, ["x.yaml:2:1: a second document begins here. One file holds one document: remove the “---”."]),
    ("%YAML 1.1\n---\na: 1", {"a": "1"}, ["x.yaml:1:1: directives of YAML are not allowed. Remove the lines that begin with %."]),
    ("%TAG ! x:\n---\na: 1", {"a": "1"}, ["x.yaml:1:1: directives of YAML are not allowed. Remove the lines that begin with %."]),
    ("a: &b 1", {"a": "1"}, ["x.yaml:1:4: the anchor &b is not allowed. Remove it."]),
    ("a: *b", {"a": ""}, ["x.yaml:1:4: the alias *b is not allowed. Write the value out."]),
    ("a: !!int 1", {"a": "1"}, ["x.yaml:1:4: the tag !!int is not allowed. Remove it: every value is read as it is written."]),
    ("? [a]\n: 1", {}, ["x.yaml:1:3: a key is a single word, not a list or a mapping"]),
    ("<<: 1", {}, ["x.yaml:1:1: the merge key << is not allowed. Write the keys out."]), ("'<<': 1", {"<<": "1"}, []),
    ("a: 1\nb: 2\na: 3", {"a": "1", "b": "2"}, ["x.yaml:3:1: the key “a” stands here a second time. The first is in line 1."]),
    (
        "a: b: c", None,
        ["x.yaml:1:5: this is not YAML: mapping values are not allowed in this context. Put a text with “: ” in it in quotes."],
    ),
    (
        "a: @b", None,
        ["x.yaml:1:4: this is not YAML: found character that cannot start any token. Put a text that begins with this character"
         " in quotes."],
    ),
    ("a: 1\nb\n", None, ["x.yaml:3:1: this is not YAML: could not find expected ':'. A key is followed by a colon and a space."]),
    (
        "a: [1, 2", None,
        ["x.yaml:2:1: this is not YAML: did not find expected ',' or ']'. A closing bracket or a comma is missing, or a text with"
         " commas or brackets in it wants quotes."],
    ),
    ("a: ${HOME_}", {"a": "here"}, []), ("a: ${NONE:-there}", {"a": "there"}, []), ("a: ${EMPTY:-there}", {"a": "there"}, []),
    ("a: x ${NONE:-} y", {"a": "x  y"}, []), ("${HOME_}: 1", {"${HOME_}": "1"}, []),
    ("[['${HOME_}'], '${NONE:-b}']", [["here"], "b"], []),
    (
        "a: x ${NONE}", {"a": "x "},
        ["x.yaml:1:6: the variable NONE is not set. Set NONE in the environment or in .env, or write ${NONE:-default}."],
    ),
    (
        "a: x ${NONE", {"a": "x NONE"},
        ["x.yaml:1:6: “${” begins a variable here, and it does not end. Write ${NAME} or ${NAME:-default}."],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "said"), SAID, ids=lambda each: str(each)[:30])
def test_what_yaml_is_read_as(text: str, value: object, said: list[str]) -> None:
    found, faults = read(text, HOME_="here", EMPTY="")
    assert faults == said
    assert value is ... or found == value


def test_of_many_unset_variables_twenty_are_told() -> None:
    _, faults = read("a: '" + "${" * 25 + "'")
    assert [fault.split(": ")[0] for fault in faults] == [f"x.yaml:1:{5 + 2 * number}" for number in range(20)]


PLACES = [
    ("a: one two", 4, (1, 8)), ("a: 'it''s two'", 5, (1, 11)), ('a: "it\\"s two"', 5, (1, 11)), ("a: 'one two'", 0, (1, 5)),
    ("a: >\n  one\n  two", 4, (3, 3)), ("a: |\n  one\n  two", 0, (2, 3)), ("a: |\n  one\n\n  two", 5, (4, 3)),
    ("a: one\n   two", 4, (2, 4)), ("a: one", 99, (1, 6)), ("a: ''", 0, (1, 5)), ("a: one  two", 4, (1, 9)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "offset", "place"), PLACES)
def test_where_a_character_of_a_text_stands(text: str, offset: int, place: tuple[int, int]) -> None:
    document = read_yaml(SourceFile("x.yaml", text), {}, Faults())
    assert document is not None
    assert isinstance(document.root, Entries)
    scalar = document.root.pairs[0][1]
    assert isinstance(scalar, Scalar)
    found = scalar.place_of(offset)
    assert (found.line, found.column) == place


def test_a_substituted_text_has_one_place() -> None:
    document = read_yaml(SourceFile("x.yaml", "a: ${B}"), {"B": "one two"}, Faults())
    assert document is not None
    assert document.used == {"B": "one two"}
    assert isinstance(document.root, Entries)
    scalar = document.root.pairs[0][1]
    assert isinstance(scalar, Scalar)
    assert (scalar.place_of(4), scalar.unknown) == (Place("x.yaml", 1, 4), False)


BREAKS = [
    ("a\nb", 2, 2, 1),
    ("a\r\nb", 3, 2, 1),
    ("a\rb", 2, 2, 1),
    ("a\x85b", 2, 2, 1),
    ("a\u2028bc", 3, 2, 2),
    ("ab", 1, 1, 2),
    ("\n\n\n", 3, 4, 1),
]


@pytest.mark.parametrize(("text", "index", "line", "column"), BREAKS)
def test_lines_end_where_those_of_yaml_do(text: str, index: int, line: int, column: int) -> None:
    assert SourceFile("x", text).place(index) == Place("x", line, column)


def test_what_is_shown_of_a_fault_is_printable_and_short() -> None:
    faults = Faults()
    faults.watch(SourceFile("x", "é\tb\x07" + "y" * 500))
    faults.add(Place("x", 1, 400), "w" * 601, "h" * 601)
    faults.add(Place("x", 1, 401), "right?", "So.")
    faults.add(Place("x", 2, 1), "no such line")
    long, wide, none = faults.errors
    assert long.text == "é b\N{REPLACEMENT CHARACTER}" + "y" * 396
    assert (long.message, long.hint) == ("w" * 600, "h" * 600)
    assert (wide.text, wide.message, wide.hint) == ("", "right?", "So.")
    assert (none.text, none.message, none.hint) == ("", "no such line", "")


def test_a_path_is_relative_to_the_file_that_names_it() -> None:
    assert SourceFile("plans/a.yaml", "").beside("ccm/../p.csv") == "plans/p.csv"
    assert SourceFile("a.yaml", "").beside("p.csv") == "p.csv"


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"a\n\xff", "x:2:1: the byte 0xff is not UTF-8. Save the file in the encoding UTF-8."),
     (b"\xc3\xa9\x0a", ""), (b"abc\xe9", "x:1:4: the byte 0xe9 is not UTF-8. Save the file in the encoding UTF-8.")],
)  # fmt: skip
def test_bytes_that_are_no_text(data: bytes, said: str) -> None:
    if not said:
        assert decode("x", data) == SourceFile("x", "é\n")
        return
    with pytest.raises(BadInput) as caught:
        decode("x", data)
    assert str(caught.value.problems[0]).split("\n")[0] == said


AS_UTF8 = "Save it as “CSV UTF-8” (in Excel: Save As), or as .xlsx."
NO_TEXT = f"x:1:1: this is not text in UTF-8. {AS_UTF8}"


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"\xff\xfea", NO_TEXT), (b"\xfe\xffa", NO_TEXT), (b"a" * 3999 + b"\0", NO_TEXT), (b"a" * 4000 + b"\0", ""),
     (b"a,\xe9", f"x:1:3: the byte 0xe9 is not UTF-8. {AS_UTF8}")],
    ids=["utf-16-le", "utf-16-be", "zero", "zero-later", "latin-1"],
)  # fmt: skip
def test_tables_that_are_no_text(data: bytes, said: str) -> None:
    if not said:
        assert text_of("x", data) == data.decode()
        return
    with pytest.raises(BadInput) as caught:
        text_of("x", data)
    assert str(caught.value.problems[0]).split("\n")[0] == said


def test_of_a_cell_the_first_fault_is_told_and_of_the_header_each() -> None:
    faults = CellFaults()
    for line in (1, 2):
        faults.add(Place("x", line, 1), "one")
        faults.add(Place("x", line, 1), "two")
        faults.add(Place("x", line, 2), "three")
    assert heads(faults) == ["x:1:1: one", "x:1:1: two", "x:1:2: three", "x:2:1: one", "x:2:2: three"]


QUOTES = "Double a quote that belongs to the text, and put quotes around it all."
TABLES: list[tuple[str, list[list[str]], list[str]]] = [
    ("a,b\n1, 2 \n", [["1", "2"]], []), ('a,b\n"1\n1","2""3"\r\n4,5', [["1\n1", '2"3'], ["4", "5"]], []),
    ("a,b\n\n,\n1,2", [["1", "2"]], []), ("\ufeffa\n1", [["1"]], []),
    ("a,b\n1\n", [], ["x:2:1: this row has 1 cells, and the header 2. Add the commas that are missing."]),
    ("a,b,c\n1,2\n", [], ["x:2:3: this row has 2 cells, and the header 3. Add the commas that are missing."]),
    ("a,b\n1,2,3,4\n", [], ["x:2:5: this row has 4 cells, and the header 2. Put a text with a comma in it in double quotes."]),
    ('a,b\n"1\n2",3,4\n', [], ["x:3:6: this row has 3 cells, and the header 2. Put a text with a comma in it in double quotes."]),
    ('a,b\n"1\n2" 3\n', [], [f"x:3:3: something stands after the closing quote. {QUOTES}"]),
    ('a,b\n1,"2\n', [], [f"x:2:3: a quote is opened here and never closed. {QUOTES}"]),
    ("a;b\n1;2", [], ["x:1:1: the columns are not separated by commas. Save the file as CSV with commas."]),
    ("a\tb\n1\t2", [], ["x:1:1: the columns are not separated by commas. Save the file as CSV with commas."]),
    ("", [], ["x:1:1: the file has no header. Its first line names the columns."]),
    (",\n1,2", [], ["x:1:1: the file has no header. Its first line names the columns."]),
    ("a,,b\n1,2,3", [["1", "2", "3"]], ["x:1:3: a column has no name"]),
    ("a,b,a\n1,2,3", [["1", "2", "3"]], ["x:1:5: the column “a” stands here a second time"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rows", "said"), TABLES)
def test_what_csv_is_read_as(text: str, rows: list[list[str]], said: list[str]) -> None:
    faults = Faults()
    table = Table(SourceFile("x", text), faults)
    assert [list(row.cells) for row in table.rows()] == rows
    assert heads(faults) == said
    assert table.whole is all("a column has no name" in each or "a second time" in each for each in said)


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [("meting", NEAR, "Did you mean meeting?"), ("zzz", NEAR, "Known: meeting, workshop, chase."), ("zzz", [], ""),
     ("zzz", [str(number) for number in range(8)], "Known: 0, 1, 2, 3, 4, 5, 6, 7."),
     ("zzz", [str(number) for number in range(9)], ""), ("zzz", ["one", "one"], "Known: one.")],
)  # fmt: skip
def test_the_nearest_word_or_all_where_they_are_few(word: str, known: list[str], said: str) -> None:
    assert suggest(word, known) == said


def test_how_much_alike_the_nearest_word_is() -> None:
    """Of nine letters and eleven, eleven in common are 0.55 of both: just enough."""
    assert near("abcdefghijk" + "z" * 9, ["abcdefghijk" + "y" * 9]) == "abcdefghijk" + "y" * 9
    assert near("abcdefghij" + "z" * 10, ["abcdefghij" + "y" * 10]) == ""
    assert near("ab", ["ac"], 0.5) == "ac"
    assert nearest("abcd", ["wxyz"]) == ""
