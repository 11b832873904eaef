"""The built-in mailbox: a Maildir that other programs read, whole files only, no mail twice under one name."""

from __future__ import annotations

import mailbox
import os
import stat
from pathlib import Path

import pytest

from engine.channels import Channel, ChannelDown, Delivery, OutgoingMail
from engine.channels.mailbox import MailboxChannel, Maildir

MESSAGE = b"Date: Thu, 29 Mar 2018 09:00:00 +0200\r\nMessage-ID: <a@b.example>\r\nSubject: Report\r\n\r\nText.\r\n"
MAIL = OutgoingMail("<a@b.example>", "k", "nim@example.org", ("a@b.example",), MESSAGE)


@pytest.mark.parametrize("durable", [True, False])
def test_a_mail_program_opens_it(tmp_path: Path, durable: bool) -> None:
    box = Maildir(tmp_path / "mail", durable=durable)
    path = box.deliver(MESSAGE, unique="<a@b.example>")
    assert path.parent == tmp_path / "mail" / "new"
    assert path.read_bytes() == MESSAGE
    assert stat.S_IMODE((tmp_path / "mail" / "new").stat().st_mode) == 0o700
    opened = mailbox.Maildir(tmp_path / "mail", create=False)
    assert [message["Subject"] for message in opened] == ["Report"]
    assert not list((tmp_path / "mail" / "tmp").iterdir())


def test_names_follow_the_convention_in_order_of_date(tmp_path: Path) -> None:
    box = Maildir(tmp_path)
    dates = [b"Fri, 30 Mar 2018 09:00:00 +0200", b"Thu, 29 Mar 2018 23:00:00 -0700", b"Thu, 29 Mar 2018 09:00:00 +0200"]
    names = [box.deliver(b"Date: %s\r\n\r\nx" % date, unique="../../u:2,S").name for date in dates]
    assert [name.split(".")[0] for name in names] == ["1522393200", "1522389600", "1522306800"]
    assert all(
        name.count(".") == 2 and not set(name) & set("/:\\ ") and name.endswith(".followthrough") for name in names
    )


@pytest.mark.parametrize(
    "head", [b"", b"Date: nonsense\r\n", b"Date: Thu, 01 Jan 1960 00:00:00 +0000\r\n", b"Date: \xff\r\n"]
)
def test_a_message_without_a_usable_date_is_kept_too(tmp_path: Path, head: bytes) -> None:
    assert (
        Maildir(tmp_path).deliver(head + b"\r\nDate: Thu, 29 Mar 2018 09:00:00 +0200\r\n", unique="u").name[:2] == "0."
    )


def test_the_same_again_lands_on_itself_and_other_bytes_beside_it(tmp_path: Path) -> None:
    box = Maildir(tmp_path)
    first = box.deliver(MESSAGE, unique="u")
    assert Maildir(tmp_path).deliver(MESSAGE, unique="u") == first
    assert len(list((tmp_path / "new").iterdir())) == 1
    box.deliver(MESSAGE + b"More.", unique="u")
    box.deliver(MESSAGE, unique="v")
    assert len(list((tmp_path / "new").iterdir())) == 3


def test_a_repeat_after_it_was_read_is_a_second_file(tmp_path: Path) -> None:
    box = Maildir(tmp_path)
    path = box.deliver(MESSAGE, unique="u")
    path.rename(tmp_path / "cur" / f"{path.name}:2,S")
    assert box.deliver(MESSAGE, unique="u") == path
    assert len([*(tmp_path / "new").iterdir(), *(tmp_path / "cur").iterdir()]) == 2
    assert len(mailbox.Maildir(tmp_path, create=False)) == 1


def test_a_crash_while_writing_leaves_nothing_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = Maildir(tmp_path)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", crash)
        with pytest.raises(KeyboardInterrupt):
            box.deliver(MESSAGE, unique="u")
    assert not (tmp_path / "new").exists() or not list((tmp_path / "new").iterdir())
    assert box.deliver(MESSAGE, unique="u").read_bytes() == MESSAGE


def test_durable_means_the_file_before_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    real_rename, real_fsync = os.rename, os.fsync

    def rename(src: Path, dst: Path) -> None:
        done.append("rename")
        real_rename(src, dst)

    def fsync(handle: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        real_fsync(handle)

    Maildir(tmp_path).deliver(MESSAGE, unique="first")
    monkeypatch.setattr(os, "rename", rename)
    monkeypatch.setattr(os, "fsync", fsync)
    box = Maildir(tmp_path)
    box.deliver(MESSAGE, unique="u")
    assert done[-3:] == ["file", "rename", "folder"]
    done.clear()
    Maildir(tmp_path, durable=False).deliver(MESSAGE, unique="v")
    assert done == ["rename"]


def test_the_channel_files_it_and_says_where(tmp_path: Path) -> None:
    channel: Channel = MailboxChannel(Maildir(tmp_path))
    outcomes = channel.deliver_all([MAIL])
    channel.close()
    (path,) = (tmp_path / "new").iterdir()
    assert outcomes == [Delivery(f"filed as {path.name}")]


def test_a_mailbox_that_cannot_be_written_is_down_and_the_rest_is_not_tried(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    first, second = MailboxChannel(Maildir(tmp_path / "file")).deliver_all([MAIL, MAIL])
    assert isinstance(first, ChannelDown)
    assert "took nothing" in str(first)
    assert not first.permanent
    assert second is first
