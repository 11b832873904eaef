"""What waits for a day that is not fixed, or for whoever came: shown slot by slot, asked about, and begun once it is known."""

from __future__ import annotations

import pytest

from engine.letter import Letter, LetterKey
from engine.lifecycle import State
from tests.planning_model import Outbox, chase, roster, small

MEETING = "  meeting:\n    event: A meeting\n    when: %s\n"
SEND = "[at once, every 4 weeks until 2 weeks before, 2 weeks before, 1 week after]"
FAR = "  far: {title: Far, email: far@example.org, timezone: Pacific/Auckland}"
CAPITAL = "id,party,post,name,address,timezone\naa_m,AA,capital,AA,aa@aa.example,\n"
FROM_THE_START = [
    ("at-once", "January 2018"), ("every-4w-1", "January 2018"), ("every-4w-2", "February 2018"),
    ("every-4w-3", "March 2018"), ("every-4w-4", "April 2018"), ("before-2w", "May 2018"), ("after-1w", "June 2018"),
]  # fmt: skip
FROM_MARCH = [
    ("at-once", "March 2018"), ("every-4w-1", "April 2018"), ("every-4w-2", "April 2018"), ("before-2w", "May 2018"),
    ("after-1w", "June 2018"),
]  # fmt: skip
FROM_MAY = [("at-once", "May 2018"), ("before-2w", "May 2018"), ("after-1w", "June 2018")]


def waiting(slot: str, about: str) -> Letter:
    key = LetterKey("small", None, "ask", "AA", 1, "aa_m", slot)
    reason = "the day of meeting (May 2018) is not fixed"
    made = Letter.of(key, "follow_up", "Asia/Kathmandu", State.TENTATIVE, reason, template="nudge")
    return made._replace(about=f"about {about}")


@pytest.mark.parametrize(
    ("by", "more", "slots"),
    [
        ("meeting", "", FROM_THE_START),
        ("meeting", "after: 2018-03-05", FROM_MARCH),
        ("2018-05-31", "after: meeting", FROM_MAY),
        ("meeting", "after: meeting", FROM_MAY),
    ],
)
def test_what_waits_for_a_day_is_shown_as_it_would_fall_on_the_last_one(
    by: str, more: str, slots: list[tuple[str, str]]
) -> None:
    """Beyond the end of the plan, too: it is not known yet where the day will be."""
    plan = small(
        MEETING % "2018-05" + chase(SEND, by=by, more=more), ends="2018-05-20",
        parties=roster(["AA,AA,,yes,Asia/Kathmandu"]), contacts=CAPITAL,
    )  # fmt: skip
    assert [each for each in Outbox(plan).letters() if each.party] == [waiting(*slot) for slot in slots]


@pytest.mark.parametrize(
    ("by", "after", "slots"),
    [
        ("meeting", "", {"every-4w-1": "2018-04-17", "before-1w": "2018-05-08"}),
        ("meeting + 1 week", "", {"every-4w-1": "2018-04-17", "before-1w": "2018-05-15"}),
        ("end", "after: meeting - 9 weeks", {"every-4w-1": "2018-04-17", "before-9w": "2018-04-27", "before-1w": "2018-06-22"}),
    ],
)  # fmt: skip
def test_letters_begin_as_the_day_is_fixed(by: str, after: str, slots: dict[str, str]) -> None:
    """Nobody was written to before: what counts from the beginning counts from that recording."""
    send = "[at once, every 4 weeks at most 1, 9 weeks before, 1 week before]"
    box = Outbox(small(MEETING % "2018-05" + chase(send, by=by, more=after))).run("2018-03-20T12:00")
    box.record("date", "2018-05-15", step="meeting")
    assert box.slots() == {slot: f"scheduled {day} 09:00" for slot, day in {"at-once": "2018-03-21", **slots}.items()}


def test_a_day_put_off_to_a_month_and_fixed_again_counts_from_then_unless_the_plan_has_it() -> None:
    """A day that the plan was written with is known from its beginning; one that was recorded, since it was so last."""
    send = chase("[every 4 weeks at most 2]", by="meeting")
    written, recorded = (Outbox(small(MEETING % when + send)).run("2018-01-04") for when in ("2018-05-15", "2018-05"))
    recorded.record("date", "2018-05-15", step="meeting")
    assert written.slots() == {"every-4w-1": "scheduled 2018-01-30 09:00", "every-4w-2": "scheduled 2018-02-27 09:00"}
    assert recorded.slots() == {"every-4w-1": "scheduled 2018-02-01 09:00", "every-4w-2": "scheduled 2018-03-01 09:00"}
    for box in (written, recorded):
        box.run("2018-01-10").record("date", "2018-06", step="meeting")
        assert {each.split()[0] for each in box.slots().values()} == {"withdrawn"}
        box.run("2018-02-12").record("date", "2018-06-12", step="meeting")
    assert written.slots() == {"every-4w-1": "missed 2018-01-30 09:00", "every-4w-2": "scheduled 2018-02-27 09:00"}
    assert recorded.slots() == {"every-4w-1": "scheduled 2018-03-12 09:00", "every-4w-2": "scheduled 2018-04-09 09:00"}


def test_the_owner_is_asked_at_its_own_hour_and_not_before_the_event_is_in_the_plan() -> None:
    box = Outbox(small(chase(), extra=FAR)).run("2018-02-12T05:00")
    box.apply(small(chase() + MEETING % "2018-03" + "    owner: far\n", extra=FAR))
    found = [each for each in box.letters() if each.step == "meeting"]
    assert [(each.slot, each.template, each.reason, each.zone, each.person) for each in found] == [
        ("fix-day", "fix_the_day", "the day is not fixed yet", "Pacific/Auckland", "far@example.org"),
        *(
            (slot, "was_it_held", "whether it was held is not recorded", "Pacific/Auckland", "far@example.org")
            for slot in ("held", "held-2", "held-3")
        ),
    ]
    assert box.run("2018-06-01").departures(None, "meeting") == [
        ("fix-day", "2018-02-13 09:00"), ("held", "2018-04-03 09:00"), ("held-2", "2018-04-09 09:00"),
        ("held-3", "2018-04-23 09:00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("on", "asked"),
    [
        (
            "2018-05-15",
            [("held", "2018-05-28 09:00"), ("held-3", "2018-06-05 09:00")],
        ),  # a week after it had passed by then
        ("2018-05-24", [("held", "2018-05-28 09:00"), ("held-2", "2018-05-31 09:00"), ("held-3", "2018-06-14 09:00")]),
        ("2018-05-25", [("held", "2018-05-28 09:00"), ("held-2", "2018-06-01 09:00"), ("held-3", "2018-06-15 09:00")]),
    ],
)
def test_of_a_day_that_had_passed_as_it_was_recorded_the_owner_is_asked_at_once(
    on: str, asked: list[tuple[str, str]]
) -> None:
    box = Outbox(small(MEETING % "2018-06")).run("2018-05-25T12:00")
    box.record("date", on, step="meeting", on="2018-05-25")
    assert [each for each in box.run("2018-12-01").departures(None, "meeting") if each[0] != "fix-day"] == asked


def test_of_an_event_that_was_held_the_owner_is_asked_who_came_where_a_step_wants_to_know() -> None:
    for to, more in (
        ("to: meeting.attended", [("held-2", "2018-05-29 09:00"), ("held-3", "2018-06-12 09:00")]),
        ("", []),
    ):
        box = Outbox(small(MEETING % "2018-05-22" + chase("[on the day]", more=to))).run("2018-05-24T12:00")
        box.record("held", "yes", step="meeting")
        reasons = {each.reason for each in box.letters() if each.template == "was_it_held"}
        assert reasons == ({"who came is not recorded"} if to else set())
        assert box.run("2018-12-01").departures(None, "meeting") == [("held", "2018-05-23 09:00"), *more]
