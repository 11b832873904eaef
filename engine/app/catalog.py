"""Where plans come from: files by name or path, and the templates that go with them."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from engine import paths
from engine.definition import loader
from engine.definition.building.attaching import LARGEST
from engine.definition.hints import suggest
from engine.definition.syntax.sources import Loaded, decode
from engine.dispatcher.package import Opened, Package, package_of
from engine.errors import NotFound, display_path
from engine.rendering.source import read_templates, with_own

_LARGEST = 50_000_000
_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")


class Catalog:
    """Finds and loads plans on disk. `environment` fills `${NAME}`."""

    def __init__(
        self, environment: Mapping[str, str], workflows: Path | None = None, templates: Path | None = None,
        applied_from: Callable[[str], str | None] = lambda _: None,
    ) -> None:  # fmt: skip
        """`applied_from` says from which file a plan of a name was applied, so that its name is enough afterwards."""
        self.environment = environment
        self.workflows = workflows or paths.workflows_dir()
        self.templates = templates or paths.templates_dir()
        self._applied_from = applied_from

    @staticmethod
    def is_name(workflow: str) -> bool:
        """Whether a WORKFLOW is a name; else it is a path."""
        return _NAME.fullmatch(workflow) is not None

    def names(self) -> list[str]:
        """The plans in `workflows/`."""
        return sorted(path.stem for path in self.workflows.glob("*.yaml"))

    def find(self, workflow: str) -> Path:
        """The file of a WORKFLOW. Raises NotFound with the nearest name."""
        if self.is_name(workflow):
            path = self.workflows / f"{workflow}.yaml"
            source = None if path.is_file() else self._applied_from(workflow)
            if source is not None and source != workflow:
                return self.find(source)
            if not path.is_file():
                known = suggest(workflow, self.names())
                raise NotFound(f"there is no workflow “{workflow}” in {display_path(self.workflows)}. {known}".rstrip())
            return path
        path = Path(workflow)
        if not os.path.isfile(path):
            raise NotFound(f"there is no file {workflow}")
        return path

    def name_of(self, workflow: str) -> str:
        """The name of a WORKFLOW, also of one given as a path. Raises NotFound and BadInput."""
        return workflow if self.is_name(workflow) else self.load(workflow).plannable.workflow.name

    def named(self, workflow: str | None) -> str | None:
        """The same of a WORKFLOW that may be left out."""
        return self.name_of(workflow) if workflow else None

    def source(self, workflow: str) -> str:
        """A WORKFLOW for later, from wherever it is asked: its name, or the whole path where it is not in `workflows/`."""
        path = self.find(workflow)
        named = self.workflows / f"{path.stem}.yaml"
        if self.is_name(path.stem) and named.is_file() and named.samefile(path):
            return path.stem
        return str(path.absolute())

    def load(self, workflow: str) -> Loaded:
        """A plan as its files say now. Raises NotFound and BadInput."""
        return self._load(self.find(workflow))

    def _load(self, path: Path) -> Loaded:
        source = decode(display_path(path), _content(path))

        def read(name: str) -> str:
            return _content(path.parent / name).decode("utf-8")

        def read_bytes(name: str) -> bytes:
            return _content(path.parent / name, LARGEST + 1, whole=False)

        return loader.load(source, read, self.environment, read_bytes)

    def open(self, workflow: str) -> tuple[Package, Opened]:
        """A plan from its files, ready to plan and render."""
        path = self.find(workflow)
        loaded, folder = self._load(path), letters_of(path)
        shown = display_path(folder)
        own = read_templates(folder, shown) if folder.is_dir() else {}
        package = package_of(loaded, with_own(read_templates(self.templates), own))
        return package, Opened(loaded, package.templates, shown, frozenset(own))


def letters_of(plan: Path) -> Path:
    """Where a plan's own letters are: of `NAME.yaml` in `NAME/letters`, beside it."""
    return plan.parent / plan.stem / "letters"


def _content(path: Path, most: int = _LARGEST, *, whole: bool = True) -> bytes:
    """A file's bytes, all or the first of them. Raises OSError for what is none (a pipe has no end) or has more."""
    # Without O_NONBLOCK already to open a pipe would wait for ever.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no file")
        content = file.read(most + whole)
    if whole and len(content) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most // 1_000_000} MB")
    return content
