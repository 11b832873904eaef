"""A role that changes hands: whoever has it now is told how things stand, once, and what was agreed with whom."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.app.plans.apply import apply
from engine.app.plans.diff import diff
from engine.letter import HAND_OVER, Recorded
from engine.lifecycle import State
from tests.installation import NOTE, Installation, plain


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path, "2018-01-15") as house:
        house.apply(NOTE)
        yield house


def hand_overs(house: Installation) -> list[Recorded]:
    return sorted((row for row in house.rows() if row.template == HAND_OVER), key=lambda row: row.key)


def passes_to(house: Installation, before: str, address: str) -> None:
    house.edit("ccm-nim-2018.yaml", before, f'    email: "{address}"\n')


def email_line() -> str:
    text = (Path(__file__).parents[2] / "workflows" / "ccm-nim-2018.yaml").read_text(encoding="utf-8")
    role = text[text.index("nim_coordinator:") :]
    return next(line + "\n" for line in role.splitlines() if line.strip().startswith("email:"))


def test_whoever_takes_a_role_over_is_told_how_things_stand(house: Installation) -> None:
    house.run_to("2018-01-20")
    house.record(
        "extended_to", "2018-05-15", "FJ", step="auckland_follow_up", note="their ministry moves house until May"
    )
    passes_to(house, email_line(), "next@example.org")
    (passing,) = diff(house.app, NOTE).passing
    assert passing.words.endswith("to next@example.org")
    applied = apply(house.app, NOTE, "tester", yes=True)
    assert applied.passing == (passing.words,)
    house.run_to("2018-01-25")
    (row,) = hand_overs(house)
    mail = house.mail_of(row.key)
    assert mail["To"].endswith("<next@example.org>")
    text = " ".join(plain(mail).split())
    assert passing.words in text
    assert "Fiji: " in text
    assert "(their ministry moves house until May)" in text
    assert "Your steps" in text
    assert "Targets and objectives" in text, "also where nothing else is new"
    assert "letters sent" in text
    assert f"followthrough told {NOTE}" in text
    house.run_to("2018-02-20")
    assert len(hand_overs(house)) == 1, "once"


def test_handed_on_before_it_was_read_only_the_last_is_told(house: Installation) -> None:
    line = email_line()
    passes_to(house, line, "next@example.org")
    apply(house.app, NOTE, "tester", yes=True)
    passes_to(house, '    email: "next@example.org"\n', "last@example.org")
    apply(house.app, NOTE, "tester", yes=True)
    house.run_to("2018-01-25")
    first, second = hand_overs(house)
    assert (first.state, second.state) == (State.WITHDRAWN, State.SENT)
    assert house.mail_of(second.key)["To"].endswith("<last@example.org>")


def test_another_address_of_the_same_person_is_no_change_of_hands(house: Installation) -> None:
    line = email_line()
    named = f"{line}    person: Kim Roe\n"
    house.edit("ccm-nim-2018.yaml", line, named)
    apply(house.app, NOTE, "tester", yes=True)
    passes_to(house, line, "kim@example.org")
    assert apply(house.app, NOTE, "tester", yes=True).passing == ()
    house.edit("ccm-nim-2018.yaml", "    person: Kim Roe\n", "    person: Alex Doe\n")
    (words,) = apply(house.app, NOTE, "tester", yes=True).passing
    assert words.endswith("passes from Kim Roe (kim@example.org) to Alex Doe (kim@example.org)")


def test_a_plan_that_loads_no_more_is_mended_by_applying(house: Installation) -> None:
    with closing(sqlite3.connect(house.app.settings.home / "followthrough.db")) as database, database:
        (content,) = database.execute("SELECT content FROM revision").fetchone()
        broken = zlib.decompress(content).replace(b"until: report", b"until: reprot")
        database.execute("UPDATE revision SET content = ?", (zlib.compress(broken),))
    house.app.standings.forget()
    house.edit("ccm-nim-2018.yaml", email_line(), '    email: "next@example.org"\n')
    applied = apply(house.app, NOTE, "tester", yes=True)
    assert (applied.revision, applied.passing) == (2, ())
