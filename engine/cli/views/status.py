"""`status`: how far targets, objectives and outputs are; budget and implementers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Any

from engine.app.plans.status import status
from engine.app.root import App
from engine.cli.output import Span, say, say_heading, say_object, say_wrapped
from engine.cli.views.switch import warn_if_stopped
from engine.cli.words import origin_words
from engine.definition.words import day_words, listed, our_words

_Row = Mapping[str, Any]


def show_status(app: App, workflow: str, at: str | None, *, as_json: bool) -> None:
    """Print the status of a WORKFLOW."""
    found = status(app, workflow, at)
    if as_json:
        say_object(found)
        return
    say((found["title"], "bold"), f" ({found['workflow']})")
    ends = found["ends"]
    ended = f"; it {'ended' if ends < found['as_of'] else 'ends'} on {_day(ends)}" if ends else ""
    say_wrapped(f"As of {_day(found['as_of'])}, from {origin_words(found)}{ended}.")
    warn_if_stopped(app)
    if found["answers"]:
        waits = "answer waits" if found["answers"] == 1 else "answers wait"
        say_wrapped(
            f"{found['answers']} {waits} for a decision: “followthrough answers {found['workflow']}” shows them."
        )
    today = date.fromisoformat(found["as_of"])
    _section("Targets", found["targets"].items(), partial(_show_progress, today))
    _section("Follow-ups", found["follow_ups"].items(), _show_follow_up)
    _section("Objectives", found["objectives"].items(), partial(_show_progress, today))
    _section("Outputs", found["outputs"].items(), _show_output)
    _section("Budget", enumerate(found["budget"]), _show_budget)
    _section("Implementers", enumerate(found["implementers"]), _show_implementer)


def _section(title: str, entries: Iterable[tuple[Any, _Row]], show: Any) -> None:
    for at, (name, entry) in enumerate(entries):
        if not at:
            say()
            say_heading(title)
        show(name, entry)


def _show_progress(today: date, name: str, progress: _Row) -> None:
    say_wrapped(progress["title"], first=f"{name}: ", rest="   ")
    say("   ", *_verdict(progress, date.fromisoformat(progress["by"]) if progress["by"] else None, today))
    _show_ours(progress)
    for tally in progress["measures"]:
        _show_tally(tally)


def _show_follow_up(name: str, row: _Row) -> None:
    by = f", by {_day(row['by'])}" if row["by"] else ""
    if row["by"] != row["late_after"]:
        by += f" (late after {_day(row['late_after'])})"
    say_wrapped(f"{row['title']}{by}", first=f"{name}: ", rest="   ")
    _show_ours(row)
    late = f", {len(row['done_late'])} of them late" if row["done_late"] else ""
    if row["of"]:
        say_wrapped(f"{len(row['done'])} of {row['of']} done{late}", first="   ")
    else:
        released = row["exempt"] or row["opted_out"]
        say_wrapped("for nobody else" if released else "for nobody, by what is recorded now", first="   ")
    for words, parties in (
        ("still missing", row["missing"]), ("of these late", row["late"] if row["late"] != row["missing"] else ()),
        ("exempt", row["exempt"]), ("opted out", row["opted_out"]),
    ):  # fmt: skip
        if parties:
            say_wrapped(f"{words}: {listed(parties)}", first="     ")


def _show_ours(row: _Row) -> None:
    if row["ours"]:
        say_wrapped(f"our reading: {our_words(row['ours'])}", first="   ", rest="     ")


def _verdict(row: _Row, by: date | None = None, today: date = date.max) -> list[Span]:
    if row["met"] is None:
        return ["no threshold"]
    if row["met"]:
        return [("met", "green"), f" on {_day(row['met_on'])}" if row["met_on"] else ""]
    if by is not None and by < today:
        return [("not met", "red"), f" by {day_words(by)}"]
    return [("not met yet", "yellow"), f", due by {day_words(by)}" if by else ""]


def _day(text: str) -> str:
    return day_words(date.fromisoformat(text))


def _show_tally(tally: _Row) -> None:
    wanted = f" ({tally['want']} wanted)" if tally["want"] is not None else ""
    if tally["want"] == 0 and not tally["met"]:
        wanted = ", of nobody so far"
    now = f", {tally['now']} today" if tally["now"] != tally["have"] else ""
    baseline = f", from {tally['baseline']}" if tally["baseline"] is not None else ""
    say_wrapped(f"{tally['have']}{wanted}{now}{baseline}: {tally['what']}", first="   ")
    if tally["want"] is not None and not tally["met"] and tally["missing"]:
        say_wrapped(f"still missing: {listed(tally['missing'])}", first="     ")
    for party, value in tally.get("shown", {}).items():
        say_wrapped(f"{party}: {value}", first="     ")


def _show_output(name: str, output: _Row) -> None:
    say_wrapped(output["title"], first=f"{name}: ", rest="   ")
    _show_ours(output)
    if "met" in output:
        say("   ", *_verdict(output))
        _show_tally(output)
    for tally in output.get("measures", ()):
        _show_tally(tally)
    for fact in output.get("recorded", ()):
        say_wrapped(f"{fact['on']}: {fact['value']}", first="   ")
    if output.get("recorded") == []:
        say("   nothing is recorded yet")


def _show_budget(_: object, line: _Row) -> None:
    ours = f" (our reading: {our_words(line['ours'])})" if line["ours"] else ""
    say(f"{line['for']}: {int_words(line['amount'])} {line['currency']} from {line['from']}, {line['status']}{ours}")


def int_words(amount: str) -> str:
    """`100,000`."""
    whole, dot, cents = amount.partition(".")
    return f"{int(whole):,}{dot}{cents}"


def _show_implementer(_: object, implementer: _Row) -> None:
    say(f"{implementer['title']}: {implementer['email'] or 'no address'} ({implementer['role']})")
