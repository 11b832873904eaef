"""What things are called on a page: parties, steps, letters and facts by their names in the plan."""

from __future__ import annotations

from collections.abc import Iterable

from engine.definition.fact_words import fact_label, fact_words
from engine.definition.facts import Fact
from engine.definition.phrases import Phrases
from engine.definition.words import capital, span_words
from engine.definition.workflow import Plannable
from engine.letter import (
    ANSWERS_NOTICE,
    APPROVAL_PROMPT,
    DIGEST,
    HAND_OVER,
    MISSED_NOTICE,
    NONE,
    URGENT_PROMPT,
    Recorded,
)
from engine.planning.told import Told

_NOTICES = {
    APPROVAL_PROMPT: "a prompt to approve",
    MISSED_NOTICE: "word of what nobody decided",
    ANSWERS_NOTICE: "word of answers",
    URGENT_PROMPT: "an urgent prompt to approve",
    HAND_OVER: "a hand-over",
    DIGEST: "the digest",
}


INVENTED = (".example", "@example.org", "@example.com", "@example.net", ".test", ".invalid")
"""How addresses end that are nobody's (RFC 2606)."""


def invented(addresses: str) -> bool:
    """Whether one of some addresses, with commas between them, is nobody's."""
    return any(each.strip().lower().endswith(INVENTED) for each in addresses.replace(">", "").split(","))


class PageNames:
    """The names of one plan."""

    def __init__(self, plannable: Plannable) -> None:
        self.plannable = plannable
        self.workflow = plannable.workflow
        self.phrases = Phrases(plannable.workflow)
        self._contacts = {contact.id: contact for contact in plannable.contacts}

    def party(self, party: str | None) -> str:
        """A party's name; its id where the roster has it no more."""
        found = self.plannable.parties.get(party or "")
        return found.name if found else party or ""

    def role(self, role: str) -> str:
        """A role's title."""
        found = self.workflow.roles.get(role)
        return found.title.removeprefix("The ") if found else role

    def deputies(self) -> list[tuple[str, str]]:
        """The roles that can be asked to approve, each with its title."""
        return [(role.name, role.title) for role in self.workflow.roles.values() if role.email]

    def addressee(self, row: Recorded) -> str:
        """To whom a letter goes: a party, or a role."""
        if row.addressee in self.workflow.roles:
            about = f", about {self.party(row.party)}" if row.party else ""
            return f"{self.role(row.addressee)}{about}"
        return self.party(row.party) or row.addressee

    def post(self, row: Recorded | Told) -> str:
        """The post of a party that a letter goes to."""
        contact = self._contacts.get(row.addressee)
        return "" if contact is None or contact.post == NONE else contact.post.replace("_", " ")

    def invented(self, row: Recorded) -> bool:
        """Whether a letter goes, or would go, to an address that is nobody's."""
        contact, role = self._contacts.get(row.addressee), self.workflow.roles.get(row.addressee)
        return invented(row.to or (contact.address if contact else role.email or "" if role else ""))

    def illustrative(self, fact: Fact) -> bool:
        """Whether a fact is sample data, also one of the roster's."""
        party = self.plannable.parties.get(fact.subject.party or "")
        sample = not fact.id and party is not None and fact.name in party.illustrative
        return sample or fact.source == "illustrative"

    def rests_on_sample(self, sentence: str, facts: Iterable[Fact]) -> bool:
        """Whether a sentence gives one of some facts as its reason that is sample data."""
        return any(
            f"done: {fact_label(self.workflow, fact)}" in sentence
            and (span_words(fact.true) if fact.id else "the roster says so") in sentence
            for fact in facts
            if self.illustrative(fact)
        )

    def reason(self, row: Recorded) -> str:
        """Why a letter is as it is."""
        return self.phrases.reason(row.reason)

    def step(self, row: Recorded | Told) -> str:
        """The title of a letter's step; of a letter about all steps, what kind of letter it is."""
        if isinstance(row, Recorded) and row.step == NONE:
            return capital(self.template(row).partition(" ")[2])
        found = self.workflow.steps.get(row.step)
        title = found.title if found else row.step
        return f"{title} ({row.cycle})" if row.cycle else title

    def template(self, row: Recorded) -> str:
        """What kind of letter it is."""
        if row.template in _NOTICES:
            return _NOTICES[row.template]
        return row.template.replace("_", " ")

    def fact(self, fact: Fact) -> str:
        """A fact in words."""
        return fact_words(self.workflow, fact)
