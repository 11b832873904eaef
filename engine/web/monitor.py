"""/healthz and /metrics: whether it works, for systemd, containers and Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from engine.errors import StoreError
from engine.web.access import Access
from engine.web.health import HealthReport
from engine.web.site import Site

_PASSED_ON = frozenset({"forwarded", "via", "x-real-ip"})
"""Headers of what a proxy passes on; some add none, and are known by the name that they are asked for."""


def monitor_routes(site: Site) -> APIRouter:
    """The two, open to whoever watches: no letter and no name is in them."""
    router = APIRouter()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(site))

    @router.get("/healthz")
    def healthz(request: Request) -> JSONResponse:
        return _health(site, told_all=_is_near(request))

    @router.get("/metrics")
    def metrics(request: Request) -> Response:
        if not _is_near(request):
            return Response("Metrics are for this machine only.", 403, media_type="text/plain")
        try:
            return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
        except StoreError:
            return Response("The database cannot be read.", 503, media_type="text/plain")

    return router


def _health(site: Site, *, told_all: bool) -> JSONResponse:
    """503 where the daemon does not tick, or the database cannot be read. 200 else, also while no letter can leave, or no
    answer come.

    Who asks may restart what is not well: that brings no mail server back.
    """
    now = site.app.clock.now()
    condition = site.health.look() if site.health is not None else None
    told: dict[str, Any] = {"status": "ok", "at": now.isoformat()}
    if condition is not None:
        told |= {
            "last_tick": condition.ticked_at.isoformat() if condition.ticked_at else None,
            "next_due": condition.next_due.isoformat() if condition.next_due else None,
            "error": condition.error or condition.down or condition.inbox,
        }
        if condition.stopped is not None:
            told["stopped"] = condition.stopped
        if condition.down is not None or condition.stopped is not None or condition.inbox is not None:
            told["status"] = "degraded"
    well = condition is None or condition.well(now)
    try:
        with site.app.store.read() as tx:  # without the lock: a slow page is no ill health
            tx.meta_get("")
    except StoreError:
        told["error"], well = "the database cannot be read", False
    if not well:
        told["status"] = "not well"
    if not told_all:
        told.pop("error", None)
        told.pop("stopped", None)
    return JSONResponse(told, 200 if well else 503)


def _is_near(request: Request) -> bool:
    """Whether it is this machine that asks; what a proxy passes on is not."""
    headers = request.headers
    if any(name in _PASSED_ON or name.startswith("x-forwarded-") for name in headers):
        return False
    if not Access.own_name(headers.get("host")):
        return False
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


class _Collector(Collector):
    """Asks when it is asked: nothing is counted twice."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def collect(self) -> Iterator[Metric]:
        """The families, in a fixed order."""
        with self.site.app.store.read() as tx:
            counts = tx.letter_counts()
        letters = GaugeMetricFamily("followthrough_letters", "Letters in the outbox.", labels=["workflow", "state"])
        for (workflow, state), number in counts.items():
            letters.add_metric([workflow, state], number)
        yield letters
        if self.site.health is not None:
            yield from _families(self.site.health.look())


def _families(condition: HealthReport) -> Iterator[Metric]:
    yield CounterMetricFamily("followthrough_ticks", "Ticks that went well.", condition.ticks)
    yield CounterMetricFamily(
        "followthrough_failures", "Ticks that failed, and times that no letter could leave.", condition.failures
    )
    down = "1 while no letter can leave, such as when the mail server is away."
    yield GaugeMetricFamily("followthrough_channel_down", down, float(condition.down is not None))
    stopped = "1 while a person has stopped everything."
    yield GaugeMetricFamily("followthrough_stopped", stopped, float(condition.stopped is not None))
    unread = "1 while the inbox cannot be read."
    yield GaugeMetricFamily("followthrough_inbox_down", unread, float(condition.inbox is not None))
    instants = (
        ("followthrough_inbox_read_timestamp_seconds", "When the inbox was last read.", condition.inbox_at),
        ("followthrough_last_tick_timestamp_seconds", "The last tick that went well.", condition.ticked_at),
        ("followthrough_next_due_timestamp_seconds", "When something is next due.", condition.next_due),
    )
    for name, words, at in instants:
        if at is not None:
            yield GaugeMetricFamily(name, words, at.timestamp())
