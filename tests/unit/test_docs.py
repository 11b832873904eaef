"""The documents are true: what they name exists, their commands parse, and the lifecycle they draw is the program's."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer

from engine.cli.program import app
from engine.clock import SystemClock
from engine.lifecycle import MOVES, PLAN_ONLY, State
from engine.settings import Settings
from engine.web.health import HealthReport
from engine.web.monitor import _families
from tests.command import Command

ROOT = Path(__file__).resolve().parents[2]
ADRS = ROOT / "docs" / "adr"
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
LIFECYCLE = (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
RUNNING = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
_FILE = re.compile(r"`((?:[\w-]+/)*[\w.-]+\.(?:py|yaml|json|csv|toml|md|sh|ics)|(?:[\w-]+/)+)(?::([A-Za-z_][\w.]*))?`")
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")
_CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"(?:^\$ |^`|^)(?:\.venv/bin/)?followthrough ([^`\n]+)", re.MULTILINE)
_MADE_BY_RUNNING = (".mutants/", "var/", "simulations/", "feeds/", "mailbox/", "new/")


def places() -> Iterator[tuple[str, str, str]]:
    """Each file that a document names, with a name in it where one is given."""
    for document in DOCUMENTS:
        for path, name in _FILE.findall(document.read_text(encoding="utf-8")):
            if path not in _MADE_BY_RUNNING and document.name != "language.md":
                yield document.name, path, name


def found(path: str) -> Path | None:
    """A path of the repository, written from its top or from `engine/`."""
    return next((place for start in (ROOT, ROOT / "engine") if (place := start / path).exists()), None)


@cache
def names_in(path: Path) -> frozenset[str]:
    """What a module defines: `function`, `Class`, `Class.method`, `CONSTANT`."""
    names: set[str] = set()

    def collect(body: list[ast.stmt], within: str) -> None:
        for node in body:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    names.add(within + node.name)
                case ast.ClassDef():
                    names.add(within + node.name)
                    collect(node.body, f"{within}{node.name}.")
                case ast.Assign():
                    names.update(within + target.id for target in node.targets if isinstance(target, ast.Name))
                case ast.AnnAssign(target=ast.Name(id=name)):
                    names.add(within + name)

    collect(ast.parse(path.read_text(encoding="utf-8")).body, "")
    return frozenset(names)


@pytest.mark.parametrize(("document", "path", "name"), sorted(set(places())))
def test_what_a_document_names_exists(document: str, path: str, name: str) -> None:
    place = found(path)
    assert place is not None, f"{document} names {path}"
    assert not name or name in names_in(place), f"{document} names {name} in {path}"


def test_the_architecture_names_its_functions() -> None:
    named = [name for document, _, name in places() if document == "architecture.md" and name]
    assert len(named) > 60


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_links_lead_somewhere(document: Path) -> None:
    links = _LINK.findall(document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def commands(document: Path) -> list[str]:
    """The command lines in the code of a document, without the program's name."""
    code = "\n".join(_CODE.findall(document.read_text(encoding="utf-8")))
    return list(dict.fromkeys(_COMMAND.findall(code)))


@pytest.mark.parametrize(("document", "line"), [(path.name, line) for path in DOCUMENTS for line in commands(path)])
def test_a_command_in_a_document_parses(document: str, line: str) -> None:
    name, *args = shlex.split(line)
    if name.startswith("--") or name.isupper():
        return
    group = typer.main.get_command(app)
    command = getattr(group, "commands", {}).get(name)
    assert command is not None, f"{document}: there is no command {name}"
    command.make_context(name, args)


def test_the_tour_shows_every_command_that_a_newcomer_needs() -> None:
    shown = {line.split()[0] for line in commands(ROOT / "README.md")}
    assert shown >= {
        "check", "plan", "apply", "record", "letters", "show", "approve", "why", "status", "feed", "simulate",
    }  # fmt: skip


def tour() -> list[tuple[str, list[str]]]:
    """The tour up to the simulated year: each command with the lines that the README shows of its output."""
    steps: list[tuple[str, list[str]]] = []
    for block in re.findall(r"^```\n(\$ .*?)^```", README, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append((line.removeprefix("$ followthrough "), []))
            elif steps:
                steps[-1][1].append(line)
    return steps[: next(index for index, (line, _) in enumerate(steps) if line.startswith("simulate"))]


@pytest.mark.slow
def test_the_tour_shows_what_the_program_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = Command(tmp_path, monkeypatch)
    command.at("2026-11-25T12:00")
    for line, shown in tour():
        said = command(*shlex.split(line)).stdout.replace(str(tmp_path), "var")
        assert [part for part in shown if part not in said] == [], said


def test_every_setting_is_named() -> None:
    names = {name.upper() for name in Settings.model_fields}
    assert set(re.findall(r"`FOLLOWTHROUGH_(\w+)`", RUNNING)) - {"DEBUG"} == names
    example = (ROOT / "config" / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#FOLLOWTHROUGH_(\w+)=", example, re.MULTILINE)) == names


def test_what_is_so_unless_set_is_said() -> None:
    rows = re.findall(r"^\| (`FOLLOWTHROUGH_.*?) \| (.*?) \|", RUNNING, re.MULTILINE)
    defaults = {
        name.upper(): str(field.default) for name, field in Settings.model_fields.items() if not field.default_factory
    }
    said: dict[str, str] = {}
    for names, values in rows:
        pairs = zip(re.findall(r"`FOLLOWTHROUGH_(\w+)`", names), re.findall(r"`([^`]+)`", values), strict=False)
        said |= {name: value for name, value in pairs if name in defaults}
    assert len(said) >= 12
    assert said == {name: defaults[name] for name in said}


def test_every_command_is_in_the_documents_for_users() -> None:
    shown = {line.split()[0] for name in ("README.md", "docs/running.md") for line in commands(ROOT / name)}
    group = typer.main.get_command(app)
    assert set(getattr(group, "commands", {})) - shown - {"facts", "edit"} == set()


def test_what_the_log_says_is_what_the_daemon_writes() -> None:
    events = re.findall(r"^\| `(.+?)` \| (?!none)", RUNNING.partition("`event` | what to do")[2], re.MULTILINE)
    assert len(events) >= 10
    source = "".join(
        (ROOT / "engine" / name).read_text("utf-8")
        for name in ("daemon/service.py", "daemon/inbox.py", "cli/views/daemon.py")
    )
    assert [event for event in events if f'"{event}"' not in source] == []


def test_the_metrics_that_are_told_are_those_that_there_are() -> None:
    now = SystemClock().now()
    condition = HealthReport(now, now, inbox_at=now)
    there = {sample.name for family in _families(condition) for sample in family.samples} | {"followthrough_letters"}
    assert set(re.findall(r"`(followthrough_\w+)`", RUNNING)) == there


def test_what_the_unit_and_the_image_need_is_said() -> None:
    unit = (ROOT / "config" / "followthrough.service").read_text(encoding="utf-8")
    (program,) = re.findall(r"^ExecStart=(\S+) run$", unit, re.MULTILINE)
    (user,) = re.findall(r"^User=(\S+)$", unit, re.MULTILINE)
    assert f"sudo -u {user} {program}'" in RUNNING
    assert f"useradd --system --user-group --home-dir /var/lib/{user}" in RUNNING
    assert "docker build -f config/Dockerfile" in RUNNING
    assert {".env", "var", ".git", ".venv"} <= set((ROOT / ".dockerignore").read_text(encoding="utf-8").split())


def test_the_lifecycle_is_drawn_as_it_is() -> None:
    moves = {(str(before), str(after)) for before, afters in MOVES.items() for after in afters}
    drawn = re.findall(r"^ +(\w+) --> (\w+)$", LIFECYCLE, re.MULTILINE)
    assert set(drawn) == moves
    assert len(drawn) == len(moves)


def test_the_lifecycle_says_of_each_move_who_and_when() -> None:
    moves = {(str(before), str(after)) for before, afters in MOVES.items() for after in afters}
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", LIFECYCLE, re.MULTILINE)
    assert [(before, after) for before, after, _, _ in rows] == list(dict.fromkeys((b, a) for b, a, _, _ in rows))
    assert {(before, after) for before, after, _, _ in rows} == moves


def test_each_state_is_in_the_lifecycle() -> None:
    only = set(re.findall(r"^\| `(\w+)` \| [^`|]+ \|$", LIFECYCLE, re.MULTILINE))
    assert only == {str(state) for state in PLAN_ONLY}
    assert {str(state) for state in State} == only | {str(state) for state in MOVES}


def test_each_decision_is_in_the_index() -> None:
    index = (ADRS / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\d{4})\]\((\S+\.md)\) \| (.+) \|$", index, re.MULTILINE)
    files = sorted(path.name for path in ADRS.glob("0*.md"))
    assert [name for _, name, _ in listed] == files
    for number, name, title in listed:
        assert name.startswith(number)
        text = (ADRS / name).read_text(encoding="utf-8")
        assert text.startswith(f"# {int(number)}. {title}\n")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
