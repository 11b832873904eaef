"""What is looked for in the mailbox: words, and what has them in its name as the pages show it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from engine.store import Sought
from engine.web.names import PageNames


def sought(find: str, plans: Collection[PageNames]) -> list[Sought]:
    """The words of a search, each once."""
    return [_sought(word, plans) for word in dict.fromkeys(find.lower().split())]


def _sought(word: str, plans: Collection[PageNames]) -> Sought:
    parties = (
        (party.id, party.name) for names in plans for party in names.plannable.parties.values()
    )  # fmt: skip
    contacts = (
        (contact.id, f"{contact.name} {contact.address}") for names in plans for contact in names.plannable.contacts
    )  # fmt: skip
    roles = ((role.name, f"{role.title} {role.email}") for names in plans for role in names.workflow.roles.values())
    steps = ((step.name, step.title) for names in plans for step in names.workflow.steps.values())
    return Sought(word, _having(word, parties), (*_having(word, contacts), *_having(word, roles)), _having(word, steps))


def _having(word: str, named: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(sorted({of for of, name in named if word in name.lower()}))
