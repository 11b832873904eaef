"""`import` and `attendance`: what was recorded at once, said in sentences, step by step what it stops."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.app.facts.attendance import Attendance, attend, read_list, roll
from engine.app.facts.cases import case_of
from engine.app.facts.importing import Imported, import_facts
from engine.app.facts.keeping import Kept
from engine.app.facts.recording import fact_row
from engine.app.root import App
from engine.cli.output import say, say_object, say_rows, say_wrapped
from engine.cli.session import actor
from engine.cli.views.effect import say_effect
from engine.definition.people import Party
from engine.definition.recording.naming import names_of
from engine.definition.syntax.grid import text_of
from engine.definition.words import counted, span_words

_SHOWN = 8
_AT_MOST = 30


def do_import(
    app: App, workflow: str, file: str, *, sheet: str | None, source: str, dry_run: bool, as_json: bool
) -> None:
    """Record a table's facts, and say what that changed."""
    found = import_facts(
        app, workflow, file, Path(file).read_bytes(), sheet=sheet, source=source, author=actor(), dry_run=dry_run
    )
    if as_json:
        say_object({"file": file, **_kept_row(found.kept), "on_record": found.known, "repeated": found.repeated})
        return
    parties = case_of(app, workflow).plannable.parties
    for sentence in _imported(found, parties):
        say_wrapped(sentence, rest="  ")
    _say_effect(app, workflow, found.kept)


def _imported(found: Imported, parties: Mapping[str, Party]) -> Iterator[str]:
    kept = found.kept
    number = len(kept.facts)
    done = "would be recorded" if kept.rehearsed else "recorded"
    yield f"{found.file}: {counted(number, 'fact')} {done}." if number else f"{found.file}: nothing new to record."
    kinds: dict[str, list[str]] = {}
    for fact in kept.facts:
        name = f"{fact.subject.step}.{fact.name}" if fact.subject.step else fact.name
        kinds.setdefault(name, []).append(fact.subject.party or fact.subject.contact or fact.subject.anchor or "")
    for name, about in kinds.items():
        whom = names_of(parties, dict.fromkeys(each for each in about if each), most=_SHOWN)
        yield f"  {name}: {len(about)}{f' ({whom})' if whom else ''}"
    if found.known:
        yield f"{counted(found.known, 'fact is', 'facts are')} on record already, with the same value and day."
    if found.repeated:
        yield f"{counted(found.repeated, 'row says', 'rows say')} what another row says too."
    if kept.again:
        whom = names_of(parties, dict.fromkeys(fact.subject.party or "" for fact in kept.again), most=_SHOWN)
        again = "Would be recorded again after being" if kept.rehearsed else "Recorded again, though"
        yield f"{again} taken back earlier: {counted(len(kept.again), 'fact')} of {whom}."


def _say_effect(app: App, workflow: str, kept: Kept) -> None:
    if kept.facts:
        say_effect(app, workflow, kept.effect, rehearsed=kept.rehearsed)


def _kept_row(kept: Kept) -> dict[str, Any]:
    by_step: dict[str, dict[str, int]] = {}
    for (step, action), number in kept.effect.by_step.items():
        by_step.setdefault(step, {})[action.value] = number
    return {
        "workflow": kept.workflow,
        "dry_run": kept.rehearsed,
        "applied": kept.effect.applied,
        "facts": [fact_row(kept.workflow, fact) | ({"id": None} if kept.rehearsed else {}) for fact in kept.facts],
        "recorded_again": len(kept.again),
        "changes": {action.value: number for action, number in kept.effect.changes.items()},
        "by_step": by_step,
    }


def show_attendance(app: App, workflow: str, step: str, *, as_json: bool) -> None:
    """Who is invited to an event, and what is on record of who came."""
    found = roll(app, workflow, step)
    if as_json:
        say_rows(
            {
                "party": seat.party.id, "name": seat.party.name, "invited": seat.invited,
                "attended": seat.attended.value if seat.attended else None,
                "true": str(seat.attended.true) if seat.attended else None,
            }
            for seat in found.seats
        )  # fmt: skip
        return
    say((f"{found.step.title}, {found.when}", "bold"))
    for seat in found.seats:
        on = f" on {span_words(seat.attended.true)}" if seat.attended else ""
        words = f"{'came' if seat.came else 'did not come'}{on}" if seat.attended else "not recorded"
        say(f"  {seat.party.id:<4} {seat.party.name}: {words}{'' if seat.invited else ', not invited'}")
    came = sum(seat.came for seat in found.seats)
    say_wrapped(
        f"{len(found.invited)} invited, {came} came, {sum(not seat.attended for seat in found.seats)} not recorded."
    )


def do_attendance(
    app: App, workflow: str, step: str, came: str | None, *, absent_rest: bool, on: str | None, dry_run: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Record who came, and say what that changed."""
    found = roll(app, workflow, step)
    names: list[str] = []
    source = "the rest of those invited"
    if came is not None:
        path = "pasted" if came == "-" else came
        data = sys.stdin.buffer.read() if came == "-" else Path(came).read_bytes()
        names = read_list(path, text_of(path, data), found)
        source = "a pasted list" if came == "-" else Path(came).name
    done = attend(
        app, workflow, step, names, absent_rest=absent_rest, on=on, source=source, author=actor(), rehearse=dry_run
    )
    if as_json:
        row = {"step": step, "came": done.came, "absent": done.absent, "uninvited": done.uninvited}
        say_object(row | {"on_record": done.known, "stays": done.stays, **_kept_row(done.kept)})
        return
    for sentence in _attended(done, found.finder.parties):
        say_wrapped(sentence, rest="  ")
    _say_effect(app, workflow, done.kept)
    if not found.held:
        say_wrapped(
            f"That {step} was held is not recorded: “followthrough record {workflow} held yes --step {step}” does that."
        )


def _attended(done: Attendance, parties: Mapping[str, Party]) -> Iterator[str]:
    if not done.kept.facts:
        yield f"{done.step.name}: nothing new to record."
    for title, ids in done.told():
        yield f"{title} ({len(ids)}): {names_of(parties, ids, most=_AT_MOST)}."
