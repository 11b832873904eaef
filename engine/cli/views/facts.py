"""`record`, `retract` and `facts`: what was recorded, said in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

from engine.app.facts.recording import RecordResult, fact_rows, record, retract
from engine.app.letters.golive import letter_sent
from engine.app.plans.plan import plannable_of
from engine.app.root import App
from engine.cli.output import say, say_rows, say_wrapped
from engine.cli.session import actor
from engine.cli.views.effect import say_effect
from engine.definition.dates import local_date, parse_moment
from engine.definition.facts import LONG_AGO, Fact, Subject
from engine.definition.words import listed, moment_words, span_words
from engine.errors import Refused

_NOON = time(12)


def do_record(
    app: App, workflow: str, name: str, value: str, about: Sequence[Subject], *, details: Mapping[str, str],
    on: str | None, source: str, note: str, dry_run: bool,
) -> None:  # fmt: skip
    """Record a fact, and say what that changed; with `dry_run` only what it would change."""
    result = record(
        app, workflow, name, value, about, details=details, on=on, source=source, note=note, author=actor(),
        rehearse=dry_run,
    )  # fmt: skip
    for sentence in _recorded(result, "Would be recorded" if dry_run else "Recorded"):
        say_wrapped(sentence)
    for sentence in result.unsettled:
        say_wrapped(sentence)
    say_effect(app, workflow, result.effect, rehearsed=dry_run)


def do_retract(app: App, workflow: str, name: str, about: Sequence[Subject], *, note: str, dry_run: bool) -> None:
    """Take a fact back, and say what stands now; with `dry_run` only what would."""
    result = retract(app, workflow, name, about, note=note, author=actor(), rehearse=dry_run)
    taken = "Would be taken back" if dry_run else "Taken back"
    for fact, now in zip(result.facts, result.now_standing, strict=True):
        if now is None:
            stands = "Nothing of it stands now"
        else:
            since = " (the roster's)" if not now.id else ""
            stands = f"What stands now is {value_words(now)}{since}"
        say_wrapped(f"{taken}: {fact.name} {value_words(fact)}{_about([fact])}. {stands}.")
    say_effect(app, workflow, result.effect, rehearsed=dry_run)


def _recorded(result: RecordResult, verb: str) -> list[str]:
    """A sentence for the facts of each cycle: where none was named, each party's may be another."""
    by_cycle: dict[str | None, list[Fact]] = {}
    for fact in result.facts:
        by_cycle.setdefault(fact.subject.cycle, []).append(fact)
    sentences = []
    for cycle, facts in by_cycle.items():
        first = facts[0]
        true = "" if str(first.true) == first.value else f", true on {span_words(first.true)}"
        sentence = f"{verb}: {first.name} {value_words(first)}{_about(facts)}{true}."
        if cycle is not None and result.cycle is not None:
            sentence += f" It counts for {cycle}, the oldest open cycle without it; --cycle names another."
        sentences.append(sentence)
    return sentences


def value_words(fact: Fact) -> str:
    """`2018-03-20 (form_a substantive, kind initial)`; text in quotation marks."""
    value = _quoted(fact.value)
    details = ", ".join(f"{name} {of}" for name, of in fact.details)
    return f"{value} ({details})" if details else value


def _quoted(value: str) -> str:
    """A value on one line; several words in quotation marks."""
    words = " ".join(value.split())
    return f"“{words}”" if " " in words else words


def _about(facts: Sequence[Fact]) -> str:
    """` for NR and FJ at ny_workshop`; several facts differ in their party only."""
    subject = facts[0].subject
    parties = [fact.subject.party for fact in facts if fact.subject.party]
    words = f" for {listed(parties, most=200)}" if parties else ""
    if subject.step:
        words += f" {'at' if parties else 'for'} {subject.step}"
    for other in (subject.anchor, subject.contact):
        words += f" for {other}" if other else ""
    if subject.cycle:
        words += f" in {subject.cycle}"
    return words


def show_facts(app: App, workflow: str | None, *, party: str | None, fact: str | None, as_json: bool) -> None:
    """List what was recorded."""
    rows = fact_rows(app, app.catalog.named(workflow), party=party, name=fact)
    if as_json:
        say_rows(rows)
    elif not rows:
        say("Nothing is recorded yet." if workflow is party is fact is None else "Nothing like that is recorded.")
    else:
        for row in rows:
            _show_row(row)


def _show_row(row: Mapping[str, Any]) -> None:
    value = _quoted(row["value"])
    details = "".join(f", {name} {of}" for name, of in row["details"].items())
    subject = [str(row[part]) for part in ("party", "step", "anchor", "contact", "cycle") if row[part]]
    taken = ""
    if row["retracted_at"]:
        note = f": {row['retracted_note']}" if row["retracted_note"] else ""
        taken = f" [taken back by {row['retracted_by'] or 'somebody'}{note}]"
    true = row["true"] if row["true"] != str(LONG_AGO) else ""
    say(
        (f"{true or '-':<10}  ", "bold"),
        f"{row['workflow']}  {' '.join(subject) or 'the plan'}: {row['fact']} {value}{details}",
        (taken, "red"),
    )
    recorded = str(row["recorded_at"])[:16].replace("T", " ")
    remarks = [f"recorded {recorded} UTC by {row['author'] or 'somebody'}"]
    remarks += [f"{word}: {row[word]}" for word in ("source", "note") if row[word]]
    say_wrapped("; ".join(remarks), first=" " * 12)


def do_record_sent(app: App, workflow: str, key: str, *, on: str | None, note: str) -> None:
    """Record that a letter was mailed by hand."""
    name = app.catalog.name_of(workflow)
    if not key.startswith(f"{name}/"):
        raise Refused(f"{key} is not a letter of {name}")
    zone = plannable_of(app, workflow)[0].workflow.timezone
    try:
        at = parse_moment(on, zone, bare_day=_NOON) if on is not None else app.clock.now()
        if on is not None and at > app.clock.now() and local_date(at, zone) == local_date(app.clock.now(), zone):
            at = app.clock.now()  # “today” is a day, and before noon so, too
    except ValueError as error:
        raise Refused(f"--on: {error}") from None
    sent = letter_sent(app, key, at, note, actor())
    say(f"Recorded: {sent.key} was mailed by hand on {moment_words(at, sent.zone)}.")
