"""Letters that wait and read the same but for the name, on one page: shown once, with what differs."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from engine.app.letters.kinds import waiting_kinds
from engine.web.site import Site


def alike_routes(site: Site) -> APIRouter:
    """The page."""
    router = APIRouter()

    @router.get("/alike/{key:path}")
    def alike(request: Request, key: str) -> HTMLResponse:
        with site.lock:
            found = waiting_kinds(site.app, like=key)
        return site.page(request, "alike.html", kinds=found.kinds, faulty=found.faulty)

    return router
