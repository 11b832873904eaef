"""`told`: who was told what day, for people."""

from __future__ import annotations

from engine.app.letters.told import WhoWasTold, holds_words, told_rows, who_was_told
from engine.app.root import App
from engine.cli.output import say, say_rows, say_wrapped
from engine.definition.words import counted, in_cycle, listed, moment_words
from engine.planning.told import Holds, Told, day_told

_STYLES = {Holds.OTHERWISE: "red", Holds.SETTLED: "dim"}


def show_told(app: App, workflow: str, *, party: str | None, step: str | None, as_json: bool) -> None:
    """Print who was told what day."""
    view = who_was_told(app, workflow, party=party, step=step)
    if as_json:
        say_rows(told_rows(view))
        return
    for each in view.found:
        _show(view, each)
    if view.found:
        say()
    say_wrapped(_summary(view))


def _show(view: WhoWasTold, each: Told) -> None:
    what = in_cycle(each.step, each.cycle)
    now = "" if each.holds in (Holds.STILL_SO, Holds.SETTLED) else "now "
    said = (f"{day_told(each.day)}: {now}{holds_words(each, each.why)}", _STYLES.get(each.holds, ""))
    say((f"{each.party}  ", "bold"), f"{what}  ", said)
    say(f"    {each.key}, sent {moment_words(each.at, view.zone)}")


def _summary(view: WhoWasTold) -> str:
    if not view.found:
        return "Nobody was told a day yet."
    wrong = view.wrong
    if not wrong:
        return "Nobody who still has to know it was told another day than holds now."
    names = listed([view.name(party) for party in wrong])
    return f"{counted(len(wrong), 'party', 'parties')} told another day than holds now: {names}."
