"""What is brought up once more: when, to whom, and what of it is said; what is missed, and since when that is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest

from engine.app.letters.delegating import Asked, delegate
from engine.dispatcher.notices.asking import tell_missed
from engine.dispatcher.notices.letter import notice_letter
from engine.dispatcher.notices.lines import Summary, by_kind, party, shortened, title, whom
from engine.dispatcher.notices.readers import readers
from engine.dispatcher.notices.urging import keep_urgent, urgent_view
from engine.dispatcher.notices.waiting import first_views, readings, waiting_views
from engine.letter import MISSED_NOTICE, URGENT_PROMPT, Recorded
from engine.lifecycle import State
from engine.rendering.context import Rendered
from engine.rendering.letters import Renderer
from engine.rendering.notices import DigestView, PlanDigest, WaitingLetter
from engine.rendering.templates import TemplateSet
from engine.store import Transaction
from tests.small_plan import PLAN, SIGN, House, put

ROLES = "roles:\n  aide: {title: The aide, email: aide@example.org}\n"
SMALL = PLAN.replace("roles:\n", ROLES) + SIGN % "desk"
TWIN = SMALL.replace("workflow: small", "workflow: twin").replace("A small plan", "The twin")
A, B = (f"small/-/sign/{party}/1/{contact}/before-2w" for party, contact in (("AA", "aa_m"), ("BB", "bb_m")))
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """On Thursday 18 January at nine: what is due on Friday at nine, and was asked for ten days ago, is near."""
    house = House(tmp_path_factory.mktemp("bringing-up"), "2018-01-08T08:00")
    with house:
        put(house, plan=SMALL)
        put(house, "twin", TWIN)
        house.at("2018-01-18T09:00")
        yield house


def urgent(house: House, tx: Transaction, hours: float = 0) -> list[str]:
    """What is wanted so many hours later, in the outbox."""
    now = house.clock.now() + timedelta(hours=hours)
    keep_urgent(tx, house.app.standings.all(tx, now), now)
    rows = [row for name in tx.workflows() for row in tx.recorded(name, party=None) if row.template == URGENT_PROMPT]
    return [
        f"{row.workflow} {row.addressee} {row.slot} {row.due_at:%m-%d %H:%M} {row.state}: {row.reason}" for row in rows
    ]


WHY = "scheduled: letters still wait for approval"
LATER = "Friday 19 January 2018: 2 letters, Signatures, 2 weeks before, to Aland and Bland"
LIMIT = "; not sent any more after Wednesday 24 January 2018, 09:00 where it is read"


def test_what_waits_is_brought_up_on_its_morning_in_one_mail(house: House) -> None:
    with house.undone() as tx:
        assert urgent(house, tx, -24 * 9) == [f"small desk urgent-prompt-1 01-18 08:00 {WHY}"]
        assert urgent(house, tx) == [f"small desk urgent-prompt-1 01-18 08:00 {WHY}"]


@pytest.mark.parametrize(
    ("hours", "due"),
    [(0, "01-18 08:00"), (0.99, "01-18 08:00"), (1, "01-18 08:00"), (8, "01-18 08:00"), (9, "01-19 08:00")],
)
def test_what_is_late_leaves_when_the_office_is_open(house: House, hours: float, due: str) -> None:
    with house.undone() as tx:
        assert urgent(house, tx, hours) == [f"small desk urgent-prompt-1 {due} {WHY}"]


def test_whoever_decides_is_the_one_who_is_told(house: House) -> None:
    delegate(house.app, Asked("aide", step="sign", workflow="small"), "anna")
    with house.undone() as tx:
        assert urgent(house, tx) == [
            f"small aide urgent-prompt-1 01-18 08:00 {WHY}", f"twin desk urgent-prompt-1 01-18 08:00 {WHY}",
        ]  # fmt: skip
        applied = house.app.standings.all(tx, house.clock.now())
        aide, desk = readers(applied)
        told = [urgent_view(tx, each, applied, house.clock.now()) for each in (aide, desk)]
        assert [[plan.title for plan in each.view.plans] for each in told if each] == [["A small plan"], ["The twin"]]


def test_what_is_said_of_what_waits_still(house: House) -> None:
    with house.undone() as tx:
        now = house.clock.now()
        applied = house.app.standings.all(tx, now)
        _, desk = readers(applied)
        assert urgent_view(tx, desk, applied, now - timedelta(microseconds=1)) is None
        tx.unapprove(A, "for the words", now - DAY, "anna")
        told = urgent_view(tx, desk, applied, now)
        rows = [house.row(key) for key in (A, B)]
        words = [*first_views(tx, applied[0], rows)]
        assert told == Summary(
            DigestView(("4 letters still wait for you",), "", (
                PlanDigest("A small plan", (LATER + LIMIT,)), PlanDigest("The twin", (LATER + LIMIT,)),
            )), (*words, *(each for each in told.waiting[1:])) if told else (),
        )  # fmt: skip
        assert told is not None
        assert [each.key for each in told.waiting] == [A, A.replace("small", "twin")]
        one = desk.__class__(desk.address, desk.seats[:1])
        tx.set_state(A, State.WITHDRAWN, "no", now=now, actor="anna")
        told = urgent_view(tx, one, applied, now)
        assert told is not None
        assert told.view.heads == ("1 letter still waits for you",)


def test_letters_in_lines(house: House) -> None:
    with house.undone() as tx:
        standing = house.app.standings.get(tx, "small", house.clock.now())
        a, b = (house.row(key) for key in (A, B))
        assert list(by_kind(standing, [a, b])) == [LATER]
        assert list(by_kind(standing, [a], limits=True)) == [
            f"Friday 19 January 2018: Signatures, 2 weeks before, to Aland{LIMIT}"
        ]
        others = [
            a._replace(due_at=a.due_at + DAY), a._replace(step="ask"), a._replace(cycle="2018"), a._replace(slot="on-day"),
        ]  # fmt: skip
        assert len(list(by_kind(standing, [a, *others]))) == 5
        later = b._replace(stale_at=b.due_at)
        assert (len(list(by_kind(standing, [a, later]))), len(list(by_kind(standing, [a, later], limits=True)))) == (
            1,
            2,
        )
        assert list(by_kind(standing, [a._replace(stale_at=None)], limits=True)) == list(by_kind(standing, [a]))
        (many,) = by_kind(standing, [a._replace(party=f"P{number}") for number in range(6)])
        assert many.endswith("6 letters, Signatures, 2 weeks before, to P0, P1, P2, P3, P4 and 1 more")
        assert [whom(standing, row) for row in (a, a._replace(addressee="desk"), a._replace(party=None))] == [
            "Aland", "The desk", "aa_m",
        ]  # fmt: skip
        assert [party(standing, each) for each in ("BB", "XX")] == ["Bland", "XX"]
        assert [title(standing.workflow, row) for row in (a, a._replace(step="none"))] == ["Signatures", "none"]
    lines = tuple(str(number) for number in range(32))
    assert (shortened(lines[:30]), shortened(lines)) == (lines[:30], (*lines[:30], "and 2 more"))


def test_what_waits_is_shown_with_the_words_of_the_first_of_each_kind(house: House) -> None:
    with house.undone() as tx:
        standing = house.app.standings.get(tx, "small", house.clock.now())
        a, b = (house.row(key) for key in (A, B))
        asked = house.row("small/-/ask/AA/1/aa_m/on-day")
        gone = a._replace(key=A.replace("before-2w", "before-9w"))
        views = waiting_views(tx, standing, [gone, a, b, asked])
        due = "Friday 19 January 2018, 09:00 Europe/Zurich"
        (_, found), *_ = readings(tx, standing, [a])
        assert isinstance(found, Rendered)
        words = tuple(found.text.strip("\n").split("\n"))
        assert views[:2] == [
            WaitingLetter(A, "Mission of A", due, found.subject, words, 2),
            WaitingLetter(B, "Mission of B", due),
        ]
        assert (len(views), views[2].lines) == (3, ())
        assert first_views(tx, standing, [gone, a, b]) == (
            WaitingLetter(A, "Mission of A", due, found.subject, words, 1),
        )
        standing.opened.__dict__["renderer"] = Renderer(TemplateSet({}))
        assert waiting_views(tx, standing, [a]) == [WaitingLetter(A, "Mission of A", due)]
        assert list(readings(tx, standing, [gone, a])) == [
            (gone, "the plan has no such letter any more"),
            (a, "it cannot be rendered: There is no letter “nudge” in templates/email."),
        ]


def missed(house: House, tx: Transaction, keys: list[str], hours: float) -> Recorded:
    """Letters go stale so many hours from now, and their owner is told of it."""
    now = house.clock.now() + timedelta(hours=hours)
    rows = [tx.set_state(key, State.MISSED, "nobody approved it in time", now=now, actor="tick") for key in keys]
    before = {row.key for row in tx.recorded("small", party=None)}
    tell_missed(tx, house.app.standings, rows, now)
    (notice,) = [row for row in tx.recorded("small", party=None) if row.key not in before]
    return notice


def told_then(house: House, tx: Transaction, notice: Recorded, due: datetime) -> list[str]:
    """The letters that a notice tells of that is due at an instant."""
    found = notice_letter(tx, house.app.standings, notice._replace(due_at=due), house.clock.now())
    return [each.key for each in found[1].waiting] if found else []


def test_the_first_notice_tells_of_a_week(house: House) -> None:
    with house.undone() as tx:
        row = house.row(A)
        assert row.stale_at is not None
        for key, reason in ((A, "nobody approved it in time"), (B, "too late to be sent")):
            tx.set_state(key, State.MISSED, reason, now=row.stale_at, actor="tick")
        notice = row._replace(template=MISSED_NOTICE, party=None, addressee="desk")
        assert told_then(house, tx, notice, row.stale_at + 7 * DAY - MOMENT) == [A]
        assert told_then(house, tx, notice, row.stale_at + 7 * DAY) == []


def test_what_was_missed_is_told_the_next_morning(house: House) -> None:
    with house.undone() as tx:
        stale = house.row(A).stale_at
        assert stale is not None
        hours = (stale - house.clock.now()) / timedelta(hours=1)
        notice = missed(house, tx, [A, B], hours)
        assert (notice.template, notice.addressee, notice.due_at - stale) == (MISSED_NOTICE, "desk", DAY)
        shown = partial(told_then, house, tx, notice)
        assert [shown(due) for due in (notice.due_at, stale, stale - MOMENT)] == [[A, B], [A, B], []]
        assert shown(notice.due_at + MOMENT) == [], "that was told by the notice before"
        other = notice._replace(addressee="aide")
        assert told_then(house, tx, other, notice.due_at) == [], "the desk decides"
        assert told_then(house, tx, notice._replace(cycle="2018"), notice.due_at) == []
        found = notice_letter(tx, house.app.standings, notice, notice.due_at, "https://p.example")
        assert found is not None
        letter, context = found
        assert (letter.key, letter.due_at, letter.template, letter.reason, letter.stale_at) == (
            notice.key, notice.due_at, MISSED_NOTICE, "nobody decided in time", notice.stale_at,
        )  # fmt: skip
        assert (context.pages, context.waiting[0]) == (
            "https://p.example", WaitingLetter(A, "Aland", "Friday 19 January 2018, 09:00 Europe/Zurich")
        )  # fmt: skip
        assert (letter.kind, letter.zone, letter.state) == (notice.kind, notice.zone, notice.state)
