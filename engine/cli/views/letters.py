"""`letters`, `show`, `approve` and `why`: the outbox, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from engine.app.letters.approvals import approve, refuse, waiting_for_approval
from engine.app.letters.letters import Shown, letter_rows, note_verbale, show
from engine.app.letters.reading import beside
from engine.app.root import App
from engine.app.why.why import why
from engine.cli.faults import FAILED
from engine.cli.output import complain, say, say_heading, say_object, say_rows, say_wrapped
from engine.cli.session import actor
from engine.cli.views.switch import warn_if_stopped
from engine.cli.words import STYLES, counts, state_words
from engine.definition.words import counted, listed, size_words


def show_letters(
    app: App, *, state: str | None, step: str | None, party: str | None, workflow: str | None, as_json: bool
) -> None:
    """List the outbox."""
    name = app.catalog.named(workflow)
    rows = letter_rows(app, state=state, step=step, party=party, workflow=name)
    if as_json:
        say_rows(rows)
    elif not rows:
        nothing = state is step is party is workflow is None
        say(
            "The outbox is empty: “followthrough apply WORKFLOW” fills it."
            if nothing
            else "The outbox has no such letter."
        )
    else:
        for row in rows:
            _show_row(row)
        say()
        say(counts(row["state"] for row in rows))
        warn_if_stopped(app)


def _show_row(row: Mapping[str, Any]) -> None:
    state = state_words(row["state"])
    if row["approved"] and row["state"] == "scheduled":
        state += ", approved"
    if row["edited"]:
        state += ", edited"
    say((f"{moment(row['due_at'])}  ", "bold"), (f"{state:<19}  ", STYLES.get(row["state"], "")), row["key"])
    if row["sent_at"]:
        say(f"    sent {moment(row['sent_at'])} as {row['message_id']}")
    elif row["state"] not in ("scheduled", "awaiting_approval"):
        say_wrapped(row["reason"], first="    ")
    if row["to"]:
        copies = f"; Cc {row['cc']}" if row["cc"] else ""
        say_wrapped(f"To {row['to']}{copies}", first="    ")
        say_wrapped(f"“{row['subject']}”", first="    ")


def moment(text: str | None) -> str:
    """`2018-03-29 09:00+02:00` of an instant in JSON."""
    if text is None:
        return "-"
    return datetime.fromisoformat(text).isoformat(sep=" ", timespec="minutes")


def show_letter(app: App, key: str, *, as_json: bool) -> None:
    """Print one letter."""
    shown = show(app, key)
    if as_json:
        say_object(_letter_object(shown))
        return
    say((shown.key, "bold"))
    state = (state_words(shown.state), STYLES.get(shown.state, ""))
    say(state, f", due {moment(shown.due_at)}" if shown.due_at else "", f": {shown.reason}")
    if shown.edited_by is not None:
        undo = "" if shown.mail else f" (“followthrough edit {shown.key} --undo” takes them back)"
        say(f"In the words of {shown.edited_by}{undo}")
    if shown.mail is not None:
        say(f"Message-ID: {shown.mail.message_id}")
        if others := beside(shown.key, shown.mail.body):
            say(f"In one mail with {listed(others)}")
    if shown.to or shown.subject:
        say(f"To: {shown.to}")
        if shown.cc:
            say(f"Cc: {shown.cc}")
        say(f"Subject: {shown.subject}")
    for file in shown.attachments:
        say(f"Attached: {file.name}, {size_words(file.size)}")
    say()
    say(shown.text.rstrip() if shown.text else "It has no text yet: that is written once its day is known.")


def write_note(app: App, key: str, path: str) -> None:
    """Write the PDF of a letter's note verbale, and say which it is."""
    file, numbered = note_verbale(app, key)
    Path(path).write_bytes(file.content)
    say(f"{file.name}: {path}, {size_words(file.size)}")
    if not numbered:
        say("It has no number yet: it gets one when it is approved.")


def _letter_object(shown: Shown) -> dict[str, Any]:
    own = {"mail", "attachments"}
    values = {field.name: getattr(shown, field.name) for field in fields(shown) if field.name not in own}
    files = [{"name": file.name, "type": file.type, "size": file.size} for file in shown.attachments]
    return values | {"attachments": files} | {"message_id": shown.mail.message_id if shown.mail else None}


def do_approve(app: App, keys: Sequence[str], seen: Mapping[str, str] | None = None) -> None:
    """Approve the letters named (`seen`: as they were shown); leave with 1 if any was refused."""
    done = approve(app, keys, actor(), seen=seen)
    for key, reason in done.refused:
        complain(f"{key}: {reason}")
    refused = f", {len(done.refused)} refused" if done.refused else ""
    say(f"{counted(len(done.keys), 'letter')} approved{refused}.")
    warn_if_stopped(app)
    if done.refused:
        raise typer.Exit(FAILED)


def do_refuse(app: App, keys: Sequence[str], reason: str) -> None:
    """Refuse the letters named; leave with 1 if that was not possible for any."""
    done = refuse(app, keys, reason, actor())
    for key, why_not in done.refused:
        complain(f"{key}: {why_not}")
    say(f"{counted(len(done.keys), 'letter')} withdrawn: {reason}")
    if done.refused:
        raise typer.Exit(FAILED)


def say_waiting(app: App, workflow: str) -> None:
    """Say how many letters of a workflow wait for a person, if any do."""
    waiting = sum(row.workflow == workflow for row in waiting_for_approval(app))
    if waiting:
        say(f"{counted(waiting, 'letter')} awaiting approval: followthrough letters --waiting")


def show_why(app: App, what: str, *, step: str | None, on: str | None, as_json: bool) -> None:
    """Answer why."""
    answer = why(app, what, step=step, on=on)
    if as_json:
        say_object(answer)
    elif "workflows" in answer:
        for at, found in enumerate(answer["workflows"]):
            if at:
                say()
            named = what if found["name"] == what else f"{what}, {found['name']}"
            say_heading(f"{named}: {found['title']}")
            _sentences(found["sentences"])
    else:
        _sentences(answer["sentences"])


def _sentences(sentences: Sequence[str]) -> None:
    for sentence in sentences or ["There is nothing to say: nothing was sent, nothing is to come."]:
        say_wrapped(sentence, first="- ")
