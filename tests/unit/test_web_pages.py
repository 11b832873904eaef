"""The pages of a plan that has run for some weeks: what they show, what can be decided on them, what cannot break them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from engine.clock import ManualClock
from engine.errors import StoreError
from engine.lifecycle import State
from tests.installation import NOTE, Installation
from tests.visitor import NASTY, Visitor, visit, words

STEP = "Reports by those who attended the New York workshop"


def found_digest(page: str) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


def batch(visitor: Visitor) -> dict[str, str]:
    """What the first page's forms would approve: keys with the digests that were shown."""
    form = r'name="key" value="([^"]+)"><input type="hidden" name="digest" value="([0-9a-f]*)"'
    return dict(re.findall(form, visitor.get("/").text))


def waiting(house: Installation) -> list[str]:
    with house.app.store.read() as tx:
        return [row.key for row in tx.find_letters(workflow=NOTE, state=State.AWAITING_APPROVAL)]


def test_the_first_page_shows_the_plan_at_a_glance(visitor: Visitor) -> None:
    answer = visitor.get("/")
    told = words(answer)
    assert answer.status_code == 200
    assert "Implementing Action 7 of the Dubrovnik Action Plan" in told
    assert "Tue 17 October 2017, 12:00 Europe/Zurich" in told
    for section in (
        "Waits for approval",
        "Leaves next",
        "Left lately",
        "Targets and objectives",
        "Who answered lately",
    ):
        assert section in told
    assert '<svg class="timeline"' in answer.text
    assert "Workshop in New York on transparency reporting: held 12 October 2017" in told
    assert "2 of 5" in told or "0 of 5" in told
    assert "took part at Workshop in New York on transparency reporting: yes" in told
    assert "illustrative data" in told
    assert told.count("illustrative") >= 2
    assert "our reading" in told


def test_each_time_carries_its_zone(visitor: Visitor, house: Installation) -> None:
    for path in ("/", "/mailbox", "/mailbox?box=coming", "/party/FJ", f"/mailbox/{waiting(house)[0]}"):
        page = visitor.get(path).text
        times = re.findall(r"<time[^>]*>(.*?)</time>", page)
        assert times, path
        assert all('class="zone">' in time for time in times)
        outside = re.sub(r"<time.*?</time>|<pre.*?</pre>|<svg.*?</svg>", "", page, flags=re.DOTALL)
        for found in re.finditer(r"\b\d\d:\d\d\b(?P<after>.{0,20})", outside):
            assert re.match(r" [A-Z][a-z]+/[A-Z]|Z|:\d\d\+|\+00:00", found["after"]), found[0]


def test_letters_are_approved_together(visitor: Visitor, house: Installation) -> None:
    keys = waiting(house)
    assert len(keys) >= 3
    shown = batch(visitor)
    assert sorted(shown) == sorted(keys)
    answer = visitor.post("/approve", csrf=visitor.csrf(), key=list(shown), digest=list(shown.values()))
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    assert waiting(house) == []
    page = words(visitor.get("/"))
    assert f"{len(keys)} letters approved." in page
    assert "Nothing waits." in page
    assert "letters approved." not in words(visitor.get("/")), "it is said once"
    with house.app.store.read() as tx:
        assert {entry.actor for entry in tx.journal_entries(action="approved", limit=len(keys))} == {"anna (page)"}


def test_a_batch_is_approved_as_it_was_shown(visitor: Visitor, house: Installation) -> None:
    shown, csrf = batch(visitor), visitor.csrf()
    changed = [key for key in shown if "/FJ/" in key or "/CK/" in key]
    house.record("address", "elsewhere@geneva.example", contact="fj_mission")
    house.record("address", "elsewhere@wellington.example", contact=changed[-1].split("/")[5])
    others = [key for key in shown if key not in changed]
    visitor.post("/approve", csrf=csrf, key=list(shown), digest=list(shown.values()))
    told = words(visitor.get("/"))
    assert f"{len(others)} letter approved." in told
    assert "Not done for 2 letters: it reads otherwise by now" in told
    assert sorted(waiting(house)) == sorted(changed)
    visitor.post("/approve", csrf=csrf, key=changed)
    assert sorted(waiting(house)) == sorted(changed), "of which nothing was shown"
    shown = batch(visitor)
    visitor.post("/approve", csrf=csrf, key=list(shown), digest=list(shown.values()))
    assert waiting(house) == []


def test_a_letter_is_approved_as_it_was_read(visitor: Visitor, house: Installation) -> None:
    key = next(key for key in waiting(house) if "/FJ/" in key)
    digest = found_digest(visitor.get(f"/mailbox/{key}").text)
    house.record("address", "elsewhere@geneva.example", contact="fj_mission")
    csrf = visitor.csrf()
    visitor.post("/approve", csrf=csrf, key=key, digest=digest)
    assert key in waiting(house)
    assert "it reads otherwise by now: look at it again" in words(visitor.get("/"))
    again = found_digest(visitor.get(f"/mailbox/{key}").text)
    answer = visitor.post("/approve", csrf=csrf, key=key, digest=again, back="/mailbox")
    assert answer.headers["location"] == "/mailbox"
    assert house.row(key).approved_digest == again


def test_a_letter_is_refused_with_a_reason(visitor: Visitor, house: Installation) -> None:
    key = waiting(house)[0]
    csrf = visitor.csrf()
    assert visitor.post("/refuse", csrf=csrf, key=key, reason="  ").status_code == 409
    assert visitor.post("/refuse", csrf=csrf, key=key, reason="a\x1bb").status_code == 409
    assert key in waiting(house)
    assert visitor.post("/refuse", csrf=csrf, key=key, reason="They told us by phone").status_code == 303
    assert house.row(key).state == State.WITHDRAWN
    assert "They told us by phone" in words(visitor.get(f"/mailbox/{key}"))


def test_a_letter_is_edited_before_it_is_approved(visitor: Visitor, house: Installation) -> None:
    key = next(key for key in waiting(house) if "/FJ/" in key)
    assert f'href="/edit/{key}"' in visitor.get(f"/mailbox/{key}").text
    digest = found_digest(visitor.get(f"/edit/{key}").text)
    csrf = visitor.csrf(f"/edit/{key}")
    words_of_ours = {"subject": "Of <our> own", "body": "We *wrote* this.\r\n\r\nTwice."}
    nothing = visitor.post("/edit", csrf=csrf, key=key, digest=digest, subject=" ", body="kept as typed")
    assert nothing.status_code == 409
    assert "Not kept: a letter needs a subject" in words(nothing)
    assert "kept as typed</textarea>" in nothing.text, "what was written is not lost"
    answer = visitor.post("/edit", csrf=csrf, key=key, digest=digest, **words_of_ours)
    assert answer.headers["location"] == f"/mailbox/{key}"
    page = visitor.get(f"/mailbox/{key}")
    assert "It reads as edited." in words(page)
    assert "In the words of anna (page), since Tue 17 October 2017, 12:00 Europe/Zurich" in words(page)
    assert "Of &lt;our&gt; own" in page.text
    again = visitor.post("/edit", csrf=csrf, key=key, digest=digest, **words_of_ours)
    assert (again.status_code, "reads otherwise by now" in words(again)) == (409, True)
    visitor.post("/approve", csrf=csrf, key=key, digest=found_digest(page.text))
    assert house.row(key).approved_digest == found_digest(page.text)
    undone = visitor.post("/edit", csrf=csrf, key=key, digest=found_digest(page.text), undo="yes")
    assert undone.status_code == 303
    assert key in waiting(house), "its approval was of other words"
    assert "It reads as its template has it." in words(visitor.get(f"/mailbox/{key}"))


def test_an_edit_is_a_form_of_this_session(visitor: Visitor, house: Installation) -> None:
    key = waiting(house)[0]
    assert visitor.post("/edit", csrf="0" * 64, key=key, digest="x", subject="s", body="b").status_code == 403
    assert visitor.get("/edit/a/b").status_code == 404
    prompt = next(row.key for row in house.rows() if row.template == "approval_prompt")
    assert "needs no approval" in words(visitor.get(f"/edit/{prompt}"))


@pytest.mark.parametrize(
    "back", ["//evil.example", "http://evil.example/", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_a_decision_leads_back_to_a_page_of_ours(visitor: Visitor, back: str) -> None:
    assert visitor.post("/approve", csrf=visitor.csrf(), key="x", back=back).headers["location"] == "/"


def test_a_batch_is_read_one_after_the_other(visitor: Visitor, house: Installation) -> None:
    first, second = waiting(house)[:2]
    page = visitor.get(f"/mailbox/{first}").text
    assert "Approve and read the next" in page
    assert f'href="/mailbox/{second}"' in page
    assert "It has not left" in page


def test_the_mailbox_lists_what_left_newest_first(visitor: Visitor, house: Installation) -> None:
    page = visitor.get("/mailbox").text
    assert len(re.findall(r'class="mail"', page)) == 60
    assert "Older" in page
    keys = re.findall(r'class="mail" href="/mailbox/([^"]+)"', page)
    sent = [house.row(key).sent_at for key in keys]
    assert sent == sorted(sent, reverse=True)  # type: ignore[type-var]
    second = re.findall(r'class="mail" href="/mailbox/([^"]+)"', visitor.get("/mailbox?page=2").text)
    assert second
    assert not set(second) & set(keys)


@pytest.mark.parametrize("box", ["left", "waiting", "coming", "stopped", "no-such-box"])
def test_each_box_opens(visitor: Visitor, box: str) -> None:
    assert visitor.get(f"/mailbox?box={box}").status_code == 200


def test_letters_are_found_by_words(visitor: Visitor) -> None:
    found = visitor.get("/mailbox", params={"find": "fiji WORKSHOP"}).text
    assert found.count('class="mail"') >= 2
    assert "Samoa" not in found
    for text in ("%", "_", "\\", "'; DROP TABLE letter; --", NASTY):
        assert "Nothing here has these words." in visitor.get("/mailbox", params={"find": text * 3}).text
    assert visitor.get("/mailbox", params={"find": "x" * 101}).status_code == 422
    assert visitor.get("/mailbox", params={"page": "0"}).status_code == 422


def test_letters_are_found_by_the_names_shown_in_every_box(visitor: Visitor, house: Installation) -> None:
    key = waiting(house)[0]
    row = house.row(key)
    assert (row.subject, row.to) == ("", ""), "nobody has approved it, so its words are not kept"
    page = visitor.get("/mailbox", params={"box": "waiting", "find": "fiji"}).text
    assert [each for each in waiting(house) if "/FJ/" in each] == re.findall(
        r'class="mail" href="/mailbox/([^"]+)"', page
    )
    assert "Nothing here" not in words(visitor.get("/mailbox", params={"box": "waiting", "find": "mission-fj@"}))
    assert "Nothing here" not in words(visitor.get("/mailbox", params={"find": "outreach"})), "the step's title"
    first = words(visitor.get("/mailbox", params={"find": "auckland"}))
    assert re.search(r"Left 0 Waiting for approval 0 To come [1-9]", first), "all boxes are counted"
    assert "Nothing here" not in first, "the first box that has some is opened"
    other = visitor.get("/mailbox", params={"box": "left", "find": "auckland"})
    assert re.search(r"Nothing here has these words. To come: \d+", words(other))
    assert 'href="/mailbox?box=coming&amp;find=auckland"' in other.text


def a_sent(house: Installation, party: str = "FJ") -> str:
    return next(row.key for row in house.rows(party=party) if row.state == State.SENT)


def test_a_letter_is_shown_as_its_recipient_sees_it(visitor: Visitor, house: Installation) -> None:
    key = a_sent(house)
    page = visitor.get(f"/mailbox/{key}")
    assert f'<iframe sandbox="" title="The letter as it looks" src="/frame/{key}">' in page.text
    assert "mission-fj@geneva.example" in page.text
    assert "invented addresses" in page.text
    assert "It was sent on" in words(page)
    text = visitor.get(f"/mailbox/{key}?view=text")
    assert "Excellency," in text.text
    source = words(visitor.get(f"/mailbox/{key}?view=source"))
    assert "Content-Type: multipart/alternative" in source
    assert f"X-Followthrough-Key: {key[:20]}" in source


def test_what_is_invented_or_illustrative_is_marked_where_it_shows(visitor: Visitor, house: Installation) -> None:
    page = visitor.get("/mailbox").text
    assert page.count("invented address") == page.count('class="mail"') > 0
    key = next(row.key for row in house.rows(party="FJ") if row.slot == "before-2w" and row.step == "ny_follow_up")
    details = {"kind": "annual", "form_a": "substantive"}
    house.record("report", "2017-10-16", "FJ", details=details, source="illustrative")
    for path in (f"/mailbox/{key}", "/party/FJ"):
        assert "done: Article 7 report received, true on 16 October 2017. illustrative" in words(visitor.get(path)), (
            path
        )
    house.record("report", "2017-10-17", "FJ", details=details, source="real")
    assert "true on 17 October 2017. illustrative" not in words(visitor.get(f"/mailbox/{key}"))


def test_a_letters_html_stands_in_a_cage(visitor: Visitor, house: Installation) -> None:
    answer = visitor.get(f"/frame/{a_sent(house)}")
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "sandbox" in policy.split("; ")[-1]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy


def test_a_letter_that_is_none_is_not_found(visitor: Visitor) -> None:
    for path in ("/mailbox/a/b", "/mailbox/%00", f"/mailbox/{NOTE}/-/ny_follow_up/FJ/9/x/on-day", "/frame/a/b"):
        answer = visitor.get(path)
        assert answer.status_code == 404, path
        assert "Not found" in answer.text


def test_a_party_has_its_facts_its_letters_and_why(visitor: Visitor) -> None:
    told = words(visitor.get("/party/FJ"))
    assert "Fiji" in told
    assert "took part at Workshop in New York on transparency reporting: yes" in told
    assert (
        "Next: “Reports by those who attended the New York workshop”, at once, on Thursday 26 October 2017, 09:00 Europe/Zurich"
        in told
    )
    assert "Nothing (more) of “Workshop in New York on transparency reporting”" in told
    assert "mission-fj@geneva.example" in told
    assert "invented address" in told
    missing = visitor.get("/party/XX")
    assert missing.status_code == 404
    assert "no workflow has a party" in missing.text


def test_what_was_taken_back_is_shown_as_such(visitor: Visitor, house: Installation) -> None:
    house.retract("attended", "FJ", step="ny_workshop")
    assert "taken back Tue 17 October 2017, 12:00 Europe/Zurich" in words(visitor.get("/party/FJ"))


def test_all_parties_are_listed(visitor: Visitor) -> None:
    assert visitor.get("/parties").text.count('href="/party/') == 132


def test_names_facts_and_letters_cannot_break_out(visitor: Visitor, house: Installation) -> None:
    house.record("awareness", NASTY)
    house.record("contacted", "yes", "NR", step="outreach")
    with house.app.store.write() as tx:
        tx.journal(house.clock.now(), NASTY, "approved", workflow=NOTE, letter=a_sent(house, "NR"), detail=NASTY)
    sent = a_sent(house, "NR")
    paths = ["/", "/parts", "/mailbox", "/parties", "/party/NR", f"/mailbox/{sent}", f"/mailbox/{sent}?view=text",
             f"/mailbox/{sent}?view=source", f"/party/{NASTY}", f"/mailbox/{NASTY}"]  # fmt: skip
    for path in paths:
        page = visitor.get(path).text
        assert "<script>" not in page, path
        assert "<b>" not in page.replace("<b>2", "") or "&lt;b&gt;" in page
    assert "&lt;script&gt;" in visitor.get("/party/NR").text
    frame = visitor.get(f"/frame/{sent}").text
    assert "<script" not in frame


def test_the_parts_are_the_page_without_its_frame(visitor: Visitor) -> None:
    parts = visitor.get("/parts").text
    assert "<html" not in parts
    assert parts.strip() in visitor.get("/").text


def test_two_plans_stand_one_below_the_other(house: Installation) -> None:
    house.apply("article7-annual")
    answer = visit(house.app).get("/")
    assert answer.text.count('<article class="plan"') == 2
    assert answer.text.count('<svg class="timeline"') == 2
    names = re.findall(r'\bid="([^"]+)"', answer.text)
    assert len(names) == len(set(names))


def test_before_a_plan_is_applied_it_says_what_to_do(tmp_path: Path) -> None:
    with Installation(tmp_path) as empty:
        visitor = visit(empty.app)
        assert "followthrough apply" in words(visitor.get("/"))
        for path in ("/mailbox", "/parties"):
            assert visitor.get(path).status_code == 200
        assert visitor.get("/party/FJ").status_code == 404


def test_a_page_follows_what_is_recorded_elsewhere(visitor: Visitor, house: Installation) -> None:
    assert "Samoa" not in words(visitor.get("/")).partition("Who answered lately")[2]
    house.record("report", "2017-10-16", "WS", details={"kind": "annual", "form_a": "substantive"})
    told = words(visitor.get("/")).partition("Who answered lately")[2]
    assert "Samoa" in told
    assert "Article 7 report received: 2017-10-16 (Form A substantive, kind annual)" in told


def test_a_fault_says_nothing_about_the_inside(
    visitor: Visitor, house: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("a secret of the inside")

    def locked(*_: Any) -> None:
        raise StoreError("/home/x/followthrough.db: locked")

    monkeypatch.setattr("engine.web.overview.Overviews.all", broken)
    answer = visitor.get("/")
    assert answer.status_code == 500
    assert "none of yours" in answer.text
    assert "secret of the inside" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    monkeypatch.setattr("engine.web.overview.Overviews.all", locked)
    answer = visitor.get("/")
    assert answer.status_code == 503
    assert "/home/x" not in answer.text


def test_the_static_files_are_there(visitor: Visitor) -> None:
    page = visitor.get("/").text
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(files) >= 2
    for path in files:
        assert visitor.get(path).status_code == 200
    assert visitor.get("/static/../base.html").status_code == 404


def test_the_clock_of_the_pages_is_the_installations(house: Installation) -> None:
    assert isinstance(house.app.clock, ManualClock)
    visitor = visit(house.app)
    house.at("2017-10-20")
    assert "Fri 20 October 2017, 00:00 Europe/Zurich" in words(visitor.get("/"))
