"""Feeds published: what the calendars show now, stamped where it changed, written as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.app.feeds.addresses import published_mark
from engine.app.root import App
from engine.channels.feed_files import file_name, publish
from engine.dispatcher.standing import Standing
from engine.rendering.agenda import Agenda
from engine.rendering.calendar import calendar, empty_calendar
from engine.rendering.feed_state import StoredItem, advance, by_feed
from engine.store import CalendarRow, Transaction

_COLORS = {"plan": "navy", "role": "teal", "party": "royalblue"}


@dataclass(frozen=True, slots=True)
class FeedFile:
    """One published feed."""

    workflow: str
    name: str
    title: str
    folder: Path

    @property
    def path(self) -> Path:
        """Its file."""
        return self.folder / file_name(self.name)


def publish_feeds(app: App, workflow: str | None = None) -> list[FeedFile]:
    """Bring the feeds of a workflow (None: of all applied ones) to what the plan shows now. Returns every feed.

    Only feeds with something that changed are made again, and those whose file is not there. What was not written (the
    disk was full, the process was killed) is so the next time.
    """
    now = app.clock.now()
    found: list[FeedFile] = []
    contents: list[tuple[Standing, dict[str, list[bytes]], Path, dict[str, bytes]]] = []
    with app.standings.deciding() as tx:
        for name in [workflow] if workflow else tx.workflows():
            standing = app.standings.get(tx, name, now)
            folder = app.settings.feeds / name
            _mark(tx, standing)
            agenda = standing.agenda = standing.agenda or Agenda(standing.planner, app.settings.mail_domain)
            bodies = _bring_up(tx, standing, agenda)
            titles = agenda.feeds()
            there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
            files = [FeedFile(name, feed, titles.get(feed, (feed, ""))[0], folder) for feed in bodies]
            contents.append((standing, bodies, folder, {
                file.name: calendar(
                    *titles.get(file.name, (file.name, file.name)), bodies[file.name], color=_COLORS[file.name.partition(":")[0]]
                )
                for file in files
                if bodies[file.name] != standing.published.get(file.name) or file_name(file.name) not in there
            }))  # fmt: skip
            found += files
    for standing, bodies, folder, made in contents:
        publish(folder, made, durable=app.durable)
        standing.published = bodies
    return found


def empty_feed(app: App, workflow: str, feed: str) -> bytes:
    """A feed in which nothing is yet, as it is served until something is: it has no file."""
    with app.store.read() as tx:
        standing = app.standings.get(tx, workflow, app.clock.now())
        agenda = Agenda(standing.planner, app.settings.mail_domain)
    return empty_calendar(*agenda.feeds().get(feed, (feed, feed)), color=_COLORS[feed.partition(":")[0]])


def _mark(tx: Transaction, standing: Standing) -> None:
    """Keep which revision and facts the feeds are brought up to: whoever serves them says so (guarantee G8)."""
    name = published_mark(standing.workflow.name)
    mark = f"{standing.revision.id} {tx.last_fact_row(standing.workflow.name)}"
    if tx.meta_get(name) != mark:
        tx.meta_set(name, mark)


def _bring_up(tx: Transaction, standing: Standing, agenda: Agenda) -> dict[str, list[bytes]]:
    """The bodies of each feed, after what changed was stamped and stored."""
    standing.read_invitations(tx)
    name = standing.workflow.name
    stored = {uid: StoredItem(*row[1:]) for uid, row in tx.calendar_items(name).items()}
    advanced = advance(agenda.items(), stored, standing.planner.now)
    tx.save_calendar_items([CalendarRow(name, *advanced.items[uid]) for uid in sorted(advanced.changed)])
    return by_feed(advanced.items.values())
