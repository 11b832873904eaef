"""Reading the inbox: what came is told for what it is, taken in, and only then counted as read."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime

from engine.answer import Answer
from engine.app.answers.taking_in import TakenIn, take_in
from engine.app.root import App
from engine.channels.inbox import Arrived, Inbox
from engine.dispatcher.returning import letter_of
from engine.errors import Refused
from engine.inbound import telling
from engine.inbound.body import letter_text
from engine.inbound.message import parse
from engine.letter import parse_key
from engine.settings import Settings
from engine.store import Transaction

READER = "mail"
"""Whom the journal names for what was read."""

# It tells the log of whatever breaks one of its detectors; that is told for what it is here.
logging.getLogger("flufl.bounce").addHandler(logging.NullHandler())
logging.getLogger("flufl.bounce").propagate = False


def read_inbox(app: App, inbox: Inbox) -> Iterator[TakenIn]:
    """Take in what came since the inbox was last read, each as soon as it is read.

    Up to where it was read is recorded after its answers are: whatever happens in between, nothing is lost, and what is
    read a second time is known by its source. What came before the first letter left is left alone. Raises InboxDown and
    StoreError.
    """
    place = f"inbox:{inbox.name}"
    with app.store.read() as tx:
        position, since = tx.meta_get(place) or "", tx.first_mail_at()
    if since is None:
        return
    for batch in inbox.batches(position, since):
        for mail in batch.mails:
            yield from take_in(app, answers_of(app, mail, since), READER)
        with app.store.write(alone=False) as tx:
            tx.meta_set(place, batch.position)
        if app.settings.inbox_mark_read:
            inbox.mark_read(batch)


def answers_of(app: App, mail: Arrived, since: datetime) -> list[Answer]:
    """What a message says, about which letter."""
    read = telling.read(mail.octets)
    with app.store.read() as tx:
        ours = _ours(app, tx, read)
    # A mailbox whose clock is ahead of ours must not have an answer come from the future.
    return telling.tell(read, ours, max(min(mail.at, app.clock.now()), since))


def _ours(app: App, tx: Transaction, read: telling.Read) -> telling.Ours | None:
    """The letter to a party that a message proves to be about: by its address, else by the Message-IDs that it names."""
    key, by = letter_of(tx, read.claims), "address"
    if key is None:
        key, by = tx.letter_of_message(read.ids), "references"
    if key is None or (letter := parse_key(key)).party is None:
        return None
    mail = tx.mail_of(key)
    text = letter_text(parse(mail.body)) if mail is not None else ""
    workflow = app.standings.get(tx, letter.workflow, app.clock.now()).workflow
    step = workflow.steps.get(letter.step)
    owner = workflow.roles[step.owner].email if step is not None else None
    return telling.Ours(key, by, tx.sent_to(key), text, owner or "")


def open_inbox(settings: Settings) -> Inbox | None:
    """The mailbox that the settings name; None where they name none. Nothing is opened before it is read."""
    place = settings.inbox_place
    if place is None:
        return None
    if place.path is not None:
        from engine.channels.maildir_inbox import MaildirInbox

        return MaildirInbox(place.path)
    from engine.channels.imap_inbox import ImapInbox  # imaplib and TLS are loaded by who reads over a network

    return ImapInbox(settings, place)


def inbox_of(app: App) -> Inbox:
    """The inbox that settings name. Raises Refused where they name none."""
    inbox = open_inbox(app.settings)
    if inbox is None:
        raise Refused("no mailbox is set in which answers arrive: FOLLOWTHROUGH_INBOX names one (docs/running.md)")
    return inbox
