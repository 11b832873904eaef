"""`forecast`: whether the plan will be met, in sentences."""

from __future__ import annotations

from datetime import date

from engine.app.plans.forecast import forecast_of
from engine.app.plans.outlook_words import outlook_ahead, outlook_sentence
from engine.app.root import App
from engine.cli.output import say, say_object, say_wrapped
from engine.cli.words import origin_words
from engine.definition.words import day_words

_KINDS = {"follow_up": "follow-up"}


def show_forecast(app: App, workflow: str, at: str | None, *, runs: int, seed: int, as_json: bool) -> None:
    """Print the forecast of a WORKFLOW."""
    found = forecast_of(app, workflow, at, runs, seed)
    if as_json:
        say_object(found)
        return
    say((found["title"], "bold"), f" ({found['workflow']})")
    say_wrapped(
        f"As of {day_words(date.fromisoformat(found['as_of']))}, from {origin_words(found)}; {runs:,} runs with seed {seed}."
    )
    if not found["outlooks"]:
        say("There is nothing to forecast: no objective, target or follow-up has a count and a day for all.")
        return
    say()
    for outlook in found["outlooks"]:
        kind = _KINDS.get(outlook["kind"], outlook["kind"])
        sentence = outlook_sentence(outlook, runs, found["as_of"])
        say_wrapped(f"{sentence}.", first=f"{kind} {outlook['name']}: ", rest="   ")
        if ahead := outlook_ahead(outlook):
            say_wrapped(ahead, first="   ")
    say()
    say_wrapped("It knows how parties answered so far, and nothing else; it decides nothing. Method: docs/forecast.md.")
