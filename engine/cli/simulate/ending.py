"""The summary of a year in the source's own words, item by item, and what to try next."""

from __future__ import annotations

from collections import Counter
from typing import Any

from engine.cli.output import say, say_heading, say_wrapped
from engine.definition.dates import local_date
from engine.definition.words import day_words
from engine.lifecycle import SETTLED
from engine.simulation.result import summary
from engine.simulation.runner import Simulation

_VERDICT = {True: "met", False: "not met", None: "no threshold"}


def say_ending(simulation: Simulation, found: dict[str, Any]) -> None:
    """Say what came of the year, and where everything is."""
    workflow = simulation.workflow
    say()
    say_heading(f"{workflow.title}: what came of it", line="=")
    if simulation.opened.loaded.plannable.is_sample:
        say("Sample data: who did what is illustrative but where a record is real.")
    say()
    say_heading("Strategy and timeline")
    for heading, note, outcome in summary(simulation):
        say((heading, "bold"))
        if note:
            say_wrapped(f"“{note}”", first="   ")
        say_wrapped(outcome, first="   → ")
    _head("Objectives", found["objectives"])
    for name, objective in found["objectives"].items():
        _say_objective(name, objective)
    _head("Expected outputs", found["outputs"])
    for output in found["outputs"].values():
        _say_output(output)
    _head("Budget and implementers" if found["budget"] else "Implementers", True)
    for line in found["budget"]:
        say(f"   {line['amount']} {line['currency']} from {line['from']} for {line['for']} ({line['status']})")
    say_wrapped("; ".join(role["title"] for role in found["implementers"]) + ".", first="   ")
    _say_next(simulation, found)


def _head(text: str, below: object) -> None:
    """A heading, where there is anything to stand below it."""
    if below:
        say()
        say_heading(text)


def _say_objective(name: str, objective: dict[str, Any]) -> None:
    on = f" on {_words(objective['met_on'])}" if objective["met_on"] else ""
    say((f"({name}) {_VERDICT[objective['met']]}{on}", "bold"))
    say_wrapped(f"“{objective['title']}”", first="   ")
    for measure in objective["measures"]:
        say_wrapped(_measure(measure), first="   → ")


def _say_output(output: dict[str, Any]) -> None:
    say_wrapped(f"“{output['title']}”", first="   ")
    for measure in output.get("measures", [output] if "have" in output else []):
        say_wrapped(_measure(measure), first="   → ")
    for entry in output.get("recorded", []):
        say_wrapped(f"{entry['on']}: {entry['value']}", first="   → ")


def _measure(measure: dict[str, Any]) -> str:
    if measure["want"] is None:
        shown = ", ".join(f"{party}: {value or 'not recorded'}" for party, value in measure.get("shown", {}).items())
        return f"{measure['have']} ({shown})" if shown else str(measure["have"])
    baseline = f", from {measure['baseline']} at the start" if measure["baseline"] is not None else ""
    found = f": {', '.join(measure['found'])}" if 0 < len(measure["found"]) <= 12 else ""
    return f"{measure['have']}, and {measure['want']} {'is' if measure['want'] == 1 else 'are'} wanted{baseline}{found}"


def _words(day: str) -> str:
    from engine.definition.dates import parse_span

    return day_words(parse_span(day).first)


def _say_next(simulation: Simulation, found: dict[str, Any]) -> None:
    letters = sum(states.get(state, 0) for states in found["letters"].values() for state in SETTLED)
    home = found["store"].rpartition("/")[0]
    say()
    say_heading("What to try next")
    say(f"{letters} letters are in the mailbox, a Maildir: open it with any mail program, or")
    say(f"   ls {found['mailbox']}/new")
    say("The calendars, to import or subscribe to:")
    say(f"   ls {found['feeds']}")
    say("Ask the store of this year:")
    name, party = found["workflow"], _most_told_of(simulation)
    asked = (f"letters --party {party}", f"why {party}", f"status {name}", f"facts {name} --party {party}")
    for command in asked if party else (f"letters --workflow {name}", f"status {name}"):
        say(f"   FOLLOWTHROUGH_HOME={home} .venv/bin/followthrough {command}")
    first = local_date(simulation.scenario.from_, simulation.workflow.timezone)
    say("Ask what if, with no year replayed:")
    say(f"   .venv/bin/followthrough plan {name} --at {first}")


def _most_told_of(simulation: Simulation) -> str | None:
    """The party that the scenario says most about, else the first of all."""
    told = Counter(
        party for event in simulation.scenario.events
        for party in (*getattr(event, "parties", ()), getattr(event, "party", None)) if party
    )  # fmt: skip
    return next(
        (party for party, _ in told.most_common(1)), next(iter(simulation.opened.loaded.plannable.parties), None)
    )
