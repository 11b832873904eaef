"""Letters to one person about all plans: who reads at an address, and what makes what is under way agree with what is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from engine.dispatcher.notices.readers import Bulletins, Reader, Seat, bulletin, reader_of, readers
from engine.dispatcher.standing import Standing
from engine.letter import DIGEST, URGENT_PROMPT, Letter, LetterKey, Recorded
from engine.lifecycle import State
from engine.store import Transaction
from tests.small_plan import PLAN, House, put

ROLES = """\
roles:
  boss: {title: The boss, email: Desk@example.org, timezone: Asia/Kathmandu}
  silent: {title: Nobody can be written to}
  aide: {title: The aide, email: aide@example.org}
"""
SMALL = PLAN.replace("roles:\n", ROLES)
TWIN = SMALL.replace("workflow: small", "workflow: twin").replace("ends: 2018-12-31", "ends: 2018-03-01")
HOUR, WHY = timedelta(hours=1), "the reason"


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("readers"), "2018-01-08T12:00")
    with house:
        put(house, plan=SMALL)
        put(house, "twin", TWIN)
        yield house


def standings(house: House, tx: Transaction) -> list[Standing]:
    return house.app.standings.all(tx, house.clock.now())


def seated(seats: tuple[Seat, ...]) -> list[tuple[str, str]]:
    return [seat.name for seat in seats]


def test_a_reader_is_an_address_with_all_its_roles(house: House) -> None:
    with house.undone() as tx:
        applied = standings(house, tx)
        desk, aide = readers(applied)
        assert (desk.address, aide.address) == ("desk@example.org", "aide@example.org")
        assert seated(desk.seats) == [("small", "boss"), ("small", "desk"), ("twin", "boss"), ("twin", "desk")]
        assert seated(aide.seats) == [("small", "aide"), ("twin", "aide")]
        assert desk.plans == [(standing, frozenset({"boss", "desk"})) for standing in applied]
        assert [seat.hours.zone for seat in desk.seats[:2]] == ["Asia/Kathmandu", "Europe/Zurich"]
        row = house.row("small/-/ask/AA/1/aa_m/at-once")
        assert reader_of(row._replace(workflow="twin", addressee="aide"), applied) == aide
        assert reader_of(row._replace(addressee="silent"), applied) is None
        assert reader_of(row._replace(workflow="none", addressee="aide"), applied) is None


def test_a_plan_that_is_over_has_no_readers(house: House) -> None:
    ends = datetime.fromisoformat("2018-03-01T23:00Z")
    with house.undone() as tx:
        applied = house.app.standings.all(tx, ends)
        assert [seated(each.seats) for each in readers(applied)] == [
            [("small", "boss"), ("small", "desk")],
            [("small", "aide")],
        ]
        seat = Seat(applied[1], applied[1].workflow.roles["desk"])
        assert (seat.open_at(ends - HOUR), seat.open_at(ends), seat.open_at(ends + HOUR)) == (True, False, False)


def test_what_a_letter_to_a_reader_is(house: House) -> None:
    with house.undone() as tx:
        seat = readers(standings(house, tx))[0].seats[0]
        due = house.clock.now()
        key = LetterKey("small", None, "-", None, 1, "boss", "digest-7")
        assert bulletin(seat, DIGEST, "digest-7", due, WHY) == Letter.of(
            key, DIGEST, "Asia/Kathmandu", State.SCHEDULED, WHY, due_at=due, template=DIGEST, ordinary=False
        )


class Desk:
    """A reader's letters of one kind, looked up anew each time, as each tick does."""

    def __init__(self, house: House, tx: Transaction) -> None:
        self.tx, self.now = tx, house.clock.now()
        self.applied = standings(house, tx)
        self.reader: Reader = readers(self.applied)[0]

    def known(self) -> Bulletins:
        return Bulletins(self.tx, URGENT_PROMPT, self.applied, self.now)

    def agree(self, *wanted: tuple[int, float]) -> list[str]:
        """Want letters under the name of a seat (by number), due in so many hours; what is then in the outbox."""
        made = [(self.reader.seats[seat], self.now + hours * HOUR) for seat, hours in wanted]
        self.known().agree(self.reader, made, WHY)
        return self.rows()

    def rows(self) -> list[str]:
        return [
            f"{row.workflow} {row.addressee} {row.slot} {(row.due_at - self.now) / HOUR:g} {row.state}: {row.reason}"
            for row in self.known().of(self.reader)
        ]


GONE = "withdrawn: there is nothing to say then any more"


def test_one_letter_is_to_come_and_moves_is_withdrawn_and_lives_again(house: House) -> None:
    with house.undone() as tx:
        desk = Desk(house, tx)
        first = "small desk urgent-prompt-1"
        assert desk.agree((1, 5)) == [f"{first} 5 scheduled: {WHY}"]
        entry = tx.journal_entries(action="planned")[-1]
        assert (entry.actor, entry.detail) == ("tick", "1 letter, 2018-01-08T16:00Z: the urgent_prompt to come")
        assert desk.agree((1, 5)) == [f"{first} 5 scheduled: {WHY}"]
        assert desk.agree((1, 6)) == [f"{first} 6 scheduled: {WHY}"]
        assert desk.agree() == [f"{first} 6 {GONE}"]
        assert desk.agree((1, 7)) == [f"{first} 7 scheduled: {WHY}"], "the same lives again"
        assert desk.agree((2, 7)) == [f"{first} 7 {GONE}", f"twin boss urgent-prompt-1 7 scheduled: {WHY}"]
        both = [f"{first} 8 scheduled: {WHY}", "small desk urgent-prompt-2 9 scheduled: the reason"]
        assert desk.agree((1, 8), (1, 9)) == [*both, f"twin boss urgent-prompt-1 7 {GONE}"]
        revived = tx.journal_entries(action="revived")[-1]
        assert (revived.actor, revived.letter) == ("tick", "small/-/-/-/1/desk/urgent-prompt-1")
        assert revived.detail.endswith(": the reason (the urgent_prompt to come)")


def test_what_is_due_by_now_is_left_alone_and_is_one(house: House) -> None:
    with house.undone() as tx:
        desk = Desk(house, tx)
        now = [f"small boss urgent-prompt-1 0 scheduled: {WHY}"]
        assert desk.agree((0, 0)) == now
        assert desk.agree((0, 0)) == now
        assert desk.agree((1, -1)) == now, "it says then what there is to say"
        assert desk.agree() == now
        assert desk.agree((0, 0), (0, 3)) == [*now, f"small boss urgent-prompt-2 3 scheduled: {WHY}"]
        tx.defer("small/-/-/-/1/boss/urgent-prompt-1", desk.now + 2 * HOUR, "late", now=desk.now, actor="tick")
        assert desk.agree((0, 4)) == [
            "small boss urgent-prompt-1 0 scheduled: late", f"small boss urgent-prompt-2 3 {GONE}",
        ], "what is held up says it all"  # fmt: skip


def test_when_the_last_was_sent(house: House) -> None:
    with house.undone() as tx:
        desk = Desk(house, tx)
        assert desk.known().last_sent(desk.reader) is None
        desk.agree((0, 0), (1, 0), (2, 3))
        for key, hours in (("small/-/-/-/1/boss/urgent-prompt-1", 2), ("small/-/-/-/1/desk/urgent-prompt-1", 1)):
            tx.set_state(key, State.SENT, "by hand", now=desk.now + hours * HOUR, actor="anna")
        assert desk.known().last_sent(desk.reader) == desk.now + 2 * HOUR
        other: Recorded | None = tx.letter("twin/-/-/-/1/boss/urgent-prompt-1")
        assert other is not None
        assert Bulletins(tx, DIGEST, desk.applied, desk.now).of(desk.reader) == []
        assert Bulletins(tx, URGENT_PROMPT, desk.applied[1:], desk.now).of(desk.reader) == [other]
