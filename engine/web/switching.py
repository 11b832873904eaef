"""The one switch, on every page: stop everything, and let letters leave again."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from engine.app.letters.switch import resume, stop_everything
from engine.definition.words import counted
from engine.errors import Refused
from engine.web.posting import Back, Posted, Text, sentence
from engine.web.site import Site


def switch_routes(site: Site) -> APIRouter:
    """Stop and resume."""
    router = APIRouter()

    @router.post("/stop")
    def do_stop(session: Posted, reason: Text = "", back: Back = "/") -> Response:
        try:
            with site.lock:
                stop_everything(site.app, reason, session.actor)
        except Refused as error:
            return site.answered(session, back, f"Not done: {sentence(error)}", "fault")
        return RedirectResponse(back, 303)

    @router.post("/resume")
    def do_resume(session: Posted, back: Back = "/") -> Response:
        try:
            with site.lock:
                done = resume(site.app, session.actor)
        except Refused as error:
            return site.answered(session, back, f"Not done: {sentence(error)}", "fault")
        due = f" {counted(done.due, 'letter')} fell due meanwhile." if done.due else ""
        return site.answered(session, back, f"Letters leave again.{due}")

    return router
