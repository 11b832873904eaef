"""To whom letters go and when it is nine there: posts, addresses, zones, days off, corrections."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from engine.definition.dates import Distance, Unit
from engine.definition.facts import FactBook
from engine.definition.people import Contact
from engine.definition.workdays import WorkCalendar
from engine.definition.workflow import FollowUp
from engine.lifecycle import State
from engine.planning.world.recipients import Recipients, contact_form, contact_zone
from engine.planning.world.schedule import Hours
from tests.planning_model import Outbox, chase, roster, small
from tests.support import ZURICH, fact, plannable

HEAD = "id,party,post,name,address,timezone\n"
REST = "bb_m,BB,mission,B,b@bb.example,\ncc_m,CC,mission,C,c@cc.example,\n"


def outbox(contacts: str, send: str = "[at once, 2 weeks before]", more: str = "", **given: str) -> Outbox:
    return Outbox(small(chase(send, more=more), contacts=HEAD + contacts + REST, **given))


def addressees(box: Outbox, party: str = "AA") -> set[str]:
    return {letter.addressee for letter in box.letters() if letter.party == party}


@pytest.mark.parametrize(
    ("contacts", "expected"),
    [
        ("a_c,AA,capital,C,c@aa.example,\na_m,AA,mission,M,m@aa.example,\n", {"a_m"}),
        ("a_c,AA,capital,C,c@aa.example,\na_n,AA,ny_mission,N,n@aa.example,\n", {"a_n"}),
        ("a_c,AA,capital,C,c@aa.example,\n", {"a_c"}),
        ("a_1,AA,mission,M,1@aa.example,\na_2,AA,mission,M,2@aa.example,\n", {"a_1", "a_2"}),
        ("a_1,AA,mission,M,one@aa.example,\na_2,AA,mission,M,One@AA.example,\n", {"a_1"}),  # one address, one letter
        ("a_1,AA,mission,M,one@aa.example,\na_c,AA,capital,C,one@aa.example,\n", {"a_1"}),
    ],
)
def test_letters_go_to_the_first_post_that_has_a_contact_and_once_to_each_address(
    contacts: str, expected: set[str]
) -> None:
    assert addressees(outbox(contacts)) == expected


def test_who_has_no_contact_is_a_task_for_a_person() -> None:
    box = outbox("")
    (letter,) = [letter for letter in box.letters() if letter.party == "AA"]
    assert letter.state == State.WAITING
    assert letter.due_at is None
    assert "AA has no contact with an address at mission" in letter.reason
    assert box.slots("AA") == {}


@pytest.mark.parametrize(
    ("contact", "party_zone", "expected"),
    [
        ("a,AA,mission,M,m@aa.example,Asia/Tokyo", "Pacific/Apia", "Asia/Tokyo"),  # the contact's own
        ("a,AA,mission,M,m@aa.example,", "Pacific/Apia", "Europe/Zurich"),  # else its post's place
        ("a,AA,ny_mission,M,m@aa.example,", "Pacific/Apia", "America/New_York"),
        ("a,AA,capital,M,m@aa.example,", "Pacific/Apia", "Pacific/Apia"),  # else the party's
        ("a,AA,capital,M,m@aa.example,", "", "Asia/Kathmandu"),  # else the workflow's
    ],
)
def test_it_is_nine_where_the_addressee_is(contact: str, party_zone: str, expected: str) -> None:
    parties = roster([f"AA,AA,,yes,{party_zone}", "BB", "CC"])
    plan = small(
        chase("[2 weeks before]"), parties=parties, contacts=HEAD + contact + "\n" + REST, timezone="Asia/Kathmandu"
    )
    assert contact_zone(plan.contacts[0], plan.parties["AA"], plan.workflow) == expected
    (letter,) = [letter for letter in Outbox(plan).letters() if letter.party == "AA"]
    assert letter.zone == expected
    box = Outbox(plan).run("2018-07-01")
    assert box.departures() == [("before-2w", "2018-06-15 09:00")]


def test_days_off_are_the_plans_unless_the_step_asks_for_the_addressees() -> None:
    # 4 July 2018 is a Wednesday: a day off in the United States, a working day in Geneva
    parties = roster(["US,US,,yes,America/New_York", "BB", "CC"])
    contacts = "u,US,capital,U,u@us.example,\n"
    for more, day in (
        ("", "2018-07-04"),
        ("working_days: workflow", "2018-07-04"),
        ("working_days: addressee", "2018-07-03"),
    ):
        box = outbox(contacts, "[on the day]", by_day(more), parties=parties, anchors="{end: {on: 2018-07-04}}")
        assert box.run("2018-08-01").departures("US") == [("on-day", f"{day} 09:00")]
    # and the other way round: Geneva's 6 September is worked there
    for more, day in (("", "2018-09-05"), ("working_days: addressee", "2018-09-06")):
        box = outbox(contacts, "[on the day]", by_day(more), parties=parties, anchors="{end: {on: 2018-09-06}}")
        assert box.run("2018-10-01").departures("US") == [("on-day", f"{day} 09:00")]


def by_day(more: str) -> str:
    """Only the party that has a calendar is meant."""
    return 'to: member == "yes"\n' + more if more else 'to: member == "yes"'


def test_a_party_without_a_calendar_of_its_own_keeps_the_plans() -> None:
    box = outbox(
        "a,AA,capital,A,a@aa.example,\n", "[on the day]", "working_days: addressee", anchors="{end: {on: 2018-05-10}}"
    )
    assert box.run("2018-07-15").departures() == [("on-day", "2018-05-09 09:00")]  # Ascension Day


def test_a_corrected_address_keeps_the_key() -> None:
    box = outbox("a,AA,mission,A,a@aa.example,\n").run("2018-02-01")
    before = set(box.rows)
    box.record("address", "new@aa.example", contact="a")
    assert set(box.rows) == before
    assert box.run("2018-07-01").left() == ["at-once", "before-2w"]


def test_two_contacts_whose_addresses_become_one_get_one_letter_and_one_thanks() -> None:
    box = outbox("a1,AA,mission,A,a@aa.example,\na2,AA,mission,B,b@aa.example,\n", more="thanks: thank_you").run(
        "2018-02-01"
    )
    assert [each.letter.addressee for each in box.sent if each.letter.party == "AA"] == ["a1", "a2"]
    box.record("address", "A@aa.example", contact="a2")
    assert addressees(box) == {"a1"}
    assert box.rows["small/-/ask/AA/1/a2/before-2w"].state == State.WITHDRAWN
    box.record("report", "2018-02-01", party="AA")
    box.run("2018-12-01")
    assert [each.letter.addressee for each in box.sent if each.letter.party == "AA"] == ["a1", "a2", "a1"]


def test_one_person_who_is_contact_of_two_parties_is_not_stopped_for_both() -> None:
    box = outbox("a,AA,mission,One Person,b@bb.example,\n").run("2018-02-01")
    assert box.left("AA") == box.left("BB") == ["at-once"]
    box.record("report", "2018-02-01", party="AA")
    box.run("2018-12-01")
    assert box.left("AA") == ["at-once"]
    assert box.left("BB") == ["at-once", "before-2w"]


def test_in_the_note_missions_are_in_geneva_or_new_york_and_avarua_has_only_its_capital() -> None:
    plan = plannable()
    zones = {contact.id: contact_zone(contact, plan.parties[contact.party], plan.workflow) for contact in plan.contacts}
    assert zones["tg_mission"] == "Europe/Zurich"
    assert zones["nr_ny_mission"] == "America/New_York"
    assert zones["ck_capital"] == "Pacific/Rarotonga"


def test_an_address_known_only_as_a_fact_counts_from_then_on() -> None:
    given = [fact("address", "new@aa.example", contact="a", on="2018-01-01")]
    plan = small(chase(), contacts=HEAD + "a,AA,mission,A,a@aa.example,\na2,AA,mission,B,new@aa.example,\n" + REST)
    assert addressees(Outbox(plan, facts=given)) == {"a"}


ALTERNATES = "id,party,post,name,address,alternate_of\n"


def recipients(contacts: str, *lost: str, cc: str = "") -> Recipients:
    """The recipients of a small plan; `lost` are contacts whose address is not known any more."""
    plan = small(chase(more=cc), contacts=ALTERNATES + contacts + "bb_m,BB,mission,B,b@bb.example,\n")
    gone = tuple(replace(each, address="" if each.id in lost else each.address) for each in plan.contacts)
    return Recipients(replace(plan, contacts=gone), FactBook([]))


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        ((), ["a1", "a4"]),  # an alternate stands aside, another contact of the post does not
        (("a1",), ["a2", "a4"]),
        (("a2",), ["a1", "a4"]),
        (("a1", "a2"), ["a3", "a4"]),
        (("a1", "a2", "a3"), ["a4"]),
        (("a1", "a2", "a3", "a4"), ["a_c"]),  # the next post only where nobody at the first is left
    ],
)
def test_an_alternate_is_written_to_when_the_first_cannot_be(lost: tuple[str, ...], expected: list[str]) -> None:
    contacts = (
        "a1,AA,mission,A,a1@aa.example,\na2,AA,mission,B,a2@aa.example,a1\na3,AA,mission,C,a3@aa.example,a2\n"
        "a4,AA,mission,D,a4@aa.example,\na_c,AA,capital,E,a_c@aa.example,\n"
    )
    assert [contact.id for contact in recipients(contacts, *lost).addressees("AA")] == expected


@pytest.mark.parametrize(
    ("cc", "lost", "expected"),
    [
        ("", (), ([], [])),  # the small plan's rule of address has no copies
        ("cc: [capital, boss]", (), (["c1"], ["boss"])),
        ("cc: [capital, boss]", ("c1",), (["c2"], ["boss"])),
        ("cc: []", (), ([], [])),
    ],
)
def test_a_step_says_who_gets_a_copy(cc: str, lost: tuple[str, ...], expected: tuple[list[str], list[str]]) -> None:
    contacts = "a1,AA,mission,A,a@aa.example,\nc1,AA,capital,B,c1@aa.example,\nc2,AA,capital,C,c2@aa.example,c1\n"
    found = recipients(contacts, *lost, cc=cc)
    (addressee,) = found.addressees("AA")
    copied, roles = found.copies("AA", addressee, found.workflow.steps["ask"])
    assert ([contact.id for contact in copied], roles) == expected


def test_without_copies_of_its_own_a_step_has_those_of_the_plan() -> None:
    plan = plannable()
    known = Recipients(plan, FactBook([]))
    (mission,) = known.addressees("BJ")
    step = plan.workflow.steps["ny_follow_up"]
    assert isinstance(step, FollowUp)
    copied, roles = known.copies("BJ", mission, step)
    assert ([contact.id for contact in copied], roles) == (["bj_capital"], ["isu", "nim_coordinator"])
    alone = replace(step, cadence=replace(step.cadence, copies=()))
    assert known.copies("BJ", mission, alone) == ([], [])


def test_mail_that_comes_back_goes_to_the_alternate_and_to_the_first_again_with_a_new_address() -> None:
    contacts = "a1,AA,mission,A,a1@aa.example,\na2,AA,mission,B,a2@aa.example,a1\nbb_m,BB,mission,B,b@bb.example,\n"
    plan = small(chase(), contacts=ALTERNATES + contacts)
    box = Outbox(plan)
    assert addressees(box) == {"a1"}
    box.record("unreachable", "a1@aa.example", contact="a1")
    assert addressees(box) == {"a2"}
    box.record("address", "new@aa.example", contact="a1")
    assert addressees(box) == {"a1"}


@pytest.mark.parametrize(("posts", "expected"), [(("mission",), True), (("capital",), False)])
def test_at_a_step_that_writes_to_no_parties_the_post_says_who_gets_notes(
    posts: tuple[str, ...], expected: bool
) -> None:
    plan = small("  talks:\n    ongoing: Talks\n    review: every 2 months\n")
    workflow = replace(plan.workflow, address=replace(plan.workflow.address, notes=posts))
    known = Recipients(replace(plan, workflow=workflow), FactBook([]))
    (mission,) = known.addressees("AA")
    assert known.gets_note(mission, workflow.steps["talks"]) is expected


def test_when_whoever_gets_a_letter_is_written_to() -> None:
    parties = roster(["US,US,,yes,America/New_York", "BB", "CC"])
    more = "working_days: addressee\nstale_after: 2 weeks"
    box = outbox("u,US,capital,U,u@us.example,\n", more=more, parties=parties)
    desk, weeks = box.planner.desk, Distance(2, Unit.WEEKS)
    there, geneva = WorkCalendar("US"), WorkCalendar("CH", "GE")
    assert desk.hours_of("ask", "US", "Asia/Kathmandu") == Hours("Asia/Kathmandu", time(9), there, weeks)
    assert desk.hours_of("ask", "BB", ZURICH) == Hours(ZURICH, time(9), WorkCalendar("BB"), weeks)
    for step, party in (("ask", None), ("ask", "XX"), ("all", "US")):
        as_a_role = Hours(ZURICH, time(9), geneva, Distance(3, Unit.WORKING_DAYS))
        assert desk.hours_of(step, party, ZURICH) == as_a_role


@pytest.mark.parametrize(
    ("post", "form", "expected"),
    [
        ("mission", "", "excellency"),
        ("ny_mission", "", "excellency"),
        ("capital", "", ""),
        ("mission", "minister", "minister"),
    ],
)
def test_a_contact_is_addressed_as_their_row_says_else_as_their_post_is(post: str, form: str, expected: str) -> None:
    assert contact_form(Contact("aa_x", "AA", post, "X", "x@aa.example", form=form)) == expected
