"""What owners, their deputies and those who follow them are told, word for word and at which instant, in short lives.

Each life begins with a small plan and is kept in tests/golden/notices. After a change of words, write them again with
`EXPECT=write` in the environment, and read the difference.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from engine.answer import Answer, AnswerKind
from engine.app.answers.deciding import Decision, decide
from engine.app.answers.taking_in import take_in
from engine.app.letters.approvals import approve, waiting_for_approval
from engine.app.letters.delegating import Asked, delegate, take_back
from engine.app.plans.apply import apply
from engine.letter import NOTICES
from tests.installation import Installation, plain
from tests.support import kept

GOLDEN = Path(__file__).parent.parent / "golden" / "notices"
SHORT = 40
LEAVING = ("claimed", "handing", "sent")
PLANS = ("small", "other")
Life = Callable[[Installation], None]


def told(house: Installation) -> str:
    """All mails to roles in words (the same ones once), when and to whom the others left, and what became of the notices."""
    lines: list[str] = []
    said: set[str] = set()
    for mail in house.mails():
        lines.append(f"### {mail['Date']}\nTo: {mail['To']}\nSubject: {mail['Subject']}")
        if "@example.org" in mail["To"]:
            for part in plain(mail).strip().split("\n\n"):
                known = part in said and len(part) > SHORT
                lines.append(f"{part[:SHORT]}…\n" if known else f"{part}\n")
                said.add(part)
    rows = [row for name in PLANS for row in house.rows(workflow=name)]
    lines += ["### The outbox", *sorted(
        f"{row.key} {row.due_at:%d %b %H:%M}"
        + (f" to {row.stale_at:%d %b %H:%M}" if row.stale_at else "") + f" {row.state}: {row.reason}"
        for row in rows if row.template in NOTICES or row.party
    )]  # fmt: skip
    with house.app.store.read() as tx:
        entries = {entry for row in rows if row.template in NOTICES for entry in tx.journal_entries(letter=row.key)}
    lines += ["### The journal", *sorted(
        f"{entry.at:%d %b %H:%M} {entry.actor} {entry.action} {entry.letter}: {entry.detail}"
        for entry in entries if entry.action not in LEAVING
    )]  # fmt: skip
    return "\n".join(lines) + "\n"


def come_in(house: Installation, kind: AnswerKind, letter: str | None, source: str, **given: str) -> int:
    answer = Answer(source, kind, house.clock.now(), letter, "address" if letter else "", **given)  # type: ignore[arg-type]
    (taken,) = take_in(house.app, [answer], "mail")
    house.tick()
    return taken.id


def digests(house: Installation) -> None:
    """Two plans of one reader; what came, what failed, what is due and how the targets stand, day by day."""
    house.run_to("2018-01-09T11:00", approving=False)
    for party, day in (("BB", "2018-01-09"), ("AA", "2018-01-09"), ("CC", "2018-01-08")):
        house.record("report", day, party, workflow="small")
    house.run_to("2018-01-11T11:00", approving=False)
    house.record("status", "ready", "AA", "DD", workflow="small")
    house.record("address", "new@dd.example", contact="dd_m", workflow="small")
    house.approve_all()
    house.run_to("2018-01-15T11:00", approving=False)
    house.record("paid", "yes", "AA", workflow="other")
    house.run_to("2018-01-17T20:00", approving=False)


def urging(house: Installation) -> None:
    """Nobody decides; some is approved when it was brought up, some is asked for anew, and the office is closed."""
    house.run_to("2018-01-18T07:59", approving=False)
    waiting = [row.key for row in waiting_for_approval(house.app)]
    approve(house.app, waiting[:2], "anna")
    house.record("address", "new@cc.example", contact="cc_m", workflow="small")
    house.run_to("2018-01-19T23:00", approving=False)
    house.record("address", "new@bb.example", contact="bb_m", workflow="small")
    house.at("2018-01-21T15:00").tick()
    house.run_to("2018-01-23T12:00", approving=False)


def missed(house: Installation) -> None:
    """A worker that did not run for some days: what it then says was missed, and since when."""
    house.run_to("2018-01-08T12:00", approving=False)
    house.at("2018-01-18T06:00")
    house.run_to("2018-01-18T12:00", approving=False)
    house.at("2018-02-01T06:00")
    house.run_to("2018-02-03T12:00", approving=False)


def deputies(house: Installation) -> None:
    """A step, everything and one letter are given to deputies, for a time and until they are taken back."""
    house.run_to("2018-01-08T08:30", approving=False)
    key = next(row.key for row in waiting_for_approval(house.app) if row.step == "ask")
    delegate(house.app, Asked("boss", [key]), "anna")
    house.tick("2018-01-08T08:40")
    (step,) = delegate(house.app, Asked("aide", step="ask", workflow="small", until="2018-01-18"), "anna")
    house.tick("2018-01-08T08:50")
    delegate(house.app, Asked("boss", of="aide", workflow="small", since="2018-01-16", reason="away"), "anna")
    house.run_to("2018-01-17T12:00", approving=False)
    take_back(house.app, step.id, "anna")
    house.tick()
    delegate(house.app, Asked("aide", workflow="small", since="2018-01-18", until="2018-01-19"), "anna")
    house.run_to("2018-01-23T12:00", approving=False)


def succession(house: Installation) -> None:
    """A role passes to somebody else, with all that was promised; and once more before the letter has left."""
    house.run_to("2018-01-12T12:00")
    house.record("extension_asked", "2018-01-11", "AA", step="ask", workflow="small")
    house.record("extended_to", "2018-03-15", "AA", step="ask", note="their ministry moves", workflow="small")
    house.record("snoozed_until", "2018-01-25", "BB", step="ask", workflow="small")
    house.record("exempt", "yes", "DD", step="more", note="not of that kind", workflow="small")
    house.record("pace", "gentle", "CC", step="ask", note="on its wish", workflow="small")
    house.record("report", "2018-01-12", "CC", workflow="small")
    delegate(house.app, Asked("aide", step="ask", workflow="small", until="2018-01-31"), "anna")
    delegate(house.app, Asked("boss", workflow="small"), "anna")
    house.run_to("2018-01-15T20:00")
    house.edit("small.yaml", "boss, email: boss@example.org", "boss, email: next@example.org")
    house.edit("small.yaml", "desk, email: desk@example.org", "desk, person: Alex Doe, email: alex@example.org")
    apply(house.app, "small", "anna", yes=True)
    house.edit("small.yaml", "boss, email: next@example.org", "boss, email: last@example.org")
    apply(house.app, "small", "anna", yes=True)
    house.run_to("2018-01-17T12:00")


def answers(house: Installation) -> None:
    """Replies, a link, an address that takes no mail and what nobody can place: told at once, then once a day."""
    house.run_to("2018-01-10T12:00")
    keys = {row.party: row.key for row in house.rows(workflow="small") if row.state == "sent" and row.step == "ask"}
    text = "We are on it.\n\nIt takes until Easter."
    first = come_in(house, AnswerKind.REPLY, keys["AA"], "1", sender="m@aa.example", subject="Re: x", text=text)
    prompt = next(row.key for row in house.rows(workflow="small") if row.addressee == "aide" and row.state == "sent")
    come_in(house, AnswerKind.BOUNCE, prompt, "0", address="aide@example.org", said="5.2.2 full")
    house.at("2018-01-10T14:00")
    long = "\n".join(f"Line {number}" for number in range(62))
    come_in(house, AnswerKind.REPLY, keys["BB"], "2", sender="m@bb.example", text=long)
    decide(house.app, first, Decision.GO_ON, "anna")
    come_in(house, AnswerKind.LINK, keys["CC"], "3", said="by 2018-01-30")
    house.run_to("2018-01-11T12:00")
    come_in(house, AnswerKind.BOUNCE, keys["DD"], "4", address="m@dd.example", said="5.1.1 unknown")
    come_in(house, AnswerKind.UNMATCHED, None, "5", sender="x@example.com", subject="Hello", text="Who?")
    come_in(house, AnswerKind.LINK, keys["AA"], "6", said="submitted")
    last = come_in(house, AnswerKind.LINK, keys["AA"], "7", said="wrong_person")
    house.run_to("2018-01-15T08:30")
    house.record("report", "2018-01-15", "AA", "BB", "CC", workflow="small")
    decide(house.app, last, Decision.NOTHING, "anna")
    house.run_to("2018-01-16T12:00")


def as_kept(life: Life, tmp_path: Path) -> None:
    """Live it, and compare with what is kept. Each has a test of its own, so that a mutant is tried on all of them."""
    with Installation(tmp_path, "2018-01-08T08:00") as house:
        for name in ("small.yaml", "other.yaml", "parties.csv", "contacts.csv"):
            shutil.copy(GOLDEN / name, house.workflows / name)
        for plan in PLANS:
            shutil.copytree(GOLDEN / "letters", house.workflows / plan / "letters")
        house.apply("small")
        if life in (digests, urging):
            house.apply("other")
        life(house)
        found = told(house)
    assert found == kept(GOLDEN / f"{life.__name__}.txt", found)


def test_digests_of_two_plans(tmp_path: Path) -> None:
    as_kept(digests, tmp_path)


def test_what_is_brought_up_once_more(tmp_path: Path) -> None:
    as_kept(urging, tmp_path)


def test_what_was_missed(tmp_path: Path) -> None:
    as_kept(missed, tmp_path)


def test_who_decides_instead(tmp_path: Path) -> None:
    as_kept(deputies, tmp_path)


def test_a_role_that_passes_on(tmp_path: Path) -> None:
    as_kept(succession, tmp_path)


def test_answers_that_wait(tmp_path: Path) -> None:
    as_kept(answers, tmp_path)
