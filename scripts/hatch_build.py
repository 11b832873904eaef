"""A wheel carries the data that a checkout keeps at its top level; an editable install reads the checkout."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DataHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            for folder in ("templates", "workflows", "config"):
                build_data["force_include"][folder] = f"engine/_data/{folder}"
