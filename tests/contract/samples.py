"""Letters, facts and mails for the tests of the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from engine.definition.dates import day
from engine.definition.facts import Fact, Subject
from engine.letter import Letter, LetterKey, Recorded
from engine.lifecycle import State
from engine.planning.changes import Action, Change
from engine.store import Failed, NewMail, Sent, Store, Transaction

W = "ccm-nim-2018"
NOW = datetime(2018, 3, 1, 8, tzinfo=UTC)
DUE = datetime(2018, 3, 29, 7, tzinfo=UTC)
LEASE = timedelta(minutes=5)


def letter(slot: str = "on-day", party: str | None = "NR", step: str = "ny_follow_up", **values: Any) -> Letter:
    """A letter of a follow-up, due on 29 March 2018 in Geneva; needs no approval unless told."""
    addressee = f"{party}-mission" if party else "nim_coordinator"
    number = values.pop("round", 1)
    key = LetterKey(W, None, step, party, number, addressee, slot)
    made = Letter(
        key=str(key),
        workflow=W,
        cycle=None,
        step=step,
        kind="follow_up",
        party=party,
        round=number,
        addressee=addressee,
        slot=slot,
        due_at=DUE,
        zone="Europe/Zurich",
        state="scheduled",
        reason="on the day",
        template="due_today",
        approval=False,
        stale_at=DUE + timedelta(days=1),
    )
    return made._replace(**values)


def many(count: int, **values: Any) -> list[Letter]:
    """Letters of as many parties, due a minute after one another."""
    return [letter(party=f"P{number:04d}", due_at=NOW + timedelta(minutes=number), **values) for number in range(count)]


def change(action: Action, of: Letter | str, reason: str = "because", **values: Any) -> Change:
    """A change of a letter; `values` are the letter's new ones."""
    if isinstance(of, str):
        return Change(action, of, reason)
    return Change(action, of.key, reason, of._replace(**values))


def apply(store: Store, *changes: Change, now: datetime = NOW, **options: Any) -> Any:
    """Apply changes in a transaction of their own."""
    options = {"revision": 1, "actor": "apply", "cause": "first applied", **options}
    with store.write() as tx:
        return tx.apply_changes(changes, now=now, **options)


def plan(store: Store, letters: Iterable[Letter], **options: Any) -> None:
    """Put letters into the outbox."""
    apply(store, *(change(Action.INSERT, each) for each in letters), **options)


def claim(store: Store, now: datetime = DUE, limit: int = 100, worker: str = "w1") -> list[Recorded]:
    """Claim in a transaction of its own, with a lease of five minutes."""
    with store.write(alone=False) as tx:
        return tx.claim(now, limit, worker, now + LEASE)


def hand(store: Store, key: str, worker: str = "w1", now: datetime = DUE, **mail: Any) -> int | None:
    """Begin to hand over in a transaction of its own."""
    with store.write(alone=False) as tx:
        return begin_handing(tx, key, worker, new_mail(key, **mail), now=now)


def begin_handing(tx: Transaction, key: str, worker: str, mail: NewMail, **options: Any) -> int | None:
    """Freeze a mail with one letter; the mail's id, None where it must not leave."""
    (frozen,) = tx.begin_handings([({key: mail.subject}, mail)], worker, **options)
    return None if frozen is None else frozen.id


def finish_sent(tx: Transaction, key: str, mail_id: int, at: datetime, recipients: dict[str, str]) -> State:
    """Put on record that one letter was accepted."""
    (state,) = tx.finish([Sent(key, mail_id, at, recipients)])
    return state


def finish_failed(
    tx: Transaction, key: str, mail_id: int, at: datetime, error: str, permanent: bool, retry_at: datetime | None = None
) -> State:
    """Put on record that one letter was not accepted."""
    (state,) = tx.finish([Failed(key, mail_id, at, error, permanent, retry_at)])
    return state


def state(store: Store, key: str) -> str:
    """The state of a letter."""
    return look(store, key).state


def look(store: Store, key: str) -> Recorded:
    """A letter that has to be there."""
    with store.read() as tx:
        found = tx.letter(key)
    assert found is not None
    return found


def actions(store: Store, key: str) -> list[str]:
    """What the journal says was done to a letter, in order."""
    with store.read() as tx:
        return [entry.action for entry in tx.journal_entries(letter=key)]


def new_mail(key: str, digest: str = "d1", body: bytes = b"Subject: x\r\n\r\nbody\r\n") -> NewMail:
    """A mail of a letter."""
    return NewMail(
        message_id=f"<{key}@example.org>",
        digest=digest,
        sender="nim@example.org",
        recipients=("mission@nr.example", "capital@nr.example"),
        subject="Report due today",
        to="Mission <mission@nr.example>",
        cc="Capital <capital@nr.example>",
        body=body,
    )


def fact(name: str = "report", party: str | None = "NR", on: date = date(2018, 3, 20), **values: Any) -> Fact:
    """A fact about a party, recorded at NOW."""
    subject: Subject = values.pop("subject", Subject(party=party))
    given = {
        "value": on.isoformat(),
        "true": day(on),
        "recorded_at": NOW,
        "source": "note verbale",
        "author": "nim",
        **values,
    }
    return Fact(id=0, name=name, subject=subject, **given)


def keys(letters: Sequence[Letter | Recorded]) -> list[str]:
    """Their keys, in their order."""
    return [each.key for each in letters]
