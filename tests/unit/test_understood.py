"""What a plan is understood to say: every value that the loader makes of one, its parties and contacts among them.

After a change, write them again with `EXPECT=write` in the environment, and read the difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path

import pytest

from engine.definition.facts import Subject
from engine.definition.recording.naming import Finder
from engine.definition.recording.pasted import read_names
from engine.definition.scenario import loader as scenario
from engine.definition.syntax.sources import Faults, SourceFile
from engine.errors import BadInput, Place
from tests.support import kept, load_text
from tests.unit.test_planning_golden import everything

KEPT = Path(__file__).parent.parent / "golden" / "plans" / "understood.txt"
WIDTH = 110


def told(value: object, name: str, indent: str = "") -> Iterator[str]:
    """A value by its parts: in one line where it fits, else each part in lines of its own."""
    line = f"{indent}{name} = {short(value)}"
    inner = parts(value)
    if inner is None or len(line) <= WIDTH:
        yield line
        return
    yield f"{indent}{name}: {type(value).__name__}"
    for part, each in inner:
        yield from told(each, part, indent + "  ")


def parts(value: object) -> list[tuple[str, object]] | None:
    """What a value consists of, with names; None for what has no parts."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return list(zip(value._fields, value, strict=True))
    if is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, Mapping):
        return [(str(key), each) for key, each in value.items()]
    if isinstance(value, tuple | list):
        return [(str(place), each) for place, each in enumerate(value)]
    return None


def short(value: object) -> str:
    if isinstance(value, Place):
        return f"{value.file}:{value.line}:{value.column}{value.cell}"
    if isinstance(value, Enum):
        return str(value)
    if isinstance(value, frozenset):
        return "{" + ", ".join(sorted(map(str, value))) + "}"
    inner = parts(value)
    if inner is not None:
        return f"{type(value).__name__}({', '.join(f'{name}={short(each)}' for name, each in inner)})"
    return "…" if callable(value) else repr(value)


def test_every_value_of_a_plan() -> None:
    found = "\n".join(told(everything(), "plan")) + "\n"
    assert found == kept(KEPT, found)


def test_every_value_of_a_scenario() -> None:
    text = (KEPT.parent / "scenario.yaml").read_text("utf-8")
    played = scenario.load(SourceFile("scenario.yaml", text), everything())
    found = "\n".join(told(played, "scenario")) + "\n"
    assert found == kept(KEPT.parent / "scenario.txt", found)


def test_a_list_of_names_as_it_is_pasted() -> None:
    faults = Faults()
    text = "1. Aland, BB\r\n- Cland\nNoland\n\n  AA;  Nowhere"
    assert read_names(SourceFile("names.txt", text), Finder(everything().parties), faults) == ["AA", "BB", "CC"]
    assert [str(problem).split("\n")[0] for problem in faults.errors] == [
        "names.txt:3:1: there is no party “Noland”. Did you mean Aland (AA), Bland (BB) or Cland (CC)?",
        "names.txt:5:8: there is no party “Nowhere”",
    ]


def test_what_a_fact_is_about_for_each_party_once() -> None:
    about = Subject(step="ask", cycle="2018")
    assert about.of_each(["AA", "BB", "AA"]) == [Subject("AA", "ask", None, "2018"), Subject("BB", "ask", None, "2018")]
    assert about.of_each([]) == [about]


@pytest.mark.parametrize(("links", "said"), [(48, ""), (49, "rests on more than 50 dates, one on another")])
def test_a_chain_of_dates(links: int, said: str) -> None:
    chain = "".join(f"  d{number}: {{date: d{number - 1} + 1 day}}\n" for number in range(1, links + 1))
    text = (KEPT.parent / "everything.yaml").read_text("utf-8")
    text = text.replace("values:\n", f"values:\n  d0: {{date: joined + 1 day}}\n{chain}", 1)
    files = {name: (KEPT.parent / name).read_text("utf-8") for name in ("parties.csv", "contacts.csv")}
    if not said:
        assert f"d{links}" in load_text(text, files).workflow.values
        return
    with pytest.raises(BadInput, match=said):
        load_text(text, files)
