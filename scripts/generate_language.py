"""Writes what is generated from the language's shapes: the JSON Schema, and the key tables of docs/language.md."""

from pathlib import Path

from engine.definition.syntax.schema import fill_tables, json_schema

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    (ROOT / "engine" / "definition" / "workflow.schema.json").write_text(json_schema(), encoding="utf-8")
    document = ROOT / "docs" / "language.md"
    document.write_text(fill_tables(document.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
