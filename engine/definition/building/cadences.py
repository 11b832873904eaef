"""When a step's letters leave, which template each of them is made from, and what it carries."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from engine.definition.attachments import DEADLINE, AttachNames
from engine.definition.cadence import USUAL, AtOnce, Cadence, Fixed, LetterNames, Series, Slot
from engine.definition.dates import Distance, Unit
from engine.definition.hints import suggest
from engine.definition.syntax.leaves import SLOT_KINDS
from engine.definition.syntax.shapes import Fields
from engine.definition.syntax.sources import Faults
from engine.errors import Place

_INVITATIONS = "invitations"
"""The key of the times at which an event's letters leave: they have templates of their own, and no deadline."""
_INVITATION = {kind: "invitation" if kind == "at once" else "invitation_reminder" for kind in SLOT_KINDS}


class TemplateNames:
    """The templates that a step names, each with the first place where it does."""

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}

    def get(self, fields: Fields, key: str) -> str | None:
        """The template that a key names, if it names one."""
        name = fields.get(key, str)
        return self.note(name, fields.place(key)) if name else None

    def one(self, fields: Fields, key: str, default: str) -> str:
        """The template that a key names, or the default."""
        return self.get(fields, key) or self.note(default, fields.place(key))

    def note(self, name: str, place: Place) -> str:
        """Keep the place of a name."""
        self.places.setdefault(name, place)
        return name


def slots(fields: Fields, key: str, faults: Faults) -> tuple[Slot, ...]:
    """The times of a list, none of them twice (42 days before is 6 weeks before)."""
    return _distinct(fields.items(key, object), faults)


def _distinct(items: Iterable[tuple[object, Place]], faults: Faults) -> tuple[Slot, ...]:
    found: dict[str, Slot] = {}
    for slot, place in items:
        if not isinstance(slot, AtOnce | Fixed | Series):
            continue
        if slot.token in found:
            faults.add(place, f"“{slot}” is the same as “{found[slot.token]}” before it", "Remove one of them.")
        found.setdefault(slot.token, slot)
    return tuple(found.values())


def moments(fields: Fields, key: str, faults: Faults) -> tuple[Fixed, ...]:
    """A list of times that holds fixed ones only."""
    return tuple(slot for slot in slots(fields, key, faults) if isinstance(slot, Fixed))


def cadence(fields: Fields, key: str, pace: Fields, templates: TemplateNames, faults: Faults) -> Cadence:
    """The cadence whose times stand under `key`; how strictly it is kept stands in `pace`."""
    send, paces, apart = slots(fields, key, faults), _paces(fields, faults), pace.get("apart", int)
    kinds = dict.fromkeys(slot.kind for times in (send, *paces.values()) for slot in times)
    return Cadence(
        send=send, paces=paces,
        letters=_letters(fields, key, list(kinds), templates, faults),
        approval=pace.text("approval", "required") == "required",
        apart=7 if apart is None else apart,
        stale_after=pace.get("stale_after", Distance) or Distance(3, Unit.WORKING_DAYS),
        days_off=pace.text("working_days", "workflow"),
        copies=tuple(name for name, _ in pace.items("cc", str)) if "cc" in pace else None,
        letter_form=pace.text("letter_form"),
        attach=_attached(pace, faults, invitation=key == _INVITATIONS),
    )  # fmt: skip


def _paces(fields: Fields, faults: Faults) -> dict[str, tuple[Slot, ...]]:
    """The other times to send at, each under its name."""
    found = {}
    for name, items, place in fields.lists("paces", object):
        if name == USUAL:
            faults.add(place, f"“{USUAL}” is what “send” says", "Give this pace another name.")
        found[name] = _distinct(items, faults)
    return found


def _attached(pace: Fields, faults: Faults, *, invitation: bool) -> AttachNames:
    every_kind, by_kind = pace.items("attach", str), {kind: files for kind, files, _ in pace.lists("attachments", str)}
    for files in (every_kind, *by_kind.values()):
        seen: dict[str, str] = {}
        for name, place in files:
            base = posixpath.basename(name)
            if base in seen:
                faults.add(place, f"“{seen[base]}” and “{name}” would have one name in a mail", "Rename one of them.")
            seen[base] = name
            if name == DEADLINE and invitation:
                faults.add(place, f"an event has no deadline, so no “{DEADLINE}”", "Remove it.")
    return AttachNames({kind: _names(files) for kind, files in by_kind.items()}, _names(every_kind))


def _names(files: Iterable[tuple[str, Place]]) -> tuple[str, ...]:
    return tuple(name for name, _ in files)


def _letters(fields: Fields, key: str, kinds: list[str], templates: TemplateNames, faults: Faults) -> LetterNames:
    """Which template each kind of slot has. Of a kind without one nothing is said where the reading left a gap."""
    if "letter" in fields and "letters" in fields:
        faults.add(fields.place("letters"), "here stand both “letter” and “letters”", "Remove one of them.")
    by_kind: dict[str, str] = {}
    for kind, name, place in fields.entries("letters", str):
        by_kind[kind] = templates.note(name, fields.place_of("letters", kind))
        if kind not in kinds and key in fields.values:
            message = f"no time in “{key}” is of the kind “{kind}”, so this letter is never sent"
            faults.add(place, message, suggest(kind, kinds), warning=True)
    one, named = templates.get(fields, "letter"), fields.names_in("letters")
    unread = "letters" in fields and ("letters" not in fields.values or not named <= set(SLOT_KINDS))
    missing = [] if "letter" in fields or unread else [kind for kind in kinds if kind not in named]
    for kind in missing:
        if key == _INVITATIONS:
            by_kind[kind] = templates.note(_INVITATION[kind], fields.place(key))
        else:
            place = fields.place("letters" if "letters" in fields else key)
            hint = f"Add it: letters: {{{kind}: name_of_a_template}}."
            faults.add(place, f"there is no template for what is sent “{kind}”", hint)
    return LetterNames(by_kind, one or "")
