"""Why an address is written to, or is not: whose it is, what went to it, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from engine.app.root import App
from engine.app.why.sources import answer_of, rows_of, views
from engine.app.why.step import NEXT, in_time, next_letters, next_sentence
from engine.definition.hints import suggest
from engine.definition.people import Contact
from engine.definition.words import moment_words
from engine.errors import NotFound
from engine.letter import Recorded
from engine.lifecycle import SETTLED
from engine.planning.planner import Planner


def why_address(app: App, address: str, step: str | None) -> dict[str, Any]:
    """The answer about an address in each plan that has to do with it. Raises NotFound."""
    answers = []
    known: list[str] = []
    for name, view in views(app):
        known += _addresses(view.planner)
        answer = _answer(app, name, view.planner, address, step, view.at)
        if answer is not None:
            answers.append(answer)
    if not answers:
        raise NotFound(
            f"no workflow has the address {address}, and nothing went to it. {suggest(address, known)}".rstrip()
        )
    return {"address": address, "workflows": answers}


def _answer(
    app: App, name: str, planner: Planner, address: str, step: str | None, now: datetime
) -> dict[str, Any] | None:
    """What one plan has to do with an address; None for nothing."""
    rows = rows_of(app, name, step=step)
    went = in_time(row for row in rows if row.state in SETTLED and _among(address, f"{row.to}, {row.cc}"))
    holders = list(_holders(planner, address))
    if not holders and not went:
        return None
    sentences = [sentence for sentence, _ in holders]
    sentences += [_went(row, address) for row in went[-NEXT:]]
    if len(went) > NEXT:
        sentences.append(f"In all, {len(went)} letters went to it.")
    coming = [
        letter
        for _, contact in holders
        if contact is not None
        for letter in next_letters(planner, planner.plan_party(contact.party), now, step)
        if letter.addressee == contact.id
    ]
    sentences += [next_sentence(letter, f"{letter.step} {letter.slot}", letter.reason) for letter in coming[:NEXT]]
    if not coming:
        sentences.append("Nothing more goes to it as its own letter, as far as is known now.")
    return answer_of(name, planner, address, sentences, coming)


def _went(row: Recorded, address: str) -> str:
    about = f" to {row.party}" if row.party else ""
    how = "" if _among(address, row.to) else " as a copy"
    return f"{row.step} {row.slot}{about} went to it{how} on {moment_words(row.left_at, row.zone)}."


def _addresses(planner: Planner) -> list[str]:
    """Every address that a plan knows."""
    recipients = planner.desk.recipients
    found = [recipients.current(contact).address for contact in planner.plannable.contacts]
    return [*found, *(role.email for role in planner.workflow.roles.values() if role.email)]


def _holders(planner: Planner, address: str) -> Iterator[tuple[str, Contact | None]]:
    """Whose an address is or was, in a sentence, with the contact if it is one's now."""
    recipients, parties = planner.desk.recipients, planner.plannable.parties
    for contact in planner.plannable.contacts:
        current = recipients.current(contact)
        party = parties[contact.party].name if contact.party in parties else contact.party
        if _same(current.address, address):
            gets = any(found.id == contact.id for found in recipients.addressees(contact.party))
            role = "letters are addressed to it" if gets else "it gets copies, if any"
            if recipients.unreachable(current) is not None:
                role = "mail to it came back, and it is not written to"
            yield f"It is {contact.name or contact.id}, {party} ({contact.id}): {role}.", current
        elif _same(contact.address, address):
            yield (
                f"It was {contact.name or contact.id}, {party} ({contact.id}): now that is {current.address or 'none'}.",
                None,
            )
    for role_name, found in planner.workflow.roles.items():
        if found.email and _same(found.email, address):
            owned = [step.name for step in planner.workflow.steps.values() if step.owner == role_name]
            owns = f", who owns {', '.join(owned)}" if owned else ""
            yield f"It is the {found.title} ({role_name}){owns}.", None


def _among(address: str, people: str) -> bool:
    return any(_same(part.rpartition("<")[2].rstrip(">"), address) for part in people.split(", "))


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
