"""The one switch that stops everything: thrown and taken back by a person, read by whoever would let a letter leave."""

from __future__ import annotations

import json
from datetime import datetime

from engine.errors import Refused
from engine.store.journal import JournalRows
from engine.store.records import Stopped
from engine.store.revisions import RevisionRows

_SWITCH = "stopped"
_EVERYTHING = ""
"""The workflow of the journal's line: it is about all of them."""


class SwitchRows(RevisionRows, JournalRows):
    """The switch of a transaction."""

    def stopped(self) -> Stopped | None:
        """Since when, by whom and why nothing leaves; None while letters leave."""
        kept = self.meta_get(_SWITCH)
        if not kept:
            return None
        at, by, reason = json.loads(kept)
        return Stopped(datetime.fromisoformat(at), by, reason)

    def stop_everything(self, now: datetime, actor: str, reason: str) -> Stopped:
        """From this transaction's end nothing leaves. Raises Refused where that is so already."""
        if (found := self.stopped()) is not None:
            raise Refused(f"everything is stopped already, by {found.by}: {found.reason}")
        self.meta_set(_SWITCH, json.dumps([now.isoformat(), actor, reason], ensure_ascii=False))
        self.journal(now, actor, "stopped", workflow=_EVERYTHING, detail=reason)
        return Stopped(now, actor, reason)

    def resume(self, now: datetime, actor: str) -> Stopped:
        """Let letters leave again; what it was that had stopped them. Raises Refused where nothing is stopped."""
        found = self.stopped()
        if found is None:
            raise Refused("nothing is stopped: letters leave when they are due")
        self.meta_set(_SWITCH, "")
        self.journal(now, actor, "resumed", workflow=_EVERYTHING, detail=f"stopped by {found.by}: {found.reason}")
        return found
