"""The whole letter path to a local mail server, on one process, beside django-post-office's sending to the same server.

Ours: claim, look at the facts, render, build, freeze, hand over, record durably, for letters that are due at once.
Each measurement has a process of its own, in turn: `python -m benchmarks.delivery WHO LETTERS PORT` is one of them.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

from benchmarks import large
from benchmarks.figures import Figure, Goal
from benchmarks.measuring import ROOT, Scope, Spent, median, spent, times
from benchmarks.peer_post_office import queue_and_send
from benchmarks.sink import sink
from engine.app.catalog import Catalog
from engine.app.plans.apply import apply
from engine.app.root import App
from engine.clock import ManualClock
from engine.definition.dates import parse_moment
from engine.dispatcher.ticked import Ticked
from engine.settings import Configuration, Settings

GOAL = 2.0
OURS, PEER = "followthrough", "django-post-office"
_DUE = "2026-04-07T12:00"  # the first slot, twelve weeks ahead, is due at 09:00 after the Easter days


def whole(scope: Scope, folder: Path) -> Iterator[Figure]:
    """Letters a second, and how many times the peer's that is, by the clock and by processor time."""
    letters = scope.letters
    took: dict[str, list[Spent]] = {OURS: [], PEER: []}
    with sink() as (port, had):
        for _ in range(scope.slow_runs):
            for who, samples in took.items():
                samples.append(_elsewhere(who, letters, port))
    assert had == [letters * scope.slow_runs * len(took)], had
    ours, peer = (median(samples) for samples in took.values())
    beside = f"{PEER} {letters / peer.wall:.0f}/s ({letters / peer.cpu:.0f}/s)"
    what = f"letters sent a second to a local server, {letters} at once"
    yield Figure("delivery", what, "/s", letters / ours.wall, letters / ours.cpu, scope.slow_runs, None, beside)
    yield Figure(
        "delivery", f"the same, as many times as {PEER}", "×", peer.wall / ours.wall, peer.cpu / ours.cpu,
        scope.slow_runs, Goal(GOAL, at_least=True), times(peer.wall, ours.wall),
    )  # fmt: skip


def _elsewhere(who: str, letters: int, port: int) -> Spent:
    command = [sys.executable, "-m", "benchmarks.delivery", who, str(letters), str(port)]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT).stdout
    return Spent(*json.loads(out))


def prepare(folder: Path, count: int, settings: Settings) -> tuple[App, ManualClock]:
    """An installation with so many letters that are due."""
    plans = folder / "workflows"
    plans.mkdir(parents=True)
    (plans / "large.yaml").write_text(large.WORKFLOW, "utf-8")
    ids = [f"P{number:06d}" for number in range(count)]
    (plans / "parties.csv").write_text("id,name\n" + "".join(f"{each},Party {each}\n" for each in ids), "utf-8")
    rows = "".join(f"{each}-desk,{each},desk,The desk of {each},desk@{each.lower()}.example\n" for each in ids)
    (plans / "contacts.csv").write_text(f"id,party,post,name,address\n{rows}", "utf-8")
    clock = ManualClock(large.start())
    app = App(Configuration(settings.model_copy(update={"home": folder / "home"}), {}), clock)
    app.catalog = Catalog({}, workflows=plans)
    apply(app, "large", "benchmark", yes=True)
    clock.move_to(parse_moment(_DUE, "Europe/Zurich"))
    return app, clock


def ours(folder: Path, port: int, count: int) -> Spent:
    """One tick that sends them all, as a daemon does it that has run for a while."""
    settings = Settings(channel="smtp", smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", daily_limit=0)
    app, clock = prepare(folder, count, settings)
    sent: list[Ticked] = []
    with app:
        dispatcher = app.dispatcher("benchmark")
        dispatcher.tick(clock.now() - timedelta(days=1))
        gc.set_threshold(50_000)  # as the program has it
        took = spent(lambda: sent.append(dispatcher.tick(clock.now())))
    (done,) = sent
    assert len(done.sent) == count, (len(done.sent), done.down, done.failed[:3], done.missed[:3])
    return took


def sample(folder: Path) -> tuple[str, str, str]:
    """Subject, text and HTML of one of our letters, with the party's name as a template's variable."""
    app, clock = prepare(folder, 1, Settings())
    with app:
        app.dispatcher("benchmark").tick(clock.now())
    (path,) = (app.settings.mailbox / "new").iterdir()
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    bodies = [message.get_body((kind,)) for kind in ("plain", "html")]
    texts = [message["Subject"], *(body.get_content() for body in bodies if body is not None)]
    subject, text, html = (each.replace("Party P000000", "{{ name }}") for each in texts)
    return subject, text, html


def _peers(folder: Path, port: int, count: int) -> Spent:
    return queue_and_send(folder, port, count, *sample(folder / "sample"))


def main() -> None:
    """One measurement, in this process."""
    who, count, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        took = ours(folder, port, count) if who == OURS else _peers(folder, port, count)
    print(json.dumps(took))


if __name__ == "__main__":
    main()
