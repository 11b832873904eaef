"""Plans read again from their files: at a daemon's first start, and when it is told to (HUP)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.app.plans.apply import apply_package, source_of
from engine.app.root import App
from engine.errors import FollowthroughError, Refused

ACTOR = "daemon"


@dataclass(slots=True)
class Reloaded:
    """What came of it: name, revision and letters leaving within a day of what was applied; what was kept, and why."""

    applied: list[tuple[str, int, int]] = field(default_factory=list)
    kept: list[tuple[str, FollowthroughError]] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def reload_workflows(app: App, workflows: Sequence[str], *, first: bool) -> Reloaded:
    """Apply plans whose files changed, each from where it was last applied. `first`: only those never applied.

    What does not load, or would send more letters within a day than the limit, is kept as it was last applied.
    """
    done = Reloaded()
    with app.store.read() as tx:
        sources = {name: source_of(tx, name) for name in tx.workflows()}
    if not first:
        for name, source in sources.items():
            _apply(app, done, source, name)
    for workflow in _never_applied(app, done, workflows, sources):
        _apply(app, done, workflow, None)
    return done


def _never_applied(app: App, done: Reloaded, workflows: Sequence[str], sources: dict[str, str]) -> Iterator[str]:
    """Those of the WORKFLOWs named whose plan was never applied. One file for one plan: for another, `apply` says so."""
    for workflow in dict.fromkeys(workflows):
        try:
            source = app.catalog.source(workflow)
            if source in sources.values():
                continue
            name = app.catalog.load(workflow).plannable.workflow.name
        except (FollowthroughError, OSError) as error:
            if workflow not in sources:
                done.kept.append((workflow, _as_ours(error)))
            continue
        if name in sources:
            told = f"it is applied from {sources[name]}: “followthrough apply {workflow}” takes this file from then on"
            done.kept.append((name, Refused(told)))
        else:
            yield workflow


def _apply(app: App, done: Reloaded, workflow: str, name: str | None) -> None:
    """Apply a WORKFLOW if it changed; `name`: if it is the plan of that name still."""
    try:
        package, opened = app.catalog.open(workflow)
        found = opened.loaded.plannable.workflow.name
        if found != (name or found):
            raise Refused(f"{workflow} is the plan {found} now: “followthrough apply {workflow}” puts it to work")
        applied = apply_package(app, package, opened, ACTOR, source=app.catalog.source(workflow))
    except (FollowthroughError, OSError) as error:
        done.kept.append((name or workflow, _as_ours(error)))
    else:
        if applied.unchanged:
            done.unchanged.append(applied.workflow)
        else:
            done.applied.append((applied.workflow, applied.revision, applied.within_a_day))


def _as_ours(error: FollowthroughError | OSError) -> FollowthroughError:
    if isinstance(error, FollowthroughError):
        return error
    return Refused(f"{error.filename or 'its files'}: {error.strerror or error}")
