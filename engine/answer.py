"""What comes back about a letter: a value that travels from whoever read it to the record.

A reply, an automatic notice, a bounce or a link that was used is an *answer*. Whoever reads one (a mailbox, a page)
says what it is and which letter it is about; what follows from that is decided where facts are recorded.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class AnswerKind(StrEnum):
    """What came back."""

    REPLY = "reply"
    """A person wrote. It pauses that follow-up, and a person decides what it means."""

    AUTOMATIC = "automatic"
    """A machine wrote (RFC 3834): out of office, a receipt, an answer to a calendar entry. It is kept, and stops nothing."""

    BOUNCE = "bounce"
    """An address does not take mail, for good (RFC 3464). Another one is asked for."""

    DELAYED = "delayed"
    """An address does not take mail for now. It counts as a bounce only when it happens again and again."""

    LINK = "link"
    """Somebody used a link of the letter, and pressed its button."""

    UNMATCHED = "unmatched"
    """A person or a machine wrote, and no letter of ours is proved to be what it is about. It is kept for the owner."""


class Purpose(StrEnum):
    """What one link of a letter says. Each has a link of its own."""

    SUBMITTED = "submitted"
    """“We have submitted.” A word and no record: a person looks, and records it."""

    BY = "by"
    """“We will, by a day.”"""

    WRONG_PERSON = "wrong_person"
    """“You are writing to the wrong person.”"""


class Answer(NamedTuple):
    """One thing that came back. The same `source` is taken in once, however often it is read.

    `letter` is the key of the letter that it is about, `matched_by` what proves that: `address` (a token in the address
    it was sent to), `references` (a Message-ID of ours) or `link`; both are empty for what is unmatched. `sender` is as
    the message says, which proves nothing. `text` is what a person reads: plain, quotes of ours left out. `address` is
    the one that failed, of a bounce; `said` what the far side or the link said (`5.1.1 …`, `submitted`, `by 2018-03-20`,
    `wrong_person`). `raw` is the message as it came (octets), empty for a link. `received_at` is UTC.
    """

    source: str
    kind: AnswerKind
    received_at: datetime
    letter: str | None = None
    matched_by: str = ""
    sender: str = ""
    subject: str = ""
    text: str = ""
    message_id: str = ""
    address: str = ""
    said: str = ""
    raw: bytes = b""
