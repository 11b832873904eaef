"""Which letters are notes verbales, in whose series they are numbered, and what stands on them besides their words."""

from __future__ import annotations

from functools import cached_property

from engine.definition.cadence import is_escalation
from engine.definition.dates import local_date
from engine.definition.people import Letterhead, Role
from engine.definition.words import capital
from engine.definition.workflow import cadence_of
from engine.letter import Letter, NoteNumber
from engine.planning.planner import Planner
from engine.planning.world.recipients import NOTE_VERBALE
from engine.rendering.addressing import titled
from engine.rendering.context import NoteView
from engine.rendering.materials import Materials
from engine.rendering.tongues import Tongue


class Noting:
    """The notes verbales of one plan."""

    def __init__(self, planner: Planner, materials: Materials) -> None:
        self.planner = planner
        self.materials = materials

    @cached_property
    def _any(self) -> bool:
        """Whether anybody gets notes: most plans have none, and need not ask for each letter."""
        plannable = self.planner.plannable
        cadences = filter(None, map(cadence_of, plannable.workflow.steps.values()))
        return bool(
            plannable.workflow.address.notes
            or any(contact.letter_form == NOTE_VERBALE for contact in plannable.contacts)
            or any(cadence.letter_form == NOTE_VERBALE for cadence in cadences)
        )

    def template(self, letter: Letter) -> str | None:
        """The template of a letter's note; None for one that is a mail."""
        if not self._any or letter.party is None or is_escalation(letter.slot):
            return None
        recipients = self.planner.desk.recipients
        contact = recipients.contact(letter.addressee)
        if contact is None or not recipients.gets_note(contact, self.planner.workflow.steps[letter.step]):
            return None
        return self.materials.note_of(letter.template)

    def series(self, letter: Letter) -> str | None:
        """In which series a letter's note is numbered: its sender's, over all plans, in the year that it is dated."""
        if letter.due_at is None or self.template(letter) is None:
            return None
        sender = self._owner(letter)
        return f"{(sender.email or sender.name).casefold()}/{local_date(letter.due_at, letter.zone).year}"

    def view(self, letter: Letter, template: str, tongue: Tongue, number: NoteNumber | None) -> NoteView:
        """What stands on a letter's note. A number of another series, as of a year it was moved from, is none."""
        assert letter.due_at is not None
        on = local_date(letter.due_at, letter.zone)
        owner = self._owner(letter)
        head = owner.letterhead or Letterhead((owner.title,))
        own = number.number if number is not None and number.series == self.series(letter) else None
        told = str(own) if own is not None else "…"
        sender = titled(head.sender.get("en", f"the {owner.title}"), head.sender, tongue)
        whole = f"{head.reference}/{on.year}/{told}" if head.reference else f"{told}/{on.year}"
        place = titled(head.place.get("en", ""), head.place, tongue)
        return NoteView(
            template, tongue.note, whole, own is not None, tongue.day(on), place, sender, capital(sender),
            head.lines, head.initials,
        )  # fmt: skip

    def _owner(self, letter: Letter) -> Role:
        workflow = self.planner.workflow
        return workflow.roles[workflow.steps[letter.step].owner]
