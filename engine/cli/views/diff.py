"""`plan --diff`: what applying the files would change, in lines for people or as an object for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from difflib import unified_diff
from shlex import quote
from typing import Any, NamedTuple

from engine.app.plans.diff import ChangeKind, Diff, Difference, diff
from engine.app.plans.rereading import Reads
from engine.app.root import App
from engine.app.views import local, recipient_of
from engine.cli.output import say, say_heading, say_object, say_wrapped
from engine.definition.words import capital, counted, listed, moment_words, short_moment

_MARKS = {
    ChangeKind.ADDED: "+",
    ChangeKind.REVIVED: "+",
    ChangeKind.MOVED: "~",
    ChangeKind.CHANGED: "~",
    ChangeKind.WITHDRAWN: "-",
    ChangeKind.MISSED: "-",
}
_STYLES = {"+": "green", "~": "yellow", "-": "red"}
_MOST_LINES = 12
"""So many lines of a letter's changed words are shown; all of them with --json."""


class _Alike(NamedTuple):
    """What differences have in common that share a line."""

    kind: ChangeKind
    cycle: str | None
    slot: str
    when: str
    what: tuple[str, ...]
    reason: str
    key: str


def show_diff(app: App, workflow: str, *, each: bool, as_json: bool) -> None:
    """Print what applying a WORKFLOW's files would change."""
    found = diff(app, workflow)
    if as_json:
        say_object(diff_object(found))
        return
    plan_of, before = found.ahead.planner.workflow, found.ahead.before
    say((plan_of.title, "bold"), f" ({plan_of.name})")
    if found.unchanged and before is not None:
        say(f"Its files are as they were applied (revision {before.id}): nothing would change.")
        return
    against = f"against revision {before.id}, which is applied" if before else "which was never applied"
    say_wrapped(
        f"What its files would change, {against}; as of {moment_words(found.ahead.now, plan_of.timezone)}."
    )  # fmt: skip
    for step, counts in found.steps.items():
        say()
        say_heading(f"{step}: {counts_words(counts)}")
        _show_step([each for each in found.differences if each.place.step == step], each=each)
    say()
    say_ending(found)
    say(f"To do it: followthrough apply {quote(workflow)}")


def say_summary(found: Diff) -> None:
    """Print what would change by step, then altogether."""
    for step, counts in found.steps.items():
        say(f"{step}: {counts_words(counts)}")
    say_ending(found)


def say_ending(found: Diff) -> None:
    """Print what would change altogether, and what would leave within a day by it."""
    ahead = found.ahead
    for each in found.passing:
        say_wrapped(f"{capital(each.words)}, who would be told how things stand.")
    if not found.differences:
        say("The outbox would stay as it is.")
        return
    say_wrapped(f"Altogether {counts_words(found.counts)}. Each time is the addressee's own.")
    if ahead.leaving:
        more = f": the limit is {found.limit}, so apply asks first" if found.asks else ""
        letters, whom = counted(len(ahead.leaving), "letter"), counted(len(ahead.people), "person", "people")
        say_wrapped(f"Within a day, {letters} to {whom} would leave{more}.")
    else:
        say("Within a day, nobody would get mail by it.")
    if found.asked_now:
        say(f"Approval of {counted(found.asked_now, 'letter')} would be asked for at once.")
    if again := sum(each.asks_again for each in found.differences):
        say(f"{counted(again, 'approval')} would not hold any more.")


def counts_words(counts: Mapping[ChangeKind, int]) -> str:
    """`3 letters added and 1 moved`."""
    parts = [(counts[kind], kind) for kind in ChangeKind if counts.get(kind)]
    first = f"{counted(parts[0][0], 'letter')} {parts[0][1]}"
    return listed([first, *(f"{number} {kind}" for number, kind in parts[1:])])


def _show_step(differences: Iterable[Difference], *, each: bool) -> None:
    groups: dict[_Alike, list[Difference]] = {}
    for difference in differences:
        groups.setdefault(_alike(difference, each=each), []).append(difference)
    explained = set[str]()
    for alike, found in groups.items():
        mark = _MARKS[alike.kind]
        name = f"{alike.kind} {alike.slot} {alike.cycle or ''}".rstrip()
        many = f" ({counted(len(found), 'letter')})" if len(found) > 1 else ""
        say((mark, _STYLES[mark]), f" {name}, {alike.when}{many}")
        parties = list(dict.fromkeys(one.place.party or one.place.addressee for one in found))
        say_wrapped(alike.key or listed(parties), first="    ")
        if alike.what:
            say_wrapped(f"other {listed(_words(alike.what))}", first="    ")
        if alike.reason:
            say_wrapped(alike.reason, first="    ")
        if found[0].after is not None:
            _show_words(found[0], explained)


def _alike(difference: Difference, *, each: bool) -> _Alike:
    stops = difference.kind in (ChangeKind.WITHDRAWN, ChangeKind.MISSED)
    return _Alike(
        difference.kind, difference.place.cycle, difference.place.slot, _when(difference), difference.what,
        difference.reason if stops or difference.kind is ChangeKind.REVIVED else "", difference.key if each else "",
    )  # fmt: skip


def _when(difference: Difference) -> str:
    row, letter = difference.row, difference.letter
    new = short_moment(letter.due_at, letter.zone) if letter and letter.due_at else ""
    if difference.kind is ChangeKind.MOVED and row is not None:
        return f"{short_moment(row.due_at, row.zone)} → {new}"
    return new or (short_moment(row.due_at, row.zone) if row else "")


def _words(what: Iterable[str]) -> list[str]:
    named = {
        "to": "recipient",
        "cc": "copies",
        "zone": "time zone",
        "stale_after": "end of its time",
        "attached": "files",
    }
    return [named.get(name, name) for name in what]


def _show_words(difference: Difference, explained: set[str]) -> None:
    """The words of one letter, as an example for those like it; once for each template and for equal lines."""
    assert difference.before is not None
    assert difference.after is not None
    lines = list(unified_diff(_lines(difference.before), _lines(difference.after), lineterm="", n=0))[2:]
    changed = [line for line in lines if not line.startswith("@@")]
    known = {difference.place.template, "\n".join(changed)}
    if known & explained:
        return
    explained |= known
    say_wrapped(f"for example {difference.key}:", first="    ")
    for line in changed[:_MOST_LINES]:
        say("      ", (f"{line[0]} {line[1:]}", _STYLES[line[0]]))
    if len(changed) > _MOST_LINES:
        say(f"      … and {counted(len(changed) - _MOST_LINES, 'line')} more")


def _lines(reads: Reads) -> list[str]:
    if reads.problem:
        return [f"It cannot be rendered: {line}" for line in reads.problem.splitlines()[:1]]
    head = [f"To: {reads.to}", *([f"Cc: {reads.cc}"] if reads.cc else []), f"Subject: {reads.subject}"]
    head += [f"Attached: {reads.attached}"] if reads.attached else []
    return [*head, *reads.body.splitlines()]


def diff_object(found: Diff) -> dict[str, Any]:
    """The diff as JSON."""
    ahead = found.ahead
    return {
        "workflow": ahead.name,
        "revision": ahead.before.id if ahead.before else None,
        "at": local(ahead.now, ahead.planner.workflow.timezone),
        "unchanged": found.unchanged,
        "counts": _counts(found.counts),
        "steps": {step: _counts(counts) for step, counts in found.steps.items()},
        "within_a_day": {
            "letters": 0 if found.unchanged else len(ahead.leaving),
            "people": 0 if found.unchanged else len(ahead.people),
            "limit": found.limit,
            "asks": found.asks,
        },
        "approval": {
            "asked_now": found.asked_now,
            "asked_again": sum(each.asks_again for each in found.differences),
        },
        "roles": [{"role": each.now.name, "from": each.before.email, "to": each.now.email} for each in found.passing],
        "letters": [_letter_object(each, found) for each in found.differences],
    }


def _counts(counts: Mapping[ChangeKind, int]) -> dict[str, int]:
    return {kind.value: counts.get(kind, 0) for kind in ChangeKind}


def _letter_object(difference: Difference, found: Diff) -> dict[str, Any]:
    place, row, letter = difference.place, difference.row, difference.letter
    return {
        "change": difference.kind.value,
        "key": difference.key,
        "cycle": place.cycle,
        "step": place.step,
        "party": place.party,
        "round": place.round,
        "addressee": place.addressee,
        "recipient": recipient_of(letter, found.ahead.planner) if letter else None,
        "slot": place.slot,
        "from": local(row.due_at, row.zone) if row else None,
        "to": local(letter.due_at, letter.zone) if letter else None,
        "zone": place.zone,
        "state": row.state if row else None,
        "approval": place.approval,
        "reason": difference.reason,
        "what": list(difference.what),
        "asks_again": difference.asks_again,
        "before": asdict(difference.before) if difference.before else None,
        "after": asdict(difference.after) if difference.after else None,
    }
