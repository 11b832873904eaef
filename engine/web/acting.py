"""What a person does about a party at a step, on a page: a form, what it would change, and keeping it; and taking back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from engine.app.facts.acts import Act, StepActs, day_bounds, place_of
from engine.app.facts.effect import Effect
from engine.app.facts.recording import RecordResult, RetractResult, record, retract
from engine.definition.built_in import AGAINST_THE_RULE
from engine.definition.facts import Fact, FactBook, Subject
from engine.definition.workflow import Workflow
from engine.errors import NotFound, Refused
from engine.planning.changes import changes_words
from engine.web.names import PageNames
from engine.web.posting import Course, Pressed, Rehearsed, Text, Word
from engine.web.site import Site

SOURCE = "the page"


@dataclass(frozen=True, slots=True)
class ActForm:
    """What stands in the form."""

    value: str = ""
    reason: str = ""
    against: bool = False


@dataclass(frozen=True, slots=True)
class FactPreview:
    """What keeping the form would record, or take back, and change, in words."""

    mark: str
    said: str
    effect: tuple[str, ...]


def preview_of(names: PageNames, done: RecordResult | RetractResult) -> FactPreview:
    """What recording one fact comes to, or taking it back."""
    (fact,) = done.facts
    return FactPreview(done.effect.mark(done.facts), names.fact(fact), effect_lines(names.workflow, done.effect))


@dataclass(frozen=True, slots=True)
class AskedAct:
    """An act that is asked about: where, with its words for a page."""

    place: StepActs
    act: Act
    names: PageNames
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
        return _page(site, request, asked, ActForm())

    @router.post("/act/{workflow}/{party}/{step}/{act}")
    def do(
        request: Request, course: Rehearsed, workflow: str, party: str, step: str, act: str, cycle: str | None = None,
        value: Word = "", reason: Text = "", against: Pressed = "",
    ) -> Response:  # fmt: skip
        asked = _asked(site, workflow, party, step, act, cycle)
        written = ActForm(value.strip(), reason.strip(), bool(against))
        details = {AGAINST_THE_RULE: "yes"} if written.against and asked.act.rule else {}

        def attempt(rehearse: bool) -> FactPreview:
            done = record(
                site.app, workflow, asked.act.fact, _value(asked.act, written), [Subject(party, step, cycle=cycle)],
                details=details, source=SOURCE, note=written.reason, author=course.session.actor, rehearse=rehearse,
            )  # fmt: skip
            return preview_of(asked.names, done)

        def keep(shown: FactPreview) -> Response:
            return recorded(site, course, shown, party)

        return course.go(site, attempt, partial(_page, site, request, asked, written), keep)

    @router.get("/undo/{workflow}/{fact}")
    def undo_form(request: Request, workflow: str, fact: int) -> Response:
        return _undo_page(site, request, *_to_take_back(site, workflow, fact), ActForm())

    @router.post("/undo/{workflow}/{fact}")
    def undo(request: Request, course: Rehearsed, workflow: str, fact: int, reason: Text = "") -> Response:
        written = ActForm(reason=reason.strip())
        with site.lock:
            names, taken = _to_take_back(site, workflow, fact)

            def attempt(rehearse: bool) -> FactPreview:
                done = retract(
                    site.app, workflow, taken.name, [taken.subject], note=_reason(written), source=SOURCE,
                    author=course.session.actor, rehearse=rehearse,
                )  # fmt: skip
                return preview_of(names, done)

            def keep(shown: FactPreview) -> Response:
                path = f"/party/{quote(taken.subject.party or '')}"
                return site.answered(course.session, path, f"Taken back: {shown.said}.")

            return course.go(site, attempt, partial(_undo_page, site, request, names, taken, written), keep)

    return router


def may_take_back(book: FactBook, fact: Fact) -> bool:
    """Whether a fact is what `retract` takes back of its subject: the last recording that still stands."""
    return (
        bool(fact.id)
        and fact.live()
        and fact.subject.party is not None
        and fact == book.last_recorded(fact.name, fact.subject)
    )


def _asked(site: Site, workflow: str, party: str, step: str, act: str, cycle: str | None) -> AskedAct:
    with site.reading() as (tx, now):
        standing = site.app.standings.get(tx, workflow, now)
        place = place_of(standing.planner, party, step, cycle)
        found = place.act(act)
        names = PageNames(standing.planner.plannable)
        return AskedAct(place, found, names, party, day_bounds(found, standing.planner))


def _value(act: Act, written: ActForm) -> str:
    """What the form's value is. Raises Refused."""
    _reason(written)
    if act.day:
        if not written.value:
            raise Refused("no day is given")
        return written.value
    if not act.options:
        return act.value
    if written.value not in [value for value, _ in act.options]:
        raise Refused("nothing is chosen")
    return written.value


def _reason(written: ActForm) -> str:
    if not written.reason:
        raise Refused("a reason is needed: it goes on record with it")
    return written.reason


def recorded(site: Site, course: Course, shown: FactPreview, party: str) -> Response:
    """Back to a party's page, of which a fact was recorded."""
    told = f"Recorded: {shown.said}. It can be taken back under “On record”."
    return site.answered(course.session, f"/party/{quote(party)}", told)


def _page(
    site: Site,
    request: Request,
    asked: AskedAct,
    written: ActForm,
    faults: Sequence[str] = (),
    preview: FactPreview | None = None,
) -> Response:
    return site.page(
        request, "act.html", 409 if faults else 200, title=asked.title, at=asked.at, act=asked.act, written=written,
        faults=faults, preview=preview, party_id=asked.party, name=asked.names.party(asked.party), first=asked.days[0],
        last=asked.days[1],
    )  # fmt: skip


def _to_take_back(site: Site, workflow: str, fact: int) -> tuple[PageNames, Fact]:
    with site.reading() as (tx, now):
        planner = site.app.standings.get(tx, workflow, now).planner
        found = next((each for each in planner.book if each.id == fact), None)
        if found is None or not may_take_back(planner.book, found):
            raise NotFound(f"there is no fact {fact} that can be taken back: something newer may stand in its place")
        return PageNames(planner.plannable), found


def _undo_page(
    site: Site, request: Request, names: PageNames, fact: Fact, written: ActForm, faults: Sequence[str] = (),
    preview: FactPreview | None = None,
) -> Response:  # fmt: skip
    party = fact.subject.party or ""
    return site.page(
        request, "act.html", 409 if faults else 200, title="Take back", at=names.fact(fact), act=None, written=written,
        faults=faults, preview=preview, party_id=party, name=names.party(party), first="", last="",
    )  # fmt: skip


def effect_lines(workflow: Workflow, effect: Effect) -> tuple[str, ...]:
    """What changes in the outbox, a line for each step: `Reports …: 3 letters withdrawn`."""
    steps = workflow.steps
    return tuple(f"{steps[step].title}: {changes_words(changes)}" for step, changes in effect.of_steps(steps))
