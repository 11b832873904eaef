"""What a person decides on a page: yes or no to letters. Each is a POST with a token of the session."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from engine.app.asked import readable
from engine.app.letters.approvals import Approved, approve, refuse
from engine.definition.words import counted
from engine.web.access import Session
from engine.web.posting import Back, Posted, Text
from engine.web.site import Site

_TOLD = 3
Keys = Annotated[list[str], Form(max_length=2_000)]


def decision_routes(site: Site) -> APIRouter:
    """Approve and refuse."""
    router = APIRouter()

    @router.post("/approve")
    def do_approve(
        session: Posted, key: Keys, digest: Annotated[list[str] | None, Form()] = None, back: Back = "/"
    ) -> Response:
        with site.lock:
            # Each is approved as it was read, so one of which nothing was shown is not.
            seen = dict(zip_longest(key, (digest or [])[: len(key)], fillvalue=""))
            done = approve(site.app, key, session.actor, seen=seen)
        _tell(site, session, done, "approved")
        return RedirectResponse(back, 303)

    @router.post("/refuse")
    def do_refuse(session: Posted, key: Keys, reason: Text = "", back: Back = "/") -> Response:
        with site.lock:
            done = refuse(site.app, key, readable(reason, "the reason"), session.actor)
        _tell(site, session, done, "refused")
        return RedirectResponse(back, 303)

    return router


def _tell(site: Site, session: Session, done: Approved, what: str) -> None:
    if done.keys:
        site.say(session, "done", f"{counted(len(done.keys), 'letter')} {what}.")
    for text in _faults(done.refused):
        site.say(session, "fault", text)


def _faults(refused: Iterable[tuple[str, str]]) -> list[str]:
    together: dict[str, list[str]] = {}
    for key, why in refused:
        together.setdefault(why, []).append(key)
    found = [
        f"Not done: {keys[0]}: {why}." if len(keys) == 1 else f"Not done for {len(keys)} letters: {why}."
        for why, keys in together.items()
    ]
    return found[:_TOLD] + ([f"And {len(found) - _TOLD} more."] if len(found) > _TOLD else [])
