"""What is known of a party, put on record on a page: a form for each fact of the plan, what it would change, and keeping
it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from engine.app.facts.acts import cycles_open
from engine.app.facts.recording import record
from engine.definition.dates import local_date
from engine.definition.facts import Subject
from engine.definition.words import capital
from engine.definition.workflow import FactDecl, Workflow
from engine.errors import NotFound, Refused
from engine.web.acting import SOURCE, FactPreview, preview_of, recorded
from engine.web.names import PageNames
from engine.web.posting import Day, Rehearsed, Text
from engine.web.site import Site

_FLAG = ("yes", "no")


@dataclass(frozen=True, slots=True)
class FactForm:
    """What stands in the form. `on` is the day it was true, `details` are name and value, in the plan's order."""

    value: str = ""
    on: str = ""
    cycle: str = ""
    details: tuple[tuple[str, str], ...] = ()
    note: str = ""

    @property
    def given(self) -> dict[str, str]:
        """The details that are said."""
        return {name: value for name, value in self.details if value}


@dataclass(frozen=True, slots=True)
class AskedFact:
    """A fact that is asked about, with its words for a page."""

    workflow: Workflow
    names: PageNames
    party: str
    fact: FactDecl
    cycles: tuple[str, ...]
    today: str

    @property
    def title(self) -> str:
        """What would be recorded."""
        return label_of(self.fact)

    def detail_title(self, detail: str) -> str:
        """What stands over a detail's field."""
        return capital(self.fact.called(detail))

    @property
    def options(self) -> tuple[str, ...]:
        """The values to choose from; none where it is a day or a text."""
        return _FLAG if self.fact.type == "flag" else self.fact.of


def recordable(workflow: Workflow) -> Iterator[FactDecl]:
    """The facts about a party that a person may record."""
    return (fact for fact in workflow.facts.values() if fact.about == "party")


def label_of(fact: FactDecl) -> str:
    """What people call a fact of the plan."""
    return fact.label or fact.name.replace("_", " ")


def entering_routes(site: Site) -> APIRouter:
    """The form of each fact, what it would change, and keeping it."""
    router = APIRouter()

    @router.get("/record/{workflow}/{party}/{fact}")
    def form(request: Request, workflow: str, party: str, fact: str) -> Response:
        asked = _asked(site, workflow, party, fact)
        return _page(site, request, asked, FactForm(details=tuple((name, "") for name in asked.fact.details)))

    @router.post("/record/{workflow}/{party}/{fact}")
    def do(
        request: Request, course: Rehearsed, workflow: str, party: str, fact: str, value: Text = "", on: Day = "",
        cycle: Day = "", detail: Annotated[list[str] | None, Form()] = None, note: Text = "",
    ) -> Response:  # fmt: skip
        asked = _asked(site, workflow, party, fact)
        said = {name: text.strip() for name, _, text in (each.partition("=") for each in detail or [])}
        details = tuple((name, said.get(name, "")) for name in asked.fact.details)
        filled = FactForm(value.strip(), on.strip(), cycle.strip(), details, note.strip())

        def attempt(rehearse: bool) -> FactPreview:
            if not filled.value:
                raise Refused("no day is given" if asked.fact.type == "date" else "nothing is said of it")
            done = record(
                site.app, workflow, fact, filled.value, [Subject(party, cycle=filled.cycle or None)], details=filled.given,
                on=filled.on or None, source=SOURCE, note=filled.note, author=course.session.actor, rehearse=rehearse,
            )  # fmt: skip
            return preview_of(asked.names, done)

        def keep(shown: FactPreview) -> Response:
            return recorded(site, course, shown, party)

        return course.go(site, attempt, partial(_page, site, request, asked, filled), keep)

    return router


def _asked(site: Site, workflow: str, party: str, fact: str) -> AskedFact:
    with site.reading() as (tx, now):
        standing = site.app.standings.get(tx, workflow, now)
    found = next((each for each in recordable(standing.workflow) if each.name == fact), None)
    if found is None or party not in standing.planner.plannable.parties:
        raise NotFound(f"{workflow} has no fact “{fact}” of a party “{party}”: look at the party's page again")
    today = local_date(now, standing.workflow.timezone).isoformat()
    cycles = tuple(cycle.name for cycle in reversed(cycles_open(standing.planner))) if found.each_cycle else ()
    return AskedFact(standing.workflow, PageNames(standing.planner.plannable), party, found, cycles, today)


def _page(
    site: Site,
    request: Request,
    asked: AskedFact,
    filled: FactForm,
    faults: Sequence[str] = (),
    preview: FactPreview | None = None,
) -> Response:
    return site.page(
        request, "record.html", 409 if faults else 200, asked=asked, filled=filled, faults=faults, preview=preview,
        party_id=asked.party, name=asked.names.party(asked.party),
    )  # fmt: skip
