"""Looked at again before it leaves: what of a claimed letter is handed over, and why another is not (G3, G5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.dispatcher.handing import prepare
from engine.dispatcher.notices.letter import needless, notice_letter
from engine.dispatcher.parts import Part, part_of, sender_of
from engine.dispatcher.returning import way_back
from engine.dispatcher.standing import Places
from engine.dispatcher.ticked import Ticked
from engine.letter import (
    ANSWERS_NOTICE,
    APPROVAL_PROMPT,
    DIGEST,
    HAND_OVER,
    MISSED_NOTICE,
    NOTICES,
    URGENT_PROMPT,
    Letter,
    Recorded,
)
from engine.lifecycle import State
from engine.rendering.context import Mailbox
from engine.rendering.letters import Renderer
from engine.rendering.templates import TemplateSet
from engine.settings import Settings
from engine.store import Transaction
from tests.small_plan import PLAN, House, put

ROLES = "roles:\n  chair: {title: The chair, person: Kim Roe, email: kim@example.org}\n"
SIGN = """\
  sign:
    follow_up: Signatures
    owner: chair
    by: 2018-02-02
    until: report
    send: [at once]
    letter: nudge
    approval: required
  paper: {task: Write the paper, by: 2018-02-02, remind: [on the day]}
"""
ASK, SIGNED = "small/-/ask/AA/1/aa_m/at-once", "small/-/sign/AA/1/aa_m/at-once"
PROMPT = "small/-/sign/-/1/chair/approve-2018-01-08-1"
MINUTE = timedelta(minutes=1)
SETTINGS = Settings(sender="engine@example.org")


class Handing(House):
    """A small plan whose first letters are claimed."""

    def prepare(
        self, tx: Transaction, row: Recorded, now: datetime | None = None, settings: Settings = SETTINGS,
        **instead: Any,
    ) -> Part | None:  # fmt: skip
        """Prepare a letter that the plan has, or (with `instead`) as if the plan had it otherwise by now."""
        now, standings = now or self.clock.now(), self.app.standings
        places = Places(tx, standings.get(tx, "small", now), [row])
        if instead:
            letters = places.of(row.party).plan.letters
            letters[:] = [each._replace(**instead) if each.key == row.key else each for each in letters]
        return prepare(tx, standings, places, row, now, settings, "test")


def said(tx: Transaction, key: str) -> tuple[str, str, str]:
    """What the journal says of a letter last."""
    entry = tx.journal_entries(letter=key)[-1]
    return entry.actor, entry.action, entry.detail


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handing]:
    house = Handing(tmp_path_factory.mktemp("handing"), "2018-01-08T08:00")
    with house:
        put(house, plan=PLAN.replace("roles:\n", ROLES) + SIGN)
        house.worker._look_and_claim(house.clock.now(), Ticked())
        house.approve_all()
        now = house.at("2018-01-08T09:00").clock.now()
        with house.app.standings.deciding() as tx:
            tx.claim(now, 50, "test", now + MINUTE)
        yield house


def test_what_the_plan_still_wants_is_a_part_of_a_mail(house: Handing) -> None:
    row = house.row(ASK)
    with house.undone() as tx:
        standing = house.app.standings.get(tx, "small", house.clock.now())
        place = Places(tx, standing, [row]).of("AA")
        letter = place.letter(ASK)
        assert letter is not None
        rendered = standing.read(tx, letter, place.plan, row)
        assert letter.told
        part = house.prepare(tx, row)
    assert part == Part(
        row._replace(told=letter.told), rendered, Mailbox("The desk", "desk@example.org"), (), "Europe/Zurich", None
    )


def test_its_answers_have_an_address_of_their_own_where_settings_name_one(house: Handing) -> None:
    settings = Settings(reply_address="followup@plan.example.org")
    with house.undone() as tx:
        part = house.prepare(tx, house.row(ASK), settings=settings)
        back = way_back(tx, house.row(ASK), settings)
    assert back is not None
    assert part is not None
    assert part.back == back


def test_it_is_from_the_owner_of_its_step_and_the_engine_writes_to_roles(house: Handing) -> None:
    owner, engine = Mailbox("Kim Roe", "kim@example.org"), Mailbox("followthrough", "engine@example.org")
    with house.undone() as tx:
        standing = house.app.standings.get(tx, "small", house.clock.now())
        letter: Letter = next(each for each in standing.planner.plan_party("AA").letters if each.key == SIGNED)
        assert sender_of(standing, letter, SETTINGS) == owner
        assert sender_of(standing, letter._replace(party=None), SETTINGS) == engine
        assert sender_of(standing, letter._replace(slot="escalation"), SETTINGS) == engine
        part = house.prepare(tx, house.row("small/-/paper/-/1/desk/on-day"))
    assert part is not None
    assert (part.sender, part.back) == (engine, None)


def test_it_follows_what_its_addressee_got_before(house: Handing) -> None:
    row = house.row(ASK)
    with house.undone() as tx:
        part = house.prepare(tx, row)
        standing = house.app.standings.get(tx, "small", house.clock.now())
        letter = next(each for each in standing.planner.plan_party("AA").letters if each.key == ASK)
    assert part is not None
    before = row._replace(key="small/-/ask/AA/1/aa_m/before-2w", state="sent", message_id="<1@x>")
    again = part_of(standing, row, letter, part.rendered, [before], SETTINGS)
    assert (again.thread, part.thread) == (("<1@x>",), ())


@pytest.mark.parametrize("later", [timedelta(0), MINUTE])
def test_one_that_was_claimed_with_others_may_be_due_later_today(house: Handing, later: timedelta) -> None:
    with house.undone() as tx:
        row = house.row(ASK)._replace(due_at=house.clock.now() + later)
        assert house.prepare(tx, row, due_at=row.due_at) is not None
        assert house.prepare(tx, row, house.clock.now() - MINUTE, due_at=row.due_at) is not None, "it was claimed so"


@pytest.mark.parametrize(
    ("instead", "state"),
    [
        ({"state": State.ABSORBED.value}, State.WITHDRAWN),
        ({"state": State.TENTATIVE.value, "due_at": None}, State.WITHDRAWN),
        ({"key": "small/-/ask/AA/2/aa_m/at-once"}, State.WITHDRAWN),
        ({"due_at": datetime.fromisoformat("2018-01-08T08:01Z")}, State.SCHEDULED),
    ],
)
def test_what_the_plan_wants_otherwise_goes_back(house: Handing, instead: dict[str, Any], state: State) -> None:
    with house.undone() as tx:
        assert house.prepare(tx, house.row(ASK), **instead) is None
        after = tx.letter(ASK)
        assert after is not None
        assert after.state == state
        actor, _, detail = said(tx, ASK)
        assert (actor, detail.endswith("(looked at again)")) == ("test", True)
        others = {row.key: row for row in tx.recorded("small")} | {ASK: house.row(ASK)}
    assert others == {row.key: row for row in house.rows(workflow="small")}, "nothing else is touched"


def test_what_reads_otherwise_than_what_was_approved_is_asked_for_again(house: Handing) -> None:
    row, reason = house.row(SIGNED), "it reads otherwise than what was approved"
    assert row.approved_digest
    with house.undone() as tx:
        part = house.prepare(tx, row)
        assert part is not None
        assert part.sender == Mailbox("Kim Roe", "kim@example.org")
        assert house.prepare(tx, row._replace(approved_digest="of other words")) is None
        after = tx.letter(SIGNED)
        assert after is not None
        assert (after.state, after.reason, after.asked_at) == (State.AWAITING_APPROVAL, reason, house.clock.now())
        assert said(tx, SIGNED) == ("test", "unapproved", reason)


def test_what_needs_no_approval_leaves_with_the_words_of_today(house: Handing) -> None:
    with house.undone() as tx:
        assert house.prepare(tx, house.row(ASK)._replace(approved_digest="of other words")) is not None


@pytest.mark.parametrize(("key", "template"), [(ASK, "nudge"), (PROMPT, "approval_prompt")])
def test_what_cannot_be_put_into_words_has_failed(house: Handing, key: str, template: str) -> None:
    with house.undone() as tx:
        tx.unapprove(SIGNED, "for the prompt", house.clock.now(), "tester")
        opened = house.app.standings.get(tx, "small", house.clock.now()).opened
        opened.__dict__["renderer"] = Renderer(TemplateSet({}))
        assert house.prepare(tx, house.row(key)) is None
        after = tx.letter(key)
        assert after is not None
        reason = f"it could not be rendered: There is no letter “{template}” in templates/email."
        assert (after.state, after.reason) == (State.FAILED, reason)
        assert said(tx, key) == ("test", "failed", reason)


def test_a_notice_says_what_there_is_to_say_by_now(house: Handing) -> None:
    row, settings = house.row(PROMPT), SETTINGS.model_copy(update={"web_url": "https://plan.example"})
    with house.undone() as tx:
        now, standings = house.clock.now(), house.app.standings
        tx.unapprove(SIGNED, "for the prompt", now, "tester")
        notice = notice_letter(tx, standings, row, now, "https://plan.example")
        assert notice is not None
        rendered = standings.get(tx, "small", now).opened.renderer.render(notice[1])
        part = house.prepare(tx, row, settings=settings)
    engine = Mailbox("followthrough", "engine@example.org")
    assert part == Part(row, rendered, engine, (), "Europe/Zurich", None)
    assert "https://plan.example" in rendered.text


def test_a_notice_that_has_nothing_to_say_is_withdrawn(house: Handing) -> None:
    with house.undone() as tx:
        assert house.prepare(tx, house.row(PROMPT)) is None
        after = tx.letter(PROMPT)
        assert after is not None
        assert (after.state, after.reason) == (State.WITHDRAWN, "nothing waits for approval any more")
        assert said(tx, PROMPT) == ("test", "withdrawn", "nothing waits for approval any more")


def test_why_each_kind_of_notice_was_not_needed(house: Handing) -> None:
    row = house.row(PROMPT)
    assert {kind: needless(row._replace(template=kind)) for kind in NOTICES} == {
        APPROVAL_PROMPT: "nothing waits for approval any more",
        URGENT_PROMPT: "nothing waits for approval any more",
        MISSED_NOTICE: "nobody has to be told any more",
        ANSWERS_NOTICE: "no answer waits",
        DIGEST: "there is nothing to say then any more",
        HAND_OVER: "there is nothing to say then any more",
    }
