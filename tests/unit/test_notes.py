"""Notes verbales: numbered without gaps, approved and sent to the byte, on paper as they should look."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.app.letters.approvals import approve, refuse
from engine.app.letters.edits import draft, edit
from engine.app.letters.letters import note_verbale, show
from engine.app.letters.reading import attachments_of, read_letter
from engine.definition.attachments import Attachment
from engine.errors import Refused, RenderError
from engine.letter import Wording
from engine.lifecycle import State
from engine.rendering.note_pdf import NotePage, note_pdf
from tests.command import Command
from tests.installation import NOTE, Installation
from tests.letter_samples import RENDERER, sample
from tests.support import ROOT

PEOPLE = {"NR": "nr_ny_mission", "BJ": "bj_mission", "BO": "bo_mission", "CK": "ck_capital"}
PAPER = NotePage(
    "Note verbale", "NIM/2018/7", ("The Coordinator", "Convention"), "<p>Words, <strong>bold</strong>.</p>",
    "Geneva, 29 March 2018", "A. B.", ("Permanent Mission of Nauru",),
)  # fmt: skip


def key(party: str, slot: str = "at-once") -> str:
    return f"{NOTE}/-/ny_follow_up/{party}/1/{PEOPLE[party]}/{slot}"


def words(file: Attachment) -> str:
    """What stands on the pages of a PDF. Nothing is compressed; glyphs of a font's first subset are numbered as Latin-1
    where that is a letter of it."""
    pages = re.findall(rb"\((?:\\.|[^\\)])*\) Tj", file.content)
    return b" ".join(page[1:-4] for page in pages).decode("latin-1")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    """The note's plan with four parties that came to New York and answer paper only; their first letters wait."""
    with Installation(tmp_path, "2017-09-20T12:00") as house:
        contacts = house.workflows / "ccm" / "contacts.csv"
        head, *rows = contacts.read_text("utf-8").splitlines()
        by_paper = [f"{row},{'note_verbale' if row.split(',')[0] in PEOPLE.values() else ''}" for row in rows]
        contacts.write_text("\n".join([f"{head},letter_form", *by_paper, ""]), "utf-8")
        house.apply()
        house.record("date", "2017-10-12", step="ny_workshop")
        house.at("2017-10-17T12:00").record("held", "yes", step="ny_workshop", on="2017-10-12")
        house.record("attended", "yes", *PEOPLE, step="ny_workshop", on="2017-10-12")
        house.tick()
        yield house


def number(house: Installation, of: str) -> str:
    """The number in the name of a letter's note."""
    file, _ = note_verbale(house.app, of)
    return file.name.removeprefix("note-verbale").removesuffix(".pdf")


def test_a_note_is_numbered_when_it_is_approved_and_sent_as_it_was(house: Installation) -> None:
    before, numbered = note_verbale(house.app, key("NR"))
    assert (before.name, numbered) == ("note-verbale.pdf", False)
    assert approve(house.app, [key("NR")], "anna").keys == (key("NR"),)
    approved, numbered = note_verbale(house.app, key("NR"))
    assert (approved.name, numbered) == ("note-verbale-NIM-2017-1.pdf", True)
    row = house.row(key("NR"))
    assert row.subject.startswith("Note verbale NIM/2017/1: Article 7 report of Nauru")
    house.run_to("2017-11-15", approving=False)
    assert house.row(key("NR")).state == State.SENT
    (sent, _) = attachments_of(house.mail_of(key("NR")))
    assert sent == approved
    shown = show(house.app, key("NR"))
    assert shown.attachments[0] == approved
    assert "Please find attached note verbale NIM/2017/1" in " ".join(shown.text.split())


def test_numbers_have_no_gaps(house: Installation) -> None:
    """One that will never leave passes its number on; whoever had it and comes back gets another."""
    approve(house.app, [key(party) for party in ("NR", "BJ", "BO")], "anna")
    assert [number(house, key(party)) for party in ("NR", "BJ", "BO")] == ["-NIM-2017-1", "-NIM-2017-2", "-NIM-2017-3"]
    refuse(house.app, [key("BJ")], "by hand", "anna")
    approve(house.app, [key("CK")], "anna")
    assert number(house, key("CK")) == "-NIM-2017-2"
    approve(house.app, [key("BJ")], "anna")
    assert number(house, key("BJ")) == "-NIM-2017-4"
    house.run_to("2017-11-15", approving=False)
    assert {house.row(key(party)).state for party in PEOPLE} == {State.SENT}


def test_a_note_that_reads_otherwise_asks_again_and_keeps_its_number(house: Installation) -> None:
    approve(house.app, [key("NR")], "anna")
    before = note_verbale(house.app, key("NR"))[0]
    house.edit("ccm-nim-2018.yaml", "lines: [New Zealand Coordinator", "lines: [The New Zealand Coordinator")
    house.apply()
    assert house.row(key("NR")).approved_digest is None
    after = note_verbale(house.app, key("NR"))[0]
    assert after.name == before.name
    assert after.content != before.content
    approve(house.app, [key("NR")], "anna")
    assert number(house, key("NR")) == "-NIM-2017-1"


def test_what_was_seen_is_what_is_approved(house: Installation) -> None:
    seen = read_letter(house.app, key("NR")).digest
    assert seen is not None
    assert approve(house.app, [key("NR")], "anna", seen={key("NR"): "0" * 64}).keys == ()
    assert number(house, key("NR")) == "", "what is not approved gets no number"
    assert approve(house.app, [key("NR")], "anna", seen={key("NR"): seen}).keys == (key("NR"),)


def test_the_words_of_a_note_can_be_edited(house: Installation) -> None:
    assert "presents its compliments to" in draft(house.app, key("NR")).wording.body
    edit(house.app, key("NR"), Wording("Note verbale", "Own words, **all** of them."), "anna")
    approve(house.app, [key("NR")], "anna")
    file = note_verbale(house.app, key("NR"))[0]
    assert "Own words," in words(file)
    assert "compliments" not in words(file)
    assert "Please find attached note verbale NIM/2017/1" in " ".join(show(house.app, key("NR")).text.split())


def test_a_letter_without_a_note_goes_as_a_mail(house: Installation) -> None:
    approve(house.app, [key("NR")], "anna")
    house.run_to("2017-11-15T12:00", approving=False)
    house.record("report", "2017-11-14", "NR", details={"form_a": "substantive"})
    with pytest.raises(Refused, match="is no note verbale"):
        note_verbale(house.app, key("NR", "thanks"))


@pytest.mark.parametrize(
    ("party", "said"),
    [
        ("NR", ["presents its compliments to the Permanent Mission of Nauru to the United Nations in New York"]),
        ("BJ", ["présente ses compliments à la Mission permanente du Bénin auprès de l’Office des Nations Unies"]),
        ("BO", ["saluda atentamente a la Misión Permanente del Estado Plurinacional de Bolivia ante la Oficina"]),
        ("CK", ["compliments to the Ministry of Foreign Affairs of the Cook Islands"]),
    ],
)
def test_the_third_person_in_each_language(house: Installation, party: str, said: list[str]) -> None:
    body = " ".join(draft(house.app, key(party)).wording.body.split())
    for sentence in said:
        assert sentence in body
    assert not re.search(r"\b(?:we|our|nous|notre|nuestr[oa])\b", body, re.IGNORECASE)


def test_the_same_note_gives_the_same_bytes_on_every_machine() -> None:
    """G7: no time of now, no random id, whatever the zone, locale or hash seed."""
    program = (
        "import hashlib; from tests.letter_samples import RENDERER, sample;"
        "print(hashlib.sha256(RENDERER.render(sample('report_note')).attachments[0].content).hexdigest())"
    )
    seen = {RENDERER.render(sample("report_note")).attachments[0].digest}
    for seed, zone in (("1", "Pacific/Auckland"), ("2", "America/New_York")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
        ran = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        seen.add(ran.stdout.strip())
    assert len(seen) == 1
    assert note_pdf(PAPER) == note_pdf(PAPER)


def test_fonts_are_embedded_and_have_latin_and_cyrillic() -> None:
    content = note_pdf(PAPER._replace(body="<p>Été, ñandú, Возражение.</p>"))
    assert content.startswith(b"%PDF-")
    assert b"/FontFile2" in content
    assert b"Helvetica" not in content
    assert b"/FlateDecode" not in content, "two builds of zlib need not agree"
    with pytest.raises(RenderError, match="the letter “中”"):
        note_pdf(PAPER._replace(body="<p>中</p>"))


def test_long_notes_have_pages_and_lists_and_escaped_words() -> None:
    item = "<li>Point &amp; more &lt;b&gt;, with <em>words</em> to fill a line and another one after it.</li>"
    content = note_pdf(PAPER._replace(body=f"<p>Before:</p><ol>{item * 60}</ol><blockquote><p>After.</p></blockquote>"))
    assert content.count(b"/Type /Page\n") >= 3


def test_the_command_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, house: Installation) -> None:
    approve(house.app, [key("NR")], "anna")
    monkeypatch.setattr("engine.app.root.Catalog", lambda environment, **_: house.app.catalog)
    command = Command(house.app.settings.home, monkeypatch)
    command.at("2017-10-17T12:00")
    target = tmp_path / "nauru.pdf"
    said = command("note", key("NR"), "--pdf", str(target)).stdout
    assert target.read_bytes() == note_verbale(house.app, key("NR"))[0].content
    assert said.startswith(f"note-verbale-NIM-2017-1.pdf: {target}, ")
    assert "It has no number yet" in command("note", key("BJ"), "--pdf", str(target)).stdout
    other = f"{NOTE}/-/ny_follow_up/XX/1/xx/at-once"
    assert "there is no letter" in command("note", other, "--pdf", str(target), exits=1).stderr
