"""Where the links of letters lead: a page that says what the letter was about, and one button. For people outside.

Opening it changes nothing, whoever opens it, and nothing on it submits itself: mail scanners open links, and run scripts.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from engine.app.answers.links import Link, LinkState, look_at, use
from engine.errors import Refused
from engine.web.site import Site

_FORM = "application/x-www-form-urlencoded"
_LARGEST = 20_000
"""Octets of a form: a day and a remark."""
_TRANSLATED = frozenset({"fr", "es"})
_STATUS = {LinkState.UNKNOWN: 404, LinkState.EXPIRED: 410, LinkState.REVOKED: 410}


def link_routes(site: Site) -> APIRouter:
    """The page of a link, and its button."""
    router = APIRouter()

    @router.get("/a/{token}")
    def look(token: str) -> HTMLResponse:
        with site.lock:
            link = look_at(site.app, token)
        return _page(site, link)

    @router.post("/a/{token}")
    async def press(request: Request, token: str) -> HTMLResponse:
        form = await _form(request)
        return await run_in_threadpool(_press, site, token, form)

    return router


def _press(site: Site, token: str, form: dict[str, str]) -> HTMLResponse:
    with site.lock:
        before = look_at(site.app, token)
        try:
            link = use(site.app, token, day=form.get("day", ""), remark=form.get("remark", ""))
        except Refused as error:
            # What was written stays in the form: nothing that a person typed is lost.
            return _page(site, before, 422, fault=str(error), form=form)
    return _page(site, link, done=before.state is LinkState.GOOD and link.state is LinkState.USED)


def _page(
    site: Site, link: Link, status: int = 0, *, fault: str = "", done: bool = False, form: dict[str, str] | None = None
) -> HTMLResponse:
    status = status or _STATUS.get(link.state, 200)
    template = f"link.{link.language}.html" if link.language in _TRANSLATED else "link.html"
    return site.render(template, status, link=link, fault=fault, done=done, form=form or {})


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small form. Raises HTTPException for any other body."""
    if not request.headers.get("content-type", _FORM).startswith(_FORM):
        raise HTTPException(415)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST:
            raise HTTPException(413, "This is more than fits here: please write a mail.")
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10)
    return {name: values[0] for name, values in fields.items()}
