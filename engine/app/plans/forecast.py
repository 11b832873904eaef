"""`forecast`: whether the plan will be met, as far as the answers so far can tell. It decides and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.app.asked import day_asked
from engine.app.plans.plan import plan
from engine.app.root import App
from engine.definition.dates import local_date
from engine.definition.people import Party
from engine.planning.forecast.forecast import RUNS, SEED, Expected, Forecast, Helper, Measured, Outlook, Rate, forecast


def forecast_of(app: App, workflow: str, at: str | None = None, runs: int = RUNS, seed: int = SEED) -> dict[str, Any]:
    """The forecast of a WORKFLOW as JSON, as of now or, as `plan` with `at` would have it, of a past day."""
    view = plan(app, workflow, at)
    zone = view.planner.workflow.timezone
    today = day_asked(at and local_date(view.at, zone).isoformat(), local_date(app.clock.now(), zone))
    found = forecast(view.planner, view.letters, today, runs=runs, seed=seed)
    head = {"workflow": view.planner.workflow.name, "title": view.planner.workflow.title}
    return (
        head
        | _told(found, view.planner.plannable.parties)
        | {"applied": view.revision is not None, "revision": view.revision}
    )


def _told(found: Forecast, parties: Mapping[str, Party]) -> dict[str, Any]:
    return {
        "as_of": found.as_of.isoformat(),
        "runs": found.runs,
        "seed": found.seed,
        "outlooks": [_outlook(each, parties) for each in found.outlooks],
        "rates": [_rate(each) for each in found.rates],
    }


def _outlook(outlook: Outlook, parties: Mapping[str, Party]) -> dict[str, Any]:
    return {
        "kind": outlook.kind,
        "name": outlook.name,
        "title": outlook.title,
        "by": outlook.by.isoformat(),
        "by_words": outlook.by_words,
        "met": outlook.met,
        "chance": outlook.chance,
        "measures": [_measured(each) for each in outlook.measures],
        "most_helped_by": [_helper(each, parties[each.party].name) for each in outlook.helpers],
        "alike": outlook.alike,
        "answers_seen": outlook.answers,
        "letters_to_come": outlook.letters,
        "letters_without_a_day": outlook.undated,
    }


def _measured(measured: Measured) -> dict[str, Any]:
    return {
        "of": measured.words or None,
        "have": measured.have,
        "want": measured.want,
        "open": list(measured.open),
        "expected": [_expected(each) for each in measured.ahead],
    }


def _expected(expected: Expected) -> dict[str, Any]:
    return {
        "on": expected.on.isoformat(),
        "low": expected.low,
        "likely": expected.likely,
        "high": expected.high,
        "share": round(expected.share, 4),
    }


def _helper(helper: Helper, name: str) -> dict[str, Any]:
    step, on = helper.next_letter or (None, None)
    return {
        "party": helper.party,
        "name": name,
        "answers": helper.answers,
        "chance_with_it": helper.met_with_it,
        "next_letter": {"step": step, "on": on.isoformat()} if on else None,
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "question": rate.question,
        "step": rate.cell.step or None,
        "letters": rate.cell.letters,
        "region": rate.cell.region or None,
        "days": rate.seen.days,
        "answers": rate.seen.answers,
        "within_30_days": {
            "low": round(rate.low, 4), "likely": round(rate.likely, 4), "high": round(rate.high, 4),
        },
    }  # fmt: skip
