"""The whole letter path to a local mail server, on one process, beside django-post-office's sending to the same server.

Ours: claim, look at the facts, render, build, freeze, hand over, record durably, for letters that are due at once.
Run it as `python -m benchmarks.bench_delivery [LETTERS] [ROUNDS]`; each measurement has a process of its own, in turn.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from benchmarks import large
from benchmarks.peer_post_office import queue_and_send
from benchmarks.sink import sink
from engine.app.apply import apply
from engine.app.catalog import Catalog
from engine.app.root import App
from engine.clock import ManualClock
from engine.definition.dates import parse_moment
from engine.settings import Configuration, Settings

GOAL = 2.0
OURS, PEER, PEER_RENDERED = "followthrough", "django-post-office", "django-post-office, rendered before"
_DUE = "2026-04-07T12:00"  # the first slot, twelve weeks ahead, is due at 09:00 after the Easter days


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


def ours(folder: Path, port: int, count: int) -> dict:
    """Seconds for one tick that sends them all, as a daemon does it that has run for a while."""
    settings = Settings(channel="smtp", smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", daily_limit=0)
    app, clock = prepare(folder, count, settings)
    with app:
        dispatcher = app.dispatcher("benchmark")
        dispatcher.tick(clock.now() - timedelta(days=1))
        wall, cpu = perf_counter(), process_time()
        done = dispatcher.tick(clock.now())
        spent = {"wall": perf_counter() - wall, "cpu": process_time() - cpu}
    assert len(done.sent) == count, (len(done.sent), done.down, done.failed[:3], done.missed[:3])
    return spent


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


def measure(who: str, count: int, port: int) -> dict:
    """One measurement, in this process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if who == OURS:
            return ours(folder, port, count)
        return queue_and_send(folder, port, count, *sample(folder / "sample"), rendered=who == PEER_RENDERED)


def compare(count: int, rounds: int) -> dict:
    """Letters a second of each, by wall and by CPU (medians), and how many times as many ours are."""
    spent: dict[str, list[dict]] = {OURS: [], PEER: [], PEER_RENDERED: []}
    with sink() as (port, had):
        for _ in range(rounds):
            for who, taken in spent.items():
                command = [sys.executable, "-m", "benchmarks.bench_delivery", "--one", who, str(count), str(port)]
                taken.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
    assert had == [count * rounds * len(spent)], had
    rates = {
        who: {clock: count / median(each[clock] for each in taken) for clock in ("wall", "cpu")}
        for who, taken in spent.items()
    }
    ratios = {
        who: {clock: rates[OURS][clock] / rates[who][clock] for clock in ("wall", "cpu")}
        for who in (PEER, PEER_RENDERED)
    }
    return {"letters": count, "rounds": rounds, "per_second": rates, "ratio": ratios, "goal": GOAL}


def main() -> None:
    """Measure, and print JSON."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
    else:
        count, rounds = (*map(int, sys.argv[1:]), *(1000, 3)[len(sys.argv) - 1 :])
        print(json.dumps(compare(count, rounds), indent=2))


if __name__ == "__main__":
    main()
