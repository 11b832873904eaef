"""What a person gives with something that is to be done: days, words, letters and roles."""

from __future__ import annotations

from datetime import date

from engine.definition.dates import parse_span
from engine.definition.people import Role
from engine.definition.syntax.written import prose
from engine.definition.workflow import Workflow
from engine.errors import NotFound, Refused
from engine.letter import LetterKey, Recorded, parse_key
from engine.store import Transaction


def day_asked(at: str | None, today: date) -> date:
    """The day of `--at`, or today. Raises Refused where it is no day, or one to come."""
    if at is None:
        return today
    day = written_day(at, "--at")
    if day > today:
        raise Refused(f"--at: {day} is still to come: today is {today}")
    return day


def written_day(text: str, option: str) -> date:
    """The day that an option gives. Raises Refused, which names the option, for what is none or more than one."""
    try:
        span = parse_span(text)
    except ValueError as error:
        raise Refused(f"{option}: {error}") from None
    if span.first != span.last:
        raise Refused(f"{option}: “{text}” is more than a day; write one, such as {span.last}")
    return span.first


def readable(text: str, what: str) -> str:
    """A reason, note or source as a page or letter may show it. Raises Refused, which says `what` it is."""
    try:
        return prose(text)
    except ValueError as error:
        raise Refused(f"{what}: {error}") from None


def key_asked(text: str) -> LetterKey:
    """A letter's key. Raises Refused for what is none."""
    try:
        return parse_key(text)
    except ValueError as error:
        raise Refused(str(error)) from None


def known_letter(tx: Transaction, key: str) -> Recorded:
    """The letter of a key. Raises NotFound."""
    row = tx.letter(key)
    if row is None:
        raise no_letter(key)
    return row


def no_letter(key: str) -> NotFound:
    """There is none of that key."""
    return NotFound(f"there is no letter {key} in the outbox")


def role_of(workflow: Workflow, text: str) -> Role | None:
    """The role of that name or address."""
    by_address = (role for role in workflow.roles.values() if (role.email or "").casefold() == text.casefold())
    return workflow.roles.get(text) or (next(by_address, None) if text else None)
