"""A letter's words, changed on a page before it is approved; and the letter as a test to oneself."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from engine.app.letters.edits import draft, edit
from engine.app.letters.trial import send_test
from engine.errors import Refused
from engine.letter import Wording
from engine.web.names import PageNames
from engine.web.posting import Posted, Pressed, Word
from engine.web.site import Site, own


def editing_routes(site: Site) -> APIRouter:
    """The forms, and what they do."""
    router = APIRouter()

    @router.get("/edit/{key:path}")
    def form(request: Request, key: str) -> Response:
        return _form(site, request, key)

    @router.post("/edit")
    def do_edit(
        request: Request, session: Posted, key: Annotated[str, Form()], digest: Annotated[str, Form()],
        subject: Annotated[str, Form()] = "", body: Annotated[str, Form()] = "", undo: Pressed = "",
    ) -> Response:  # fmt: skip
        wording = None if undo else Wording(subject, body)
        try:
            with site.lock:
                done = edit(site.app, key, wording, session.actor, seen=digest)
        except Refused as error:
            # What was written stays in the form: nothing that a person typed is lost.
            return _form(site, request, key, Wording(subject, body), str(error))
        told = "It reads as edited." if done.otherwise else "It reads as its template has it."
        return site.answered(session, f"/mailbox/{quote(key)}", told)

    @router.post("/test")
    def do_test(session: Posted, key: Annotated[str, Form()], to: Word) -> Response:
        with own(site.app) as app:  # a server may take its time: no page waits for it
            done = send_test(app, key, to, session.actor)
        told = f"A test went to {done.address}. It counts nowhere."
        return site.answered(session, f"/mailbox/{quote(key)}", told)

    return router


def _form(site: Site, request: Request, key: str, written: Wording | None = None, fault: str = "") -> Response:
    with site.lock:
        found = draft(site.app, key)
        with site.reading() as (tx, now):
            standing = site.app.standings.get(tx, found.row.workflow, now)
            names = PageNames(standing.planner.plannable)
    return site.page(
        request, "edit.html", 409 if fault else 200, row=found.row, names=names, edit=found.edit,
        wording=written or found.wording, as_template=found.template, digest=found.digest, fault=fault,
    )  # fmt: skip
