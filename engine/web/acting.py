"""What a person does about a party at a step, on a page: a form, what it would change, and keeping it; and taking back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from engine.app.facts.acts import Act, Place, day_bounds, place_of
from engine.app.facts.recording import RecordResult, record, retract
from engine.definition.built_in import AGAINST_THE_RULE
from engine.definition.facts import Fact, FactBook
from engine.definition.workflow import Workflow
from engine.dispatcher.standing import Standing
from engine.errors import NotFound, Refused
from engine.web.attending import effect_lines
from engine.web.decisions import checked
from engine.web.names import Names
from engine.web.site import Site

_SOURCE = "the page"
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the form."""

    value: str = ""
    reason: str = ""
    against: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What keeping the form would record, or take back, and change, in words."""

    mark: str
    said: str
    effect: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """An act that is asked about: where, with its words for a page."""

    place: Place
    act: Act
    workflow: Workflow
    names: Names
    party: str
    days: tuple[str, str]
    """The first and last day that the form offers."""

    @property
    def title(self) -> str:
        """What would be done."""
        return self.act.title

    @property
    def at(self) -> str:
        """Where."""
        return f"{self.place.step.title}{f' ({self.place.cycle})' if self.place.cycle else ''}"


def act_routes(site: Site) -> APIRouter:
    """The form of each act, what it would change, keeping it, and taking a fact back."""
    router = APIRouter()

    @router.get("/act/{workflow}/{party}/{step}/{act}")
    def form(request: Request, workflow: str, party: str, step: str, act: str, cycle: str | None = None) -> Response:
        asked = _asked(site, workflow, party, step, act, cycle)
        return _page(site, request, asked, Written())

    @router.post("/act/{workflow}/{party}/{step}/{act}")
    def do(
        request: Request,
        workflow: str,
        party: str,
        step: str,
        act: str,
        csrf: Annotated[str, Form()],
        cycle: str | None = None,
        value: Annotated[str, Form(max_length=100)] = "",
        reason: Annotated[str, Form(max_length=_LONGEST)] = "",
        against: Annotated[str, Form()] = "",
        mark: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
    ) -> Response:
        session = checked(request, csrf, [])
        asked = _asked(site, workflow, party, step, act, cycle)
        written = Written(value.strip(), reason.strip(), bool(against))
        if again:
            return _page(site, request, asked, written)
        given: dict[str, Any] = {
            "parties": [party], "step": step, "cycle": cycle, "source": _SOURCE, "note": written.reason,
            "author": session.actor, "details": {AGAINST_THE_RULE: "yes"} if written.against and asked.act.rule else {},
        }  # fmt: skip
        try:
            chosen = _value(asked.act, written)
            recording = partial(record, site.app, workflow, asked.act.fact, chosen, **given)
            preview = look_then_keep(site, recording, mark, asked.workflow, asked.names)
        except Refused as error:
            return _page(site, request, asked, replace(written, fault=f"{error}".rstrip(".") + "."))
        if mark != preview.mark:
            changed = "Something else is on record by now: look at it again." if mark else ""
            return _page(site, request, asked, replace(written, fault=changed), preview)
        site.say(session, "done", f"Recorded: {preview.said}. It can be taken back under “On record”.")
        return RedirectResponse(f"/party/{quote(party)}", 303)

    @router.get("/undo/{workflow}/{fact}")
    def undo_form(request: Request, workflow: str, fact: int) -> Response:
        with site.reading() as (tx, now):
            standing, taken = _to_take_back(site.app.standings.get(tx, workflow, now), fact)
        return _undo_page(site, request, standing, taken, Written())

    @router.post("/undo/{workflow}/{fact}")
    def undo(
        request: Request,
        workflow: str,
        fact: int,
        csrf: Annotated[str, Form()],
        reason: Annotated[str, Form(max_length=_LONGEST)] = "",
        mark: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
    ) -> Response:
        session = checked(request, csrf, [])
        written = Written(reason=reason.strip())
        with site.lock:
            with site.reading() as (tx, now):
                standing, taken = _to_take_back(site.app.standings.get(tx, workflow, now), fact)
            if again:
                return _undo_page(site, request, standing, taken, written)
            given = {**_subject(taken), "note": written.reason, "author": session.actor, "source": _SOURCE}
            try:
                if not written.reason:
                    raise Refused("a reason is needed: it goes on record with it")
                tried = retract(site.app, workflow, taken.name, rehearse=True, **given)
                preview = Preview(
                    tried.effect.mark(tried.retracted), Names(standing.planner.plannable).fact(taken),
                    effect_lines(standing.workflow, tried.effect),
                )  # fmt: skip
                if mark == preview.mark:
                    retract(site.app, workflow, taken.name, **given)
            except Refused as error:
                return _undo_page(site, request, standing, taken, replace(written, fault=f"{error}".rstrip(".") + "."))
        if mark != preview.mark:
            changed = "Something else is on record by now: look at it again." if mark else ""
            return _undo_page(site, request, standing, taken, replace(written, fault=changed), preview)
        site.say(session, "done", f"Taken back: {preview.said}.")
        return RedirectResponse(f"/party/{quote(taken.subject.party or '')}", 303)

    return router


def may_take_back(book: FactBook, fact: Fact) -> bool:
    """Whether a fact is what `retract` takes back of its subject: the last recording that still stands."""
    return (
        bool(fact.id)
        and fact.live()
        and fact.subject.party is not None
        and fact == book.last_recorded(fact.name, fact.subject)
    )


def _asked(site: Site, workflow: str, party: str, step: str, act: str, cycle: str | None) -> Asked:
    with site.reading() as (tx, now):
        standing = site.app.standings.get(tx, workflow, now)
        place = place_of(standing.planner, party, step, cycle)
        found = place.act(act)
        names = Names(standing.planner.plannable)
        return Asked(place, found, standing.workflow, names, party, day_bounds(found, standing.planner))


def _value(act: Act, written: Written) -> str:
    """What the form's value is. Raises Refused."""
    if not written.reason:
        raise Refused("a reason is needed: it goes on record with it")
    if act.day:
        if not written.value:
            raise Refused("no day is given")
        return written.value
    if not act.options:
        return act.value
    if written.value not in [value for value, _ in act.options]:
        raise Refused("nothing is chosen")
    return written.value


def look_then_keep(
    site: Site, recording: Callable[..., RecordResult], mark: str, workflow: Workflow, names: Names
) -> Preview:
    """What recording one fact comes to; it is kept where `mark` says that a person was shown just that. Raises Refused."""
    with site.lock:
        tried = recording(rehearse=True)
        (fact,) = tried.facts
        preview = Preview(tried.effect.mark(tried.facts), names.fact(fact), effect_lines(workflow, tried.effect))
        if mark == preview.mark:
            recording()
    return preview


def _page(site: Site, request: Request, asked: Asked, written: Written, preview: Preview | None = None) -> Response:
    return site.page(
        request, "act.html", 409 if written.fault else 200, title=asked.title, at=asked.at, act=asked.act, written=written,
        preview=preview, party_id=asked.party, name=asked.names.party(asked.party), first=asked.days[0], last=asked.days[1],
    )  # fmt: skip


def _to_take_back(standing: Standing, fact: int) -> tuple[Standing, Fact]:
    book = standing.planner.book
    found = next((each for each in book if each.id == fact), None)
    if found is None or not may_take_back(book, found):
        raise NotFound(f"there is no fact {fact} that can be taken back: something newer may stand in its place")
    return standing, found


def _subject(fact: Fact) -> Mapping[str, Any]:
    about = fact.subject
    return {
        "parties": [about.party] if about.party else [], "step": about.step, "anchor": about.anchor, "cycle": about.cycle,
        "contact": about.contact,
    }  # fmt: skip


def _undo_page(
    site: Site, request: Request, standing: Standing, fact: Fact, written: Written, preview: Preview | None = None
) -> Response:
    names = Names(standing.planner.plannable)
    party = fact.subject.party or ""
    return site.page(
        request, "act.html", 409 if written.fault else 200, title="Take back", at=names.fact(fact), act=None, written=written,
        preview=preview, party_id=party, name=names.party(party), first="", last="",
    )  # fmt: skip
