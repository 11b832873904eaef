"""What comes back about letters in a real store: what it holds back, whom it reaches, and how a person undoes it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from engine.answer import Answer, AnswerKind
from engine.app.answers.deciding import Decision, decide
from engine.app.answers.taking_in import TakenIn, take_in
from engine.app.facts.recording import retract
from engine.app.letters.golive import go_live, letter_sent
from engine.definition.facts import Subject
from engine.errors import NotFound, Refused
from engine.letter import ANSWERS_NOTICE, Recorded
from engine.lifecycle import State
from engine.store import AnswerRecord
from tests.installation import NOTE, Installation, plain, states

STEP = "ny_follow_up"
_numbers = count(1)


@pytest.fixture(scope="module")
def february(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The follow-up of Fiji and Togo after the New York workshop, in February: some letters have left."""
    folder = tmp_path_factory.mktemp("february")
    with Installation(folder) as house:
        house.apply()
        house.workshop("FJ", "TG")
        house.run_to("2018-02-01T12:00")
    return folder


@pytest.fixture
def house(february: Path, tmp_path: Path) -> Iterator[Installation]:
    """A copy of its own for each test."""
    with Installation.copy(february, tmp_path, "2018-02-01T12:00") as house:
        yield house


def key(slot: str, party: str = "FJ", post: str = "mission", step: str = STEP) -> str:
    return f"{NOTE}/-/{step}/{party}/1/{party.lower()}_{post}/{slot}"


def left(house: Installation, party: str = "FJ") -> list[Recorded]:
    """The letters of the follow-up that have left to a party's mission, in order."""
    rows = [row for row in house.rows(step=STEP, party=party) if row.sent_at and row.addressee.endswith("_mission")]
    return sorted(rows, key=lambda row: row.due_at)


def last_sent(house: Installation, party: str = "FJ") -> Recorded:
    return left(house, party)[-1]


def come_in(house: Installation, kind: AnswerKind, letter: str | None, **given: Any) -> TakenIn:
    """Something comes in now about a letter."""
    given = {"source": f"test:{next(_numbers)}", **given}
    answer = Answer(kind=kind, received_at=house.clock.now(), letter=letter, **given)
    (taken,) = take_in(house.app, [answer], "mail")
    return taken


def reply(house: Installation, text: str = "We are preparing it.", party: str = "FJ", **given: str) -> TakenIn:
    return come_in(house, AnswerKind.REPLY, last_sent(house, party).key, text=text, sender="m@fj.example", **given)


def notices(house: Installation) -> list[Recorded]:
    return [row for row in house.rows() if row.template == ANSWERS_NOTICE]


def answer(house: Installation, number: int) -> AnswerRecord:
    with house.app.store.read() as tx:
        return tx.answer(number)


def test_a_reply_holds_that_party_back_until_somebody_decides(house: Installation) -> None:
    letter = last_sent(house).key
    taken = reply(house)
    assert (taken.new, taken.answer.open, taken.answer.letter) == (True, True, letter)
    assert house.row(letter).state == State.ANSWERED
    held = house.row(key("before-6w"))
    assert held.state == State.WITHDRAWN
    assert held.reason == "an answer from Fiji (1 February 2018) waits for a decision"
    sent = house.run_to("2018-03-01")
    assert [row.slot for row in sent if row.party == "FJ" and row.step == STEP] == []
    assert [row.slot for row in sent if row.party == "TG" and row.step == STEP] != []


def test_the_last_that_fell_due_leaves_after_go_on(house: Installation) -> None:
    taken = reply(house)
    house.run_to("2018-02-28T12:00")
    decide(house.app, taken.id, Decision.GO_ON, "anna", reason="they asked for nothing")
    sent = house.run_to("2018-03-14")
    assert [(row.slot, str(row.sent_at)[:10]) for row in sent if row.party == "FJ" and row.step == STEP] == [
        ("before-6w", "2018-03-01")
    ]
    found = answer(house, taken.id)
    assert (found.state, found.decision, found.decided_by, found.note) == (
        "decided",
        "go-on",
        "anna",
        "they asked for nothing",
    )
    with pytest.raises(Refused, match="decided already"):
        decide(house.app, taken.id, Decision.GO_ON, "bob")


def test_the_same_source_changes_nothing_the_second_time(house: Installation) -> None:
    first = reply(house, source="imap:1:77")
    decide(house.app, first.id, Decision.GO_ON, "anna")
    before = states(house.rows(step=STEP, party="FJ"))
    again = reply(house, source="imap:1:77")
    assert (again.new, again.id) == (False, first.id)
    assert states(house.rows(step=STEP, party="FJ")) == before


def test_a_second_answer_keeps_the_pause_until_both_are_decided(house: Installation) -> None:
    first, second = reply(house), reply(house, "One more thing.")
    decide(house.app, first.id, Decision.GO_ON, "anna")
    assert house.row(key("before-2w")).state == State.WITHDRAWN
    decide(house.app, second.id, Decision.GO_ON, "anna")
    assert house.row(key("before-2w")).state == State.SCHEDULED


def test_wait_until_a_day(house: Installation) -> None:
    taken = reply(house)
    with pytest.raises(Refused, match="does not lie ahead"):
        decide(house.app, taken.id, Decision.WAIT, "anna", "2018-01-01")
    with pytest.raises(Refused, match="wait takes a day: followthrough decide"):
        decide(house.app, taken.id, Decision.WAIT, "anna")
    decide(house.app, taken.id, Decision.WAIT, "anna", "2018-02-26")
    sent = house.run_to("2018-03-10")
    assert [(row.slot, str(row.sent_at)[:10]) for row in sent if row.party == "FJ" and row.step == STEP] == [
        ("before-6w", "2018-02-26")
    ]


def test_done_records_what_makes_the_party_done(house: Installation) -> None:
    taken = reply(house, "Our report is on its way to New York.")
    with pytest.raises(Refused, match="does not make FJ done"):
        decide(house.app, taken.id, Decision.DONE, "anna", "report", "2018-02-01", details={"form_a": "empty"})
    assert answer(house, taken.id).open, "nothing was kept of it"
    with pytest.raises(Refused, match="“reprot”"):
        decide(house.app, taken.id, Decision.DONE, "anna", "reprot", "2018-02-01")
    with pytest.raises(Refused, match="done takes a fact and its value"):
        decide(house.app, taken.id, Decision.DONE, "anna")
    decide(house.app, taken.id, Decision.DONE, "anna", "report", "2018-02-01", details={"form_a": "substantive"})
    found = answer(house, taken.id)
    assert (found.state, found.decision) == ("decided", "settled")
    assert found.note.startswith("done: report")
    sent = house.run_to("2018-05-20")
    assert [row.slot for row in sent if row.party == "FJ" and row.step == STEP] == ["thanks"]


def test_a_report_that_is_recorded_settles_the_answer_and_taking_it_back_goes_on(house: Installation) -> None:
    taken = reply(house)
    house.record("report", "2018-02-01", "FJ", details={"kind": "initial", "form_a": "substantive"})
    assert answer(house, taken.id).decision == "settled"
    house.retract("report", "FJ")
    assert house.row(key("before-2w")).state == State.SCHEDULED, "nobody is asked about it any more"


def test_an_answer_to_thanks_waits_for_a_person_and_is_not_settled_by_what_was_before(house: Installation) -> None:
    house.record("report", "2018-02-01", "FJ", details={"kind": "initial", "form_a": "substantive"})
    house.run_to("2018-02-03")
    taken = reply(house, "You are welcome. We need help with Form D.")
    house.record("report", "2018-02-02", "TG", details={"kind": "initial", "form_a": "substantive"})
    assert answer(house, taken.id).open
    decide(house.app, taken.id, Decision.NOTHING, "anna")


def test_what_a_person_records_by_hand_settles_an_answer_too(house: Installation) -> None:
    taken = reply(house)
    house.record("answered", "no", "FJ", step=STEP)
    assert answer(house, taken.id).note == "it is recorded that none waits"
    letter = last_sent(house)
    address = letter.to.rpartition("<")[2].rstrip(">")
    back = come_in(house, AnswerKind.BOUNCE, letter.key, address=address)
    retract(house.app, NOTE, "unreachable", [Subject(contact="fj_mission")], author="anna")
    assert answer(house, back.id).note == "fj_mission may be written to again"


def test_an_answer_about_letters_of_two_steps_holds_both_and_releases_both(house: Installation) -> None:
    house.record("date", "2018-02-12..2018-02-14", step="auckland")
    house.run_to("2018-03-05T12:00")
    taken = reply(house)
    house.record("answered", "yes", "FJ", step="auckland_follow_up", source=f"answer:{taken.id}")
    assert "waits for a decision" in house.row(key("before-2w", step="auckland_follow_up")).reason
    assert "waits for a decision" in house.row(key("before-2w")).reason
    decide(house.app, taken.id, Decision.GO_ON, "anna")
    assert house.row(key("before-2w", step="auckland_follow_up")).state == State.SCHEDULED
    assert house.row(key("before-2w")).state in (State.SCHEDULED, State.AWAITING_APPROVAL)


def test_an_exemption_settles_an_answer(house: Installation) -> None:
    taken = reply(house)
    house.record("exempt", "yes", "FJ", step=STEP, note="it reports elsewhere")
    assert answer(house, taken.id).note == "Fiji is exempt: it reports elsewhere"


def test_what_was_claimed_does_not_leave_after_an_answer(house: Installation) -> None:
    house.run_to("2018-02-16")
    done = house.tick()
    house.at("2018-02-16T09:00")
    claimed = house.worker._look_and_claim(house.clock.now(), done).rows
    assert [row.slot for row in claimed if row.party == "FJ"] == ["before-6w"]
    reply(house)
    handed = [row for each in house.worker._hand(claimed, house.clock.now(), done) for row in each.rows]
    assert not [row for row in handed if row.party == "FJ"]
    assert [row for row in handed if row.party == "TG"]
    assert house.row(key("before-6w")).state == State.WITHDRAWN


def test_nothing_says_that_it_was_no_answer(house: Installation) -> None:
    letter = last_sent(house)
    taken = reply(house, "Buy our watches")
    decide(house.app, taken.id, Decision.NOTHING, "anna")
    row = house.row(letter.key)
    assert (row.state, row.sent_at) == (State.SENT, letter.sent_at)
    assert house.row(key("before-6w")).state in (State.SCHEDULED, State.AWAITING_APPROVAL)


def test_a_machine_stops_nothing(house: Installation) -> None:
    before = states(house.rows(step=STEP, party="FJ"))
    taken = come_in(house, AnswerKind.AUTOMATIC, last_sent(house).key, subject="Out of office")
    assert (taken.answer.open, taken.answer.decision) == (False, "kept")
    assert states(house.rows(step=STEP, party="FJ")) == before
    assert notices(house) == []


def test_mail_that_comes_back_goes_to_the_next_post_and_go_on_undoes_it(house: Installation) -> None:
    letter = last_sent(house)
    address = letter.to.rpartition("<")[2].rstrip(">")
    taken = come_in(house, AnswerKind.BOUNCE, letter.key, address=address.upper(), said="5.1.1 no such user")
    assert house.row(letter.key).state == State.BOUNCED
    assert house.row(key("before-6w")).state == State.WITHDRAWN
    house.tick()
    (notice,) = notices(house)
    text = plain(house.mail_of(notice.key))
    assert "does not arrive: 5.1.1 no such user" in " ".join(text.split())
    assert "another address is needed" in text or "The letters go to" in text
    decide(house.app, taken.id, Decision.GO_ON, "anna", reason="it was forged")
    row = house.row(letter.key)
    assert (row.state, row.sent_at) == (State.SENT, letter.sent_at)
    assert house.row(key("before-6w")).state in (State.SCHEDULED, State.AWAITING_APPROVAL)


def test_a_corrected_address_settles_a_bounce(house: Installation) -> None:
    letter = last_sent(house)
    address = letter.to.rpartition("<")[2].rstrip(">")
    taken = come_in(house, AnswerKind.BOUNCE, letter.key, address=address, said="5.1.1")
    assert answer(house, taken.id).open
    house.record("address", "new@fj.example", contact="fj_mission")
    found = answer(house, taken.id)
    assert (found.decision, found.note) == ("settled", "fj_mission has another address: new@fj.example")
    assert house.row(key("before-6w")).state in (State.SCHEDULED, State.AWAITING_APPROVAL)
    assert house.row(letter.key).state == State.BOUNCED, "it is not sent again by itself"
    sent = letter_sent(house.app, letter.key, house.clock.now(), "to the new address", "anna")
    assert sent.state == State.SENT


def test_a_copy_that_comes_back_does_not_make_the_letter_bounced(house: Installation) -> None:
    letter = last_sent(house)
    assert "<" in letter.cc
    copy = next(
        part.rpartition("<")[2].rstrip(">") for part in letter.cc.split(", ") if "capital" in part or "fj" in part
    )
    come_in(house, AnswerKind.BOUNCE, letter.key, address=copy, said="5.1.1")
    assert house.row(letter.key).state == State.SENT
    with house.app.store.read() as tx:
        told = [fact for fact in tx.load_facts(NOTE) if fact.name == "unreachable"]
    assert [fact.value for fact in told] == [copy]
    assert house.row(key("before-6w")).state in (State.SCHEDULED, State.AWAITING_APPROVAL)


def test_three_letters_delayed_in_a_row_count_as_one_that_came_back(house: Installation) -> None:
    sent = left(house)
    assert len(sent) == 4
    address = sent[0].to.rpartition("<")[2].rstrip(">")

    def delayed(at: int) -> tuple[str, bool]:
        answer = come_in(house, AnswerKind.DELAYED, sent[at].key, address=address, said="4.4.1").answer
        return answer.kind, answer.open

    kept = ("delayed", False)
    assert [delayed(0), delayed(0), delayed(0)] == [kept] * 3, "a server says it again and again of one message"
    assert [delayed(1), delayed(3)] == [kept] * 2, "the letter between them arrived"
    assert delayed(2) == ("bounce", True)
    assert [house.row(row.key).state for row in sent] == ["sent", "sent", "bounced", "sent"]
    assert house.row(key("before-6w")).state == State.WITHDRAWN


def test_delays_of_long_ago_do_not_count(house: Installation) -> None:
    sent = left(house)
    address = sent[0].to.rpartition("<")[2].rstrip(">")
    for row in sent[:2]:
        come_in(house, AnswerKind.DELAYED, row.key, address=address)
    house.at("2018-03-10T12:00")
    assert come_in(house, AnswerKind.DELAYED, sent[2].key, address=address).answer.kind == "delayed"


def test_what_nobody_can_place_is_kept_and_assigned_by_a_person(house: Installation) -> None:
    letter = last_sent(house).key
    taken = come_in(house, AnswerKind.UNMATCHED, None, sender="someone@fj.example", text="About your letter …")
    assert (taken.answer.kind, taken.answer.open) == ("unmatched", True)
    assert house.row(key("before-6w")).state != State.WITHDRAWN
    house.tick()
    (notice,) = notices(house)
    assert "Nothing proves which letter this is about" in plain(house.mail_of(notice.key))
    with pytest.raises(Refused, match="assign KEY"):
        decide(house.app, taken.id, Decision.WAIT, "anna", "2018-05-01")
    with pytest.raises(NotFound):
        decide(house.app, taken.id, Decision.ASSIGN, "anna", key("nonsense"))
    decide(house.app, taken.id, Decision.ASSIGN, "anna", letter)
    found = answer(house, taken.id)
    assert (found.kind, found.open, found.letter) == ("reply", True, letter)
    assert house.row(key("before-6w")).state == State.WITHDRAWN
    decide(house.app, taken.id, Decision.GO_ON, "anna")
    other = come_in(house, AnswerKind.REPLY, "no/-/such/XX/1/letter/at-all", text="?")
    assert other.answer.kind == "unmatched"
    decide(house.app, other.id, Decision.NOTHING, "anna")


def test_the_owner_is_told_at_once_of_the_first_and_once_a_day_of_others(house: Installation) -> None:
    reply(house, "First of Fiji.")
    house.tick()
    (first,) = notices(house)
    assert "First of Fiji." in plain(house.mail_of(first.key))
    assert "wait until you decide" in " ".join(plain(house.mail_of(first.key)).split())
    house.at("2018-02-01T13:00")
    second = reply(house, "Second, of Togo.", "TG")
    house.tick()
    assert [row.state for row in notices(house)] == [State.SENT, State.SCHEDULED]
    house.run_to("2018-02-02T12:00")
    (_, told) = notices(house)
    text = plain(house.mail_of(told.key))
    assert "Second, of Togo." in text
    assert "First of Fiji." not in text, "nobody is told twice of the same"
    assert "Of one more that you were told of before" in " ".join(text.split())
    house.at("2018-02-03T12:00")
    decide(house.app, second.id, Decision.GO_ON, "anna")
    assert len(notices(house)) == 2


def test_a_notice_of_what_is_decided_does_not_leave(house: Installation) -> None:
    taken = reply(house)
    decide(house.app, taken.id, Decision.GO_ON, "anna")
    house.run_to("2018-02-05")
    assert [row.state for row in notices(house)] == [State.WITHDRAWN]
    again = reply(house, "And again.")
    assert notices(house)[-1].due_at == house.clock.now(), "it is the first that waits"
    decide(house.app, again.id, Decision.NOTHING, "anna")


def test_what_an_owners_own_letter_brings_back_is_not_told_to_the_owner(house: Installation) -> None:
    prompt = next(
        row for row in house.rows() if row.party is None and row.sent_at and row.template == "approval_prompt"
    )
    taken = come_in(house, AnswerKind.BOUNCE, prompt.key, said="5.1.1")
    assert taken.answer.open
    assert notices(house) == []
    decide(house.app, taken.id, Decision.NOTHING, "anna")


def test_a_rehearsal_with_answers_goes_live(house: Installation) -> None:
    reply(house)
    come_in(house, AnswerKind.BOUNCE, last_sent(house, "TG").key, said="5.1.1")
    assert go_live(house.app, "anna").rehearsed > 0
