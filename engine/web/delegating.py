"""Letting another role decide, on a page: one letter, a step, or everything for a time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from engine.app.asked import readable
from engine.app.letters.delegating import Asked, delegate, take_back
from engine.web.posting import Back, Day, Posted, Text, Word
from engine.web.site import Site

_EVERYTHING = ""


def delegation_routes(site: Site) -> APIRouter:
    """Give, and take back."""
    router = APIRouter()

    @router.post("/delegate")
    def do_delegate(
        session: Posted, to: Word, workflow: Word, key: Annotated[list[str] | None, Form()] = None, step: Word = _EVERYTHING,
        since: Day = "", until: Day = "", reason: Text = "", back: Back = "/",
    ) -> Response:  # fmt: skip
        asked = Asked(
            to, tuple(key or ()), step or None, None, workflow, since or None, until or None,
            readable(reason, "the reason"),
        )  # fmt: skip
        with site.lock:
            delegate(site.app, asked, session.actor)
        return site.answered(session, back, "It is given: the prompt goes to the other one now.")

    @router.post("/undelegate")
    def do_take_back(session: Posted, number: Annotated[int, Form()], back: Back = "/") -> Response:
        with site.lock:
            take_back(site.app, number, session.actor)
        return site.answered(session, back, "It is taken back: its owner is asked again.")

    return router
