"""Settings: each wrong one is refused by its name, all at once, with what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import SettingsError
from engine.settings import Settings, load


def refused(folder: Path, **given: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load({f"FOLLOWTHROUGH_{name.upper()}": value for name, value in given.items()}, folder / ".env")
    return str(caught.value)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FOLLOWTHROUGH_SMTP_HOST=mail.example.org\nFOLLOWTHROUGH_SMTP_PORT=2525\nOTHER=x\n")
    found = load({"FOLLOWTHROUGH_SMTP_PORT": "26"}, tmp_path / ".env")
    assert (found.settings.smtp_host, found.settings.smtp_port) == ("mail.example.org", 26)
    assert found.environment["OTHER"] == "x", "a plan may name it"


def test_an_empty_setting_is_as_none(tmp_path: Path) -> None:
    assert load({"FOLLOWTHROUGH_CHANNEL": ""}, tmp_path / ".env").settings.channel == "mailbox"


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    told = refused(tmp_path, channel="post", smtp_port="a lot", mail_domain="nowhere", chanel="smtp")
    for name in ("CHANNEL", "SMTP_PORT", "MAIL_DOMAIN"):
        assert f"FOLLOWTHROUGH_{name}: " in told
    assert "FOLLOWTHROUGH_CHANEL: there is no such setting; did you mean FOLLOWTHROUGH_CHANNEL?" in told


def test_a_password_does_not_cross_a_network_for_all_to_read(tmp_path: Path) -> None:
    login = {"smtp_username": "ccm", "smtp_password": "secret", "smtp_security": "none"}
    told = refused(tmp_path, smtp_host="mail.example.org", **login)
    assert told.startswith("FOLLOWTHROUGH_SMTP_SECURITY: with “none” the password would cross the network")
    assert "secret" not in told
    here = {f"FOLLOWTHROUGH_{name.upper()}": value for name, value in login.items()}
    assert load({**here, "FOLLOWTHROUGH_SMTP_HOST": "127.0.0.1"}, tmp_path / ".env").settings.smtp_username == "ccm"


def test_a_password_without_a_name_is_a_slip(tmp_path: Path) -> None:
    assert "FOLLOWTHROUGH_SMTP_PASSWORD: there is no SMTP_USERNAME" in refused(tmp_path, smtp_password="secret")


def test_a_password_is_shown_nowhere() -> None:
    assert "hush" not in repr(Settings(smtp_username="ccm", smtp_password="hush"))


def test_a_port_belongs_not_into_the_host(tmp_path: Path) -> None:
    told = refused(tmp_path, smtp_host="smtp.gmail.com:587")
    assert told == (
        "FOLLOWTHROUGH_SMTP_HOST: has a port in it: say smtp.gmail.com here, and 587 as FOLLOWTHROUGH_SMTP_PORT"
    )
    assert "is not a host" in refused(tmp_path, smtp_host="smtp://smtp.gmail.com")
    assert [Settings(smtp_host=host).smtp_host for host in ("::1", "[::1]", "10.0.0.9", "mail_1.example.org")] == [
        "::1", "::1", "10.0.0.9", "mail_1.example.org",
    ]  # fmt: skip


def test_the_pages_have_a_host_of_their_own(tmp_path: Path) -> None:
    assert "FOLLOWTHROUGH_WEB_URL: has a path: the pages need" in refused(tmp_path, web_url="https://x.org/sub")
    assert Settings(web_url="https://plan.example.org:8443/").web_url == "https://plan.example.org:8443"


def test_a_mail_domain_is_the_same_in_capitals() -> None:
    assert Settings(mail_domain="Example.ORG").mail_domain == "example.org"


@pytest.mark.parametrize(
    ("inbox", "words"),
    [
        (
            "imaps://u:secret-word@mail.example.org/INBOX",
            "has a password in it: say that as FOLLOWTHROUGH_INBOX_PASSWORD",
        ),
        ("imap://u@mail.example.org", "would cross the network to mail.example.org for all to read"),
        ("maildir:inbox", "names no folder from the root on"),
        ("pop3://u@mail.example.org", "is none of maildir:/path, imaps://user@host/INBOX"),
        ("imaps://mail.example.org", "is none of maildir:/path"),
        ("imaps://u@mail.example.org:port/INBOX", "FOLLOWTHROUGH_INBOX: "),
    ],
)
def test_an_inbox_is_refused_with_what_to_write(tmp_path: Path, inbox: str, words: str) -> None:
    told = refused(tmp_path, inbox=inbox)
    assert told.startswith("FOLLOWTHROUGH_INBOX: ")
    assert words in told
    assert "secret-word" not in told


def test_an_inbox_is_read_with_its_usual_port() -> None:
    place = Settings(inbox="imaps://followup%40plan.example.org@mail.example.org/Replies%20here").inbox_place
    assert place is not None
    assert (place.username, place.host, place.port) == ("followup@plan.example.org", "mail.example.org", 993)
    assert (place.folder, place.security) == ("Replies here", "tls")
    assert Settings(inbox="imap://u@localhost").inbox_place is not None
    assert Settings().inbox_place is None
