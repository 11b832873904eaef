"""A letter's words, changed by a person before it is approved: from the command, kept through replanning, sent as such."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from engine.app.letters.approvals import approve
from engine.app.letters.edits import as_text, draft, edit, read_text
from engine.errors import NotFound, Refused
from engine.letter import Wording
from engine.rendering import literal, markdown
from tests.command import NOTE, REPORTS, Command
from tests.installation import Installation

INVITATION = f"{NOTE}/-/ny_workshop/NR/1/nr_ny_mission/at-once"
WORDS = Wording("A workshop, and a word on it", "We would be *glad* to see Nauru.\n\n- Monday\n- Tuesday")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    """The workshop's day is fixed: its invitations wait for approval."""
    with Installation(tmp_path) as house:
        house.apply()
        house.record("date", "2017-10-12", step="ny_workshop")
        house.tick()
        yield house


def test_an_edited_letter_leaves_as_edited_in_the_same_layout(house: Installation) -> None:
    before = draft(house.app, INVITATION)
    done = edit(house.app, INVITATION, WORDS, "anna", seen=before.digest)
    assert approve(house.app, [INVITATION], "anna", seen={INVITATION: done.digest}).keys == (INVITATION,)
    house.tick("2017-09-05T16:00")
    mail = house.mail_of(INVITATION)
    assert mail["Subject"] == WORDS.subject
    plain, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert "We would be glad to see Nauru.\n\n- Monday\n- Tuesday\n" in plain.get_content().replace("\r\n", "\n")
    assert "<em>glad</em>" in html.get_content()
    assert f"Reference: {INVITATION}" in plain.get_content(), "greeting, signature and reference stand around it"


def test_a_changed_fact_asks_again_and_keeps_the_words(house: Installation) -> None:
    edit(house.app, INVITATION, WORDS, "anna")
    approve(house.app, [INVITATION], "anna")
    house.record("date", "2017-10-13", step="ny_workshop")
    row = house.row(INVITATION)
    assert (row.state, row.approved_digest) == ("awaiting_approval", None)
    assert draft(house.app, INVITATION).wording == WORDS


def test_an_approved_letter_that_is_edited_asks_again(house: Installation) -> None:
    approve(house.app, [INVITATION], "anna")
    edit(house.app, INVITATION, WORDS, "bela")
    assert house.row(INVITATION).reason == "edited by bela after its approval"
    assert INVITATION not in [row.key for row in house.tick("2017-09-05T16:00").sent]


def test_the_template_s_own_words_are_no_edit(house: Installation) -> None:
    template = draft(house.app, INVITATION).template
    assert not edit(house.app, INVITATION, template, "anna").otherwise
    assert house.row(INVITATION).edited is None
    edit(house.app, INVITATION, WORDS, "anna")
    assert not edit(house.app, INVITATION, template, "anna").otherwise
    assert house.row(INVITATION).edited is None


def test_the_words_of_each_letter_read_back_as_the_template_has_them(house: Installation) -> None:
    """To change nothing changes nothing: what is hidden in a template's values survives being written out."""
    letters = [row for row in house.rows(step="ny_workshop") if row.approval]
    assert len(letters) > 100
    for row in letters:
        before = draft(house.app, row.key)
        assert read_text(as_text(before.wording)) == before.template
        with house.app.store.read() as tx:
            standing = house.app.standings.get(tx, row.workflow, house.clock.now())
            standing.read_letters(tx, [row.party])
            plan = standing.planner.plan_of(row.party)
            letter = next(letter for letter in plan.letters if letter.key == row.key)
            ours, theirs = standing.render(letter, plan, before.template), standing.render(letter, plan)
        assert (ours.subject, ours.text) == (theirs.subject, theirs.text)
        assert unescape(ours.html).split() == unescape(theirs.html).split(), "but for where lines break in the source"


@pytest.mark.parametrize(
    "value", ["*_[x](y)`<b>&amp;\\", "1. one", "# one", "- one", "+ one", "---", "> one", "=== one", "12) x"]
)
def test_a_value_written_out_is_still_no_markup(value: str) -> None:
    source = f"{literal.literal(value)} and {literal.literal(value)}\n\n- {literal.literal(value)}"
    assert markdown.parts(literal.written(source)) == markdown.parts(source)


def test_who_saw_something_else_changes_nothing(house: Installation) -> None:
    seen = draft(house.app, INVITATION).digest
    house.record("date", "2017-10-13", step="ny_workshop")
    with pytest.raises(Refused, match="reads otherwise by now: look at it again"):
        edit(house.app, INVITATION, WORDS, "anna", seen=seen)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (Wording(" \n", "x"), "a letter needs a subject"),
        (Wording("x", " \n "), "to stop it, refuse it with a reason"),
        (Wording("x" * 501, "y"), "a subject has at most 500 characters, and this one 501"),
        (Wording("x", "y" * 50_001), "at most 50,000 characters, and this one 50,001"),
    ],
)
def test_what_is_no_letter_is_refused(house: Installation, words: Wording, told: str) -> None:
    with pytest.raises(Refused, match=told):
        edit(house.app, INVITATION, words, "anna")


def test_a_subject_cannot_add_a_header_and_nothing_invisible_stays(house: Installation) -> None:
    edit(house.app, INVITATION, Wording("Hello\r\nBcc: x@y.example", "a\u202eb\x00c\ue031d <b>bold</b>"), "anna")
    found = draft(house.app, INVITATION).wording
    assert found == Wording("Hello Bcc: x@y.example", "ab c1d <b>bold</b>")
    approve(house.app, [INVITATION], "anna")
    house.tick("2017-09-05T16:00")
    mail = house.mail_of(INVITATION)
    assert mail["Bcc"] is None
    html = mail.get_body(("html",))
    assert html is not None
    assert "&lt;b&gt;bold" in html.get_content()


def test_what_needs_no_approval_or_has_left_is_not_edited(house: Installation) -> None:
    prompt = next(row for row in house.rows(step="ny_workshop") if row.party is None)
    with pytest.raises(Refused, match="needs no approval"):
        edit(house.app, prompt.key, WORDS, "anna")
    approve(house.app, [INVITATION], "anna")
    house.tick("2017-09-05T16:00")
    with pytest.raises(Refused, match="is sent: only a letter that is still to leave can be edited"):
        edit(house.app, INVITATION, WORDS, "anna")
    with pytest.raises(NotFound):
        draft(house.app, f"{NOTE}/-/ny_workshop/XX/1/xx/at-once")


# The command


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    made = Command(tmp_path, monkeypatch)
    made.at("2026-11-25T12:00")
    made("apply", REPORTS)
    return made


@pytest.fixture
def key(command: Command) -> str:
    return str(next(row["key"] for row in command.json("letters", "--party", "FJ") if row["slot"].startswith("before")))


def editor(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    """An editor that does to a text what `code` says."""
    script = folder / "an editor.py"
    script.write_text(
        f"import sys, pathlib\npath = pathlib.Path(sys.argv[1])\ntext = path.read_text()\n{code}\npath.write_text(text)\n"
    )
    monkeypatch.setenv("VISUAL", f"{sys.executable} '{script}'")


def test_a_letter_is_edited_in_an_editor_and_shown(
    command: Command, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(monkeypatch, tmp_path, "text = text.replace('report', 'REPORT')")
    assert command("edit", key).stdout.startswith(f"{key} reads as edited.\n")
    shown = command("show", key).stdout
    assert "In the words of " in shown
    assert "REPORT of Fiji" in " ".join(shown.split())
    (row,) = [row for row in command.json("letters", "--party", "FJ") if row["key"] == key]
    assert row["edited"] is True
    assert "edited by" in command("why", key).stdout
    editor(monkeypatch, tmp_path, "")
    assert command("edit", key).stdout == "Nothing was changed.\n"
    assert command("edit", key, "--undo").stdout.startswith(f"{key} reads as its template has it.\n")
    assert command("edit", key, "--undo").stdout.startswith("Nobody has edited")


def test_edited_and_approved_at_once_from_a_file(command: Command, key: str, tmp_path: Path) -> None:
    words = tmp_path / "words.md"
    words.write_text("Subject: Of our own\n\nShort.\n")
    assert command("edit", key, "--from", str(words), "--approve").stdout.endswith("1 letter approved.\n")
    assert command("edit", key, "--print").stdout == "Subject: Of our own\n\nShort.\n"
    assert command.json("show", key)["subject"] == "Of our own"


def test_what_was_written_is_not_lost(
    command: Command, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(monkeypatch, tmp_path, "text = 'Dear all, ' + text")
    told = command("edit", key, exits=1).stderr
    kept = Path(told.split(" is kept in ")[1].split(":")[0])
    assert kept.read_text().startswith("Dear all, Subject: ")
    assert "the first line has to be “Subject: …”" in told
    kept.unlink()


def test_an_editor_that_is_missing_or_gives_up_is_told(
    command: Command, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", str(tmp_path / "nowhere"))
    assert "could not be started" in command("edit", key, exits=1).stderr
    editor(monkeypatch, tmp_path, "sys.exit(3)")
    assert "gave up with status 3" in command("edit", key, exits=1).stderr
    monkeypatch.delenv("VISUAL")
    monkeypatch.delenv("EDITOR", raising=False)
    assert "--from FILE" in command("edit", key, exits=1).stderr


def test_one_way_at_a_time(command: Command, key: str) -> None:
    assert "exclude each other" in command("edit", key, "--undo", "--print", exits=2).stderr
