"""Answers on a page: each with its text and its letter, and what a person may say of it. Works without JavaScript."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from engine.app.answers.deciding import Decision, decide
from engine.app.answers.reading import readings
from engine.app.facts.recording import record
from engine.errors import NotFound, Refused
from engine.planning.changes import Action, changes_words
from engine.web.access import Session
from engine.web.decisions import checked
from engine.web.names import invented
from engine.web.site import Site

_MOST = 100
_TITLES = {
    "reply": "Reply", "link": "Link of the letter", "bounce": "Mail came back", "delayed": "Delayed",
    "automatic": "A machine’s notice", "unmatched": "About no known letter",
}  # fmt: skip


def answer_routes(site: Site) -> APIRouter:
    """The answers, and what is decided about them."""
    router = APIRouter()

    @router.get("/answers")
    def answers(request: Request, everything: Annotated[bool, Query(alias="all")] = False) -> HTMLResponse:
        with site.lock:
            found = readings(site.app, everything=everything)
        waiting = [reading for reading in found if reading.answer.open]
        decided = sorted((each for each in found if not each.answer.open), key=lambda each: -each.answer.id)
        return site.page(
            request, "answers.html", waiting=waiting[:_MOST], number=len(waiting), decided=decided[:_MOST], everything=everything,
            titles=_TITLES, invented=invented, csrf=_csrf(request),
        )  # fmt: skip

    @router.post("/answers")
    def do_decide(
        request: Request,
        csrf: Annotated[str, Form()],
        number: Annotated[int, Form(ge=1, le=2**53)],
        decision: Annotated[str, Form(max_length=20)],
        day: Annotated[str, Form(max_length=20)] = "",
        fact: Annotated[str, Form(max_length=100)] = "",
        value: Annotated[str, Form(max_length=1_000)] = "",
        details: Annotated[str, Form(max_length=1_000)] = "",
        key: Annotated[str, Form(max_length=500)] = "",
        reason: Annotated[str, Form(max_length=500)] = "",
    ) -> Response:
        session = checked(request, csrf, [])
        try:
            wanted = Decision(decision)
            values = {Decision.WAIT: [day], Decision.DONE: [fact, value], Decision.ASSIGN: [key]}.get(wanted, [])
            with site.lock:
                done = decide(
                    site.app, number, wanted, session.actor, *values, details=_details(details), reason=reason
                )
        except (Refused, NotFound) as error:
            site.say(session, "fault", f"Not done: {_sentence(str(error))}")
        except ValueError:
            site.say(session, "fault", "Not done: there is no such decision.")
        else:
            told = "is a reply to that letter now" if done.answer.open else f"is decided: {done.answer.decision}"
            site.say(session, "done", f"Answer {number} {told}. {_changed(done.changes)}")
        return RedirectResponse(f"/answers#answer-{number}", 303)

    @router.post("/answers/address")
    def do_address(
        request: Request,
        csrf: Annotated[str, Form()],
        number: Annotated[int, Form(ge=1, le=2**53)],
        workflow: Annotated[str, Form(max_length=100)],
        contact: Annotated[str, Form(max_length=100)],
        address: Annotated[str, Form(max_length=320)] = "",
    ) -> Response:
        session = checked(request, csrf, [])
        try:
            with site.lock:
                made = record(
                    site.app, workflow, "address", address, contact=contact, source=f"answer:{number}",
                    author=session.actor,
                )  # fmt: skip
        except (Refused, NotFound) as error:
            site.say(session, "fault", f"Not done: {_sentence(str(error))}")
        else:
            site.say(session, "done", f"{contact} has the address {made.facts[0].value}. {_changed(made.changes)}")
        return RedirectResponse(f"/answers#answer-{number}", 303)

    return router


def _csrf(request: Request) -> str:
    session: Session | None = request.scope.get("session_of")
    return session.csrf if session is not None else ""


def _details(text: str) -> dict[str, str]:
    """`form_a=substantive kind=initial`. Raises Refused."""
    found: dict[str, str] = {}
    for part in text.replace(",", " ").split():
        name, equals, value = part.partition("=")
        if not equals or not name:
            raise Refused(f"“{part}” is not of the form name=value, such as form_a=substantive")
        found[name] = value
    return found


def _changed(changes: Counter[Action]) -> str:
    """What that did to the outbox, in a sentence."""
    words = changes_words(changes)
    return f"{words}." if words else "No letter changes."


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."
