"""The pages' program: what is asked for by path, put together from its parts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from engine import paths
from engine.app.root import App
from engine.errors import FollowthroughError, NotFound, Refused, StoreError
from engine.web.access import LINK, Access
from engine.web.acting import act_routes
from engine.web.alike import alike_routes
from engine.web.answering import answer_routes
from engine.web.attending import attendance_routes
from engine.web.decisions import decision_routes
from engine.web.delegating import delegation_routes
from engine.web.editing import editing_routes
from engine.web.entering import entering_routes
from engine.web.feeds import feed_routes
from engine.web.guard import HEADERS, Guard
from engine.web.health import Health
from engine.web.links import link_routes
from engine.web.live import live_routes
from engine.web.mailbox import mailbox_routes
from engine.web.monitor import monitor_routes
from engine.web.parties import party_routes
from engine.web.site import Live, Site, own
from engine.web.switching import switch_routes

_REASONS = {
    "host": "These pages do not answer under that name.",
    "origin": "This came from another page than ours, so nothing was done.",
}


def create_app(
    app: App, *, secret: str, live: Live | None = None, health: Health | None = None, life: timedelta = LINK,
    forecasts: bool = False,
) -> FastAPI:  # fmt: skip
    """The pages of an installation. `app` may be in use elsewhere: they open it once more for themselves.

    `secret` signs links and sessions; `live` tells a value that is another when there is something new to show;
    `link_to` gives a one-time link, good for as long as `life` says. With `forecasts` these are worked out beside them.
    """
    access = Access(secret, app.settings, life=life)
    site = Site(own(app), access, health=health, live=live, forecasts=forecasts)
    _ = site.app.store  # opened now, so that a fault is told at the start

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        site.closing.set()
        if site.outlooks is not None:
            site.outlooks.stop()
        site.app.close()

    pages = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    pages.state.site = site
    for routes in (
        monitor_routes,
        feed_routes,
        live_routes,
        mailbox_routes,
        party_routes,
        decision_routes,
        delegation_routes,
        answer_routes,
        link_routes,
        editing_routes,
        attendance_routes,
        act_routes,
        entering_routes,
        alike_routes,
        switch_routes,
    ):
        pages.include_router(routes(site))
    pages.mount("/static", StaticFiles(directory=paths.pages_dir() / "static"))
    _front(pages, site)
    _faults(pages, site)
    pages.add_middleware(Guard, access=access, refuse=lambda status, reason: _refusal(site, status, reason))
    return pages


def link_to(pages: FastAPI, base: str, who: str = "") -> str:
    """A one-time link to the pages: whoever opens it first has a session, and acts in the name of `who`."""
    site: Site = pages.state.site
    return f"{base}/enter/{site.access.link_token(who)}"


def site_of(pages: FastAPI) -> Site:
    """What the pages share."""
    site: Site = pages.state.site
    return site


def warm(site: Site) -> None:
    """Make the first page once, for nobody: its plan is opened then, and its templates are read."""
    with suppress(FollowthroughError, OSError):  # whoever asks for the page is told
        with site.reading() as (tx, now):
            plans = site.overviews.all(tx, now)
        site.render("overview.html", plans=plans, now=now)


def _front(pages: FastAPI, site: Site) -> None:
    @pages.get("/")
    def overview(request: Request) -> HTMLResponse:
        return _overview(site, request, "overview.html")

    @pages.get("/parts")
    def parts(request: Request) -> HTMLResponse:
        return _overview(site, request, "_overview.html")

    @pages.get("/enter/{token}")
    def enter(token: str, request: Request) -> HTMLResponse:
        cookie = site.access.redeem(token)
        if cookie is None and request.scope.get("session_of") is None:
            return _refusal(site, 403, "link")
        # A page and no redirect: a browser sends a strict cookie only from a page of ours.
        page = site.render("enter.html")
        if cookie is not None:
            page.set_cookie(
                site.access.cookie, cookie, max_age=30 * 86_400, httponly=True, samesite="strict",
                secure=site.access.secure, path="/",
            )  # fmt: skip
        return page


def _overview(site: Site, request: Request, template: str) -> HTMLResponse:
    with site.reading() as (tx, now):
        plans = site.overviews.all(tx, now)
    return site.page(request, template, plans=plans, now=now)


def _refusal(site: Site, status: int, reason: str) -> HTMLResponse:
    return site.render("refused.html", status, reason=reason, words=_REASONS.get(reason, ""))


def _faults(pages: FastAPI, site: Site) -> None:
    """Every fault is a kind page; what nobody expected says nothing about the inside."""

    def told(request: Request, status: int, title: str, words: str) -> Response:
        return site.page(request, "fault.html", status, title=title, words=words)

    @pages.exception_handler(FollowthroughError)
    def ours(request: Request, error: FollowthroughError) -> Response:
        match error:
            case NotFound():
                return told(request, 404, "Not found", str(error))
            case Refused():
                return told(request, 409, "This was not done", str(error))
            case StoreError():
                return told(request, 503, "The database cannot be read just now", "Try again in a moment.")
        return told(request, 500, "This could not be shown", str(error))

    @pages.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> Response:
        words = "This is a fault in followthrough itself, and none of yours. What runs goes on; the log has the report."
        answer = told(request, 500, "Something went wrong", words)
        answer.headers.update(HEADERS)  # the gate lies within what catches this
        return answer

    @pages.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        return told(request, 422, "This cannot be answered", "The form or the address is not complete.")

    @pages.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return told(request, 404, "Not found", "There is no such page.")
        words = error.detail if error.status_code in (403, 413) else ""
        return told(request, error.status_code, "This cannot be answered", words)
