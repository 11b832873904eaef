"""The links of letters: the same whenever a letter is rendered, good for one thing, and nothing happens by looking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from engine.answer import Purpose
from engine.app.answers.deciding import Decision, decide
from engine.app.answers.reading import readings
from engine.app.answers.revoking import link_rows, revoke
from engine.app.letters.letters import show
from engine.app.root import App
from engine.errors import NotFound, SettingsError
from engine.lifecycle import State
from engine.rendering.links import LetterLinks
from engine.settings import Configuration, Settings, load
from tests.installation import NOTE, Installation, plain
from tests.visitor import Visitor, visit, words

STEP = "ny_follow_up"
SETTINGS = Settings(web_url="https://plan.example", answer_links=True)
KEY = f"{NOTE}/-/{STEP}/FJ/1/fj_mission/every-4w-1"


@pytest.fixture(scope="module")
def november(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The follow-up of Fiji and Togo, with links, after the first nudge."""
    folder = tmp_path_factory.mktemp("november")
    with Installation(folder, settings=SETTINGS) as house:
        house.apply()
        house.workshop("FJ", "TG")
        house.run_to("2017-11-30T12:00")
    return folder


@pytest.fixture
def house(november: Path, tmp_path: Path) -> Iterator[Installation]:
    with Installation.copy(november, tmp_path, "2017-11-30T12:00", SETTINGS) as house:
        yield house


@pytest.fixture
def stranger(house: Installation) -> Visitor:
    return visit(house.app, stranger=True, host="plan.example")


def paths(house: Installation, key: str = KEY) -> dict[str, str]:
    """The links of a letter as it left, by what they say."""
    mail = house.mail_of(key)
    body = mail.get_body(("html",))
    assert body is not None
    found = re.findall(r'href="https://plan\.example(/a/[^"]+)"', str(body.get_content()))
    assert len(found) == 3
    return dict(zip(Purpose, map(unescape, found), strict=True))


def traces(house: Installation) -> object:
    """Everything that would be another if anything had happened."""
    with house.app.store.read() as tx:
        return (
            tx.find_answers(),
            len(tx.load_facts(NOTE)),
            [entry.id for entry in tx.journal_entries(limit=1)],
            house.rows(),
        )


def test_a_chasing_letter_has_them_in_both_parts_and_other_letters_have_none(house: Installation) -> None:
    mail = house.mail_of(KEY)
    text = plain(mail)
    html_links = {f"https://plan.example{path}" for path in paths(house).values()}
    assert set(re.findall(r"https://\S+/a/[\w.-]+", text)) == html_links
    assert "- We have submitted the report\n  <https://plan.example/a/" in text
    for slot in ("at-once",):
        assert "/a/" not in house.mail_of(KEY.replace("every-4w-1", slot)).as_string(), "thanks for coming ask nothing"
    prompt = next(row for row in house.rows() if row.party is None and row.sent_at)
    assert "/a/" not in house.mail_of(prompt.key).as_string()


def test_what_was_approved_is_what_is_sent_and_a_re_timed_letter_asks_nobody_again(house: Installation) -> None:
    house.run_to("2017-12-12")
    key = KEY.replace("every-4w-1", "every-4w-2")
    row = house.row(key)
    assert row.approved_digest is not None
    shown = show(house.app, key).text
    assert shown.count("https://plan.example/a/") == 3
    house.edit(f"{NOTE}.yaml", "send_at: 09:00", "send_at: 10:00")
    house.apply()
    again = house.row(key)
    assert again.due_at != row.due_at
    assert again.approved_digest == row.approved_digest
    house.run_to("2017-12-22")
    assert set(paths(house, key).values()) == {
        found.partition("https://plan.example")[2] for found in re.findall(r"https://\S+/a/[\w.-]+", shown)
    }


def test_without_the_setting_letters_are_byte_for_byte_as_they_were(november: Path, tmp_path: Path) -> None:
    with Installation.copy(november, tmp_path, "2017-11-30T12:00") as house:
        shown = next(row for row in house.rows(step=STEP, party="TG") if row.slot == "before-2w")
        assert "/a/" not in show(house.app, shown.key).text
        assert visit(house.app, stranger=True).get(paths(house)[Purpose.BY]).status_code == 404


def test_the_setting_needs_an_address_that_others_reach(tmp_path: Path) -> None:
    nowhere = tmp_path / "none"
    for url in ("", "http://plan.example.org"):
        with pytest.raises(SettingsError, match="ANSWER_LINKS: the links of letters have to lead somewhere"):
            load({"FOLLOWTHROUGH_ANSWER_LINKS": "yes", "FOLLOWTHROUGH_WEB_URL": url}, nowhere)
    assert load(
        {"FOLLOWTHROUGH_ANSWER_LINKS": "yes", "FOLLOWTHROUGH_WEB_URL": "https://a.example"}, nowhere
    ).settings.answer_links


def test_to_look_at_a_link_changes_nothing(house: Installation, stranger: Visitor) -> None:
    before = traces(house)
    for purpose, path in paths(house).items():
        for method in ("HEAD", "GET", "GET", "OPTIONS"):
            answer = stranger.ask(method, path)
            assert answer.status_code in (200, 405), (purpose, method)
        page = stranger.get(path)
        assert "Until you press it nothing is said" in words(page)
        assert house.row(KEY).subject in words(page)
        assert "<script" not in page.text
        assert page.headers["cache-control"] == "no-store"
        assert page.text.count("<form") == page.text.count('<form method="post"') == 1
    assert traces(house) == before


def test_we_have_submitted_holds_the_letters_and_asks_the_owner_to_look(house: Installation, stranger: Visitor) -> None:
    path = paths(house)[Purpose.SUBMITTED]
    done = stranger.post(path, remark="To UNODA, yesterday.\n<script>x</script>")
    assert done.status_code == 200
    assert "Thank you. The New Zealand Coordinator" in words(done)
    (reading,) = readings(house.app)
    assert (reading.answer.kind, reading.answer.said, reading.view.held) == ("link", "submitted", True)
    assert reading.answer.text == "To UNODA, yesterday.\n<script>x</script>"
    assert house.row(KEY).state == State.ANSWERED
    assert "This is known already; nothing more is needed." in words(stranger.get(path))
    before = traces(house)
    again = stranger.post(path, remark="again")
    assert "This is known already" in words(again)
    assert traces(house) == before
    house.tick()
    notice = next(row for row in house.rows() if row.template == "answers_notice")
    told = " ".join(plain(house.mail_of(notice.key)).split())
    assert "That is their word, and not the record: please check, and record it." in told
    house.record("report", "2017-11-30", "FJ", details={"form_a": "substantive"})
    assert readings(house.app) == []


def test_we_will_by_a_day_offers_that_day(house: Installation, stranger: Visitor) -> None:
    path = paths(house)[Purpose.BY]
    for day in ("", "soon", "2017-11-30", "2016-01-01", "2031-01-01"):
        answer = stranger.post(path, day=day, remark="kept as typed")
        assert answer.status_code == 422
        assert "Please name" in words(answer)
        assert "kept as typed</textarea>" in answer.text
    answer = stranger.post(path, day="2018-01-04")
    assert (
        "Thank you. The New Zealand Coordinator on National Implementation Measures has been told: by 4 January 2018."
        in words(answer)
    )
    (reading,) = readings(house.app)
    assert (reading.answer.said, reading.preset) == ("by 2018-01-04", "2018-01-04")
    bare = Settings().model_copy(update={"home": house.app.settings.home})  # this visitor has no TLS
    anna = visit(App(Configuration(bare, {}), house.clock))
    assert 'value="2018-01-04"' in anna.get("/answers").text
    decide(house.app, reading.answer.id, Decision.WAIT, "anna", reading.preset)
    sent = [
        row
        for row in house.run_to("2018-01-10")
        if row.party == "FJ" and row.step == STEP and row.addressee == "fj_mission"
    ]
    assert [str(row.sent_at)[:10] for row in sent] == ["2018-01-04"]


def test_the_wrong_person_is_not_written_to_until_somebody_decides(house: Installation, stranger: Visitor) -> None:
    stranger.post(paths(house)[Purpose.WRONG_PERSON], remark="Ask for Ms A")
    (reading,) = readings(house.app)
    assert (reading.view.held, reading.contacts) == (False, ("fj_mission",))
    to = {row.addressee for row in house.rows(step=STEP, party="FJ") if row.state == State.SCHEDULED}
    assert "fj_mission" not in to
    decide(house.app, reading.answer.id, Decision.GO_ON, "anna")
    to = {row.addressee for row in house.rows(step=STEP, party="FJ") if row.state == State.SCHEDULED}
    assert "fj_mission" in to


def test_each_link_says_one_thing_and_a_forged_one_nothing(house: Installation, stranger: Visitor) -> None:
    before = traces(house)
    links = LetterLinks("https://plan.example", "another secret")
    for token in (
        links.token(KEY, Purpose.SUBMITTED), "x", paths(house)[Purpose.BY][3:-2], "a" * 5000, "%00", "..%2f..", "é",
    ):  # fmt: skip
        for answer in (stranger.get(f"/a/{token}"), stranger.post(f"/a/{token}", day="2018-01-04")):
            assert answer.status_code == 404
        assert "This link is not good" in words(answer) or "There is no such page" in words(answer)
    ours = house.app.letter_links
    assert ours is not None
    unsent = next(row.key for row in house.rows(step=STEP, party="FJ") if row.state == State.SCHEDULED)
    assert stranger.get(f"/a/{ours.token(unsent, Purpose.BY)}").status_code == 404
    assert traces(house) == before


def test_a_form_is_small_and_comes_from_the_page(house: Installation, stranger: Visitor) -> None:
    path = paths(house)[Purpose.SUBMITTED]
    before = traces(house)
    assert stranger.post(path, remark="x" * 30_000).status_code == 413
    assert stranger.post(path, remark="x" * 3_000).status_code == 422
    assert stranger.post(path, remark="a\x1bb").status_code == 422
    assert stranger.ask("POST", path, content=b"{}", headers={"content-type": "application/json"}).status_code == 415
    assert stranger.ask("POST", path, data={"a": "b"}, headers={"origin": "https://evil.example"}).status_code == 403
    assert traces(house) == before
    assert stranger.get("/answers").status_code == 403, "the door is open to /a/ alone"


def test_links_expire_with_their_letter(house: Installation, stranger: Visitor) -> None:
    path = paths(house)[Purpose.SUBMITTED]
    house.at("2018-03-20T12:00")
    assert stranger.get(path).status_code == 200
    house.at("2018-04-20T12:00")
    answer = stranger.post(path)
    assert (answer.status_code, "This link has expired" in words(answer)) == (410, True)
    assert readings(house.app) == []


def test_links_are_revoked_by_letter_or_by_party_and_later_letters_have_good_ones(
    house: Installation, stranger: Visitor
) -> None:
    path = paths(house)[Purpose.SUBMITTED]
    assert {row["state"] for row in link_rows(house.app, "FJ")} == {"good"}
    with pytest.raises(NotFound, match="Did you mean FJ"):
        revoke(house.app, "fj", "anna")
    assert revoke(house.app, "FJ", "anna", reason="forwarded widely") == {
        NOTE: len({row["key"] for row in link_rows(house.app, "FJ")})
    }
    answer = stranger.post(path)
    assert (answer.status_code, "This link is not in use any more" in words(answer)) == (410, True)
    assert {row["state"] for row in link_rows(house.app, KEY)} == {"revoked"}
    house.run_to("2017-12-30")
    later = KEY.replace("every-4w-1", "every-4w-2")
    assert stranger.get(paths(house, later)[Purpose.SUBMITTED]).status_code == 200
    revoke(house.app, later, "anna")
    assert stranger.get(paths(house, later)[Purpose.SUBMITTED]).status_code == 410
    with house.app.store.read() as tx:
        (first, _) = tx.journal_entries(action="links revoked")
    assert (first.actor, first.party, first.detail) == ("anna", "FJ", "forwarded widely")


def test_the_page_speaks_the_language_of_the_letter(house: Installation, stranger: Visitor) -> None:
    of = paths(house, KEY.replace("FJ", "TG").replace("fj_", "tg_"))
    page = stranger.get(of[Purpose.BY])
    assert '<html lang="fr">' in page.text
    assert "Notre lettre du 23 novembre 2017" in words(page)
    wrong = stranger.post(of[Purpose.BY], day="2017-01-01", remark="plus tard")
    assert wrong.status_code == 422
    assert "un jour à venir" in words(wrong)
    assert "plus tard" in wrong.text
    pressed = stranger.post(of[Purpose.BY], day="2018-01-15")
    assert "Votre réponse a été transmise : d’ici au 15 janvier 2018." in words(pressed)
    assert "C’est déjà noté (d’ici au 15 janvier 2018)" in words(stranger.get(of[Purpose.BY]))
    assert not re.search("Press|button|reply|Please", words(page))
    assert '<html lang="en">' in stranger.get(paths(house)[Purpose.BY]).text
