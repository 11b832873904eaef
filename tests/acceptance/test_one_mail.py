"""Not too much: one mail for one person and day, a cap for the week, days on which nothing is sent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest

from engine.answer import Answer, AnswerKind, Purpose
from engine.app.answers.deciding import Decision, decide
from engine.app.answers.inbox import inbox_of, read_inbox
from engine.app.answers.links import LinkState, use
from engine.app.answers.revoking import links_of
from engine.app.answers.taking_in import take_in
from engine.app.letters.letters import letter_rows
from engine.app.letters.reading import read_letter
from engine.app.plans.apply import apply
from engine.app.why.why import why
from engine.channels.mailbox import Maildir
from engine.dispatcher.ticked import Ticked
from engine.letter import Recorded
from engine.lifecycle import State
from engine.settings import Settings
from tests import post
from tests.installation import Installation

PLAN = "six"
STEPS = ("arms", "budget", "census", "drills", "exports", "forests")
HEAD = """workflow: {name}
title: Six questions
timezone: Europe/Zurich
working_days: {{country: CH}}
starts: 2018-01-08
ends: 2018-12-28
owner: desk
parties: six-parties.csv
contacts: six-contacts.csv
address: {{to: [mission], cc: [desk]}}
{more}facts:
{facts}roles:
  desk: {{title: The Desk, email: desk@example.org}}
  chair: {{title: The Chair, email: chair@example.org}}
steps:
{steps}"""
STEP = """  {name}:
    follow_up: Question about {name}
    by: 2018-06-29
    until: {name}_told
    send: [{send}]
    letter: nudge
    approval: {approval}
{more}"""


def plan(
    house: Installation, *, name: str = PLAN, steps: tuple[str, ...] = STEPS, send: str = "2 weeks before",
    approval: str = "none", more: str = "", of_step: str = "",
) -> None:  # fmt: skip
    """A plan of one question for each step, put to each of two parties; `more` is for its head."""
    facts = "".join(f"  {step}_told: {{type: date}}\n" for step in steps)
    told = "".join(STEP.format(name=step, send=send, approval=approval, more=of_step) for step in steps)
    (house.workflows / "six-parties.csv").write_text("id,name\nFR,France\nDE,Germany\n", "utf-8")
    (house.workflows / "six-contacts.csv").write_text(
        "id,party,post,name,address,language\nfr_m,FR,mission,Mission of France,mission@fr.example,en\n"
        "de_m,DE,mission,Mission of Germany,mission@de.example,en\n",
        "utf-8",
    )
    text = HEAD.format(name=name, facts=facts, steps=told, more=more)
    (house.workflows / f"{name}.yaml").write_text(text, "utf-8")
    apply(house.app, name, "tester", yes=True)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path, "2018-01-08") as house:
        yield house


def to(house: Installation, address: str) -> list[EmailMessage]:
    return [mail for mail in house.mails() if address in str(mail["To"]).casefold()]


def keys(mail: EmailMessage) -> list[str]:
    return list(mail.get_all("X-Followthrough-Key", []))


def text(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def rows(house: Installation, party: str = "FR", name: str = PLAN) -> list[Recorded]:
    return house.rows(workflow=name, party=party)


def test_six_letters_to_one_person_on_one_day_are_one_mail_each_with_its_own_record(house: Installation) -> None:
    plan(house)
    sent = house.run_to("2018-06-30")
    (mail,) = to(house, "mission@fr.example")
    assert keys(mail) == sorted(row.key for row in rows(house))
    assert len(keys(mail)) == 6
    assert str(mail["Subject"]).startswith("6 letters: ")
    assert mail["Cc"] is not None
    assert {row.message_id for row in rows(house)} == {mail["Message-ID"]}
    assert read_letter(house.app, keys(mail)[0]).beside == tuple(keys(mail)[1:])
    assert {row.state for row in rows(house)} == {State.SENT}
    assert len({row.key for row in sent}) == 12
    with house.app.store.read() as tx:
        for row in rows(house):
            (attempt,) = tx.attempts(row.key)
            assert attempt.outcome == "sent"
            actions = [entry.action for entry in tx.journal_entries(letter=row.key)]
            assert actions[-3:] == ["claimed", "handing", "sent"]


def test_each_part_stands_in_it_as_it_was_approved(house: Installation) -> None:
    plan(house, approval="required")
    house.run_to("2018-06-10", approving=False)
    house.at("2018-06-10T12:00")
    waiting = {row.key: row for row in rows(house)}
    assert {row.state for row in waiting.values()} == {State.AWAITING_APPROVAL}
    before = {key: read_letter(house.app, key) for key in waiting}
    house.approve_all()
    house.run_to("2018-06-30")
    (mail,) = to(house, "mission@fr.example")
    for key, read in before.items():
        assert read.text in text(mail), key
        inner = read.html.partition("<body")[2].partition(">")[2].rpartition("</body>")[0]
        assert len(inner) > 200
        assert inner in text(mail, "html"), key
    assert {row["subject"] for row in letter_rows(house.app, workflow=PLAN, party="FR")} == {
        read.subject for read in before.values()
    }


def test_a_fact_takes_its_part_out_and_the_others_leave(house: Installation) -> None:
    plan(house)
    house.run_to("2018-06-15T08:00")
    claimed = house.worker._look_and_claim(house.at("2018-06-15T09:00").clock.now(), Ticked())
    assert len([row for row in claimed.rows if row.party == "FR"]) == 6
    house.record("census_told", "2018-06-15", "FR", workflow=PLAN)
    done = house.worker.tick(house.clock.now())
    assert not done.sent, "they are in another's hands"
    handed = house.worker._hand(claimed.rows, house.clock.now(), done)
    (mail,) = [each for each in handed if "mission@fr.example" in each.mail.recipients]
    assert [row.step for row in mail.rows] == ["arms", "budget", "drills", "exports", "forests"]
    assert house.row(f"{PLAN}/-/census/FR/1/fr_m/before-2w").state == State.WITHDRAWN


def test_another_plans_letter_later_on_that_day_leaves_with_them(house: Installation) -> None:
    plan(house, steps=STEPS[:2])
    plan(house, name="late", steps=STEPS[2:4], more="send_at: 14:00\n")
    house.run_to("2018-06-30")
    (mail,) = to(house, "mission@fr.example")
    assert [key.split("/")[0] for key in keys(mail)] == [PLAN, PLAN, "late", "late"]
    assert mail["Date"].datetime.hour == 9


def test_who_gets_a_copy_of_one_letter_does_not_read_another(house: Installation) -> None:
    plan(house, steps=STEPS[:2])
    plan(house, name="other", steps=STEPS[2:4])
    house.edit("other.yaml", "cc: [desk]", "cc: [desk, chair]")
    apply(house.app, "other", "tester", yes=True)
    house.run_to("2018-06-30")
    found = {str(mail["Cc"]): len(keys(mail)) for mail in to(house, "mission@fr.example")}
    assert found == {
        "The Desk <desk@example.org>": 2,
        "The Desk <desk@example.org>, The Chair <chair@example.org>": 2,
    }


def test_a_corrected_address_joins_with_whom_it_goes_to_now(house: Installation) -> None:
    plan(house, steps=STEPS[:2])
    house.at("2018-02-01T12:00").record("address", "Mission@FR.example", contact="de_m", workflow=PLAN)
    assert {row.person for row in rows(house, "DE")} == {"mission@fr.example"}
    house.run_to("2018-06-30")
    (mail,) = to(house, "mission@fr.example")
    assert sorted(key.split("/")[3] for key in keys(mail)) == ["DE", "DE", "FR", "FR"]


def test_a_joined_mail_that_was_refused_for_now_is_tried_again_as_it_was(house: Installation) -> None:
    plan(house)
    house.run_to("2018-06-15T08:00")
    house.at("2018-06-15T09:00")
    blocked = house.app.settings.mailbox / "tmp"
    moved = blocked.with_name("tmp-away")
    house.app.settings.mailbox.mkdir(parents=True, exist_ok=True)
    house.worker.channel.maildir._make()  # type: ignore[attr-defined]  # the built-in mailbox
    blocked.rename(moved)
    down = house.tick()
    assert down.down is not None
    assert not down.sent
    with house.app.store.read() as tx:
        frozen = {row.key: tx.mail_of(row.key) for row in rows(house)}
    assert len({mail.id for mail in frozen.values() if mail}) == 1
    moved.rename(blocked)
    house.run_to("2018-06-30")
    (mail,) = to(house, "mission@fr.example")
    (record,) = {record.id: record for record in frozen.values() if record}.values()
    assert mail["Message-ID"] == record.message_id
    assert keys(mail) == sorted(frozen)


def test_a_person_gets_no_more_mails_a_week_than_the_cap(tmp_path: Path) -> None:
    with Installation(tmp_path, "2018-01-08", Settings(weekly_cap=2)) as house:
        sends = ("18 days before", "17 days before", "15 days before", "15 days before")
        for step, send in zip(STEPS, sends, strict=False):
            plan(house, name=f"plan-{step}", steps=(step,), send=send)
        house.run_to("2018-06-30")
        days = [mail["Date"].datetime.date().isoformat() for mail in to(house, "mission@fr.example")]
        assert days == ["2018-06-11", "2018-06-12", "2018-06-18"]
        late = to(house, "mission@fr.example")[-1]
        assert len(keys(late)) == 2, "what was held back leaves as one"


def test_why_says_of_what_the_cap_holds_until_when(tmp_path: Path) -> None:
    with Installation(tmp_path, "2018-01-08", Settings(weekly_cap=1)) as house:
        plan(house, name="first", steps=STEPS[:1], send="18 days before")
        plan(house, name="second", steps=STEPS[1:2], send="17 days before")
        house.run_to("2018-06-12T12:00")
        (row,) = rows(house, name="second")
        (sentences,) = [each["sentences"] for each in why(house.app, "FR")["workflows"] if each["workflow"] == "second"]
        (held,) = [each for each in sentences if each.startswith("Held back: ")]
        assert "was due on Tuesday 12 June 2018, 09:00" in held
        assert held in why(house.app, "FR", step=STEPS[1])["workflows"][-1]["sentences"]
        first, *_ = why(house.app, row.key)["sentences"]
        assert first.startswith("It was due on Tuesday 12 June 2018, 09:00")


def test_what_the_cap_holds_too_long_is_missed_and_says_so(tmp_path: Path) -> None:
    with Installation(tmp_path, "2018-01-08", Settings(weekly_cap=1)) as house:
        plan(house, name="first", steps=STEPS[:1], send="18 days before")
        plan(house, name="second", steps=STEPS[1:2], send="17 days before")
        house.run_to("2018-06-30")
        (row,) = rows(house, name="second")
        assert row.state == State.MISSED
        assert row.reason.startswith("too late to be sent: 1 mail to this person within a week")


def test_without_a_cap_nothing_is_held(tmp_path: Path) -> None:
    with Installation(tmp_path, "2018-01-08", Settings(weekly_cap=0)) as house:
        for number, step in enumerate(STEPS[:5]):
            plan(house, name=f"plan-{step}", steps=(step,), send=f"{18 - number} days before")
        house.run_to("2018-06-30")
        assert len(to(house, "mission@fr.example")) == 5


def test_on_quiet_days_nothing_is_sent(house: Installation) -> None:
    plan(
        house,
        steps=STEPS[:1],
        send="at once, 2 weeks before, on the day",
        more="quiet: [01-08..01-19, 2018-06-11..2018-06-15, 2018-06-29]\n",
    )
    (before,) = [row for row in rows(house) if row.slot == "before-2w"]
    assert before.reason == "2 weeks before 29 June 2018, moved from Friday 15 June 2018 (quiet days)"
    house.run_to("2018-06-30")
    days = [mail["Date"].datetime.date().isoformat() for mail in to(house, "mission@fr.example")]
    assert days == ["2018-01-22", "2018-06-08", "2018-06-28"]


def test_an_answer_to_a_joined_mail_is_about_each_letter_in_it(house: Installation) -> None:
    plan(house, steps=STEPS[:3], send="2 weeks before, on the day")
    house.run_to("2018-06-16")
    (mail,) = to(house, "mission@fr.example")
    answer = Answer(
        "test:1", AnswerKind.REPLY, house.clock.now(), keys(mail)[1], "address", "mission@fr.example", "Re:", "Yes."
    )
    take_in(house.app, [answer], "test")
    assert {(row.slot, row.state) for row in rows(house)} == {
        ("before-2w", State.ANSWERED), ("on-day", State.WITHDRAWN),
    }  # fmt: skip


def test_a_decision_about_an_answer_to_a_joined_mail_lets_each_letter_go_on(house: Installation) -> None:
    plan(house, steps=STEPS[:3], send="2 weeks before, on the day")
    house.run_to("2018-06-16")
    (mail,) = to(house, "mission@fr.example")
    answer = Answer("test:1", AnswerKind.REPLY, house.clock.now(), keys(mail)[1], "address", text="Spam.")
    (taken,) = take_in(house.app, [answer], "test")
    decide(house.app, taken.id, Decision.NOTHING, "anna")
    assert {(row.slot, row.state) for row in rows(house)} == {("before-2w", State.SENT), ("on-day", State.SCHEDULED)}


def test_a_link_of_a_joined_mail_is_about_its_own_letter_alone(tmp_path: Path) -> None:
    settings = Settings(web_url="https://plan.example", answer_links=True)
    with Installation(tmp_path, "2018-01-08T12:00", settings=settings) as house:
        plan(house, steps=STEPS[:3], send="2 weeks before, on the day")
        house.run_to("2018-06-16")
        (mail,) = to(house, "mission@fr.example")
        with house.app.store.read() as tx:
            links = {key: links_of(tx, house.row(key)) for key in keys(mail)}
        assert [set(each) for each in links.values()] == [set(Purpose)] * 3
        assert len({url for each in links.values() for url in each.values()}) == 9
        pressed = keys(mail)[1]
        done = use(house.app, links[pressed][Purpose.SUBMITTED].rpartition("/")[2])
        assert done.state is LinkState.USED
        answered = [row.key for row in rows(house) if row.state == State.ANSWERED]
        held = [row.step for row in rows(house) if row.state == State.WITHDRAWN]
    assert answered == [pressed]
    assert held == [pressed.split("/")[2]]


def test_a_reply_to_the_address_of_a_joined_mail_is_about_each_letter_in_it(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    settings = Settings(reply_address=post.RECEIVER, inbox=f"maildir:{inbox}")
    with Installation(tmp_path, "2018-01-08T12:00", settings=settings) as house:
        plan(house, steps=STEPS[:3], send="2 weeks before, on the day")
        house.run_to("2018-06-16")
        (mail,) = to(house, "mission@fr.example")
        path = Maildir(inbox).deliver(post.reply(house, keys(mail)[0], "Yes.", threaded=False), unique="")
        os.utime(path, (house.clock.now().timestamp(),) * 2)
        with closing(inbox_of(house.app)) as opened:
            (taken,) = read_inbox(house.app, opened)
        assert (taken.answer.kind, taken.answer.matched_by) == ("reply", "address")
        states = {(row.slot, row.state) for row in rows(house)}
    assert states == {("before-2w", State.ANSWERED), ("on-day", State.WITHDRAWN)}


def test_what_is_approved_after_the_mail_of_the_day_leaves_the_next_morning(house: Installation) -> None:
    plan(house, steps=STEPS[:1])
    plan(house, name="asks", steps=STEPS[1:2], approval="required")
    house.run_to("2018-06-15T11:00", approving=False)
    house.approve_all()
    house.tick()
    (row,) = rows(house, name="asks")
    assert row.reason == "a mail to this person today: it leaves on Monday 18 June 2018, 09:00 Europe/Zurich"
    house.run_to("2018-06-30")
    days = [mail["Date"].datetime.date().isoformat() for mail in to(house, "mission@fr.example")]
    assert days == ["2018-06-15", "2018-06-18"]
