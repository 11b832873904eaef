"""An event's list: who is invited, ticks for who came, a box for a pasted list. What it changes is shown before it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from engine.app.facts.attendance import Attendance, Roll, attend, read_list, roll
from engine.app.facts.effect import Effect
from engine.definition.words import counted
from engine.definition.workflow import Workflow
from engine.errors import BadInput, NotFound, Refused
from engine.planning.changes import changes_words
from engine.web.decisions import checked
from engine.web.site import Site

_MOST_TICKS = 800
"""More fields than a form may have; a longer list is pasted."""
_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the form."""

    came: frozenset[str]
    was: tuple[str, ...]
    """Who was on record as having come when the form was first shown: who has no tick by then did not come."""
    paste: str = ""
    rest: bool = False
    on: str = ""
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What keeping the form would record and change, in words."""

    mark: str
    came: tuple[str, ...]
    absent: tuple[str, ...]
    lines: tuple[tuple[str, tuple[str, ...]], ...]
    effect: tuple[str, ...]
    empty: bool


def attendance_routes(site: Site) -> APIRouter:
    """The list, what it would change, and keeping it."""
    router = APIRouter()

    @router.get("/attendance/{workflow}/{step}")
    def form(request: Request, workflow: str, step: str) -> Response:
        with site.lock:
            listed = _roll(site, workflow, step)
        came = tuple(seat.party.id for seat in listed.seats if seat.came)
        on = listed.last.isoformat() if listed.last else ""
        return _page(site, request, listed, Written(frozenset(came), came, on=on))

    @router.post("/attendance/{workflow}/{step}")
    def keep(
        request: Request,
        workflow: str,
        step: str,
        csrf: Annotated[str, Form()],
        came: Annotated[list[str] | None, Form()] = None,
        listed: Annotated[str, Form(max_length=_LONGEST)] = "",
        was: Annotated[str, Form(max_length=_LONGEST)] = "",
        paste: Annotated[str, Form(max_length=_LONGEST)] = "",
        rest: Annotated[str, Form()] = "",
        on: Annotated[str, Form(max_length=40)] = "",
        mark: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
    ) -> Response:
        session = checked(request, csrf, came or [])
        ticked = dict.fromkeys([*(came or ()), *listed.split()])
        written = Written(frozenset(ticked), tuple(was.split()), paste, bool(rest), on)
        with site.lock:
            found = _roll(site, workflow, step)
            if again:
                return _page(site, request, found, written)
            try:
                pasted = read_list("pasted", paste, found) if paste.strip() else []
                chosen = _Chosen([*ticked, *pasted], written.was, written.rest, on.strip() or None)
                done = chosen.record(site, session.actor, workflow, step, rehearse=True)
            except Refused as error:
                faults = tuple(str(each) for each in error.problems) if isinstance(error, BadInput) else (f"{error}.",)
                return _page(site, request, found, replace(written, faults=faults))
            if mark != done.kept.effect.mark(done.kept.facts) or not done.kept.facts:
                changed = ("Something else is on record by now: look at it again.",) if mark else ()
                written = replace(written, came=frozenset([*ticked, *pasted]), paste="", faults=changed)
                return _page(site, request, found, written, _preview(done, chosen, found))
            done = chosen.record(site, session.actor, workflow, step, rehearse=False)
        words = [f"{title}: {counted(len(ids), 'party', 'parties')}." for title, ids in done.told()]
        site.say(session, "done", f"Recorded. {' '.join(words)}")
        return RedirectResponse(f"/attendance/{quote(workflow)}/{quote(step)}", 303)

    return router


def _roll(site: Site, workflow: str, step: str) -> Roll:
    if not site.app.catalog.is_name(workflow):  # a path is for the command only
        raise NotFound(f"there is no workflow “{workflow}”")
    return roll(site.app, workflow, step)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Who came by ticks and paste, and who was on record as having come when the page was shown."""

    came: Sequence[str]
    was: Sequence[str]
    rest: bool
    on: str | None

    @property
    def absent(self) -> list[str]:
        """Those whose tick was taken away."""
        return [party for party in self.was if party not in self.came]

    def record(self, site: Site, author: str, workflow: str, step: str, *, rehearse: bool) -> Attendance:
        """Keep it, or see what that would do."""
        return attend(
            site.app, workflow, step, self.came, absent=self.absent, absent_rest=self.rest, on=self.on, source="the page",
            author=author, rehearse=rehearse,
        )  # fmt: skip


def _preview(done: Attendance, chosen: _Chosen, found: Roll) -> Preview:
    parties = found.finder.parties
    lines = tuple((title, tuple(parties[each].name for each in ids)) for title, ids in done.told())
    effect = effect_lines(found.workflow, done.kept.effect)
    mark = done.kept.effect.mark(done.kept.facts)
    return Preview(mark, tuple(chosen.came), tuple(chosen.absent), lines, effect, not done.kept.facts)


def effect_lines(workflow: Workflow, effect: Effect) -> tuple[str, ...]:
    """What changes in the outbox, a line for each step: `Reports …: 3 letters withdrawn`."""
    steps = workflow.steps
    return tuple(f"{steps[step].title}: {changes_words(changes)}" for step, changes in effect.of_steps(steps))


def _page(site: Site, request: Request, listed: Roll, written: Written, preview: Preview | None = None) -> Response:
    return site.page(
        request, "attendance.html", 409 if written.faults else 200, roll=listed, written=written, preview=preview,
        ticks=len(listed.seats) <= _MOST_TICKS,
    )  # fmt: skip
