"""Who is written to at a party, and where each of them is."""

from __future__ import annotations

from dataclasses import replace

from engine.definition import facts
from engine.definition.facts import BEGINNING, Fact, FactBook, Subject
from engine.definition.workflow import AddressRule, Contact, Party, Plannable, Workflow

POST_ZONES = {"mission": "Europe/Zurich", "ny_mission": "America/New_York"}
"""Where a post is, wherever the party is: missions in Geneva and in New York."""


class Recipients:
    """The contacts of a plan by party, with addresses as last corrected by a fact."""

    def __init__(self, plannable: Plannable, book: FactBook) -> None:
        self.workflow = plannable.workflow
        self.parties = plannable.parties
        self.book = book
        self._by_party: dict[str, list[Contact]] = {}
        for contact in plannable.contacts:
            self._by_party.setdefault(contact.party, []).append(contact)

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
        since = (given.recorded_at, given.id) if given else (BEGINNING, 0)
        address = contact.address.casefold()
        for fact in reversed(self.book.history(facts.UNREACHABLE, Subject(contact=contact.id))):
            if fact.live() and fact.value.casefold() == address and (fact.recorded_at, fact.id) > since:
                return fact
        return None

    def current(self, contact: Contact) -> Contact:
        """The contact with the address that holds now."""
        fact = self.book.newest(facts.ADDRESS, Subject(contact=contact.id))
        return replace(contact, address=fact.value) if fact else contact

    def addressees(self, party: str) -> list[Contact]:
        """Who gets letters: the contacts at the first post that has one, each address once."""
        found = self.contacts(party)
        posts = self.workflow.address.to or tuple(dict.fromkeys(contact.post for contact in found))
        for post in posts:
            at_post = [contact for contact in found if contact.post == post]
            if at_post:
                by_address: dict[str, Contact] = {}
                for contact in at_post:
                    by_address.setdefault(contact.address.casefold(), contact)
                return list(by_address.values())
        return []

    def copies(self, party: str, addressee: Contact) -> tuple[list[Contact], list[str]]:
        """Who gets a copy: contacts at the posts of `cc`, and the names of roles in it; nobody twice."""
        seen = {addressee.address.casefold()}
        contacts, roles = [], []
        for name in self.workflow.address.cc:
            if name in self.workflow.roles:
                roles.append(name)
                continue
            for contact in self.contacts(party):
                if contact.post == name and contact.address.casefold() not in seen:
                    seen.add(contact.address.casefold())
                    contacts.append(contact)
        return contacts, roles


def person_of(address: str | None) -> str:
    """Who gets what goes to an address: however it is written, and in whichever plan, one person."""
    return address.casefold() if address else ""


def contact_zone(contact: Contact, party: Party, workflow: Workflow) -> str:
    """An addressee's zone: the contact's own, else its post's place, else the party's, else the workflow's."""
    return contact.timezone or POST_ZONES.get(contact.post) or party.timezone or workflow.timezone


def role_zone(role: str, workflow: Workflow) -> str:
    """A role's zone, else the workflow's."""
    found = workflow.roles.get(role)
    return (found.timezone if found else None) or workflow.timezone


def missing_words(party: Party, rule: AddressRule, recipients: Recipients) -> str:
    """What to say where a party cannot be written to."""
    posts = ", ".join(rule.to) or "any post"
    silent = [contact for contact in recipients.known(party.id) if not rule.to or contact.post in rule.to]
    if silent:
        them = ", ".join(f"{contact.id} ({contact.address})" for contact in silent)
        return f"mail to {party.name} comes back from {them}: record another address of one of them"
    return f"{party.name} has no contact with an address at {posts}: add one to the contacts file"
