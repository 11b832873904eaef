"""`forecast`: whether the plan will be met, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from engine.app.forecast import forecast_of
from engine.app.root import App
from engine.cli.output import say, say_object, say_wrapped
from engine.definition.words import day_words, listed

_Row = Mapping[str, Any]
_KINDS = {"follow_up": "follow-up"}


def show_forecast(app: App, workflow: str, at: str | None, *, runs: int, seed: int, as_json: bool) -> None:
    """Print the forecast of a WORKFLOW."""
    found = forecast_of(app, workflow, at, runs, seed)
    if as_json:
        say_object(found)
        return
    say((found["title"], "bold"), f" ({found['workflow']})")
    origin = f"revision {found['revision']} as applied" if found["applied"] else "its file, which is not applied"
    say_wrapped(
        f"As of {day_words(date.fromisoformat(found['as_of']))}, from {origin}; {runs:,} runs with seed {seed}."
    )
    if not found["outlooks"]:
        say("There is nothing to forecast: no objective, target or follow-up has a count and a day for all.")
        return
    say()
    for outlook in found["outlooks"]:
        kind = _KINDS.get(outlook["kind"], outlook["kind"])
        say_wrapped(
            "; ".join(_sentence(outlook, runs, found["as_of"])) + ".", first=f"{kind} {outlook['name']}: ", rest="   "
        )
        for line in _ahead(outlook):
            say_wrapped(line, first="   ")
    say()
    say_wrapped("It knows how parties answered so far, and nothing else; it decides nothing. Method: docs/forecast.md.")


def _sentence(outlook: _Row, runs: int, as_of: str) -> Iterator[str]:
    for measure in outlook["measures"]:
        want = measure["have"] + len(measure["open"]) if measure["want"] is None else measure["want"]
        yield f"{measure['have']} of {want}" + (f" {measure['of']}" if measure["of"] else "")
    by = outlook["by_words"]
    if outlook["met"]:
        yield "met"
    elif outlook["chance"] is not None:
        yield f"met by {by} in {share_words(outlook['chance'])} of {runs:,} runs"
    elif outlook["met"] is False:
        yield f"not met by {by}"
    else:
        yield f"{'by' if outlook['by'] > as_of else 'its day was'} {by}"
    if outlook["most_helped_by"]:
        yield f"most helped by {_helped(outlook)}"


def share_words(share: float) -> str:
    """`62 %`; what is not quite all or nothing does not round to it."""
    if 0 < share < 0.005:
        return "under 1 %"
    if 0.995 <= share < 1:
        return "over 99 %"
    return f"{100 * share:.0f} %"


def _helped(outlook: _Row) -> str:
    helpers, alike = outlook["most_helped_by"], outlook["alike"]
    with_it = share_words(helpers[0]["chance_with_it"])
    if alike > len(helpers):
        return f"an answer of any of {alike} ({with_it} with it)"
    names = listed([helper["name"] for helper in helpers])
    return f"{names} ({with_it} with {'its answer' if alike == 1 else 'one of them'})"


def _ahead(outlook: _Row) -> Iterator[str]:
    bands = [
        (f"{measure['of']}: " if measure["of"] else "") + _band(measure["expected"][-1])
        for measure in outlook["measures"] if measure["expected"]
    ]  # fmt: skip
    if bands:
        seen = outlook["answers_seen"]
        rests = f"From {seen} {'answer' if seen == 1 else 'answers'} so far" if seen else "From no answer so far"
        yield f"{rests}: by then {'; '.join(bands)}. {_letters(outlook)}"


def _band(expected: _Row) -> str:
    low, high = expected["low"], expected["high"]
    return (
        f"{low} to {high} in {share_words(expected['share'])}"
        if low < high
        else f"{low} in {share_words(expected['share'])}"
    )


def _letters(outlook: _Row) -> str:
    count, undated = outlook["letters_to_come"], outlook["letters_without_a_day"]
    words = f"{count or 'No'} {'letter' if count == 1 else 'letters'} still to come"
    return words + (f", {undated} more without a day yet." if undated else ".")
