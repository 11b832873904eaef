"""What a person decides on a page: yes or no to letters. Each is a POST with a token of the session."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import zip_longest
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from engine.app.asked import readable
from engine.app.letters.approvals import Approved, approve, refuse
from engine.definition.words import counted
from engine.web.access import Session, same_token
from engine.web.site import Site

_OWN_PATH = re.compile(r"/(?!/)[A-Za-z0-9_\-./%?=&~:@+]*")
_MOST = 2_000
_TOLD = 3


def decision_routes(site: Site) -> APIRouter:
    """Approve and refuse."""
    router = APIRouter()

    @router.post("/approve")
    def do_approve(
        request: Request,
        key: Annotated[list[str], Form()],
        csrf: Annotated[str, Form()],
        digest: Annotated[list[str] | None, Form()] = None,
        back: Annotated[str, Form()] = "/",
    ) -> Response:
        session = checked(request, csrf, key)
        with site.lock:
            # Each is approved as it was read, so one of which nothing was shown is not.
            seen = dict(zip_longest(key, (digest or [])[: len(key)], fillvalue=""))
            done = approve(site.app, key, session.actor, seen=seen)
        tell(site, session, done, "approved")
        return RedirectResponse(own_path(back), 303)

    @router.post("/refuse")
    def do_refuse(
        request: Request,
        key: Annotated[list[str], Form()],
        csrf: Annotated[str, Form()],
        reason: Annotated[str, Form(max_length=500)] = "",
        back: Annotated[str, Form()] = "/",
    ) -> Response:
        session = checked(request, csrf, key)
        with site.lock:
            done = refuse(site.app, key, readable(reason, "the reason"), session.actor)
        tell(site, session, done, "refused")
        return RedirectResponse(own_path(back), 303)

    return router


def checked(request: Request, csrf: str, keys: list[str]) -> Session:
    """The session of a form that is ours. Raises HTTPException."""
    session: Session | None = request.scope.get("session_of")
    if session is None or not same_token(session, csrf):
        raise HTTPException(403, "This form is not of this session: open the page again.")
    if len(keys) > _MOST:
        raise HTTPException(413, f"At most {_MOST} letters at once.")
    return session


def tell(site: Site, session: Session, done: Approved, what: str) -> None:
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


def own_path(back: str) -> str:
    """A path of ours to go back to."""
    return back if _OWN_PATH.fullmatch(back) else "/"
