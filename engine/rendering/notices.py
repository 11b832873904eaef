"""What a notice to a role shows: letters that wait, answers to decide about, how its plans stand, what it takes over."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WaitingLetter:
    """A letter that waits for approval, or did in vain: to whom, due when (in words).

    `subject` and `lines` are its words, of the first letter of each kind only: `others` of its kind differ in the name.
    """

    key: str
    to: str
    due: str
    subject: str = ""
    lines: tuple[str, ...] = ()
    others: int = 0


@dataclass(frozen=True, slots=True)
class AnswerView:
    """An answer that waits for a decision: from whom, when (in words), to which letter of ours, and its `lines`.

    `kind` is `reply`, `link`, `bounce` or `unmatched`; `said` what a link or the far side said. Of an `address` that
    takes no mail `contact` is whose it is, `instead` who is written to now (nobody: empty). `held` is true while the
    party's letters wait for the decision.
    """

    id: int
    kind: str
    who: str
    on: str
    about: str = ""
    lines: tuple[str, ...] = ()
    said: str = ""
    address: str = ""
    contact: str = ""
    instead: str = ""
    held: bool = False


@dataclass(frozen=True, slots=True)
class AimView:
    """A target or an objective in a digest: its `title`, how far it is (“9 of 11; 4 of 5”) and what that comes to."""

    title: str
    tallies: str
    verdict: str


@dataclass(frozen=True, slots=True)
class PlanDigest:
    """One plan in a digest, open items first: each a line for people to read."""

    title: str
    waiting: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    aims: tuple[AimView, ...] = ()
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DigestView:
    """A digest: what it is about in a few words each (`heads`), since when, and each plan."""

    heads: tuple[str, ...]
    since: str
    plans: tuple[PlanDigest, ...]


@dataclass(frozen=True, slots=True)
class HandOverView:
    """A role that changed hands: from whom to whom (`passing`); its steps, what holds for single parties, and what
    others decide about in its place, each a line for people to read."""

    passing: str
    steps: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    deputies: tuple[str, ...] = ()
