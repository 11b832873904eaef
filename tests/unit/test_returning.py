"""Each letter has a way back of its own: the address for answers, and the envelope's for notices."""

from __future__ import annotations

from email.utils import parseaddr
from pathlib import Path

import pytest

from engine.dispatcher.returning import letter_of, way_back
from engine.inbound.address import claims_in
from engine.settings import Settings
from tests.installation import Installation

BASE = "followup@plan.example.org"


def house_of(folder: Path, reply_address: str = BASE) -> Installation:
    house = Installation(folder, settings=Settings(reply_address=reply_address))
    house.apply()
    house.at("2017-09-20T12:00").record("date", "2017-10-12", step="ny_workshop")
    return house


def test_an_answer_names_its_letter_whoever_writes_it(tmp_path: Path) -> None:
    with house_of(tmp_path) as house:
        left = [row for row in house.run_to("2017-09-22") if row.party]
        assert len(left) > 30
        addresses = set()
        with house.app.store.read() as tx:
            for row in left:
                mail, record = house.mail_of(row.key), tx.mail_of(row.key)
                assert record is not None
                name, address = parseaddr(mail["Reply-To"])
                assert name == parseaddr(mail["From"])[0]
                assert address.startswith("followup+")
                assert record.sender.startswith("followup+b-")
                assert letter_of(tx, claims_in([address])) == row.key
                assert letter_of(tx, claims_in([record.sender])) == row.key
                addresses |= {address, record.sender}
        assert len(addresses) == 2 * len(left)


def test_a_prompt_to_an_owner_keeps_its_sender(tmp_path: Path) -> None:
    with house_of(tmp_path) as house:
        prompts = [row for row in house.run_to("2017-09-22") if row.party is None]
        assert prompts
        for row in prompts:
            assert house.mail_of(row.key)["Reply-To"] is None


def test_without_the_setting_a_letter_is_as_it_was(tmp_path: Path) -> None:
    with house_of(tmp_path, "") as house:
        row = next(row for row in house.run_to("2017-09-22") if row.party)
        with house.app.store.read() as tx:
            record = tx.mail_of(row.key)
            assert tx.meta_get("replies:secret") is None
        assert record is not None
        assert house.mail_of(row.key)["Reply-To"] is None
        assert record.sender == parseaddr(house.mail_of(row.key)["From"])[1]


def test_a_wrong_tag_is_nobodys(tmp_path: Path) -> None:
    with house_of(tmp_path) as house:
        rows = [row for row in house.run_to("2017-09-22") if row.party]
        address = parseaddr(house.mail_of(rows[0].key)["Reply-To"])[1]
        with house.app.store.read() as tx:
            other = address.replace(f"+{rows[0].id}-", f"+{rows[1].id}-")
            assert letter_of(tx, claims_in([other])) is None
            assert letter_of(tx, claims_in([address.upper()])) == rows[0].key
            assert letter_of(tx, claims_in(["followup+1-" + "a" * 16 + "@plan.example.org"])) is None


@pytest.mark.parametrize(
    "wrong", ["followup", "follow+up@plan.example.org", "a b@plan.example.org", "x" * 31 + "@plan.example.org", "a@b"]
)
def test_an_address_that_can_have_no_subaddress_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="reply_address"):
        Settings(reply_address=wrong)


@pytest.mark.parametrize("slot", ["escalation", "escalation-before-2w"])
def test_word_to_a_role_of_a_party_has_no_way_back_of_its_own(tmp_path: Path, slot: str) -> None:
    with house_of(tmp_path) as house, house.app.store.read() as tx:
        row = next(row for row in tx.recorded("ccm-nim-2018") if row.party)
        assert way_back(tx, row._replace(slot=slot), house.app.settings) is None
