"""Live updates: server-sent events that say only that there is something new; the page then asks for its parts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from engine.web.site import Site

_LOOK_EVERY, _BEAT_EVERY = 0.4, 15.0
_MOST = 12
"""Streams at once: a browser has one for each tab."""


def live_routes(site: Site) -> APIRouter:
    """The stream, where the pages are live."""
    router = APIRouter()
    places = threading.BoundedSemaphore(_MOST)

    @router.get("/events")
    async def events() -> Response:
        if site.live is None:
            return Response(status_code=204)  # a browser then asks no more
        if not places.acquire(blocking=False):
            return Response("too many pages are open", 503, {"retry-after": "30"})
        return StreamingResponse(
            _stream(site, places), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
        )

    return router


async def _stream(site: Site, places: threading.BoundedSemaphore) -> AsyncIterator[str]:
    """An event whenever the value is another one, and a sign of life between, until the pages close."""
    live = site.live
    assert live is not None
    try:
        seen, quiet = live(), 0.0
        yield "retry: 2000\n\n"
        while not site.closing.is_set():
            await asyncio.sleep(_LOOK_EVERY)
            quiet += _LOOK_EVERY
            value = live()
            if value != seen:
                seen, quiet = value, 0.0
                yield "event: changed\ndata: \n\n"
            elif quiet >= _BEAT_EVERY:
                quiet = 0.0
                yield ": still here\n\n"
        yield "event: closed\ndata: \n\n"
    finally:
        places.release()
