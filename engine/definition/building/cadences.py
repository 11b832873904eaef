"""When a step's letters leave, and which template each of them is made from."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from engine.definition.attachments import DEADLINE, AttachNames
from engine.definition.cadence import USUAL, AtOnce, Cadence, Fixed, LetterNames, Series, Slot
from engine.definition.dates import Distance
from engine.definition.hints import suggest
from engine.definition.syntax.leaves import SLOT_KINDS
from engine.definition.syntax.shapes import Fields
from engine.definition.syntax.sources import Faults
from engine.errors import Place

_INVITATION = {
    kind: "invitation" if kind == "at once" else "invitation_reminder" for kind in SLOT_KINDS
}  # fmt: skip
_DEFAULTS = Cadence((), LetterNames())


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
    return distinct(fields.items(key, object), faults)


def distinct(items: Iterable[tuple[object, Place]], faults: Faults) -> tuple[Slot, ...]:
    """Times as read, none of them twice."""
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


def cadence(
    fields: Fields, key: str, pace: Fields, templates: TemplateNames, faults: Faults, *, invitation: bool = False
) -> Cadence:
    """The cadence whose times stand under `key`; how strictly it is kept stands in `pace`."""
    send, paces = slots(fields, key, faults), _paces(fields, faults)
    every_slot = Cadence(send, LetterNames(), paces=paces).every_slot()
    letters = _letters(fields, key, every_slot, templates, faults, invitation=invitation)
    apart, stale_after = pace.get("apart", int), pace.get("stale_after", Distance)
    return Cadence(
        send,
        letters,
        approval=pace.text("approval", "required") == "required",
        apart=_DEFAULTS.apart if apart is None else apart,
        stale_after=stale_after or _DEFAULTS.stale_after,
        days_off=pace.text("working_days", _DEFAULTS.days_off),
        paces=paces,
        copies=tuple(name for name, _ in pace.items("cc", str)) if "cc" in pace else None,
        letter_form=pace.text("letter_form"),
        attach=_attached(pace, faults, invitation=invitation),
    )


def _paces(fields: Fields, faults: Faults) -> dict[str, tuple[Slot, ...]]:
    """The other times to send at, each under its name."""
    found = {}
    for name, items, place in fields.entries("paces", tuple):
        if name == USUAL:
            faults.add(place, f"“{USUAL}” is what “send” says", "Give this pace another name.")
        found[name] = distinct([(got.value, got.node.place) for got in items], faults)
    return found


def _attached(pace: Fields, faults: Faults, *, invitation: bool) -> AttachNames:
    by_kind: dict[str, tuple[str, ...]] = {}
    lists: list[list[tuple[str, Place]]] = [pace.items("attach", str)]
    for kind, got, _ in pace.entries("attachments", tuple):
        lists.append([(each.value, each.node.place) for each in got])
        by_kind[kind] = tuple(each.value for each in got)
    for files in lists:
        seen: dict[str, str] = {}
        for name, place in files:
            base = posixpath.basename(name)
            if base in seen:
                faults.add(place, f"“{seen[base]}” and “{name}” would have one name in a mail", "Rename one of them.")
            seen[base] = name
            if name == DEADLINE and invitation:
                faults.add(place, f"an event has no deadline, so no “{DEADLINE}”", "Remove it.")
    return AttachNames(by_kind, tuple(name for name, _ in lists[0]))


def _letters(
    fields: Fields, key: str, send: tuple[Slot, ...], templates: TemplateNames, faults: Faults, *, invitation: bool
) -> LetterNames:
    if "letter" in fields and "letters" in fields:
        faults.add(fields.place("letters"), "here stand both “letter” and “letters”", "Remove one of them.")
    by_kind: dict[str, str] = {}
    kinds = list(dict.fromkeys(slot.kind for slot in send))
    for kind, name, place in fields.entries("letters", str):
        by_kind[kind] = templates.note(name, fields.place_of("letters", kind))
        if kind not in kinds and key in fields.values:
            hint = suggest(kind, kinds)
            faults.add(
                place, f"no time in “{key}” is of the kind “{kind}”, so this letter is never sent", hint, warning=True
            )
    one = templates.get(fields, "letter")
    if "letter" in fields or ("letters" in fields and "letters" not in fields.values):
        return LetterNames(by_kind, one)
    named = fields.names_in("letters")
    if not named <= set(SLOT_KINDS):
        return LetterNames(by_kind, one)
    for kind in kinds:
        if kind in named:
            continue
        if invitation:
            by_kind[kind] = templates.note(_INVITATION[kind], fields.place(key))
        else:
            faults.add(
                fields.place("letters" if "letters" in fields else key),
                f"there is no template for what is sent “{kind}”", f"Add it: letters: {{{kind}: name_of_a_template}}.",
            )  # fmt: skip
    return LetterNames(by_kind, one)
