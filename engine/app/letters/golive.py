"""Going live: what a rehearsal put into the built-in mailbox does not count, and the past is not sent (G4, G5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.app.asked import known_letter
from engine.app.letters.letters import as_they_would_be
from engine.app.root import App
from engine.channels import ChannelDown
from engine.dispatcher.replan import replan
from engine.errors import Refused, SettingsError
from engine.letter import Recorded
from engine.lifecycle import SETTLED, UNSENT, State

LIVE = "live"
_AHEAD = timedelta(days=14)
_REHEARSED = "it went to the built-in mailbox only, before going live"
_PASSED = "its time passed before going live"


@dataclass(frozen=True, slots=True)
class WentLive:
    """What going live did: rehearsed letters that no longer count, and past ones that are missed."""

    at: datetime
    rehearsed: int
    passed: int


def live_since(app: App) -> datetime | None:
    """Since when letters may leave by SMTP; None before `go-live`."""
    if not app.has_store:
        return None
    with app.store.read() as tx:
        at = tx.meta_get(LIVE)
    return datetime.fromisoformat(at) if at else None


def refuse_rehearsal(app: App) -> None:
    """Raise Refused where letters would go to the built-in mailbox, and count as sent, of a plan that is live."""
    since = live_since(app)
    if app.settings.channel == "mailbox" and since is not None:
        raise Refused(
            f"this installation has been live since {since:%Y-%m-%d}, and FOLLOWTHROUGH_CHANNEL is “mailbox”: letters"
            " would count as sent and reach nobody. Set it to smtp again; to rehearse, use another FOLLOWTHROUGH_HOME"
        )


def check_trust(app: App) -> None:
    """Refuse certificates that cannot be read before a first letter meets them. Raises SettingsError."""
    if app.settings.channel == "smtp" and app.settings.smtp_ca_file is not None:
        from engine.channels.smtp import trusting  # TLS is loaded by whoever sends

        try:
            trusting(app.settings)
        except ChannelDown as fault:
            raise SettingsError(str(fault)) from None


def leaving_soon(app: App) -> list[Recorded]:
    """The letters that leave within the next fourteen days, if approved where that is needed; with To and subject."""
    now = app.clock.now()
    with app.store.read() as tx:
        rows = tx.find_letters(state=UNSENT, due_before=now + _AHEAD)
        return as_they_would_be(app, tx, [row for row in rows if row.due_at >= now])


def go_live(app: App, actor: str) -> WentLive:
    """Let letters leave by SMTP from now on. Raises Refused where that was done before."""
    now = app.clock.now()
    with app.standings.deciding() as tx:
        if tx.meta_get(LIVE):
            raise Refused(f"it is live already, since {tx.meta_get(LIVE)}")
        if not tx.workflows():
            raise Refused(
                "no plan is applied, so there is nothing to look at yet: “followthrough apply WORKFLOW” first"
            )
        rehearsed = [row for row in tx.find_letters(state=SETTLED) if row.channel == "mailbox"]
        passed = tx.find_letters(state=UNSENT, due_before=now)
        for row in rehearsed:
            tx.set_state(row.key, State.MISSED, _REHEARSED, now=now, actor=actor)
        for row in passed:
            tx.set_state(row.key, State.MISSED, _PASSED, now=now, actor=actor)
        tx.meta_set(LIVE, now.isoformat())
        for standing in app.standings.all(tx, now):
            replan(tx, standing, None, now, actor=actor, cause="it went live")
    return WentLive(now, len(rehearsed), len(passed))


def letter_sent(app: App, key: str, at: datetime, note: str, actor: str) -> Recorded:
    """Record that a letter was mailed by hand, at an instant (UTC). Raises NotFound, and Refused for one that left."""
    now = app.clock.now()
    if at > now:
        raise Refused("a letter that was mailed was mailed in the past: look at --on")
    with app.standings.deciding() as tx:
        row = known_letter(tx, key)
        if row.state in SETTLED - {State.BOUNCED} and row.channel == "mailbox":
            raise Refused(
                f"{key} went to the built-in mailbox: after “followthrough go-live” it can be recorded as mailed"
            )
        if row.state not in (*UNSENT, State.MISSED, State.FAILED, State.BOUNCED):
            raise Refused(f"{key} is {row.state}: only what has not left, or came back, can have been mailed by hand")
        told = f"mailed by hand{f': {note}' if note else ''}"
        sent = tx.set_state(key, State.SENT, told, now=now, actor=actor, channel="hand", sent_at=at)
        standing = app.standings.get(tx, row.workflow, now)
        replan(tx, standing, [row.party] if row.party else [], now, actor=actor, cause="a letter was mailed by hand")
    return sent
