"""Forecasts for the first page. They are worked out beside it: whoever opens the page does not wait for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.app.plans.outlook_words import outlook_ahead, outlook_sentence
from engine.app.root import App
from engine.errors import FollowthroughError
from engine.web.outlook_picture import CountPicture, CountRange, draw_count

_SHARE = 20
"""A forecast rests for so many times as long as it took: where facts arrive all the time, it takes a twentieth of one
processor at most."""

Forecast = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OutlookLine:
    """What the page says of one target, objective or follow-up."""

    title: str
    sentence: str
    ahead: str
    pictures: tuple[str, ...]


class Outlooks:
    """The last forecast of each plan. `twin` opens the installation once more, for the thread that works."""

    def __init__(self, twin: Callable[[], App]) -> None:
        self._twin = twin
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._known: dict[str, tuple[object, Forecast]] = {}
        self._wanted: dict[str, object] = {}
        self._rest_until: dict[str, float] = {}
        self._worker: threading.Thread | None = None
        self.version = 0
        """Another number when there is something new to show."""

    def of(self, workflow: str, mark: object) -> Forecast | None:
        """The forecast of a plan as last worked out. If it is not of `mark` (facts, letters, the day), one is begun."""
        known = self._known.get(workflow)
        if known is None or known[0] != mark:
            # Here, so that a daemon starts without NumPy; and not in the thread, which the end of the program may cut off.
            from engine.app.plans.forecast import forecast_of

            with self._lock:
                self._wanted[workflow] = mark
                if self._worker is None and not self._closing.is_set():
                    self._worker = threading.Thread(
                        target=self._work, args=(forecast_of,), name="forecast", daemon=True
                    )
                    self._worker.start()
        return known[1] if known is not None else None

    def wait(self) -> None:
        """Until what was begun is done."""
        worker = self._worker
        if worker is not None:
            worker.join()

    def stop(self) -> None:
        """Begin nothing more."""
        self._closing.set()

    def _work(self, forecast_of: Callable[[App, str], Forecast]) -> None:
        """One forecast after the other, each plan's after its rest, until nothing is wanted."""
        while (found := self._next()) is not None:
            workflow, mark = found
            self._closing.wait(self._rest_until.get(workflow, 0.0) - time.monotonic())
            if not self._closing.is_set():
                self._keep(workflow, mark, forecast_of)

    def _next(self) -> tuple[str, object] | None:
        with self._lock:
            if self._closing.is_set() or not self._wanted:
                self._worker = None
                return None
            workflow = min(self._wanted, key=lambda name: self._rest_until.get(name, 0.0))
            return workflow, self._wanted.pop(workflow)

    def _keep(self, workflow: str, mark: object, forecast_of: Callable[[App, str], Forecast]) -> None:
        began = time.monotonic()
        try:
            with self._twin() as app:
                self._known[workflow] = mark, forecast_of(app, workflow)
        except (FollowthroughError, OSError):
            return  # the page itself meets the same fault, and tells it
        finally:
            self._rest_until[workflow] = time.monotonic() + _SHARE * (time.monotonic() - began)
        self.version += 1


def outlook_lines(
    forecast: Forecast | None, status: Mapping[str, Any], today: date
) -> dict[tuple[str, str], OutlookLine]:
    """What the page says, by kind (`objective`, `target`, `follow_up`) and name."""
    if forecast is None:
        return {}
    return {
        (outlook["kind"], outlook["name"]): OutlookLine(
            outlook["title"], outlook_sentence(outlook, forecast["runs"], forecast["as_of"]), outlook_ahead(outlook),
            tuple(_pictures(outlook, status, today)),
        )
        for outlook in forecast["outlooks"] if outlook["kind"] != "follow_up" or _asked(outlook)
    }  # fmt: skip


def _asked(outlook: Mapping[str, Any]) -> bool:
    """Whether a follow-up has anybody yet whom it asks."""
    return any(measure["have"] or measure["open"] for measure in outlook["measures"])


def _pictures(outlook: Mapping[str, Any], status: Mapping[str, Any], today: date) -> Iterator[str]:
    """A picture for each measure of which there is a count over time."""
    group = status.get(f"{outlook['kind']}s", {}).get(outlook["name"], {})
    counted = [each for each in group.get("measures", ()) if each["want"] is not None]
    if len(counted) != len(outlook["measures"]):
        return
    for measure, expected in zip(counted, outlook["measures"], strict=True):
        series = tuple((date.fromisoformat(point["on"]), point["count"]) for point in measure["over_time"])
        ahead = tuple(
            CountRange(date.fromisoformat(each["on"]), each["low"], each["likely"], each["high"])
            for each in expected["expected"] if each["on"] > today.isoformat()
        )  # fmt: skip
        if picture := draw_count(CountPicture(series, today, measure["have"], measure["want"], ahead)):
            yield picture
