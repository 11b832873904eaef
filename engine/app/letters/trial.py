"""A test letter: a letter just as its recipient would get it, to somebody who wants to see it first.

It goes through the installation's channel, counts nowhere and is on the journal.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.app.asked import role_of
from engine.app.letters.reading import read_letter
from engine.app.letters.switch import stopped_words
from engine.app.root import App
from engine.channels import Delivery, OutgoingMail
from engine.definition.dates import zone
from engine.definition.workflow import Workflow
from engine.errors import Refused
from engine.letter import Recorded
from engine.rendering import mail as mime
from engine.rendering.context import Mailbox
from engine.rendering.headers import bare_address


class NotOfThePlan(Refused):
    """Nobody in the plan has that address: a person has to confirm that the letter may be shown there."""


@dataclass(frozen=True, slots=True)
class Tested:
    """A test letter that left: to whom, how, and what the channel said."""

    address: str
    channel: str
    receipt: str


def send_test(app: App, key: str, to: str, actor: str, *, confirmed: bool = False) -> Tested:
    """Send a letter of the outbox as it is, or would be now, to a role of its plan or to an address.

    An address that is no role's has to be `confirmed`. Raises NotFound, NotOfThePlan, and Refused where there is nothing
    to send or the channel did not take it.
    """
    reading = read_letter(app, key)
    if not reading.source:
        raise Refused(f"{key} cannot be shown: {reading.problem}")
    now = app.clock.now()
    with app.store.read() as tx:
        off = tx.stopped()
        if off is not None:
            raise Refused(f"everything is stopped {stopped_words(off)}: no test leaves either")
        workflow = app.standings.get(tx, reading.row.workflow, now).workflow
    box = _box(workflow, to, confirmed=confirmed)
    sender = Mailbox("followthrough", app.settings.sender)
    message_id = mime.message_id(f"{key}/test/{box.address}/{now.isoformat()}", app.settings.mail_domain)
    body = mime.as_test(
        reading.source,
        to=box,
        sender=sender,
        message_id=message_id,
        date=now.astimezone(zone(workflow.timezone)),
        key=key,
    )
    # Its own envelope sender: a bounce of a test is no bounce of the letter.
    envelope = bare_address(sender.address), (bare_address(box.address),)
    _note(app, reading.row, f"to {box.address}, as a test", actor)
    answer = app.channel.deliver_all([OutgoingMail(message_id, key, *envelope, body)])[0]
    if not isinstance(answer, Delivery):
        _note(app, reading.row, f"the test to {box.address} did not leave: {answer}", actor)
        raise Refused(f"the test did not leave: {answer}")
    if answer.refused:
        _note(app, reading.row, f"the test to {box.address} did not leave: {answer.refused[0].message}", actor)
        raise Refused(f"the test did not leave: {answer.refused[0].address}: {answer.refused[0].message}")
    return Tested(box.address, app.channel.name, answer.receipt)


def _box(workflow: Workflow, to: str, *, confirmed: bool) -> Mailbox:
    role = role_of(workflow, to)
    if role is not None and role.email:
        return Mailbox(role.person or role.title, role.email)
    if "@" not in to:
        known = ", ".join(each.name for each in workflow.roles.values() if each.email)
        raise Refused(f"{workflow.name} has no role “{to}” with an address: write an address, or one of {known}")
    bare_address(to)
    if not confirmed:
        raise NotOfThePlan(f"nobody in {workflow.name} has the address {to}")
    return Mailbox("", to)


def _note(app: App, row: Recorded, detail: str, actor: str) -> None:
    with app.store.write() as tx:
        tx.journal(
            app.clock.now(), actor, "tested", workflow=row.workflow, step=row.step, party=row.party, letter=row.key,
            detail=detail,
        )  # fmt: skip
