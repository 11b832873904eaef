"""`feed`: private addresses from the command."""

from __future__ import annotations

import pytest

from tests.command import NOTE, Command


def test_an_address_is_made_listed_and_revoked(command: Command) -> None:
    assert "No address was made yet" in command("feed", "--addresses").stdout
    command("apply", NOTE, "--yes")
    made = command("feed", "--make", "party:NR", "--for", "Nauru").stdout
    assert made.startswith("http://127.0.0.1:8017/f/")
    assert "Address 1, of the feed party:NR of ccm-nim-2018 for Nauru" in made
    token = made.split("/f/")[1].split(".ics")[0]
    listed = command("feed", "--addresses").stdout
    assert f"ccm-nim-2018 party:NR for Nauru: begins {token[:4]}…, made 20 September 2017 UTC by anna" in listed
    assert token not in listed
    assert "feed --addresses" in command("feed").stdout
    assert "is revoked" in command("feed", "--revoke", token).stdout
    assert "revoked 20 September 2017 UTC" in command("feed", "--addresses").stdout
    assert "revoked already" in command("feed", "--revoke", "1", exits=1).stderr


def test_for_programs_it_is_json(command: Command) -> None:
    command("apply", NOTE, "--yes")
    made = command.json("feed", NOTE, "--make", "plan")
    assert made["url"].endswith(".ics")
    assert made["feed"] == "plan"
    (row,) = command.json("feed", "--addresses")
    assert row == {name: value for name, value in made.items() if name != "url"}
    assert command.json("feed", "--revoke", made["url"])["revoked_by"] == "anna"
    assert {"workflow", "name", "title", "path"} == set(command.json("feed", NOTE)[0])


@pytest.mark.parametrize(
    "args", [["--make", "plan", "--addresses"], ["--for", "x"], ["--revoke", "1", "--make", "plan"]]
)
def test_one_thing_at_a_time(command: Command, args: list[str]) -> None:
    assert "Error" in command("feed", *args, exits=2).stderr
