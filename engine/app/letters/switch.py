"""The one switch: stop everything, and let letters leave again. Plans, facts and pages go on meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from engine.app.asked import readable
from engine.app.root import App
from engine.definition.words import moment_words
from engine.errors import Refused
from engine.lifecycle import UNSENT
from engine.store import Stopped


@dataclass(frozen=True, slots=True)
class Resumed:
    """What had stopped everything, and how many letters fell due meanwhile."""

    was: Stopped
    due: int


def stop_everything(app: App, reason: str, actor: str) -> Stopped:
    """Let nothing leave from now on, whatever the plan, not even what is in hand. Raises Refused."""
    reason = readable(reason, "the reason").strip()
    if not reason:
        raise Refused("say why everything stops: whoever finds it stopped will want to know")
    with app.standings.deciding() as tx:
        return tx.stop_everything(app.clock.now(), actor, reason)


def resume(app: App, actor: str) -> Resumed:
    """Let letters leave again. Of those that fell due meanwhile the newest of each chase goes, as after a time down (G4)."""
    now = app.clock.now()
    with app.standings.deciding() as tx:
        was = tx.resume(now, actor)
        due = tx.find_letters(state=UNSENT, due_before=now)
    return Resumed(was, sum(row.due_at >= was.at for row in due))


def stopped(app: App) -> Stopped | None:
    """What has stopped everything; None while letters leave."""
    if not app.has_store:
        return None
    with app.store.read() as tx:
        return tx.stopped()


def stopped_words(found: Stopped) -> str:
    """`since Tuesday 3 April 2018, 12:05 UTC, by anna: the wrong list`."""
    return f"since {moment_words(found.at, 'UTC')}, by {found.by}: {found.reason}"
