"""A base plan with the changes of a case, as the files that a coordinator would write."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.hard_cases.notation import FOLDER, Change

NAME = "cases"
_TABLES = ("parties", "contacts")
_NAMED = ("steps", "anchors", "parties", "contacts", "roles", "facts", "attributes", "values", "sets", "objectives")


class Raw(str):
    """YAML that stands as it is."""

    __slots__ = ()


class Files:
    """What is to be written."""

    def __init__(self, base: str, steps: Sequence[str], changes: Sequence[Change]) -> None:
        # BaseLoader: every scalar is text, as in the language.
        self.tree: dict[str, Any] = yaml.load((FOLDER / f"{base}.yaml").read_text("utf-8"), yaml.BaseLoader)
        known = self.tree["steps"]
        if unknown := [name for name in steps if name not in known]:
            raise ValueError(f"{base}.yaml has no step {', '.join(unknown)}: it has {', '.join(known)}")
        self.tree["steps"] = {name: known[name] for name in steps}
        for each in changes:
            self.change(each)

    def change(self, changed: Change) -> None:
        """Put another value in a place, or take the key away. What has a name needs not say where it is: `ask.by`."""
        path, first = changed.path, changed.path[0]
        if first not in self.tree:
            path = next(((name, *path) for name in _NAMED if first in self.tree.get(name, {})), path)
        if path[0] in _TABLES and len(path) > 3:
            path = (*path[:2], ".".join(path[2:]))  # a column such as report.form
        *way, last = path
        at = self.tree
        for key in way:
            at = at.setdefault(key, {})
        if changed.value is None:
            del at[last]
        else:
            in_table = path[0] in _TABLES and len(path) > 1
            at[last] = yaml.load(changed.value, yaml.BaseLoader) if in_table else Raw(changed.value)

    def write(self, folder: Path) -> None:
        """Write the plan and its tables into a folder."""
        plan = dict(self.tree)
        for name in _TABLES:
            if isinstance(plan[name], dict):
                (folder / f"{name}.csv").write_text(_table(plan[name]), "utf-8")
                plan[name] = f"{name}.csv"
        letters = folder / NAME / "letters"
        for name, text in plan.pop("letters", {}).items():
            letters.mkdir(parents=True, exist_ok=True)
            (letters / f"{name}.md").write_text(text.replace(" / ", "\n") + "\n", "utf-8")
        kept = {key: value for key, value in plan.items() if key != "applied" and value != {}}
        (folder / f"{NAME}.yaml").write_text("\n".join(_block(kept)) + "\n", "utf-8")


def _table(rows: Mapping[str, Mapping[str, str]]) -> str:
    columns = list(dict.fromkeys(["id", "name", *(column for row in rows.values() for column in row)]))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({"id": key, **row} for key, row in rows.items())
    return text.getvalue()


def _block(tree: Mapping[str, Any], indent: str = "") -> list[str]:
    lines = []
    for key, value in tree.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}:", *_block(value, indent + "  ")]
        else:
            lines.append(f"{indent}{key}: {value if isinstance(value, Raw) else json.dumps(value, ensure_ascii=False)}")
    return lines
