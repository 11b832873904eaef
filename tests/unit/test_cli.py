"""The command as a whole: help, ways out, languages of the machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from engine.cli import output
from engine.cli.session import actor
from tests.command import NOTE, REAL, ROOT, Command, real

COMMANDS = (
    "check", "plan", "apply", "record", "retract", "import", "attendance", "facts", "letters", "show", "approve", "why",
    "status", "forecast", "feed", "link", "simulate", "answers", "decide", "edit", "note", "refuse", "run",
    "go-live", "backup", "restore", "stop", "resume", "links", "delegate", "digest", "test", "fetch", "told",
)  # fmt: skip
HEAVY = (
    "engine.app", "engine.definition", "engine.store", "sqlmodel", "sqlalchemy", "pydantic_settings", "jinja2",
    "holidays", "rich", "numpy", "openpyxl",
)  # fmt: skip


def test_help_fits_a_screen_and_names_every_command_in_its_section(command: Command) -> None:
    lines = command("--help").stdout.splitlines()
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 80
    assert [name for name in COMMANDS if not any(line.startswith(f"  {name} ") for line in lines)] == []
    assert not any(line.endswith("...") and not line.startswith("Usage") for line in lines)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_that_fits(command: Command, name: str) -> None:
    lines = command(name, "--help").stdout.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80
    assert "[[" not in lines[0]


@pytest.mark.slow
@pytest.mark.parametrize("args", [["--help"], ["plan", "--help"], ["record", "--help"], ["simulate", "--help"]])
def test_help_imports_nothing_heavy(args: list[str]) -> None:
    program = (
        f"import sys\nsys.argv = ['followthrough', *{args!r}]\nfrom engine.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Usage: followthrough" in done.stdout
    assert done.stderr.split() == []


def test_version(command: Command) -> None:
    assert command("--version").stdout.startswith("followthrough 0.")


@pytest.mark.parametrize(
    "args",
    [["plam"], ["plan"], ["plan", NOTE, "--att", "2018-03-01"], ["record", NOTE, "report"],
     ["approve"], ["approve", "--all", "k"], ["record", NOTE, "report", "2018-03-20", "--party", "NR", "--detail", "kind"]],
)  # fmt: skip
def test_wrong_usage_exits_with_2(command: Command, args: list[str]) -> None:
    assert "Error:" in command(*args, exits=2).stderr


def test_what_is_not_there_is_said_with_the_nearest_word(command: Command) -> None:
    result = command("plan", "ccm-nim-2081", exits=1)
    assert result.stderr.startswith("Error: there is no workflow “ccm-nim-2081”")
    assert NOTE in result.stderr
    assert result.stdout == ""


def test_a_wrong_setting_is_named(command: Command) -> None:
    assert "FOLLOWTHROUGH_DAILY_LIMIT" in command("letters", exits=1, FOLLOWTHROUGH_DAILY_LIMIT="many").stderr


def test_a_fault_of_the_program_is_one_kind_line_and_a_report(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError("x" * 5)

    monkeypatch.setattr("engine.cli.views.letters.letter_rows", fail)
    result = command("letters", exits=1, FOLLOWTHROUGH_DEBUG="")
    assert len(result.stderr.splitlines()) == 1
    assert "KeyError: 'xxxxx'" in result.stderr
    assert str(command.home / "errors.log") in result.stderr
    assert "FOLLOWTHROUGH_DEBUG=1" in result.stderr
    assert "Traceback" in (command.home / "errors.log").read_text("utf-8")
    assert (command.home / "errors.log").stat().st_mode & 0o077 == 0, "names and addresses may be in it"
    shown = command("letters", exits=1, FOLLOWTHROUGH_DEBUG="1")
    assert isinstance(shown.exception, KeyError)


def test_a_folder_that_cannot_be_made_is_named(command: Command) -> None:
    blocked = command.home / "file"
    blocked.write_text("")
    result = command("record", NOTE, "report", "2017-09-01", "--party", "NR", exits=1, FOLLOWTHROUGH_HOME=str(blocked))
    assert result.stderr.startswith(f"Error: {blocked}")


def test_an_actor_without_a_name_is_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("engine.cli.session.getpass.getuser", nobody)
    assert actor() == "somebody"


@pytest.mark.slow
def test_the_output_is_utf8_also_under_the_locale_c(tmp_path: Path) -> None:
    found = real(
        tmp_path, "why", "XX", LANG="C", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="ascii"
    )
    assert found.returncode == 1
    assert "no workflow has a party “XX”" in found.stderr.decode("utf-8")


@pytest.mark.slow
def test_a_reader_that_goes_is_no_error(tmp_path: Path) -> None:
    script = f"{' '.join(REAL)} plan article7-annual --at 2027-01-10 --json | head -c 5"
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=ROOT,
        capture_output=True,
        check=False,
        env=os.environ | {"FOLLOWTHROUGH_HOME": str(tmp_path)},
    )
    assert done.stdout == b'[{"ke'
    assert done.stderr == b""


@pytest.mark.slow
def test_an_interrupt_is_quiet(tmp_path: Path) -> None:
    def listen() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)

    process = subprocess.Popen(
        [*REAL, "simulate", NOTE, "--scenario", "workflows/ccm/scenario-2018.yaml", "--speed", "1d/s"],
        cwd=ROOT, env=os.environ | {"FOLLOWTHROUGH_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}, preexec_fn=listen,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=60)
    assert complaints == b""
    assert process.returncode in (130, -signal.SIGINT)  # the same to a shell: while it still loads, the signal ends it


class _Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_colours_unless_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for variable in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    shown = []
    for no_color in (False, True):
        if no_color:
            monkeypatch.setenv("NO_COLOR", "1")
        output._console.cache_clear()
        terminal = _Terminal()
        monkeypatch.setattr(sys, "stdout", terminal)
        output.say(("failed", "red"), " and a long line that is never wrapped" * 5)
        shown.append(terminal.getvalue())
    output._console.cache_clear()
    assert "\x1b[31mfailed\x1b[0m" in shown[0]
    assert "\x1b[31m" not in shown[1]
    assert all(text.count("\n") == 1 for text in shown)


def test_what_others_wrote_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.say("a\x1b[31mb\x07\x9bc")
    output.complain("a\x1b]0;title\x07")
    captured = capsys.readouterr()
    assert captured.out == "a\ufffd[31mb\ufffd\ufffdc\n"
    assert "\x1b" not in captured.err
