"""What has happened to the letters so far, as the planner asks about it."""

from __future__ import annotations

from datetime import timedelta

from engine.letter import Letter, parse_key
from engine.lifecycle import State
from engine.planning.world.history import History, Past
from tests.support import moment

DUE = moment("2018-06-15T09:00")
MADE = moment("2018-01-02")


def entry(key: str, state: State = State.SENT, *, days: int = 0, sent: int | None = 0) -> Past:
    """A letter's row; `days` after the first it was due, and left so many days after that (None: not on record)."""
    found, due = parse_key(key), DUE + timedelta(days=days)
    left = None if sent is None else due + timedelta(days=sent)
    made = MADE + timedelta(days=days)
    return Past(
        key,
        found.step,
        found.cycle,
        found.party,
        found.round,
        found.addressee,
        found.slot,
        state.value,
        due,
        made,
        left,
    )


FIRST = entry("small/2018/ask/AA/1/aa_m/before-2w")
SECOND = entry("small/2018/ask/AA/2/aa_m/on-day", days=14, sent=None)
BACK = entry("small/2018/ask/AA/1/aa_n/before-2w", State.BOUNCED, sent=1)
AHEAD = entry("small/2018/ask/AA/2/aa_m/after-2w", State.SCHEDULED, days=28, sent=None)
NEXT_YEAR = entry("small/2019/ask/AA/1/aa_m/before-2w", days=-3)
OF_BB = entry("small/2018/ask/BB/1/bb_m/before-2w", State.BOUNCED)
OF_THE_OWNER = entry("small/2018/ask/-/1/desk/date-moved")
ALL = (SECOND, BACK, FIRST, AHEAD, NEXT_YEAR, OF_BB, OF_THE_OWNER)


def test_the_letters_of_a_step_a_year_and_a_party() -> None:
    history = History(ALL)
    assert history.of("ask", "2018", "AA") == [SECOND, BACK, FIRST, AHEAD]
    assert history.of("ask", "2019", "AA") == [NEXT_YEAR]
    assert history.of("ask", "2018", None) == [OF_THE_OWNER]
    assert history.of("ask", None, "AA") == history.of("other", "2018", "AA") == history.of("ask", "2018", "CC") == []
    assert history.sent("ask", "2018", "AA") == [FIRST, BACK, SECOND]
    assert history.sent("ask", "2018", "AA", 1) == [FIRST, BACK]
    assert history.sent("ask", "2018", "AA", 3) == []
    assert history.reached("ask", "2018") == {"AA", None}, "what came back reached nobody"
    assert history.reached("ask", "2019") == {"AA"}
    assert history.first_planned("ask", "2018", "AA") == MADE
    assert history.first_planned("ask", "2019", "AA") == MADE - timedelta(days=3)
    assert history.first_planned("ask", "2018", "CC") is None


def test_an_entry_says_when_it_left_and_whether_it_reached_anybody() -> None:
    assert [each.left_at for each in (FIRST, SECOND, BACK)] == [DUE, DUE + timedelta(days=14), DUE + timedelta(days=1)]
    assert [(each.sent, each.reached) for each in (FIRST, BACK, AHEAD)] == [(True, True), (True, False), (False, False)]


def test_what_is_put_again_is_in_its_new_state_and_what_is_forgotten_is_gone() -> None:
    history = History(ALL)
    history.put(AHEAD._replace(state=State.SENT.value))
    assert [each.slot for each in history.sent("ask", "2018", "AA", 2)] == ["on-day", "after-2w"]
    history.forget("AA")
    history.forget("CC")
    assert history.of("ask", "2018", "AA") == history.of("ask", "2019", "AA") == []
    assert (history.of("ask", "2018", "BB"), history.of("ask", "2018", None)) == ([OF_BB], [OF_THE_OWNER])
    history.clear()
    assert history.of("ask", "2018", "BB") == []


def test_whether_a_letter_of_the_plan_has_left() -> None:
    history = History(ALL)

    def has_left(key: str) -> bool:
        return history.has_left(Letter.of(parse_key(key), "follow_up", "UTC", State.SCHEDULED, ""))

    assert [has_left(each.key) for each in ALL] == [True, True, True, False, True, True, True]
    assert not has_left("small/2018/ask/AA/1/aa_m/on-day")
    assert not has_left("small/2018/other/AA/1/aa_m/before-2w")
