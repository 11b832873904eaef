"""`answers` and `decide`: what came back about letters, and what a person says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.app.answers.deciding import Decision, decide
from engine.app.answers.reading import KINDS, AnswerReading, answer_row, read_answer, readings
from engine.app.root import App
from engine.cli.output import say, say_heading, say_object, say_rows, say_wrapped
from engine.cli.session import actor
from engine.cli.views.letters import say_waiting
from engine.definition.hints import nearest
from engine.definition.words import counted, moment_words
from engine.errors import Refused
from engine.planning.changes import changes_words

_WIDE = 76


def show_answers(app: App, workflow: str | None, *, party: str | None, everything: bool, as_json: bool) -> None:
    """List answers."""
    name = app.catalog.named(workflow)
    found = readings(app, workflow=name, party=party, everything=everything)
    if as_json:
        say_rows(map(answer_row, found))
        return
    for reading in found:
        _show_line(reading)
    waiting = sum(reading.answer.open for reading in found)
    if found:
        say()
    say(
        f"{counted(waiting, 'answer')} {'waits' if waiting == 1 else 'wait'} for a decision."
        if waiting
        else "No answer waits."
    )
    if waiting:
        say("Read one with “followthrough answers ID”; “followthrough decide ID DECISION” settles it.")


def _show_line(reading: AnswerReading) -> None:
    answer = reading.answer
    who = reading.party or answer.sender or "somebody"
    state = ("waits", "yellow") if answer.open else (answer.decision, "dim")
    say((f"{answer.id:>4}  ", "bold"), f"{moment_words(answer.received_at, reading.zone)}  ", state)
    say_wrapped(f"{who}: {_what(reading)}", first="      ")
    first = next((line.strip() for line in answer.text.splitlines() if line.strip()), "")
    if first:
        say_wrapped(f"“{first if len(first) <= _WIDE else first[:_WIDE] + '…'}”", first="      ")


def _what(reading: AnswerReading) -> str:
    answer = reading.answer
    said = f" ({reading.view.said or answer.said})" if answer.said else ""
    about = f", {answer.step} {answer.letter.rpartition('/')[2]}" if answer.letter else ""
    held = "; its letters of this step wait" if reading.view.held and answer.open else ""
    return f"{KINDS[answer.kind]}{said}{about}{held}"


def show_answer(app: App, number: int, *, as_json: bool) -> None:
    """Print one answer whole."""
    reading = read_answer(app, number)
    if as_json:
        say_object(answer_row(reading))
        return
    answer = reading.answer
    say_heading(f"Answer {answer.id}: {KINDS[answer.kind]}")
    say(f"Received: {moment_words(answer.received_at, reading.zone)}")
    for title, text in (
        ("From", answer.sender),
        ("Subject", answer.subject),
        ("Address", answer.address),
        ("Said", answer.said),
    ):
        if text:
            say(f"{title}: {text}")
    if answer.letter:
        say(f"About: {answer.letter}" + (f" (by {answer.matched_by})" if answer.matched_by else ""))
    if answer.text:
        say()
        for line in answer.text.splitlines():
            say(line)
    say()
    if not answer.open:
        note = f": {answer.note}" if answer.note else ""
        say_wrapped(f"Decided by {answer.decided_by}: {answer.decision}{note}.")
        return
    if reading.view.held:
        say_wrapped(f"The letters of {answer.step} to {reading.party} wait until you decide.")
    for contact in reading.contacts:
        instead = reading.view.instead
        goes = f"letters go to {instead} meanwhile" if instead else "nobody is left to write to"
        say_wrapped(f"{contact} is not written to; {goes}. Another address is given with")
        say(f"  followthrough record {answer.workflow} address NEW --contact {contact}")
    if Decision.DONE in reading.decisions and reading.until:
        say_wrapped(f"It is done when: {reading.until}.")
    say(f"Decide: followthrough decide {answer.id} {'|'.join(reading.decisions)}")


def do_decide(
    app: App, number: int, decision: str, values: Sequence[str], *, details: Mapping[str, str], reason: str
) -> None:
    """Decide about an answer, and say what that changed."""
    known = [each.value for each in Decision]
    wanted = decision.replace("_", "-")
    if wanted not in known:
        raise Refused(f"“{decision}” is no decision ({', '.join(known)}). {nearest(wanted, known)}".rstrip(". ") + ".")
    done = decide(app, number, Decision(wanted), actor(), *values, details=details, reason=reason)
    answer = done.answer
    if answer.open:
        say_wrapped(f"Answer {answer.id} is a reply to {answer.letter} now, and waits for a decision.")
    else:
        note = f" ({answer.note})" if answer.note else ""
        say_wrapped(f"Answer {answer.id}: {answer.decision}{note}.")
    changed = changes_words(done.changes)
    say_wrapped(f"In the outbox: {changed}." if changed else "The outbox stays as it is.")
    if changed and answer.workflow:
        say_waiting(app, answer.workflow)
