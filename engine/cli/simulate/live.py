"""The year alive in the terminal: the month, letters leaving, States reporting, targets climbing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from engine.app.letters.approvals import Approved
from engine.app.plans.status import status_of
from engine.definition.dates import local_date
from engine.definition.scenario.events import AnyEvent
from engine.definition.words import day_words
from engine.dispatcher.ticked import Ticked
from engine.planning.changes import Action
from engine.simulation.runner import Outcome, Simulation
from engine.simulation.telling import LogLine, Teller

_STYLES = {"fact": "bold", "sent": "cyan", "stopped": "green", "planned": "dim", "approved": "blue", "missed": "yellow",
           "daemon": "magenta"}  # fmt: skip
_EVERY = timedelta(days=5)


class LiveView:
    """Shows what happens as it happens. The picture is drawn a few times a second, whatever the speed."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.teller = Teller(simulation.opened.loaded.plannable)
        self.console = Console(highlight=False)
        self.lines: deque[LogLine] = deque(maxlen=max(6, self.console.height - 18))
        self.sent = self.stopped = self.missed = 0
        self._now = simulation.scenario.from_
        self._measured: datetime | None = None
        self._bars: list[tuple[str, int, int]] = []
        self._live = Live(console=self.console, get_renderable=self._picture, refresh_per_second=8, transient=True)

    def moved(self, now: datetime) -> None:
        """The clock moved; the last move ends the picture."""
        if not self._live.is_started:
            self._live.start()
        self._now = now
        if self._measured is None or now - self._measured >= _EVERY:
            self._measure(now)

    def happened(self, event: AnyEvent, outcome: Outcome) -> None:
        """An event of the scenario."""
        self._add(self.teller.event(event, outcome))
        if outcome is not None:
            self.stopped += outcome.changes.get(Action.WITHDRAW, 0)
        self._measured = None

    def approved(self, now: datetime, approved: Approved) -> None:
        """A person's decision."""
        self._add(self.teller.approved(now, approved))

    def ticked(self, now: datetime, ticked: Ticked) -> None:
        """What left."""
        self._add(self.teller.ticked(now, ticked))
        self.sent += len(ticked.sent)
        self.missed += len(ticked.missed)

    def ended(self) -> None:
        """Take the picture away."""
        self._live.stop()

    def _add(self, lines: Iterable[LogLine]) -> None:
        self.lines.extend(lines)

    def _measure(self, now: datetime) -> None:
        """Where targets and objectives are, as recorded now."""
        self._measured = now
        app, workflow = self.simulation.app, self.simulation.workflow
        with app.store.read() as tx:
            world = app.standings.get(tx, workflow.name, now).planner.world
        status = status_of(world, local_date(now, workflow.timezone))
        rows = [(f"({name})" if len(name) == 1 else name, found)
                for part in ("targets", "objectives") for name, found in status[part].items()]  # fmt: skip
        self._bars = [
            (f"{name} each" if measure["what"].startswith("each of") else name, measure["have"], measure["want"])
            for name, found in rows for measure in found["measures"] if measure["want"] is not None
        ]  # fmt: skip

    def _picture(self) -> RenderableType:
        scenario = self.simulation.scenario
        today = local_date(self._now, self.simulation.workflow.timezone)
        passed = (self._now - scenario.from_) / (scenario.until - scenario.from_)
        head = Table.grid(expand=True, padding=(0, 1))
        head.add_column(no_wrap=True)
        head.add_column(ratio=1)
        head.add_column(justify="right")
        head.add_row(
            Text(f"{day_words(today)}, {self.simulation.workflow.timezone}", style="bold"),
            ProgressBar(total=1.0, completed=passed),
            Text(f"✉ {self.sent} sent · {self.stopped} stopped · {self.missed} missed"),
        )
        log = Group(*(self._line(line) for line in self.lines))
        return Group(head, Panel(log, title="What happens", height=(self.lines.maxlen or 6) + 2), self._targets())

    def _line(self, line: LogLine) -> Text:
        text, style = f"{self.teller.day(line.at)[:10]}  {line.text}", _STYLES.get(line.kind, "")
        return Text(text, style=style, overflow="ellipsis", no_wrap=True)

    def _targets(self) -> RenderableType:
        table = Table.grid(padding=(0, 1))
        for width in (14, 8, 40):
            table.add_column(width=width)
        for name, have, want in self._bars:
            bar = ProgressBar(total=max(want, 1), completed=min(have, want), width=40)
            table.add_row(name, f"{have} of {want}", bar)
        return Panel(table, title="Targets and objectives")
