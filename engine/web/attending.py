"""An event's list: who is invited, ticks for who came, a box for a pasted list. What it changes is shown before it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from engine.app.facts.attendance import Attendance, Roll, attend, read_list, roll
from engine.definition.words import counted
from engine.errors import NotFound
from engine.web.acting import SOURCE, effect_lines
from engine.web.posting import Pressed, Rehearsed, Word
from engine.web.site import Site

_MOST_TICKS = 800
"""More fields than a form may have; a longer list is pasted."""
Long = Annotated[str, Form(max_length=100_000)]


@dataclass(frozen=True, slots=True)
class AttendanceForm:
    """What stands in the form."""

    came: frozenset[str]
    was: tuple[str, ...]
    """Who was on record as having come when the form was first shown: who has no tick by then did not come."""
    paste: str = ""
    rest: bool = False
    on: str = ""


@dataclass(frozen=True, slots=True)
class AttendancePreview:
    """What keeping the form would record and change, in words; `came` are all who did. No mark: nothing is new."""

    mark: str
    came: frozenset[str]
    lines: tuple[tuple[str, tuple[str, ...]], ...]
    effect: tuple[str, ...]


def attendance_routes(site: Site) -> APIRouter:
    """The list, what it would change, and keeping it."""
    router = APIRouter()

    @router.get("/attendance/{workflow}/{step}")
    def form(request: Request, workflow: str, step: str) -> Response:
        with site.lock:
            listed = _roll(site, workflow, step)
        came = tuple(seat.party.id for seat in listed.seats if seat.came)
        on = listed.last.isoformat() if listed.last else ""
        return _page(site, request, listed, AttendanceForm(frozenset(came), came, on=on))

    @router.post("/attendance/{workflow}/{step}")
    def keep(
        request: Request, course: Rehearsed, workflow: str, step: str, came: Annotated[list[str] | None, Form()] = None,
        listed: Long = "", was: Long = "", paste: Long = "", rest: Pressed = "", on: Word = "",
    ) -> Response:  # fmt: skip
        written = AttendanceForm(frozenset([*(came or ()), *listed.split()]), tuple(was.split()), paste, bool(rest), on)
        with site.lock:
            found = _roll(site, workflow, step)

            def attempt(rehearse: bool) -> AttendancePreview:
                pasted = read_list("pasted", paste, found) if paste.strip() else []
                yes = dict.fromkeys([*(came or ()), *listed.split(), *pasted])
                no = [party for party in written.was if party not in yes]  # whose tick was taken away
                done = attend(
                    site.app, workflow, step, yes, absent=no, absent_rest=written.rest, on=on.strip() or None, source=SOURCE,
                    author=course.session.actor, rehearse=rehearse,
                )  # fmt: skip
                return _preview(done, frozenset(yes), found)

            def told(shown: AttendancePreview) -> Response:
                words = [f"{title}: {counted(len(names), 'party', 'parties')}." for title, names in shown.lines]
                path = f"/attendance/{quote(workflow)}/{quote(step)}"
                return site.answered(course.session, path, f"Recorded. {' '.join(words)}")

            return course.go(site, attempt, partial(_page, site, request, found, written), told)

    return router


def _roll(site: Site, workflow: str, step: str) -> Roll:
    if not site.app.catalog.is_name(workflow):  # a path is for the command only
        raise NotFound(f"there is no workflow “{workflow}”")
    return roll(site.app, workflow, step)


def _preview(done: Attendance, came: frozenset[str], found: Roll) -> AttendancePreview:
    parties, kept = found.finder.parties, done.kept
    lines = tuple((title, tuple(parties[each].name for each in ids)) for title, ids in done.told())
    mark = kept.effect.mark(kept.facts) if kept.facts else ""
    return AttendancePreview(mark, came, lines, effect_lines(found.workflow, kept.effect))


def _page(
    site: Site,
    request: Request,
    listed: Roll,
    written: AttendanceForm,
    faults: Sequence[str] = (),
    preview: AttendancePreview | None = None,
) -> Response:
    if preview is not None:
        written = replace(written, came=preview.came, paste="")
    return site.page(
        request, "attendance.html", 409 if faults else 200, roll=listed, written=written, faults=faults, preview=preview,
        ticks=len(listed.seats) <= _MOST_TICKS,
    )  # fmt: skip
