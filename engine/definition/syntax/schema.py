"""What is generated from the shapes: the JSON Schema for editors, and the key tables of docs/language.md."""

from __future__ import annotations

import json
import re
from typing import Any

from engine.definition.syntax.grammar import WORKFLOW
from engine.definition.syntax.scenario_grammar import SCENARIO
from engine.definition.syntax.shapes import Choice, Key, ListOf, MapOf, OneOf, Record, Shape, Text

Json = dict[str, Any]

_AS_BOOLEANS = {"on": "true", "yes": "true", "off": "false", "no": "false"}
"""Words that a YAML 1.1 parser takes for booleans before a schema sees them."""
_BLOCK = re.compile(r"(<!-- keys: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def json_schema() -> str:
    """The JSON Schema of workflow files, as the text of `workflow.schema.json`.

    It accepts what a YAML parser makes of a file: a number or boolean where the loader reads a text.
    """
    defs: dict[str, Json] = {}
    root = _schema(WORKFLOW, defs)
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "followthrough workflow",
        **root,
        "$defs": dict(sorted(defs.items())),
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _schema(shape: Shape, defs: dict[str, Json]) -> Json:
    match shape:
        case Choice(words):
            return {"enum": [*words, *(_AS_BOOLEANS[word] == "true" for word in words if word in _AS_BOOLEANS)]}
        case Text():
            # A pattern speaks of strings only, so it leaves numbers and booleans alone.
            pattern = {"pattern": shape.pattern} if shape.pattern else {"minLength": 1}
            return {"type": ["string", "number", "boolean"], **pattern}
        case ListOf():
            least = {"minItems": shape.least} if shape.least else {}
            item = _schema(shape.item, defs)
            array = {"type": "array", "items": item, **least}
            return {"anyOf": [item, array]} if shape.alone else array
        case MapOf():
            return {
                "type": "object",
                "propertyNames": _of_strings(_schema(shape.key, defs)),
                "additionalProperties": _schema(shape.item, defs),
            }
        case OneOf():
            return {"anyOf": [_schema(record, defs) for record in shape.kinds.values()]}
        case Record():
            if shape.name not in defs:
                defs[shape.name] = {}
                defs[shape.name] = _record(shape, defs)
            return {"$ref": f"#/$defs/{shape.name}"}
    raise TypeError(f"there is no schema for {shape}")


def _of_strings(schema: Json) -> Json:
    return {key: value for key, value in schema.items() if key != "type"}


def _record(record: Record, defs: dict[str, Json]) -> Json:
    properties: dict[str, Json] = {}
    needed: list[Json] = []
    for name, key in record.keys.items():
        properties[name] = {**_schema(key.shape, defs), "description": key.doc}
        other = _AS_BOOLEANS.get(name)
        if other:
            properties[other] = properties[name]
            needed += [{"anyOf": [{"required": [name]}, {"required": [other]}]}] if key.required else []
    required = [name for name, key in record.keys.items() if key.required and name not in _AS_BOOLEANS]
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **({"required": required} if required else {}),
        **({"allOf": needed} if needed else {}),
    }


def records() -> dict[str, Record]:
    """Every record of the language by its name."""
    found: dict[str, Record] = {}
    _collect(WORKFLOW, found)
    _collect(SCENARIO, found)
    return found


def _collect(shape: Shape, found: dict[str, Record]) -> None:
    match shape:
        case ListOf() | MapOf():
            _collect(shape.item, found)
        case OneOf():
            for record in shape.kinds.values():
                _collect(record, found)
        case Record():
            found[shape.name] = shape
            for key in shape.keys.values():
                _collect(key.shape, found)


def key_table(record: Record) -> str:
    """The keys of a record as a table in Markdown."""
    rows = [f"| `{name}` | {_takes(key)} | {_cell(key.doc)} |" for name, key in record.keys.items()]
    return "\n".join(["| key | takes | what it says |", "|---|---|---|", *rows])


def _takes(key: Key) -> str:
    return _cell(key.shape.takes) + ("; needed" if key.required else "")


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def fill_tables(document: str) -> str:
    """A document with the table between each `<!-- keys: NAME -->` and `<!-- end -->` written anew."""
    known = records()

    def table(match: re.Match[str]) -> str:
        return f"{match[1]}{key_table(known[match[2]])}\n{match[3]}"

    return _BLOCK.sub(table, document)


def tables_in(document: str) -> list[str]:
    """The names of the records whose tables a document holds."""
    return [match[2] for match in _BLOCK.finditer(document)]
