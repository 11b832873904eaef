"""What a plan is understood to say: every value that the loader makes of one, its parties and contacts among them.

After a change, write them again with `EXPECT=write` in the environment, and read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path

from engine.errors import Place
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
    if os.environ.get("EXPECT") == "write":
        KEPT.write_text(found, "utf-8")
    assert found == KEPT.read_text("utf-8")
