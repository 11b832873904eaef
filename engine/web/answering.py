"""Answers on a page: each with its text and its letter, and what a person may say of it. Works without JavaScript."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from engine.app.answers.deciding import Decision, decide
from engine.app.answers.reading import KINDS, readings
from engine.app.facts.recording import record
from engine.definition.facts import ADDRESS, Subject
from engine.definition.words import capital
from engine.errors import Refused
from engine.planning.changes import Action, changes_words
from engine.web.names import invented
from engine.web.posting import Day, Posted, Text, Word, sentence
from engine.web.site import Site

_MOST = 100
Long = Annotated[str, Form(max_length=1_000)]
Number = Annotated[int, Form(ge=1, le=2**53)]


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
            titles={kind: capital(words) for kind, words in KINDS.items()}, invented=invented,
        )  # fmt: skip

    @router.post("/answers")
    def do_decide(
        session: Posted, number: Number, decision: Word, day: Day = "", fact: Word = "", value: Long = "",
        details: Long = "", key: Text = "", reason: Text = "",
    ) -> Response:  # fmt: skip
        back = f"/answers#answer-{number}"
        try:
            wanted = Decision(decision)
            values = {Decision.WAIT: [day], Decision.DONE: [fact, value], Decision.ASSIGN: [key]}.get(wanted, [])
            with site.lock:
                done = decide(
                    site.app, number, wanted, session.actor, *values, details=_details(details), reason=reason
                )
        except Refused as error:
            return site.answered(session, back, f"Not done: {sentence(error)}", "fault")
        except ValueError:
            return site.answered(session, back, "Not done: there is no such decision.", "fault")
        told = "is a reply to that letter now" if done.answer.open else f"is decided: {done.answer.decision}"
        return site.answered(session, back, f"Answer {number} {told}. {_changed(done.changes)}")

    @router.post("/answers/address")
    def do_address(
        session: Posted,
        number: Number,
        workflow: Word,
        contact: Word,
        address: Annotated[str, Form(max_length=320)] = "",
    ) -> Response:
        back = f"/answers#answer-{number}"
        try:
            with site.lock:
                made = record(
                    site.app, workflow, ADDRESS, address, [Subject(contact=contact)], source=f"answer:{number}",
                    author=session.actor,
                )  # fmt: skip
        except Refused as error:
            return site.answered(session, back, f"Not done: {sentence(error)}", "fault")
        return site.answered(
            session, back, f"{contact} has the address {made.facts[0].value}. {_changed(made.changes)}"
        )

    return router


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
