"""A plan as it stands: what is read once in a transaction and what anew, and which letters it then knows of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from engine.definition.dates import day
from engine.definition.facts import Fact, Subject
from engine.dispatcher.standing import Places, Standings, place_of
from engine.errors import NotFound
from engine.letter import APPROVAL_PROMPT, Recorded
from engine.planning.world.history import Past, past
from engine.rendering.links import LetterLinks
from engine.store import Transaction
from tests.installation import Installation
from tests.small_plan import PLAN, A, B, put

TWIN = PLAN.replace("workflow: small", "workflow: twin")
SIGN = """\
  sign:
    follow_up: Signatures
    by: 2018-02-02
    until: report
    send: [on the day]
    letter: nudge
    approval: required
    thanks: nudge
"""
MEETING = "  meeting: {event: The meeting, when: 2018-03-01, invite: all, invitations: [4 weeks before]}\n"
ABOUT = Subject(party="AA")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path, "2018-01-08T08:00") as house:
        put(house)
        yield house


def reported(house: Installation, tx: Transaction) -> None:
    """A fact is on record, and whoever put it there told nobody."""
    on = house.clock.now()
    tx.add_fact("small", Fact(0, "report", ABOUT, "2018-01-08", day(on.date()), on, (), "test", "", "tester"))


def test_what_was_recorded_is_learnt_by_the_next_transaction(house: Installation) -> None:
    now, standings = house.clock.now(), house.app.standings
    with house.app.store.write() as tx:
        standing = standings.get(tx, "small", now)
        reported(house, tx)
        assert standings.get(tx, "small", now) is standing
        assert standing.planner.book.history("report", ABOUT) == (), "it is looked up once in one"
        assert standings.get(tx, "small", now, changed=True) is standing
        assert len(standing.planner.book.history("report", ABOUT)) == 1
    with house.app.store.write() as tx:
        reported(house, tx)
    with house.app.store.read() as tx:
        assert standings.get(tx, "small", now) is standing
        assert len(standing.planner.book.history("report", ABOUT)) == 2


def test_each_fact_is_read_once_also_the_first_after_the_plan_was_applied(house: Installation) -> None:
    with house.app.store.write() as tx:
        reported(house, tx)
    for _ in range(2):
        with house.app.store.read() as tx:
            standing = house.app.standings.get(tx, "small", house.clock.now())
            assert standing.planner.book.taken_in("report") == 1
        house.app.standings.forget()


def test_another_instant_is_looked_at_anew(house: Installation) -> None:
    now, standings = house.clock.now(), house.app.standings
    with house.app.store.write() as tx:
        standing = standings.get(tx, "small", now)
        reported(house, tx)
        later = house.at("2018-01-08T09:00").clock.now()
        assert standings.get(tx, "small", later) is standing
        assert standing.planner.now == later
        assert len(standing.planner.book.history("report", ABOUT)) == 1


def test_a_new_revision_is_opened_by_whoever_knew_the_one_before(house: Installation) -> None:
    links = LetterLinks("https://plan.example", "00" * 16)
    now, other = house.clock.now(), Standings(house.app.store, "mail.example", links)
    with house.app.store.read() as tx:
        first = other.get(tx, "small", now)
        assert (first.revision.id, first.domain, first.links, first.published) == (1, "mail.example", links, {})
        assert first.agenda is None
        assert first.planner.now == now
        assert [fact for fact in first.planner.book if fact.id] == []
    put(house, plan=PLAN.replace("title: A small plan", "title: Another"))
    with house.app.store.read() as tx:
        second = other.get(tx, "small", now)
        assert (second.revision.id, second.workflow.title, second.domain) == (2, "Another", "mail.example")
        assert other.get(tx, "small", now) is second
    ours = house.app.standings
    with house.app.store.read() as tx:
        assert ours.get(tx, "small", now).domain == house.app.settings.mail_domain


def test_a_plan_that_was_never_applied_has_no_standing(house: Installation) -> None:
    with house.app.store.read() as tx, pytest.raises(NotFound) as caught:
        house.app.standings.get(tx, "twin", house.clock.now())
    assert str(caught.value) == "twin is not applied: “followthrough apply twin” does that"


def test_what_was_learnt_in_a_transaction_that_fails_is_forgotten(house: Installation) -> None:
    now, standings = house.clock.now(), house.app.standings
    with house.app.store.read() as tx:
        before = standings.get(tx, "small", now)
    with suppress(InterruptedError), standings.deciding() as tx:
        reported(house, tx)
        assert standings.get(tx, "small", now) is before
        assert len(before.planner.book.history("report", ABOUT)) == 1
        raise InterruptedError
    with house.app.store.read() as tx:
        after = standings.get(tx, "small", now)
    assert after is not before
    assert after.planner.book.history("report", ABOUT) == ()


def test_all_plans_and_the_places_of_their_letters(house: Installation) -> None:
    put(house, "twin", TWIN)
    now, standings = house.clock.now(), house.app.standings
    with house.app.store.read() as tx:
        assert [each.workflow.name for each in standings.all(tx, now)] == ["small", "twin"]
        rows = [house.row(key) for key in (B.replace("small", "twin"), A, A.replace("small", "twin"))]
        places = standings.places(tx, rows, now)
        assert list(places) == ["twin", "small"]
        found = {name: [(party, place(each, party)) for party in ("AA", "BB")] for name, each in places.items()}
        with pytest.raises(NotFound):
            standings.places(tx, [rows[0]._replace(workflow="none")], now)
    last = {key: key.replace("at-once", "on-day") for key in (A, B)}
    assert found["twin"] == [
        (party, [each.replace("small", "twin") for each in (key, last[key])]) for party, key in (("AA", A), ("BB", B))
    ]
    assert found["small"] == [("AA", [A, last[A]]), ("BB", [])]


def place(places: Places, party: str) -> list[str]:
    """The keys of a party's rows and, the same, of its plan; nothing where no letter of it is at hand."""
    try:
        found = places.of(party)
    except KeyError:
        return []
    keys = [row.key for row in found.rows]
    assert [letter.key for letter in found.plan.letters] == keys
    assert [found.letter(key) for key in keys] == found.plan.letters
    assert found.letter("none") is None
    return keys


def test_only_the_steps_of_letters_at_hand_are_planned_unless_one_of_them_thanks(house: Installation) -> None:
    put(house, plan=PLAN + SIGN)
    row = house.row(A)
    with house.app.store.read() as tx:
        standing = house.app.standings.get(tx, "small", house.clock.now())
        steps = {letter.step for letter in place_of(tx, standing, row).plan.letters}
        thanked = {letter.step for letter in place_of(tx, standing, row._replace(slot="thanks")).plan.letters}
        notice = row._replace(party=None, template=APPROVAL_PROMPT)
        places = Places(tx, standing, [row, row._replace(step="sign"), notice])
        both = places.of("AA")
        assert places.of("AA") is both
        assert {letter.step for letter in both.plan.letters} == {"ask", "sign"}
        with pytest.raises(KeyError):
            places.of(None)
        places.changed("AA")
        again = places.of("AA")
        assert (again is both, again) == (False, both)
    assert (steps, thanked) == ({"ask"}, {"ask", "sign"})


def test_a_party_that_is_read_again_has_the_letters_of_now_and_another_those_of_before(house: Installation) -> None:
    rows = {party: house.rows(workflow="small", party=party) for party in ("AA", "BB")}
    with house.app.store.read() as tx:
        standing = house.app.standings.get(tx, "small", house.clock.now())
        history = standing.planner.history

        def known() -> dict[str, list[Past]]:
            return {party: sorted(history.of("ask", None, party)) for party in ("AA", "BB")}

        stale = {party: past(found[0]._replace(key=f"{party}-gone")) for party, found in rows.items()}
        for entry in stale.values():
            history.put(entry)
        now_ = {party: sorted(past(row) for row in found) for party, found in rows.items()}
        assert standing.read_letters(tx, ["AA", "AA"]) == rows["AA"]
        assert known() == {"AA": now_["AA"], "BB": [stale["BB"]]}
        everything: list[Recorded] = standing.read_letters(tx, None)
        assert sorted(everything) == sorted([*rows["AA"], *rows["BB"]])
        assert known() == now_
        standing.read_left(tx, ["ask"])
        assert known() == {"AA": [], "BB": []}, "nothing has left"
    house.tick("2018-01-08T09:00")
    with house.app.store.read() as tx:
        standing = house.app.standings.get(tx, "small", house.clock.now())
        history = standing.planner.history
        standing.read_invitations(tx)
        assert known() == {"AA": [], "BB": []}, "no event has invited"
        standing.read_left(tx, ["ask"])
        assert {party: [entry.key for entry in found] for party, found in known().items()} == {"AA": [A], "BB": [B]}


def test_a_letter_reads_as_it_was_edited(house: Installation) -> None:
    row = house.row(A)
    with house.app.store.read() as tx:
        standing = house.app.standings.get(tx, "small", house.clock.now())
        found = place_of(tx, standing, row)
        letter = found.letter(A)
        assert letter is not None
        context = standing.context(letter, found.plan)
        assert standing.read(tx, letter, found.plan, row) == standing.opened.renderer.render(context)
        assert standing.number_of(tx, letter) is None
        assert (context.key, context.note) == (A, None)
