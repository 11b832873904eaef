"""Whether it works: /healthz, /metrics, and the stream of what is new."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from engine.errors import StoreError
from engine.settings import Settings
from engine.store import Store
from engine.web import live as streams
from engine.web.health import Health
from engine.web.pages import site_of
from tests.installation import NOTE, Installation
from tests.visitor import Visitor, visit


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as house:
        house.apply()
        yield house


def test_it_is_well_while_it_ticks(house: Installation) -> None:
    health = Health()
    visitor = visit(house.app, health=health, stranger=True)
    assert visitor.get("/healthz").status_code == 503
    now = house.clock.now()
    health.ticked(now, now + timedelta(hours=1))
    answer = visitor.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "at": now.isoformat(),
        "last_tick": now.isoformat(),
        "next_due": (now + timedelta(hours=1)).isoformat(),
        "error": None,
    }
    house.at("2017-09-05")
    assert visitor.get("/healthz").status_code == 503, "it has not ticked for a day"


def test_a_failure_is_told_to_this_machine_only(house: Installation) -> None:
    health = Health()
    health.ticked(house.clock.now(), None)
    health.failed(house.clock.now(), "the disk is full")
    near = visit(house.app, health=health, stranger=True)
    assert near.get("/healthz").status_code == 503
    assert "the disk is full" in near.get("/healthz").json()["error"]
    far = Visitor(near.pages, stranger=True, near="10.0.0.9")
    assert far.get("/healthz").status_code == 503
    assert "error" not in far.get("/healthz").json()


def test_a_mail_server_that_is_away_is_told_and_no_reason_to_restart(house: Installation) -> None:
    health = Health()
    visitor = visit(house.app, health=health, stranger=True)
    now = house.clock.now()
    health.ticked(now, None)
    health.channel_down(now, "the server is away")
    health.ticked(now, None, resting=True)
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert "the server is away" in answer.json()["error"]
    assert "followthrough_channel_down 1.0" in visitor.get("/metrics").text
    far = Visitor(visitor.pages, stranger=True, near="10.0.0.9").get("/healthz").json()
    assert (far["status"], "error" in far) == ("degraded", False)
    health.ticked(now, None)
    assert visitor.get("/healthz").json()["status"] == "ok"
    assert "followthrough_channel_down 0.0" in visitor.get("/metrics").text


def test_a_database_that_cannot_be_read_is_no_health(house: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = visit(house.app, stranger=True)
    assert visitor.get("/healthz").status_code == 200, "pages without a daemon are well by themselves"

    def broken(_: Store) -> None:
        raise StoreError("gone")

    monkeypatch.setattr(Store, "read", broken)
    assert visitor.get("/healthz").status_code == 503
    assert visitor.get("/metrics").status_code == 503


def test_metrics_count_what_is_there(house: Installation) -> None:
    health = Health()
    house.tick("2017-09-04T12:00")
    health.ticked(house.clock.now(), None)
    visitor = visit(house.app, health=health, stranger=True)
    answer = visitor.get("/metrics")
    assert answer.status_code == 200
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    letters = {(s.labels["workflow"], s.labels["state"]): s.value for s in families["followthrough_letters"].samples}
    assert letters[NOTE, "sent"] == 1
    assert letters[NOTE, "scheduled"] == len([row for row in house.rows() if row.state == "scheduled"])
    assert families["followthrough_ticks"].samples[0].value == 1
    assert families["followthrough_last_tick_timestamp_seconds"].samples[0].value == house.clock.now().timestamp()
    assert "followthrough_next_due_timestamp_seconds" not in families


def test_metrics_are_for_this_machine(house: Installation) -> None:
    near = visit(house.app, stranger=True)
    assert Visitor(near.pages, stranger=True, near="10.0.0.9").get("/metrics").status_code == 403
    for header in ("x-forwarded-for", "x-forwarded-host", "forwarded", "x-real-ip", "via"):
        assert near.get("/metrics", headers={header: "10.0.0.9"}).status_code == 403, "a proxy's visitor"
    assert Visitor(near.pages, stranger=True, near="::1").get("/metrics").status_code == 200


def test_a_proxy_that_adds_no_header_is_known_by_its_name(tmp_path: Path) -> None:
    with Installation(tmp_path, settings=Settings(web_url="https://plan.example.org")) as house:
        health = Health()
        health.failed(house.clock.now(), "/var/lib/followthrough cannot be written to")
        through = visit(house.app, health=health, stranger=True, host="plan.example.org")
        assert "error" not in through.get("/healthz").json()
        assert through.get("/metrics").status_code == 403
        assert Visitor(through.pages, stranger=True).get("/metrics").status_code == 200


def test_pages_without_news_have_no_stream(house: Installation) -> None:
    visitor = visit(house.app)
    assert visitor.get("/events").status_code == 204
    assert "live.js" not in visitor.get("/").text
    assert "live.js" in visit(house.app, live=lambda: 1).get("/").text


def test_the_stream_says_when_there_is_something_new(house: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_LOOK_EVERY", 0.01)
    monkeypatch.setattr(streams, "_BEAT_EVERY", 0.05)
    value = [1]
    site = site_of(visit(house.app, live=lambda: value[0]).pages)
    places = threading.BoundedSemaphore(1)

    async def listen() -> list[str]:
        places.acquire()
        stream = streams._stream(site, places)
        told = [await anext(stream), await anext(stream)]
        value[0] = 2
        told.append(await anext(stream))
        site.closing.set()
        told += [each async for each in stream]
        return told

    told = asyncio.run(listen())
    assert told[0] == "retry: 2000\n\n"
    assert told[1] == ": still here\n\n"
    assert told[2] == "event: changed\ndata: \n\n"
    assert told[-1] == "event: closed\ndata: \n\n"
    assert places.acquire(blocking=False), "the place is free again"


def test_what_is_recorded_anywhere_is_news(house: Installation) -> None:
    before = house.app.store.data_version()
    with Store.open(house.app.settings.database) as other, other.write() as tx:
        tx.meta_set("x", "y")
    assert house.app.store.data_version() != before
