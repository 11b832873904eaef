"""The note's plan: who was told what day, and word to exactly those who know another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.app.letters.letters import show
from engine.app.letters.told import told_rows, who_was_told
from engine.app.why.why import why
from engine.errors import NotFound
from engine.lifecycle import State
from tests.installation import NOTE, Installation, plain
from tests.visitor import visit, words

STEP = "ny_follow_up"
TOGO = f"{NOTE}/-/{STEP}/TG/1/tg_mission"
MARCH, APRIL = "by_march: {value: 2018-03,", "by_march: {value: 2018-04,"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    """February 2018: three States came to the workshop and were written to, and Fiji has reported."""
    with Installation(tmp_path) as house:
        house.apply()
        house.workshop("TG", "KM", "FJ")
        house.run_to("2018-02-20T12:00")
        house.record("report", "2018-02-19", "FJ", details={"form_a": "substantive"})
        house.run_to("2018-02-22T12:00")
        yield house


def holds(house: Installation, step: str | None = STEP) -> dict[str, str]:
    return {each.party: str(each.holds) for each in who_was_told(house.app, NOTE, step=step).found}


def move(house: Installation) -> None:
    """Another reading of “by March”."""
    house.edit("ccm-nim-2018.yaml", MARCH, APRIL)
    house.apply()


def corrected(house: Installation) -> dict[str, str]:
    return {row.party or "": row.state for row in house.rows(step=STEP) if row.slot.startswith("corrected-")}


def test_what_was_told_is_kept_as_it_left_whatever_the_plan_says_now(house: Installation) -> None:
    assert holds(house) == {"TG": "still so", "KM": "still so", "FJ": "settled"}
    move(house)
    assert holds(house) == {"TG": "otherwise", "KM": "otherwise", "FJ": "settled"}
    (row,) = told_rows(who_was_told(house.app, NOTE, party="Togo", step=STEP))
    assert row == {
        "workflow": NOTE, "step": STEP, "cycle": None, "party": "TG", "addressee": "tg_mission", "told": "2018-03-31",
        "now": "2018-04-30", "holds": "otherwise", "why": None, "letter": f"{TOGO}/before-6w",
        "sent_at": "2018-02-16T09:00:00+01:00",
    }  # fmt: skip


def test_a_setting_that_was_edited_is_told_to_exactly_those_who_know_the_other_day(house: Installation) -> None:
    move(house)
    assert corrected(house) == {"TG": State.AWAITING_APPROVAL, "KM": State.AWAITING_APPROVAL}
    text = show(house.app, f"{TOGO}/corrected-1").text
    assert "annoncée comme étant le 31 mars 2018, est désormais le 30 avril 2018" in " ".join(text.split())
    house.run_to("2018-03-02")
    assert corrected(house) == {"TG": State.SENT, "KM": State.SENT}
    assert holds(house) == {"TG": "still so", "KM": "still so", "FJ": "settled"}
    mail = house.mail_of(f"{TOGO}/corrected-1")
    assert mail["Subject"] == "Nouvelle date : rapport du Togo, attendu pour le 30 avril 2018"
    assert mail["In-Reply-To"] == house.mail_of(f"{TOGO}/before-6w")["Message-ID"]
    house.run_to("2018-05-20")
    assert [row.slot for row in house.rows(step=STEP, party="TG") if row.slot.startswith("corrected")] == [
        "corrected-1"
    ]


def test_put_back_before_it_left_it_is_withdrawn(house: Installation) -> None:
    move(house)
    house.edit("ccm-nim-2018.yaml", APRIL, MARCH)
    house.apply()
    assert corrected(house) == {"TG": State.WITHDRAWN, "KM": State.WITHDRAWN}
    assert set(holds(house).values()) == {"still so", "settled"}


def test_without_a_letter_for_it_the_owner_is_asked_about_those_who_were_told(house: Installation) -> None:
    house.edit(
        "ccm-nim-2018.yaml",
        "    corrected: deadline_moved                       # to those who were told another day\n",
        "",
    )
    house.apply()
    move(house)
    house.record("contacted", "yes", "TG", step=STEP)  # one party planned again: its owner is asked all the same
    house.run_to("2018-02-26T12:00")
    assert corrected(house) == {}
    mail = house.mail_of(f"{NOTE}/-/{STEP}/-/1/nim_coordinator/date-moved")
    assert mail["Subject"] == "Told another day: Reports by those who attended the New York workshop (2)"
    assert "- Comoros" in plain(mail)
    assert "- Fiji" not in plain(mail)
    assert "followthrough told ccm-nim-2018 --step ny_follow_up" in plain(mail)


def test_moving_8msp_is_put_right_in_the_step_that_names_it(house: Installation) -> None:
    house.record("date", "2018-02-12..2018-02-14", step="auckland")
    house.run_to("2018-03-01")
    house.record("held", "yes", step="auckland", on="2018-02-14")
    house.run_to("2018-03-05")
    asked = {row.party for row in house.rows(step="auckland_follow_up") if row.state == State.SENT and row.party}
    assert asked
    house.record("date", "2018-09-10..2018-09-12", anchor="msp8")
    rows = [row for row in house.rows(step="auckland_follow_up") if row.slot == "corrected-1"]
    assert {row.party for row in rows} == asked


def test_an_invited_state_that_knows_another_day_is_shown_until_it_is_told(house: Installation) -> None:
    house.at("2018-02-22T13:00").record("date", "2018-05-15..2018-05-16", step="africa_workshop")
    house.run_to("2018-03-02")
    assert set(holds(house, "africa_workshop").values()) == {"still so"}
    house.record("date", "2018-05-22..2018-05-23", step="africa_workshop")
    view = who_was_told(house.app, NOTE, step="africa_workshop")
    assert len(view.wrong) > 20
    assert told_rows(view)[0]["told"] == "2018-05-15..2018-05-16"
    house.run_to("2018-03-10")
    assert set(holds(house, "africa_workshop").values()) == {"still so"}


def test_pages_and_why_say_who_knows_another_day(house: Installation) -> None:
    visitor = visit(house.app)
    assert "told another day" not in words(visitor.get("/"))
    move(house)
    assert f"2 told another day than holds now: {TITLE}" in words(visitor.get("/"))
    page = words(visitor.get("/party/TG"))
    assert f"{TITLE} 31 March 2018 30 April 2018" in page
    assert "Workshop in New York on transparency reporting 12 October 2017 settled: it was held" in page
    (answer,) = [each for each in why(house.app, "TG", step=STEP)["workflows"] if each["workflow"] == NOTE]
    assert (
        "tg_mission was last told 31 March 2018 (ny_follow_up before-6w), and now it is 30 April 2018."
        in answer["sentences"]
    )


TITLE = "Reports by those who attended the New York workshop"


def test_what_cannot_be_asked_is_said(tmp_path: Path) -> None:
    with Installation(tmp_path) as house:
        with pytest.raises(NotFound, match="is not applied"):
            who_was_told(house.app, NOTE)
        house.apply()
        with pytest.raises(NotFound, match="there is no party “Fidji”"):
            who_was_told(house.app, NOTE, party="Fidji")
        with pytest.raises(NotFound, match="has no step “ny_folow_up”"):
            who_was_told(house.app, NOTE, step="ny_folow_up")
        assert who_was_told(house.app, NOTE).found == ()
