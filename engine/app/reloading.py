"""Plans read again from their files: at a daemon's first start, and when it is told to (HUP)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.app.apply import apply
from engine.app.root import App
from engine.errors import FollowthroughError, Refused

ACTOR = "daemon"


@dataclass(slots=True)
class Reloaded:
    """What came of it: name, revision and letters leaving within a day of what was applied; what was kept, and why."""

    applied: list[tuple[str, int, int]] = field(default_factory=list)
    kept: list[tuple[str, FollowthroughError]] = field(default_factory=list)


def reload_workflows(app: App, workflows: Sequence[str], *, first: bool) -> Reloaded:
    """Apply plans whose files changed. `first`: only those named that were never applied.

    What does not load, or would send more letters within a day than the limit, is kept as it was last applied.
    """
    done = Reloaded()
    with app.store.read() as tx:
        known = tx.workflows()
    names = [name for name in workflows if name not in known] if first else list(dict.fromkeys([*known, *workflows]))
    for name in names:
        try:
            applied = apply(app, name, ACTOR)
        except FollowthroughError as error:
            done.kept.append((name, error))
        except OSError as error:
            done.kept.append((name, Refused(f"{error.filename or 'its files'}: {error.strerror or error}")))
        else:
            if not applied.unchanged:
                done.applied.append((applied.workflow, applied.revision, applied.within_a_day))
    return done
