"""The store: revisions, facts, the outbox, the journal. Its rows never leave it; SQLModel is loaded by nobody else."""

from engine.store.edits import may_edit
from engine.store.mails import REFUSED
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
from engine.store.transaction import Store, Transaction

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
