"""Who is written to at a party, and where each of them is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.definition import facts
from engine.definition.facts import BEGINNING, Fact, FactBook, Subject
from engine.definition.people import Contact, Party
from engine.definition.workflow import AnyStep, Plannable, Workflow, cadence_of
from engine.planning.world.overrides import override

POST_ZONES = {"mission": "Europe/Zurich", "ny_mission": "America/New_York"}
"""Where a post is, wherever the party is: missions in Geneva and in New York."""

POST_FORMS = {"mission": "excellency", "ny_mission": "excellency"}
"""How a post is addressed: who heads a mission is an ambassador."""

NOTE_VERBALE = "note_verbale"


class Recipients:
    """The contacts of a plan by party, with addresses as last corrected by a fact."""

    def __init__(self, plannable: Plannable, book: FactBook) -> None:
        self.workflow = plannable.workflow
        self.parties = plannable.parties
        self.book = book
        self._by_party: dict[str, list[Contact]] = {}
        for contact in plannable.contacts:
            self._by_party.setdefault(contact.party, []).append(contact)
        self._by_id = {contact.id: contact for contact in plannable.contacts}

    def known(self, party: str) -> list[Contact]:
        """All contacts of a party that have an address, also one that takes no mail."""
        current = [self.current(contact) for contact in self._by_party.get(party, ())]
        return [contact for contact in current if contact.address]

    def contacts(self, party: str) -> list[Contact]:
        """The contacts of a party that can be written to."""
        found = self.known(party)
        if not self.book.taken_in(facts.UNREACHABLE):
            return found
        return [contact for contact in found if self.unreachable(contact) is None]

    def persons(self, party: str) -> list[tuple[Contact, frozenset[str]]]:
        """The first contact at each address that can be written to, with the ids of all contacts there."""
        found: dict[str, list[Contact]] = {}
        for contact in self.contacts(party):
            found.setdefault(contact.address.casefold(), []).append(contact)
        return [(same[0], frozenset(each.id for each in same)) for same in found.values()]

    def unreachable(self, contact: Contact) -> Fact | None:
        """What says that mail to a contact's present address comes back; None where it does not.

        It holds for that address, and until it is taken back or somebody gives the contact an address again.
        """
        given = self.book.newest(facts.ADDRESS, Subject(contact=contact.id))
        since = given.recording if given else (BEGINNING, 0)
        address = contact.address.casefold()
        for fact in reversed(self.book.history(facts.UNREACHABLE, Subject(contact=contact.id))):
            if fact.live() and fact.value.casefold() == address and fact.recording > since:
                return fact
        return None

    def current(self, contact: Contact) -> Contact:
        """The contact with the address that holds now."""
        fact = self.book.newest(facts.ADDRESS, Subject(contact=contact.id))
        return replace(contact, address=fact.value) if fact else contact

    def standing(self, party: str) -> list[Contact]:
        """The contacts of a party that can be written to, without alternates of somebody who can be."""
        found = self.contacts(party)
        known = {contact.id for contact in found}
        return [contact for contact in found if not known.intersection(self._firsts(contact))]

    def _firsts(self, contact: Contact) -> list[str]:
        """In whose place a contact would be written to: the next one first."""
        ids: list[str] = []
        first = self._by_id.get(contact.alternate_of)
        while first is not None and first.id not in ids:
            ids.append(first.id)
            first = self._by_id.get(first.alternate_of)
        return ids

    def contact(self, id_: str) -> Contact | None:
        """The contact of that id, as the file has it."""
        return self._by_id.get(id_)

    def gets_note(self, contact: Contact, step: AnyStep) -> bool:
        """Whether a contact gets a step's letters as notes verbales: as its row says, else the step, else its post."""
        cadence = cadence_of(step)
        said = contact.letter_form or (cadence.letter_form if cadence else "")
        return said == NOTE_VERBALE if said else contact.post in self.workflow.address.notes

    def addressees(self, party: str, step: str | None = None) -> list[Contact]:
        """Who gets the letters of a step (None: of any): the contacts at the first post that has one, each address once.

        Where it is recorded to whom this party is written to, only that contact or post.
        """
        found = self.standing(party)
        chosen = override(self.book, facts.WRITE_TO, party, step)
        if chosen is not None:
            one = [contact for contact in self.contacts(party) if contact.id == chosen.value]
            return one or each_address(contact for contact in found if contact.post == chosen.value)
        posts = self.workflow.address.to or tuple(dict.fromkeys(contact.post for contact in found))
        for post in posts:
            at_post = [contact for contact in found if contact.post == post]
            if at_post:
                return each_address(at_post)
        return []

    def missing_words(self, party: Party, step: str | None = None) -> str:
        """What to say where a party cannot be written to."""
        chosen = override(self.book, facts.WRITE_TO, party.id, step)
        posts = (chosen.value,) if chosen is not None else self.workflow.address.to
        silent = [
            contact for contact in self.known(party.id)
            if not posts or contact.post in posts or (chosen is not None and contact.id == chosen.value)
        ]  # fmt: skip
        if silent:
            them = ", ".join(f"{contact.id} ({contact.address})" for contact in silent)
            return f"mail to {party.name} comes back from {them}: record another address of one of them"
        if chosen is not None:
            chosen_words = f"{party.name} is to be written to at “{chosen.value}”, and has no such contact"
            return f"{chosen_words}: name another, or add it to the contacts file"
        named = ", ".join(self.workflow.address.to) or "any post"
        return f"{party.name} has no contact with an address at {named}: add one to the contacts file"

    def in_language(self, contact: Contact, step: str) -> Contact:
        """A contact with the language that letters of a step to its party are in."""
        chosen = override(self.book, facts.LANGUAGE, contact.party, step)
        return contact if chosen is None else replace(contact, language=chosen.value)

    def copies(self, party: str, addressee: Contact, step: AnyStep) -> tuple[list[Contact], list[str]]:
        """Who gets a copy of a step's letter: contacts at the posts of its `cc`, else of the plan's, and the names of
        roles in it; nobody twice."""
        cadence = cadence_of(step)
        own = cadence.copies if cadence is not None else None
        seen = {addressee.address.casefold()}
        contacts, roles = [], []
        for name in self.workflow.address.cc if own is None else own:
            if name in self.workflow.roles:
                roles.append(name)
                continue
            for contact in self.standing(party):
                if contact.post == name and contact.address.casefold() not in seen:
                    seen.add(contact.address.casefold())
                    contacts.append(contact)
        return contacts, roles


def person_of(address: str | None) -> str:
    """Who gets what goes to an address: however it is written, and in whichever plan, one person."""
    return address.casefold() if address else ""


def contact_form(contact: Contact) -> str:
    """How a contact is addressed: as their own row says, else as their post is; "" where nobody has said."""
    return contact.form or POST_FORMS.get(contact.post, "")


def contact_zone(contact: Contact, party: Party, workflow: Workflow) -> str:
    """An addressee's zone: the contact's own, else its post's place, else the party's, else the workflow's."""
    return contact.timezone or POST_ZONES.get(contact.post) or party.timezone or workflow.timezone


def role_zone(role: str, workflow: Workflow) -> str:
    """A role's zone, else the workflow's."""
    found = workflow.roles.get(role)
    return (found.timezone if found else None) or workflow.timezone


def each_address(contacts: Iterable[Contact]) -> list[Contact]:
    """Contacts, each address once."""
    by_address: dict[str, Contact] = {}
    for contact in contacts:
        by_address.setdefault(contact.address.casefold(), contact)
    return list(by_address.values())
