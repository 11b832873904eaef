"""A forecast in sentences, for the command and the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.definition.words import listed

_Row = Mapping[str, Any]
ASSUMED = "It knows how parties answered so far, and nothing else: no promise, no call, no meeting to come. It decides nothing."


def outlook_sentence(outlook: _Row, runs: int, as_of: str) -> str:
    """`9 of 11; 4 of 5 pacific parties; met by 8MSP in 62 % of 10,000 runs; most helped by Cook Islands (…)`."""
    return "; ".join(_parts(outlook, runs, as_of))


def _parts(outlook: _Row, runs: int, as_of: str) -> Iterator[str]:
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


def outlook_ahead(outlook: _Row) -> str:
    """What the counts may come to, and what that rests on; empty where nothing lies ahead."""
    bands = [
        (f"{measure['of']}: " if measure["of"] else "") + _band(measure["expected"][-1])
        for measure in outlook["measures"] if measure["expected"]
    ]  # fmt: skip
    if not bands:
        return ""
    seen = outlook["answers_seen"]
    rests = f"From {seen} {'answer' if seen == 1 else 'answers'} so far" if seen else "From no answer so far"
    return f"{rests}: by then {'; '.join(bands)}. {_letters(outlook)}"


def _band(expected: _Row) -> str:
    low, high = expected["low"], expected["high"]
    count = f"{low} to {high}" if low < high else f"{low}"
    return f"{count} in {share_words(expected['share'])}"


def _letters(outlook: _Row) -> str:
    count, undated = outlook["letters_to_come"], outlook["letters_without_a_day"]
    words = f"{count or 'No'} {'letter' if count == 1 else 'letters'} still to come"
    return words + (f", {undated} more without a day yet." if undated else ".")
