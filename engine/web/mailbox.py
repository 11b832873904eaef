"""The built-in mailbox: what left, and each letter as its recipient sees it, also one that has not left yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from engine.app.letters.reading import read_letter
from engine.app.why.why import why
from engine.dispatcher.notices.deciders import Deciders, owner_of
from engine.dispatcher.standing import Standing
from engine.errors import NotFound
from engine.letter import Recorded
from engine.lifecycle import SETTLED, UNSENT, State
from engine.store import Sought, Transaction
from engine.web.finding import sought
from engine.web.guard import LETTER_POLICY
from engine.web.names import PageNames, invented
from engine.web.site import Site

_PAGE = 60
_BOXES: dict[str, tuple[str, tuple[str, ...]]] = {
    "left": ("Left", tuple(sorted(SETTLED))),
    "waiting": ("Waiting for approval", (State.AWAITING_APPROVAL,)),
    "coming": ("To come", tuple(sorted({*UNSENT, State.CLAIMED, State.HANDING}))),
    "stopped": ("Stopped, missed or failed", (State.FAILED, State.MISSED, State.WITHDRAWN)),
}
_VIEWS = ("html", "text", "source")


def mailbox_routes(site: Site) -> APIRouter:
    """The mailbox and its letters."""
    router = APIRouter()

    @router.get("/mailbox")
    def mailbox(
        request: Request,
        box: str = "",
        find: str = Query("", max_length=100),
        page: int = Query(1, ge=1, le=10_000),
    ) -> HTMLResponse:
        with site.reading() as (tx, now):
            plans = site.app.standings.all(tx, now)
            names = {standing.workflow.name: PageNames(standing.planner.plannable) for standing in plans}
            words = sought(find, names.values())
            counts = _counts(tx, words)
            if box not in _BOXES:
                box = next((name for name, number in counts.items() if number), "left")
            found = tx.newest_letters(_BOXES[box][1], limit=_PAGE + 1, offset=_PAGE * (page - 1), sought=words)
        rows = [(row, names[row.workflow]) for row in found[:_PAGE] if row.workflow in names]
        boxes = {name: title for name, (title, _) in _BOXES.items()}
        return site.page(
            request, "mailbox.html", rows=rows, box=box, boxes=boxes, counts=counts, find=find, page=page,
            more=len(found) > _PAGE,
        )  # fmt: skip

    @router.get("/mailbox/{key:path}")
    def letter(request: Request, key: str, view: str = "html") -> HTMLResponse:
        with site.lock:
            reading = read_letter(site.app, key)
            sentences = why(site.app, key, in_words=True)["sentences"]
            with site.reading() as (tx, now):
                standing = site.app.standings.get(tx, reading.row.workflow, now)
                names = PageNames(standing.planner.plannable)
                following = _following(tx, reading.row)
                given = _given(tx, standing, reading.row, now)
                about = [fact for fact in standing.planner.book if fact.subject.party == reading.row.party]
        values: dict[str, Any] = {
            "reading": reading, "row": reading.row, "names": names, "view": view if view in _VIEWS else "html",
            "sentences": [(sentence, names.rests_on_sample(sentence, about)) for sentence in sentences],
            "following": following, "invented": invented(f"{reading.to}, {reading.cc}"),
            "party": reading.row.party if reading.row.party in names.plannable.parties else None,
            "waits": reading.row.state in UNSENT, **given,
        }  # fmt: skip
        return site.page(request, "letter.html", **values)

    @router.get("/frame/{key:path}")
    def frame(key: str) -> HTMLResponse:
        with site.lock:
            reading = read_letter(site.app, key)
        if not reading.html:
            raise NotFound("this letter has no HTML")
        headers = {"content-security-policy": LETTER_POLICY, "cross-origin-resource-policy": "same-origin"}
        return HTMLResponse(reading.html, headers=headers)

    @router.get("/attached/{number}/{key:path}")
    def attached(number: int, key: str) -> Response:
        with site.lock:
            files = read_letter(site.app, key).attachments
        if not 1 <= number <= len(files):
            raise NotFound("this letter carries no such file")
        file = files[number - 1]
        # To be saved, never shown: a page of ours shows nothing that somebody else has made.
        headers = {
            "content-disposition": f"attachment; filename*=utf-8''{quote(file.name, safe='')}",
            "content-security-policy": LETTER_POLICY,
        }
        return Response(file.content, media_type=file.type, headers=headers)

    return router


def _counts(tx: Transaction, words: Sequence[Sought]) -> dict[str, int]:
    """How many letters of each box have the words; nothing, where nothing is looked for."""
    if not words:
        return {}
    found = tx.found_counts(words)
    return {name: sum(found.get(state, 0) for state in states) for name, (_, states) in _BOXES.items()}


def _given(tx: Transaction, standing: Standing, row: Recorded, now: datetime) -> dict[str, Any]:
    """Who is asked about a letter that waits: its owner, or a deputy by a delegation that is `given`."""
    deciders, workflow = Deciders(tx, now), standing.workflow
    owner, decider = owner_of(workflow, row), deciders.of(workflow, row)
    waits = row.approval and row.approved_digest is None and row.state in UNSENT
    given = [each for each in deciders.given(workflow) if each.deputy == decider and each.covers(row.step, row.key)]
    closest = max(given, key=lambda each: (each.letter is not None, each.id), default=None)
    return {"owner": owner, "decider": decider, "given": closest if waits and decider != owner else None}


def _following(tx: Transaction, row: Recorded) -> str | None:
    """The next letter that waits for approval, so that a batch is read one after the other."""
    waiting = [found.key for found in tx.find_letters(workflow=row.workflow, state=State.AWAITING_APPROVAL)]
    if row.key not in waiting:
        return None
    place = waiting.index(row.key) + 1
    return waiting[place] if place < len(waiting) else None
