"""`fetch`: what came by mail, and what it changed."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from typing import Any

from engine.answer import AnswerKind
from engine.app.answers.inbox import inbox_of, read_inbox
from engine.app.answers.taking_in import TakenIn
from engine.app.root import App
from engine.cli.output import say, say_rows, say_wrapped
from engine.definition.words import counted, listed
from engine.planning.changes import Action, changes_words

_WORDS = {
    AnswerKind.REPLY: ("reply", "replies"),
    AnswerKind.AUTOMATIC: ("automatic notice", ""),
    AnswerKind.BOUNCE: ("bounce", ""),
    AnswerKind.DELAYED: ("notice of delay", "notices of delay"),
    AnswerKind.LINK: ("link used", "links used"),
    AnswerKind.UNMATCHED: ("message about no letter", "messages about no letter"),
}


def do_fetch(app: App, *, as_json: bool) -> None:
    """Read the inbox once, and say what came."""
    with closing(inbox_of(app)) as inbox:
        taken = [each for each in read_inbox(app, inbox) if each.new]
    if as_json:
        say_rows(_row(each) for each in taken)
        return
    if not taken:
        say("Nothing new has come.")
        return
    kinds = Counter(AnswerKind(each.answer.kind) for each in taken)
    say(f"{listed([counted(number, *_WORDS[kind]) for kind, number in kinds.items()])}:")
    for each in taken:
        _say(each)
    changes = sum((each.changes for each in taken), Counter[Action]())
    if words := changes_words(changes):
        say(f"In the outbox: {words}.")


def _say(taken: TakenIn) -> None:
    answer = taken.answer
    about = " ".join(part for part in (answer.party, answer.step, answer.cycle) if part)
    words = [
        _WORDS[AnswerKind(answer.kind)][0],
        about,
        answer.address or answer.sender,
        answer.said or f"“{answer.subject}”",
    ]
    say_wrapped("  ".join(word for word in words if word), first=f"{taken.id:>4}  ")


def _row(taken: TakenIn) -> dict[str, Any]:
    answer = taken.answer
    names = ("id", "kind", "letter", "party", "step", "cycle", "sender", "subject", "address", "said", "state")
    changed = {action.value: number for action, number in taken.changes.items() if number}
    return {name: getattr(answer, name) for name in names} | {
        "received_at": answer.received_at.isoformat(), "matched_by": answer.matched_by, "changes": changed,
    }  # fmt: skip
