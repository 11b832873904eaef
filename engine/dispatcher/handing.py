"""From a claimed letter to frozen bytes: the facts are looked at again, then it is rendered and built (G3, G5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from engine.channels import OutgoingMail
from engine.definition.cadence import ESCALATION
from engine.definition.dates import zone
from engine.dispatcher.notices import needless, notice_letter
from engine.dispatcher.standing import Places, Standing, Standings
from engine.errors import BadInput, FollowthroughError
from engine.letter import NOTICES, Letter, Recorded
from engine.lifecycle import SETTLED, State
from engine.planning.reconcile import reconcile
from engine.rendering import mail as mime
from engine.rendering.context import Mailbox, Rendered
from engine.settings import Settings
from engine.store import MailRecord, NewMail, Transaction


@dataclass(frozen=True, slots=True)
class Handed:
    """A claimed row with its mail, before and after it is frozen. `reached` are those who have the mail already."""

    row: Recorded
    mail: NewMail
    mail_id: int = 0
    reached: frozenset[str] = frozenset()

    def frozen_as(self, record: MailRecord, reached: frozenset[str]) -> Handed:
        """With the bytes that are to leave: at a retry those of the first time, to those who have them not."""
        mail = replace_mail(self.mail, record)
        return replace(self, mail=mail, mail_id=record.id, reached=reached)

    @property
    def addressee(self) -> str:
        """The address of the one whom it is for; the others get copies."""
        return self.mail.recipients[0]

    @property
    def outgoing(self) -> OutgoingMail:
        """What the channel gets."""
        recipients = tuple(address for address in self.mail.recipients if address not in self.reached)
        return OutgoingMail(self.mail.message_id, self.row.key, self.mail.sender, recipients, self.mail.body)


def replace_mail(new: NewMail, record: MailRecord) -> NewMail:
    """The frozen mail's values in place of the new one's."""
    return new._replace(
        message_id=record.message_id, digest=record.digest, sender=record.sender, recipients=record.recipients,
        subject=record.subject, to=record.to, cc=record.cc, body=record.body,
    )  # fmt: skip


def prepare(
    tx: Transaction, standings: Standings, places: Places, row: Recorded, now: datetime, settings: Settings, worker: str
) -> Handed | None:
    """A claimed letter made ready; None when it must not leave, which is then on record with its reason."""
    standing = standings.get(tx, row.workflow, now)
    if row.template in NOTICES:
        return _prepare_notice(tx, standings, row, now, settings, worker)
    place = places.of(row.party)
    letter = place.letter(row.key)
    if letter is None or letter.state != State.SCHEDULED or letter.due_at is None or letter.due_at > now:
        plan = place.plan
        changes = [
            change for change in reconcile(plan.letters, place.rows, now, plan.silences) if change.key == row.key
        ]
        tx.apply_changes(changes, revision=standing.revision.id, now=now, actor=worker, cause="looked at again")
        return None
    try:
        rendered = standing.render(letter, place.plan, tx.wording(row))
        if row.approval and rendered.digest != row.approved_digest:
            tx.unapprove(row.key, "it reads otherwise than what was approved", now, worker)
            return None
        return Handed(row, build(standing, letter, rendered, place.rows, now, settings))
    except (FollowthroughError, BadInput) as error:
        tx.set_state(row.key, State.FAILED, f"it could not be rendered: {error}", now=now, actor=worker)
        return None


def _prepare_notice(
    tx: Transaction, standings: Standings, row: Recorded, now: datetime, settings: Settings, worker: str
) -> Handed | None:
    standing = standings.get(tx, row.workflow, now)
    notice = notice_letter(tx, standings, row, now, settings.web_url)
    if notice is None:
        tx.set_state(row.key, State.WITHDRAWN, needless(row), now=now, actor=worker)
        return None
    letter, context = notice
    try:
        return Handed(row, build(standing, letter, standing.opened.renderer.render(context), [], now, settings))
    except (FollowthroughError, BadInput) as error:
        tx.set_state(row.key, State.FAILED, f"it could not be rendered: {error}", now=now, actor=worker)
        return None


def build(
    standing: Standing, letter: Letter, rendered: Rendered, rows: list[Recorded], now: datetime, settings: Settings
) -> NewMail:
    """The mail of a rendered letter: in its thread, dated now, from the step's owner (prompts: from the engine)."""
    sender = sender_of(standing, letter, settings)
    message_id = mime.message_id(letter.key, settings.mail_domain)
    thread = thread_of(letter, rows)
    body = mime.build(
        rendered,
        sender=sender,
        message_id=message_id,
        date=now.astimezone(zone(standing.workflow.timezone)),
        in_reply_to=thread[-1] if thread else None,
        references=thread,
        key=letter.key,
    )
    recipients = tuple(dict.fromkeys(mime.bare_address(box.address) for box in (*rendered.to, *rendered.cc)))
    return NewMail(
        message_id, rendered.digest, mime.bare_address(sender.address), recipients, rendered.subject,
        people(rendered.to), people(rendered.cc), body,
    )  # fmt: skip


def sender_of(standing: Standing, letter: Letter, settings: Settings) -> Mailbox:
    """Letters to a party come from the owner of the step, prompts from the engine."""
    if letter.party is not None and letter.slot != ESCALATION:
        owner = standing.workflow.roles[standing.workflow.steps[letter.step].owner]
        if owner.email:
            return Mailbox(owner.person or owner.title, owner.email)
    return Mailbox("followthrough", settings.sender)


def thread_of(letter: Letter, rows: list[Recorded]) -> tuple[str, ...]:
    """The Message-IDs that this letter follows: the first of its thread and the last, in that order.

    A thread is what one addressee gets of one step, cycle and party.
    """
    before = sorted(
        (row.sent_at or row.due_at, row.id, row.message_id)
        for row in rows
        if row.state in SETTLED and row.message_id and row.key != letter.key
        and (row.step, row.cycle, row.party, row.addressee) == (letter.step, letter.cycle, letter.party, letter.addressee)
    )  # fmt: skip
    ids = [message_id for _, _, message_id in before if message_id]
    return tuple(dict.fromkeys([ids[0], ids[-1]])) if ids else ()


def people(boxes: tuple[Mailbox, ...]) -> str:
    """Mailboxes for people to read."""
    return ", ".join(f"{box.name} <{box.address}>" if box.name else box.address for box in boxes)
