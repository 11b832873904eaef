"""The parts of mails: letters ready to leave, put together by person, and the one mail that carries them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.channels import OutgoingMail
from engine.definition.building.attaching import MOST
from engine.definition.cadence import is_escalation
from engine.definition.dates import zone
from engine.dispatcher.returning import WayBack
from engine.dispatcher.standing import Standing
from engine.letter import Letter, Recorded
from engine.lifecycle import SETTLED
from engine.rendering import mail as mime
from engine.rendering.context import Mailbox, Rendered
from engine.rendering.headers import bare_address
from engine.rendering.joining import join
from engine.settings import Settings
from engine.store import MailRecord, NewMail

_MOST_REFERENCES = 40


@dataclass(frozen=True, slots=True)
class Part:
    """A letter ready to leave: its row, its words, from whom, and the Message-IDs that it follows.

    `zone` is that of its plan, which the Date of a mail is in; `back` names where answers to it and notices about it go
    (None: to whom it is from).
    """

    row: Recorded
    rendered: Rendered
    sender: Mailbox
    thread: tuple[str, ...]
    zone: str
    back: WayBack | None = None

    @property
    def place(self) -> tuple[object, ...]:
        """What letters must share to leave as one mail.

        All who get it: a copy of one letter is no leave to read another. What is tried again goes with what it was
        tried with, so that the same bytes leave (G2).
        """
        people = tuple(frozenset(_folded(box) for box in boxes) for boxes in (self.rendered.to, self.rendered.cc))
        return (*people, self.row.mail if self.row.attempts else None)


@dataclass(frozen=True, slots=True)
class Handed:
    """A mail with the letters that it carries, before and after it is frozen. `reached` are those who have it already."""

    rows: tuple[Recorded, ...]
    mail: NewMail
    mail_id: int = 0
    reached: frozenset[str] = frozenset()

    def frozen_as(self, record: MailRecord, reached: frozenset[str]) -> Handed:
        """With the bytes that are to leave: at a retry those of the first time, to those who have them not."""
        mail = self.mail._replace(
            message_id=record.message_id, digest=record.digest, sender=record.sender, recipients=record.recipients,
            subject=record.subject, to=record.to, cc=record.cc, body=record.body,
        )  # fmt: skip
        return replace(self, mail=mail, mail_id=record.id, reached=reached)

    @property
    def key(self) -> str:
        """The key of its first letter, by which it is known."""
        return self.rows[0].key

    @property
    def attempts(self) -> int:
        """How often the letter among them was tried that was tried most."""
        return max(row.attempts for row in self.rows)

    @property
    def addressee(self) -> str:
        """The address of the one whom it is for; the others get copies."""
        return self.mail.recipients[0]

    @property
    def outgoing(self) -> OutgoingMail:
        """What the channel gets."""
        recipients = tuple(address for address in self.mail.recipients if address not in self.reached)
        return OutgoingMail(self.mail.message_id, self.key, self.mail.sender, recipients, self.mail.body)


def part_of(
    standing: Standing, row: Recorded, letter: Letter, rendered: Rendered, rows: Sequence[Recorded], settings: Settings,
    back: WayBack | None = None,
) -> Part:  # fmt: skip
    """A rendered letter as part of a mail. `rows` are those of its party, for its thread."""
    sender = sender_of(standing, letter, settings)
    row = row._replace(told=letter.told or None)
    return Part(row, rendered, sender, thread_of(letter, rows), standing.workflow.timezone, back)


def put_together(parts: Iterable[Part]) -> list[tuple[Part, ...]]:
    """The parts of each mail: what goes to the same people leaves as one, as far as a mail can carry their files; the
    most urgent letter first."""
    together: dict[tuple[object, ...], list[Part]] = {}
    for part in parts:
        together.setdefault(part.place, []).append(part)
    mails: list[list[Part]] = []
    for found in together.values():
        mails.append([])
        size = 0
        for part in sorted(found, key=lambda part: (part.row.due_at, part.row.id)):
            own = sum(file.size for file in part.rendered.attachments)
            if mails[-1] and size + own > MOST:
                mails.append([])
                size = 0
            mails[-1].append(part)
            size += own
    return [tuple(mail) for mail in mails]


def mail_of(parts: Sequence[Part], now: datetime, settings: Settings) -> Handed:
    """The mail of some parts: from the owner of the first, dated now, in the threads of all.

    Replies go to the address of the first letter that has one of its own, which is known to be that of all; else to each
    owner.
    """
    first = parts[0]
    rendered = join([part.rendered for part in parts])
    keys = [part.row.key for part in parts]
    # Of several letters the Message-ID names just these: without one of them it is another mail.
    message_id = mime.joined_message_id(keys, settings.mail_domain)
    thread = tuple(dict.fromkeys(each for part in parts for each in part.thread))[-_MOST_REFERENCES:]
    owners = tuple(dict.fromkeys(part.sender for part in parts))
    back = next((part.back for part in parts if part.back is not None), None)
    reply_to = (Mailbox(first.sender.name, back.reply_to),) if back else owners if len(owners) > 1 else ()
    body = mime.build(
        rendered,
        sender=first.sender,
        message_id=message_id,
        date=now.astimezone(zone(first.zone)),
        in_reply_to=first.thread[-1] if first.thread else None,
        references=thread,
        keys=keys,
        reply_to=reply_to,
    )
    recipients = tuple(dict.fromkeys(bare_address(box.address) for box in (*rendered.to, *rendered.cc)))
    mail = NewMail(
        message_id, rendered.digest, bare_address(back.envelope if back else first.sender.address), recipients,
        rendered.subject,
        people(rendered.to), people(rendered.cc), body,
    )  # fmt: skip
    rows = tuple(part.row._replace(subject=part.rendered.subject) for part in parts)
    return Handed(rows, mail)


def sender_of(standing: Standing, letter: Letter, settings: Settings) -> Mailbox:
    """Letters to a party come from the owner of the step, prompts from the engine."""
    if letter.party is not None and not is_escalation(letter.slot):
        owner = standing.workflow.roles[standing.workflow.steps[letter.step].owner]
        if owner.email:
            return Mailbox(owner.person or owner.title, owner.email)
    return Mailbox("followthrough", settings.sender)


def thread_of(letter: Letter, rows: Sequence[Recorded]) -> tuple[str, ...]:
    """The Message-IDs that this letter follows: the first of its thread and the last, in that order.

    A thread is what one addressee gets of one step, cycle and party.
    """
    before = sorted(
        (row.left_at, row.id, row.message_id)
        for row in rows
        if row.state in SETTLED and row.message_id and row.key != letter.key
        and (row.step, row.cycle, row.party, row.addressee) == (letter.step, letter.cycle, letter.party, letter.addressee)
    )  # fmt: skip
    ids = [message_id for _, _, message_id in before if message_id]
    return tuple(dict.fromkeys([ids[0], ids[-1]])) if ids else ()


def people(boxes: Iterable[Mailbox]) -> str:
    """Mailboxes for people to read."""
    return ", ".join(f"{box.name} <{box.address}>" if box.name else box.address for box in boxes)


def _folded(box: Mailbox) -> str:
    return box.address.casefold()
