"""A letter's key, written and read back; what a letter has when nothing more is said; which moves there are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.letter import BULLETINS, NOTICES, Letter, LetterKey, Recorded, parse_key
from engine.lifecycle import MOVES, PLAN_ONLY, State, may_move

KEYS = [
    ("w/2027/annual/FJ/1/fj_mission/before-12w", LetterKey("w", "2027", "annual", "FJ", 1, "fj_mission", "before-12w")),
    ("w/-/report/-/12/owner/on-day", LetterKey("w", None, "report", None, 12, "owner", "on-day")),
    ("w/-/report/FJ/2/fj/thanks", LetterKey("w", None, "report", "FJ", 2, "fj", "thanks")),
    ("w/2027/-/-/1/owner/digest", LetterKey("w", "2027", "-", None, 1, "owner", "digest")),
]
NOT_KEYS = [
    "",
    "w",
    "w/-/s/p/1/a",
    "w/-/s/p/1/a/slot/more",
    "w/-/s/p/one/a/slot",
    "w/-/s/p//a/slot",
    "w/-/s/p/-1/a/slot",
]


@pytest.mark.parametrize(("text", "key"), KEYS)
def test_a_key_is_written_and_read_back(text: str, key: LetterKey) -> None:
    assert str(key) == text
    assert parse_key(text) == key


@pytest.mark.parametrize("text", NOT_KEYS)
def test_what_is_no_key_is_refused_with_its_form(text: str) -> None:
    with pytest.raises(ValueError, match="letter's key") as refused:
        parse_key(text)
    assert str(refused.value) == (
        f"“{text}” is not a letter's key (workflow/cycle/step/party/round/addressee/slot, “-” for none)"
    )


def test_a_letter_of_a_key_has_its_parts_and_waits_for_nobody() -> None:
    due, stale = datetime(2027, 4, 30, 7, tzinfo=UTC), datetime(2027, 5, 3, 7, tzinfo=UTC)
    made = Letter.of(
        KEYS[0][1], "follow_up", "Pacific/Fiji", State.WAITING, "for an answer", due_at=due, template="due_today",
        stale_at=stale, about="April 2027", ordinary=False, person="mission@fj.example",
    )  # fmt: skip
    assert made._asdict() == {
        "key": KEYS[0][0], "workflow": "w", "cycle": "2027", "step": "annual", "kind": "follow_up", "party": "FJ",
        "round": 1, "addressee": "fj_mission", "slot": "before-12w", "due_at": due, "zone": "Pacific/Fiji",
        "state": "waiting", "reason": "for an answer", "template": "due_today", "approval": False, "stale_at": stale,
        "about": "April 2027", "ordinary": False, "person": "mission@fj.example", "told": "",
    }  # fmt: skip


def test_a_letter_has_no_day_no_words_and_no_person_unless_told_and_is_ordinary() -> None:
    made = Letter.of(KEYS[1][1], "task", "UTC", State.TENTATIVE, "its day is not known")
    assert (made.due_at, made.template, made.stale_at, made.about, made.ordinary, made.person, made.told) == (
        None, "", None, "", True, "", "",
    )  # fmt: skip


def test_a_letter_that_is_made_without_a_key_is_as_ordinary() -> None:
    assert Letter._field_defaults == {"about": "", "ordinary": True, "person": "", "told": ""}


def test_nothing_has_happened_to_a_letter_that_is_just_recorded() -> None:
    given = dict.fromkeys([name for name in Recorded._fields if name not in Recorded._field_defaults], "given")
    fresh = Recorded(**given)._asdict()  # type: ignore[arg-type] # any value is as good
    words = {"to": "", "cc": "", "subject": "", "person": "", "attempts": 0}
    assert {name: value for name, value in fresh.items() if value != "given"} == {
        **dict.fromkeys(
            (
                "approved_digest", "asked_at", "sent_at", "message_id", "retry_at", "worker", "lease_until", "channel",
                "refused", "edited", "mail", "told",
            )
        ),
        **words,
    }  # fmt: skip


def test_the_letters_that_no_plan_makes_and_those_of_no_step() -> None:
    """These names are in the keys of letters that were sent, and in files of templates."""
    assert sorted(BULLETINS) == ["digest", "hand_over", "urgent_prompt"]
    assert sorted(NOTICES - BULLETINS) == ["answers_notice", "approval_prompt", "missed_notice"]


@pytest.mark.parametrize("before", State)
def test_a_letter_moves_where_the_lifecycle_says_and_what_is_in_a_plan_only_nowhere(before: State) -> None:
    moves = {after for after in State if may_move(before, after)}
    assert moves == (set() if before in PLAN_ONLY else MOVES[before])
