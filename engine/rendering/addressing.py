"""To whom a letter speaks, who gets a copy, and in which language it is."""

from __future__ import annotations

from engine.definition.people import Contact, Party, Role, Titles
from engine.letter import Letter
from engine.planning.planner import Planner
from engine.planning.world.recipients import contact_form
from engine.rendering.context import Mailbox, RecipientView
from engine.rendering.tongues import Tongue, speaking
from engine.rendering.versions import Versions, chain, choose


class Addressing:
    """The people and languages of one plan's letters. `versions` are those of its templates."""

    def __init__(self, planner: Planner, versions: Versions) -> None:
        self.planner = planner
        self.workflow = planner.workflow
        self.versions = versions

    def wanted(self, letter: Letter) -> tuple[str, ...]:
        """The languages to try for a letter: the addressee's, the party's, the plan's, English."""
        party = self._party(letter)
        role = self._role(letter, party)
        if role is not None:
            return chain(role.language, self.workflow.language)
        assert party is not None
        recipients = self.planner.desk.recipients
        contact = recipients.contact(letter.addressee)
        own = recipients.in_language(contact, letter.step).language if contact else ""
        return chain(own, party.language, self.workflow.language)

    def tongue(self, letter: Letter, template: str) -> Tongue:
        """The language that a letter is in: the first wanted in which the template has a version."""
        return speaking(choose(self.versions.get(f"{template}.md", ()), self.wanted(letter)))

    def _party(self, letter: Letter) -> Party | None:
        return self.planner.plannable.parties.get(letter.party) if letter.party else None

    def _role(self, letter: Letter, party: Party | None) -> Role | None:
        """The role that a letter goes to, if it goes to one."""
        role = self.workflow.roles.get(letter.addressee)
        return role or (self.workflow.roles[self.workflow.owner] if party is None else None)

    def people(self, letter: Letter, tongue: Tongue) -> tuple[RecipientView, tuple[Mailbox, ...], tuple[Mailbox, ...]]:
        """To whom a letter speaks, its To and its Cc."""
        party = self._party(letter)
        role = self._role(letter, party)
        if role is not None or party is None:
            assert role is not None
            box = Mailbox(role.person or role.title, role.email or "")
            return RecipientView(box.name, "", tongue.code, direction=tongue.direction), (box,), ()
        recipients = self.planner.desk.recipients
        contact = next(contact for contact in recipients.contacts(party.id) if contact.id == letter.addressee)
        contacts, roles = recipients.copies(party.id, contact, self.workflow.steps[letter.step])
        copies = [_mailbox(other) for other in contacts]
        copies += [
            Mailbox(found.person or found.title, found.email)
            for name in roles
            if (found := self.workflow.roles[name]).email
        ]
        form = contact_form(contact)
        opening = contact.salutation or tongue.opening(form)
        view = RecipientView(_named(contact), opening, tongue.code, contact.post, form, tongue.direction)
        unique = {box.address.casefold(): box for box in reversed(copies)}
        unique.pop(contact.address.casefold(), None)
        return view, (_mailbox(contact),), tuple(reversed(unique.values()))


def titled(own: str, others: Titles, tongue: Tongue) -> str:
    """What something is called in a language: `pt-BR`, else `pt`, else as the plan calls it."""
    return next((others[code] for code in chain(tongue.code) if code in others), own)


def _named(contact: Contact) -> str:
    return f"{contact.honorific} {contact.name}".strip()


def _mailbox(contact: Contact) -> Mailbox:
    return Mailbox(_named(contact), contact.address)
