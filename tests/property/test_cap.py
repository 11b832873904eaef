"""The cap for a week, lived through at random: no person gets more mails in any seven days, and nothing is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.letter import Recorded
from engine.planning.arrange import WEEK, HeldBack, hold_back

START = datetime(2018, 1, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
PEOPLE = ("anna@example.org", "ben@example.org")


def row(number: int, day: int, person: str, party: str) -> Recorded:
    due = START + day * DAY
    return Recorded(
        number, f"k{number}", "plan", None, "ask", "follow_up", party, 1, "a", "on-day", due, "UTC", "scheduled", "", "nudge",
        False, None, True, START, 1, person=person,
    )  # fmt: skip


LETTERS = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(PEOPLE), st.sampled_from(("FR", "DE"))), min_size=1, max_size=40
)


@given(LETTERS, st.integers(1, 4))
def test_no_person_gets_more_mails_in_seven_days_than_the_cap(letters: list[tuple[int, str, str]], cap: int) -> None:
    rows = [row(number, *each) for number, each in enumerate(letters)]
    waits = {each.key: each.due_at for each in rows}
    left: dict[str, list[datetime]] = {}
    now = START
    while waits:
        ready = [each for each in rows if each.key in waits and waits[each.key] <= now]
        held = hold_back(ready, left, cap, now)
        assert all(each.until > now for each in held.values()), "what waits is not looked at again at once"
        waits |= {key: each.until for key, each in held.items()}
        mails = {(each.person, each.party): now for each in ready if each.key not in held}
        for person, _ in mails:
            left.setdefault(person, []).append(now)
        for each in ready:
            if each.key not in held:
                del waits[each.key]
        now += DAY
        assert now < START + 400 * DAY, "all leave in the end"
    for theirs in left.values():
        assert all(sum(at <= other < at + WEEK for other in theirs) <= cap for at in theirs)


def test_letters_of_one_party_to_one_person_count_once_and_what_is_no_reminder_waits_for_nothing() -> None:
    rows = [row(number, 0, PEOPLE[0], "FR") for number in range(5)]
    assert hold_back(rows, {}, 1, START) == {}
    full = {PEOPLE[0]: [START - DAY, START - 2 * DAY]}
    assert hold_back(rows, full, 2, START) == dict.fromkeys(
        (each.key for each in rows), HeldBack(START + 5 * DAY, True)
    )
    free = [rows[0]._replace(ordinary=False), rows[1]._replace(party=None), rows[2]._replace(person="")]
    assert hold_back(free, full, 2, START) == {}


def test_a_second_mail_on_one_day_waits_for_the_next() -> None:
    today = {PEOPLE[0]: [START - timedelta(hours=3)]}
    late = row(1, 0, PEOPLE[0], "FR")
    assert hold_back([late], today, 0, START) == {"k1": HeldBack(START.replace(hour=0) + DAY, False)}
    assert hold_back([late], {PEOPLE[0]: [START - timedelta(hours=10)]}, 0, START) == {}
    assert hold_back([late._replace(ordinary=False)], today, 0, START) == {}
