"""What may stand where in a plan and in a scenario: each key of each record, what reads it, and what errors call it.

After a change, write it again with `EXPECT=write` in the environment, and read the difference.
"""

from __future__ import annotations

from pathlib import Path

from engine.definition.syntax.schema import records
from engine.definition.syntax.shapes import Choice, ListOf, MapOf, OneOf, Record, Shape, Text
from tests.support import kept

KEPT = Path(__file__).parent.parent / "golden" / "grammar.txt"


def said(shape: Shape) -> str:
    """A shape in a line; a record by its name, since it has a paragraph of its own."""
    match shape:
        case Text():
            pattern = f", to editors {shape.pattern}" if shape.pattern else ""
            return f"“{shape.takes}” by {shape.parse.__qualname__}{pattern}"
        case Choice():
            return f"“{shape.takes}”"
        case ListOf():
            alone = ", or one alone" if shape.alone else ""
            return f"“{shape.takes}”, {shape.least} or more{alone}, each {said(shape.item)}"
        case MapOf():
            return f"“{shape.takes}”, each {said(shape.key)}: {said(shape.item)}"
        case OneOf():
            kinds = ", ".join(f"{key} {record.name}" for key, record in shape.kinds.items())
            return f"“{shape.takes}”, by its key: {kinds}"
        case Record():
            return shape.name
    raise TypeError(f"{shape} is not of the language")


def paragraph(record: Record) -> str:
    keys = (f"  {name}{', needed' if key.required else ''}: {said(key.shape)}" for name, key in record.keys.items())
    return "\n".join([f"{record.name}, “{record.takes}”", *keys, ""])


def test_every_key_of_every_record() -> None:
    found = "\n".join(paragraph(record) for _, record in sorted(records().items()))
    assert found == kept(KEPT, found)
