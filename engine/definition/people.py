"""Who is written to, and in whose name: parties with their contacts, and roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.definition.words import WEEKDAYS

FORMS = ("excellency", "madam", "sir", "colleague")
"""How somebody is addressed: a contact's column `form` says it, or their post; never their name."""

Titles = Mapping[str, str]
"""What something is called in other languages, by their codes."""

LETTER_FORMS = ("mail", "note_verbale")
"""How a letter is put: as a mail, or as a note verbale on paper that a short mail brings."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What a role's notes verbales have: lines at the top, what their numbers begin with, who initials them; and by
    language where they are dated from, and the role in the third person (`the Coordinator`, `la Coordination`)."""

    lines: tuple[str, ...] = ()
    place: Titles = field(default_factory=dict)
    reference: str = ""
    initials: str = ""
    sender: Titles = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DigestRule:
    """How often a role gets its digest: each working day, or (`weekday`, 0 for Monday) once a week."""

    weekday: int | None = None

    def __str__(self) -> str:
        return "daily" if self.weekday is None else f"weekly on {WEEKDAYS[self.weekday]}"


@dataclass(frozen=True, slots=True)
class Role:
    """Who owns work, or is kept informed. Without an email it is sent nothing; without `digest`, no digest."""

    name: str
    title: str
    email: str | None
    person: str
    timezone: str | None
    language: str
    titles: Titles
    letterhead: Letterhead | None
    digest: DigestRule | None


@dataclass(frozen=True, slots=True)
class Party:
    """One who is followed up: here a State. `values` are the roster's columns, `illustrative` names those not real.

    `aliases` are other names that people write: an import and a list of who came know the party by them. `language` is
    that of its contacts who have none; `names` are its own in other languages; `iso` is the code of a State.
    """

    id: str
    name: str
    values: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    illustrative: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    language: str = ""
    names: Titles = field(default_factory=dict)
    iso: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or post at a party, under a stable id; `address` may be corrected by a fact.

    `salutation` opens their letters as it is written; without one, `form` says how they are addressed, in whatever
    language. `honorific` goes before the name. `alternate_of` is the contact in whose place this one is written to when
    that one cannot be.
    """

    id: str
    party: str
    post: str
    name: str
    address: str
    language: str = ""
    timezone: str | None = None
    salutation: str = ""
    form: str = ""
    honorific: str = ""
    alternate_of: str = ""
    letter_form: str = ""


@dataclass(frozen=True, slots=True)
class AddressRule:
    """To whom letters to a party go: the first post that has a contact; in copy, posts and roles. `notes` are posts that
    get notes verbales."""

    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
