"""`edit`: a letter's words in a person's editor, or from a file."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import typer

from engine.app.letters.approvals import approve
from engine.app.letters.edits import EditDraft, Edited, as_text, draft, edit, read_text
from engine.app.root import App
from engine.cli.faults import FAILED
from engine.cli.output import complain, say
from engine.cli.session import actor, at_terminal
from engine.errors import Refused

_EDITORS = ("sensible-editor", "nano", "vim", "vi")


def show_words(app: App, key: str) -> None:
    """Print the words, in the form that `--from` reads."""
    say(as_text(draft(app, key).wording).rstrip("\n"))


def undo(app: App, key: str, *, approved: bool) -> None:
    """Take an edit back."""
    found = draft(app, key)
    if found.edit is None:
        say(f"Nobody has edited {key}: it reads as its template has it.")
        return
    _tell(app, edit(app, key, None, actor(), seen=found.digest), approved=approved)


def do_edit(app: App, key: str, source: str | None, *, approved: bool) -> None:
    """Take the words from a file, or let the person write them in their editor."""
    found = draft(app, key)
    if source is not None:
        _tell(app, edit(app, key, read_text(_read(source)), actor(), seen=found.digest), approved=approved)
        return
    path = _written(found)
    _open_editor(path)
    try:
        wording = read_text(_read(str(path)))
        if wording == found.wording:
            say("Nothing was changed.")
            path.unlink()
            return
        done = edit(app, key, wording, actor(), seen=found.digest)
    except Refused:
        complain(f"What you wrote is kept in {path}: mend it and say --from {path}")
        raise
    path.unlink()
    _tell(app, done, approved=approved)


def _tell(app: App, done: Edited, *, approved: bool) -> None:
    say(f"{done.key} {'reads as edited' if done.otherwise else 'reads as its template has it'}.")
    if not approved:
        say(f"Read it with “followthrough show {done.key}”; it leaves once it is approved.")
        return
    answer = approve(app, [done.key], actor(), seen={done.key: done.digest})
    for key, reason in answer.refused:
        complain(f"{key}: {reason}")
        raise typer.Exit(FAILED)
    say("1 letter approved.")


def _written(found: EditDraft) -> Path:
    handle, name = tempfile.mkstemp(prefix="letter-", suffix=".md")
    with open(handle, "w", encoding="utf-8") as file:
        file.write(as_text(found.wording))
    return Path(name)


def _read(source: str) -> str:
    try:
        return sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Refused(f"{source} is not UTF-8 text") from None


def _open_editor(path: Path) -> None:
    """Let the person edit a file. Raises Refused without an editor, or where it gave up."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if named is None and not at_terminal():
        path.unlink()
        raise Refused("there is no terminal to edit at: write the words into a file, and say --from FILE")
    editor = named or next((name for name in _EDITORS if shutil.which(name)), None)
    if editor is None:
        path.unlink()
        raise Refused("no editor is known: set EDITOR, or write the words into a file and say --from FILE")
    try:
        status = subprocess.run([*shlex.split(editor), str(path)], check=False).returncode
    except (OSError, ValueError) as error:
        path.unlink()
        raise Refused(f"the editor “{editor}” could not be started: {error}") from None
    if status:
        raise Refused(f"the editor “{editor}” gave up with status {status}; what was written is in {path}")
