"""A party's page: its facts, its letters, and why it gets what it gets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from engine.app.facts.acts import StepActs, places_of
from engine.app.why.step import in_time
from engine.app.why.why import why
from engine.definition.facts import Fact
from engine.definition.people import Contact, Party
from engine.dispatcher.standing import Standing
from engine.errors import NotFound
from engine.letter import Recorded
from engine.planning.told import Told, told, wrong_first
from engine.store import Transaction
from engine.web.acting import may_take_back
from engine.web.entering import label_of, recordable
from engine.web.names import PageNames
from engine.web.site import Site


@dataclass(frozen=True, slots=True)
class Value:
    """One cell of the roster."""

    name: str
    value: str
    illustrative: bool


@dataclass(frozen=True, slots=True)
class PartyPage:
    """A party in one plan."""

    workflow: str
    title: str
    zone: str
    party: Party
    values: tuple[Value, ...]
    contacts: tuple[tuple[Contact, Fact | None], ...]
    """Each with what says that mail to it comes back, if anything does."""
    facts: tuple[Fact, ...]
    letters: tuple[Recorded, ...]
    names: PageNames
    places: tuple[StepActs, ...]
    newest: frozenset[int]
    """The facts that may be taken back: of each subject the one recorded last."""
    recordable: tuple[tuple[str, str], ...] = ()
    """The plan's facts about a party that may be recorded: name and label."""
    sentences: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()
    """What its people were last told of each date, those first who know another day than holds now."""

    @property
    def open(self) -> list[tuple[str, bool]]:
        """What comes next, what is waited for, and why there is no more; each with whether sample data is the reason."""
        found = [each for each in self.sentences if not _is_past(each)]
        found.sort(key=lambda each: not each.startswith("Next"))
        return [(each, self.names.rests_on_sample(each, self.facts)) for each in found]

    @property
    def past(self) -> list[str]:
        """What was sent."""
        return [each for each in self.sentences if _is_past(each)]


def _is_past(sentence: str) -> bool:
    return " was sent on " in sentence


def party_routes(site: Site) -> APIRouter:
    """The parties' pages."""
    router = APIRouter()

    @router.get("/parties")
    def parties(request: Request) -> HTMLResponse:
        with site.reading() as (tx, now):
            found = {
                standing.workflow.title: sorted(standing.planner.plannable.parties.values(), key=lambda each: each.name)
                for standing in site.app.standings.all(tx, now)
            }
        return site.page(request, "parties.html", plans=found)

    @router.get("/party/{party_id}")
    def party(request: Request, party_id: str) -> HTMLResponse:
        with site.lock:
            answers = {
                answer["workflow"]: answer["sentences"]
                for answer in why(site.app, party_id, in_words=True)["workflows"]
            }
            with site.reading() as (tx, now):
                views = list(_views(site, tx, party_id, now, answers))
        if not views:
            raise NotFound(f"no applied plan has a party “{party_id}”")
        return site.page(request, "party.html", party_id=party_id, views=views, name=views[0].party.name)

    return router


def _views(site: Site, tx: Transaction, party_id: str, now: datetime, answers: dict[str, list[str]]) -> list[PartyPage]:
    return [
        _view(tx, standing, party_id, tuple(answers.get(standing.workflow.name, ())))
        for standing in site.app.standings.all(tx, now)
        if party_id in standing.planner.plannable.parties
    ]


def _view(tx: Transaction, standing: Standing, party_id: str, sentences: tuple[str, ...]) -> PartyPage:
    planner, workflow = standing.planner, standing.workflow
    party = planner.plannable.parties[party_id]
    values = tuple(
        Value(name, value, name in party.illustrative)
        for name, value in party.values.items() if value and name not in workflow.facts
    )  # fmt: skip
    recipients = planner.desk.recipients
    contacts = tuple((contact, recipients.unreachable(contact)) for contact in recipients.known(party_id))
    facts = _facts(standing, party)
    letters = in_time(standing.read_letters(tx, [party_id]))
    return PartyPage(
        workflow.name, workflow.title, workflow.timezone, party, values, contacts,
        tuple(facts), tuple(letters), PageNames(planner.plannable), tuple(places_of(planner, party_id)),
        frozenset(fact.id for fact in facts if may_take_back(planner.book, fact)),
        tuple((fact.name, label_of(fact)) for fact in recordable(workflow)), sentences,
        tuple(wrong_first(told(planner, party_id))),
    )  # fmt: skip


def _facts(standing: Standing, party: Party) -> list[Fact]:
    """What is on record about a party, the roster's values among it, newest first; also what was taken back."""
    contacts = {contact.id for contact in standing.planner.plannable.contacts if contact.party == party.id}
    found = [
        fact for fact in standing.planner.book
        if fact.subject.party == party.id or fact.subject.contact in contacts
    ]  # fmt: skip
    return sorted(found, key=lambda fact: (fact.recorded_at, fact.true.first, fact.id), reverse=True)
