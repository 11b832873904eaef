"""What is generated from the shapes agrees with what is committed, and the schema accepts what the loader accepts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.definition import loader
from engine.definition.syntax.schema import fill_tables, json_schema, records, tables_in
from engine.definition.syntax.sources import SourceFile
from tests.support import BROKEN, ROOT

SCHEMA = ROOT / "engine" / "definition" / "workflow.schema.json"
LANGUAGE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
VALID = [BROKEN / "valid.yaml", *sorted((ROOT / "workflows").glob("*.yaml"))]
AGAIN = "run scripts/generate_language.py"


class Core12(yaml.SafeLoader):
    """Types as YAML 1.2 does, near enough: only true and false are booleans, and there are no dates."""


Core12.yaml_implicit_resolvers = {
    char: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":int", ":float", ":null"))]
    for char, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Core12.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def as_json(value: Any) -> Any:
    """What an editor hands to a schema: keys are strings, and JSON has no dates."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else json.dumps(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def accepts(schema: dict[str, Any], value: Any, defs: dict[str, Any]) -> bool:
    """A validator of just the words that the schema uses."""
    if "$ref" in schema and not accepts(defs[schema["$ref"].rpartition("/")[2]], value, defs):
        return False
    types: dict[str, Any] = {"string": str, "number": (int, float), "boolean": bool, "array": list, "object": dict}
    wanted = schema.get("type", [])
    if wanted and not any(isinstance(value, types[name]) for name in ([wanted] if isinstance(wanted, str) else wanted)):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, str):
        return bool(re.search(schema.get("pattern", ""), value)) and len(value) >= schema.get("minLength", 0)
    if isinstance(value, list):
        return len(value) >= schema.get("minItems", 0) and all(
            accepts(schema.get("items", {}), item, defs) for item in value
        )
    if any(not any(accepts(option, value, defs) for option in part["anyOf"]) for part in schema.get("allOf", ())):
        return False
    if "anyOf" in schema and not any(accepts(option, value, defs) for option in schema["anyOf"]):
        return False
    return not isinstance(value, dict) or accepts_keys(schema, value, defs)


def accepts_keys(schema: dict[str, Any], value: dict[str, Any], defs: dict[str, Any]) -> bool:
    properties, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
    if not all(name in value for name in schema.get("required", ())):
        return False
    for name, item in value.items():
        if "propertyNames" in schema and not accepts(schema["propertyNames"], name, defs):
            return False
        inner = properties.get(name, rest)
        if inner is False or (isinstance(inner, dict) and not accepts(inner, item, defs)):
            return False
    return True


def test_the_committed_schema_is_the_generated_one() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == json_schema(), AGAIN


def test_the_tables_of_the_documentation_are_the_generated_ones() -> None:
    assert fill_tables(LANGUAGE) == LANGUAGE, AGAIN


def test_each_record_has_its_table() -> None:
    measures = {"measure_count", "measure_each", "measure_show"}  # the objectives' tables say the same
    assert set(tables_in(LANGUAGE)) == set(records()) - measures


@pytest.mark.parametrize("typed", [yaml.SafeLoader, Core12], ids=["yaml-1.1", "yaml-1.2"])
@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_the_schema_accepts_what_the_loader_accepts(path: Path, typed: type[yaml.SafeLoader]) -> None:
    schema = json.loads(json_schema())
    value = as_json(yaml.load(path.read_text(encoding="utf-8"), Loader=typed))
    assert accepts(schema, value, schema["$defs"])


@pytest.mark.parametrize(
    "name",
    ["key-unknown", "key-missing", "name-of-step", "send-empty", "step-kind-unknown", "value-both", "type-unknown"],
)
def test_the_schema_refuses_what_it_can_see(name: str) -> None:
    schema = json.loads(json_schema())
    value = as_json(yaml.safe_load((BROKEN / "workflows" / f"{name}.yaml").read_text(encoding="utf-8")))
    assert not accepts(schema, value, schema["$defs"])


def test_the_example_of_the_documentation_loads() -> None:
    example = re.findall(r"```yaml\n(.*?)```", LANGUAGE, re.DOTALL)[0]
    files = {
        "parties.csv": "id,name,region\nKE,Kenya,Africa\nGH,Ghana,Africa\n",
        "contacts.csv": "id,party,post,name,address\nke,KE,mission,KE,ke@x.example\ngh,GH,capital,GH,gh@x.example\n",
    }
    loaded = loader.load(SourceFile("small-plan.yaml", example), files.__getitem__, {})
    assert loaded.problems == ()
    assert list(loaded.plannable.workflow.steps) == ["workshop", "reports"]
