"""What one tick did, for whoever tells it: the daemon's log, the simulation, tests."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from engine.channels import ChannelDown, Refusal
from engine.letter import Recorded
from engine.store import Stopped


@dataclass(slots=True)
class Ticked:
    """What one tick did: letters by what became of them, in the order in which it happened.

    `mails` is how many left with the letters `sent`. `refused` are single recipients of letters that were sent. `down`
    says why no mail can leave, once for all the letters that wait for it; those of them that had been claimed are
    `held`. `switched_off`: a person stopped everything, so nothing was asked, missed or claimed; what was in hand and had
    not left is held too.
    """

    asked: list[Recorded] = field(default_factory=list)
    sent: list[Recorded] = field(default_factory=list)
    missed: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    refused: list[tuple[str, Refusal]] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    mails: int = 0
    down: ChannelDown | None = None
    switched_off: Stopped | None = None

    @property
    def counts(self) -> Counter[str]:
        """How many of each."""
        return Counter({
            "asked": len(self.asked), "sent": len(self.sent), "missed": len(self.missed),
            "failed": len(self.failed), "stopped": len(self.stopped), "held": len(self.held),
        })  # fmt: skip
