"""The one switch, on every page: stop everything, and let letters leave again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from engine.app.letters.switch import resume, stop_everything
from engine.definition.words import counted
from engine.errors import Refused
from engine.web.decisions import checked, own_path
from engine.web.site import Site


def switch_routes(site: Site) -> APIRouter:
    """Stop and resume, each a POST with the session's token."""
    router = APIRouter()

    @router.post("/stop")
    def do_stop(
        request: Request,
        csrf: Annotated[str, Form()],
        reason: Annotated[str, Form(max_length=500)] = "",
        back: Annotated[str, Form()] = "/",
    ) -> Response:
        session = checked(request, csrf, [])
        try:
            with site.lock:
                stop_everything(site.app, reason, session.actor)
        except Refused as error:
            site.say(session, "fault", f"Not done: {error}.")
        return RedirectResponse(own_path(back), 303)

    @router.post("/resume")
    def do_resume(request: Request, csrf: Annotated[str, Form()], back: Annotated[str, Form()] = "/") -> Response:
        session = checked(request, csrf, [])
        try:
            with site.lock:
                done = resume(site.app, session.actor)
        except Refused as error:
            site.say(session, "fault", f"Not done: {error}.")
        else:
            due = f" {counted(done.due, 'letter')} fell due meanwhile." if done.due else ""
            site.say(session, "done", f"Letters leave again.{due}")
        return RedirectResponse(own_path(back), 303)

    return router
