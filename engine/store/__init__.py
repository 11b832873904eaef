"""The store: revisions, facts, the outbox, the journal. Its rows never leave it; SQLModel is loaded by nobody else."""

from importlib import import_module
from typing import TYPE_CHECKING

from engine.store.records import (
    ANY,
    AnswerRecord,
    Approval,
    AttemptRecord,
    CalendarRow,
    EditRecord,
    Failed,
    FeedAddress,
    JournalEntry,
    LinkRevocation,
    MailRecord,
    NewMail,
    Retraction,
    RevisionRecord,
    Sent,
    Sought,
    Stopped,
    Ticks,
)

if TYPE_CHECKING:
    from engine.store.edits import may_edit
    from engine.store.mails import REFUSED
    from engine.store.transaction import Store, Transaction

_HOME = {"REFUSED": "mails", "Store": "transaction", "Transaction": "transaction", "may_edit": "edits"}

__all__ = [
    "ANY",
    "REFUSED",
    "AnswerRecord",
    "Approval",
    "AttemptRecord",
    "CalendarRow",
    "EditRecord",
    "Failed",
    "FeedAddress",
    "JournalEntry",
    "LinkRevocation",
    "MailRecord",
    "NewMail",
    "Retraction",
    "RevisionRecord",
    "Sent",
    "Sought",
    "Stopped",
    "Store",
    "Ticks",
    "Transaction",
    "may_edit",
]


def __getattr__(name: str) -> object:
    """What needs SQLAlchemy, when it is asked for: a third of a second that `check`, and `plan` of files, need not wait."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
