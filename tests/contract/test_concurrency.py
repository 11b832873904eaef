"""Several at once, in threads and in processes: nobody gets what another has, nothing is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier, Event
from typing import TypeVar

import pytest

from engine.lifecycle import State
from engine.planning.changes import Action
from engine.store import Store
from tests.contract.samples import (
    DUE,
    NOW,
    W,
    actions,
    apply,
    begin_handing,
    change,
    claim,
    fact,
    finish_failed,
    hand,
    keys,
    letter,
    look,
    many,
    new_mail,
    plan,
    state,
)

ROOT = Path(__file__).parents[2]
T = TypeVar("T")


def together(*works: Callable[[], T]) -> list[T]:
    """Do all at once, each in a thread of its own; what each gave."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [each.result() for each in [pool.submit(run, work) for work in works]]


def script(url: str, text: str) -> subprocess.Popen[str]:
    """A process of its own with the store open as `store`."""
    head = (
        "import os, signal, sys\n"
        "from engine.planning.changes import Action\n"
        "from tests.contract.samples import *\n"
        "store = Store.open(sys.argv[1])\n"
    )
    command = [sys.executable, "-c", head + text, url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def test_claimers_in_threads_share_the_work_and_keep_the_limit(store: Store, url: str) -> None:
    rows = many(300)
    plan(store, rows)

    def work(name: str, of: Store) -> list[list[str]]:
        batches = []
        while batch := claim(of, limit=7, worker=name):
            batches.append(keys(batch))
        return batches

    with Store.open(url) as second:
        given = together(*(partial(work, f"w{n}", store if n % 2 else second) for n in range(6)))
    batches = [batch for each in given for batch in each]
    assert max(map(len, batches)) <= 7
    assert Counter(key for batch in batches for key in batch) == Counter(keys(rows))
    for worker, own in enumerate(given):
        assert {look(store, key).worker for batch in own for key in batch} <= {f"w{worker}"}


def test_claimers_in_processes_share_the_work(store: Store, url: str) -> None:
    rows = many(120)
    plan(store, rows)
    text = "while batch := claim(store, limit=5, worker=str(os.getpid())):\n    print(*keys(batch), sep='\\n')"
    processes = [script(url, text) for _ in range(3)]
    printed = [process.communicate()[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert Counter(key for each in printed for key in each) == Counter(keys(rows))


def test_claimers_on_a_server_do_not_wait_for_each_other(store: Store, url: str) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite has one writer at a time")
    rows = many(5)
    plan(store, rows)
    with Store.open(url) as second, store.write(alone=False) as one, second.write(alone=False) as other:
        first = one.claim(DUE, 3, "w1", DUE)
        rest = other.claim(DUE, 3, "w2", DUE)
    assert (keys(first), keys(rest)) == (keys(rows[:3]), keys(rows[3:]))


@pytest.mark.parametrize("alone", [True, False])
def test_withdrawn_before_it_is_handed_over(store: Store, url: str, alone: bool) -> None:
    made = letter()
    plan(store, [made])
    claim(store)
    started = Event()

    def dispatch() -> int | None:
        with Store.open(url) as other:
            started.set()
            return hand(other, made.key)

    with ThreadPoolExecutor(1) as pool:
        with store.write(alone=alone) as tx:
            tx.apply_changes(
                [change(Action.WITHDRAW, made.key)], revision=1, now=NOW, actor="nim", cause="report recorded"
            )
            waiting: Future[int | None] = pool.submit(dispatch)
            started.wait()
        assert waiting.result() is None
    assert state(store, made.key) == State.WITHDRAWN


@pytest.mark.parametrize("alone", [True, False])
def test_handed_over_before_it_is_withdrawn(store: Store, url: str, alone: bool) -> None:
    made = letter()
    plan(store, [made])
    claim(store)
    started = Event()

    def record() -> None:
        with Store.open(url) as other, other.write(alone=alone) as tx:
            started.set()
            tx.apply_changes([change(Action.WITHDRAW, made.key, "x")], revision=1, now=NOW, actor="nim", cause="")

    with ThreadPoolExecutor(1) as pool:
        with store.write(alone=False) as tx:
            mail = begin_handing(tx, made.key, "w1", new_mail(made.key), now=DUE)
            waiting = pool.submit(record)
            if not alone and not url.startswith("sqlite"):
                started.wait()
        waiting.result()
    assert mail is not None
    assert state(store, made.key) == State.HANDING
    with store.write() as tx:
        assert finish_failed(tx, made.key, mail, DUE, "421", False, DUE) == State.WITHDRAWN


def test_withdrawing_and_handing_over_at_once_never_both_win(store: Store, url: str) -> None:
    rows = many(40)
    plan(store, rows)
    claim(store)
    with Store.open(url) as other:

        def record() -> None:
            for each in rows:
                apply(other, change(Action.WITHDRAW, each.key, "the report came"))

        ids: dict[str, int | None] = {}

        def dispatch() -> None:
            for each in reversed(rows):
                ids[each.key] = hand(store, each.key)

        together(record, dispatch)
    for each in rows:
        done = actions(store, each.key)
        if ids[each.key] is None:
            assert done == ["planned", "claimed", "withdrawn"]
        else:
            assert done == ["planned", "claimed", "handing", "unwanted"]


def test_what_one_read_stays_true_until_it_has_written(store: Store, url: str) -> None:
    with store.write() as tx:
        tx.meta_set("count", "0")

    def count(of: Store) -> None:
        for _ in range(25):
            with of.write() as tx:
                tx.meta_set("count", str(int(tx.meta_get("count") or 0) + 1))

    with Store.open(url, durable=False) as second:
        together(lambda: count(store), lambda: count(second), lambda: count(second))
    with store.read() as tx:
        assert tx.meta_get("count") == "75"


def test_facts_are_numbered_in_the_order_in_which_they_can_be_seen(store: Store, url: str) -> None:
    seen: list[int] = []

    def watch() -> None:
        row = 0
        while len(seen) < 40:
            with store.read() as tx:
                new = tx.load_facts(W, after=row)
                row = tx.last_fact_row(W)
            seen.extend(each.id for each in new)

    def record(of: Store) -> None:
        for _ in range(20):
            with of.write() as tx:
                tx.add_fact(W, fact())

    with Store.open(url, durable=False) as second:
        together(watch, lambda: record(second), lambda: record(store))
    assert seen == sorted(set(seen))


def test_one_database_made_by_several_at_once(url: str) -> None:
    def start() -> None:
        with Store.open(url) as opened, opened.write() as tx:
            tx.add_fact(W, fact())

    together(*[start] * 5)
    with Store.open(url) as opened, opened.read() as tx:
        assert len(tx.load_facts(W)) == 5


def test_a_killed_process_loses_nothing(store: Store, url: str) -> None:
    rows = many(4)
    plan(store, rows)
    text = (
        "first, second, third, fourth = keys(claim(store, limit=4))\n"
        "mail = hand(store, first)\n"
        "hand(store, second)\n"
        "with store.write(alone=False) as tx:\n"
        "    finish_sent(tx, first, mail, DUE, {})\n"
        "with store.write() as tx:\n"
        "    tx.add_fact(W, fact())\n"
        "    tx.apply_changes([change(Action.WITHDRAW, third)], revision=1, now=NOW, actor='nim', cause='')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    process = script(url, text)
    assert process.wait() == -signal.SIGKILL
    with store.write() as tx:
        assert tx.load_facts(W) == []
        assert keys(tx.rescue("w1", DUE)) == keys(rows[1:])
    assert [state(store, each.key) for each in rows] == ["sent", "scheduled", "scheduled", "scheduled"]
    assert actions(store, rows[0].key)[-1] == "sent"
    assert actions(store, rows[1].key)[-1] == "unknown"
    assert actions(store, rows[2].key)[-1] == "released"
    assert keys(claim(store, worker="w2")) == keys(rows[1:])
