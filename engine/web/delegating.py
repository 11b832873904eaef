"""Letting another role decide, on a page: one letter, a step, or everything for a time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from engine.app.asked import readable
from engine.app.letters.delegating import Asked, delegate, take_back
from engine.web.decisions import checked, own_path
from engine.web.site import Site

_EVERYTHING = ""


def delegation_routes(site: Site) -> APIRouter:
    """Give, and take back."""
    router = APIRouter()

    @router.post("/delegate")
    def do_delegate(
        request: Request,
        csrf: Annotated[str, Form()],
        to: Annotated[str, Form(max_length=100)],
        workflow: Annotated[str, Form(max_length=100)],
        key: Annotated[list[str] | None, Form()] = None,
        step: Annotated[str, Form(max_length=100)] = _EVERYTHING,
        since: Annotated[str, Form(max_length=20)] = "",
        until: Annotated[str, Form(max_length=20)] = "",
        reason: Annotated[str, Form(max_length=500)] = "",
        back: Annotated[str, Form()] = "/",
    ) -> Response:
        session = checked(request, csrf, key or [])
        asked = Asked(
            to, tuple(key or ()), step or None, None, workflow, since or None, until or None,
            readable(reason, "the reason"),
        )  # fmt: skip
        with site.lock:
            delegate(site.app, asked, session.actor)
        site.say(session, "done", "It is given: the prompt goes to the other one now.")
        return RedirectResponse(own_path(back), 303)

    @router.post("/undelegate")
    def do_take_back(
        request: Request,
        csrf: Annotated[str, Form()],
        number: Annotated[int, Form()],
        back: Annotated[str, Form()] = "/",
    ) -> Response:
        session = checked(request, csrf, [])
        with site.lock:
            take_back(site.app, number, session.actor)
        site.say(session, "done", "It is taken back: its owner is asked again.")
        return RedirectResponse(own_path(back), 303)

    return router
