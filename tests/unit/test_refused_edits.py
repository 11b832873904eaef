"""One wrong word at a time, in a plan with one of everything: what is said of it, where, and how to mend it.

The table has what is written in place of what; `tests/golden/plans/refused.txt` has the answers, one after the other.
After a change of words, write them again with `EXPECT=write` in the environment, and read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from engine.errors import BadInput
from tests.support import load_text

GOLDEN = Path(__file__).parent.parent / "golden" / "plans"
KEPT = GOLDEN / "refused.txt"
FILES = ("parties.csv", "contacts.csv")
SEND = "send: [at once, every 4 weeks until 6 weeks before, 6 weeks before, 2 weeks before, on the day, 2 weeks after]"

EDITS = [
    # times
    (SEND, "send: [every 4 moons until 6 weeks before]"),
    (SEND, "send: [every 4 weeks until]"),
    (SEND, "send: [every 4 weeks at most 1001]"),
    (SEND, "send: [every 400 weeks at most 1000]"),
    (SEND, "send: [every 2 working days at most 3]"),
    (SEND, "send: [every 4 weeks]"),
    (SEND, "send: [3 working days before]"),
    (SEND, "send: [6 weeks before, 42 days before]"),
    (SEND, "send: [sometimes]"),
    (SEND, "send: []"),
    ("apart: 5 days", "apart: 5 months"),
    ("apart: 5 days", "apart: soon"),
    ("grace: 7 days", "grace: a week"),
    ("review: every 2 months", "review: 2 months"),
    ("review: every 2 months", "review: every 0 months"),
    ("every: year", "every: month"),
    ("every: year", "every: 2 years"),
    ("opens: 12 weeks before", "opens: 12 weeks after"),
    ("opens: 12 weeks before", "opens: 3 years before"),
    ('name: "{year}"', 'name: "{month}"'),
    ("due: 09-30", "due: 09-31"),
    ("due: 09-30", "due: 30 September"),
    ("due: 09-30, opens", "due: 09-30, first_year: soon, opens"),
    ("asked: before", "asked: 2 weeks after"),
    ("at_most: 1,", "at_most: often,"),
    ("at_most: 1,", "at_most: 0,"),
    ("{asked: before, at_most: 1, until: by + 60 days}", "{}"),
    ("send_at: 09:00", "send_at: 25:00"),
    ("send_at: 09:00", "send_at: nine"),
    ("digest: weekly on Monday", "digest: monthly"),
    ("digest: weekly on Monday", "digest: weekly on Caturday"),
    # dates
    ("by: end\n    grace", "by: end + 1\n    grace"),
    ("by: end\n    grace", "by: ende\n    grace"),
    ("by: end\n    grace", "by: 29.6.2018\n    grace"),
    ("by: end\n    grace", "by: 2018-06-31\n    grace"),
    ("by: end\n    grace", "by: end + 900 years\n    grace"),
    ("by: end\n    grace", "by: end + 3 working days - 40000 days\n    grace"),
    ("by: end\n    grace", "by: ask + 1 week\n    grace"),
    ("by: cycle.due", "by: cycle.opened"),
    ("ends: 2018-12-31", "ends: 2017-12-31"),
    ("ends: 2018-12-31", "ends: sometime"),
    ("after: meeting + 1 week", "after: joined + nothing"),
    ("on: 2018-Q3", "on: 2018-Q5"),
    ("timezone: Asia/Kathmandu", "timezone: Asia/Kathmandoo"),
    ("{country: CH, subdivision: GE}", "{country: XX}"),
    ("{country: CH, subdivision: GE}", "{country: CH, subdivision: XX}"),
    # conditions
    ("until: report\n", "until: report =\n"),
    ("until: report\n", "until: report and\n"),
    ("until: report\n", "until: repport\n"),
    ("until: report\n", "until: report.kinds == \"whole\"\n"),
    ("until: report\n", "until: report + 1\n"),
    ("until: report\n", "until: report > \"2018\"\n"),
    ("until: report\n", "until: status == \"redy\"\n"),
    ("until: report\n", "until: status < \"ready\"\n"),
    ("until: report\n", "until: small_ones == \"AA\"\n"),
    ("until: report\n", "until: date(2018) < report\n"),
    ("until: report\n", "until: misses(\"asks\") > 1\n"),
    ("until: report\n", "until: misses(\"annual\")\n"),
    ("until: report\n", "until: misses(\"annual\") > 1\n"),
    ("until: report\n", "until: visited\n"),
    ("until: report\n", "until: in_tyme\n"),
    ("until: report\n", "until: " + "(" * 300 + "report" + ")" * 300 + "\n"),
    ("to: meeting.attended", "to: meeting.went"),
    ("to: meeting.attended", "to: found.attended"),
    ("is: report and report <= end", "is: in_time or report"),
    ('who: size == "small", as_of', "who: small_ones, as_of"),
    ("expect: 2, label", "expect: many, label"),
    ("value: small_ones, of", "value: smal_ones, of"),
    ("settings.whom", "settings.whoever"),
    # measures
    ("at_least: 3", "at_least: most"),
    ("at_least: 3", "at_least: half"),
    ("at_least: 3", "at_least: baseline + 1"),
    ("at_least: 80 %", "at_least: 180 %"),
    ("shows: [most, more]", "shows: [most, moore]"),
    ("record: mood", "record: modo"),
    ("show: status", "show: mood"),
    ("{for: meeting,", "{for: metting,"),
    ("1200.50 CHF", "1200 francs"),
    ("title: How they stand, among: joined, show: status", "title: How they stand"),
    ("title: How they stand, among: joined, show: status", "title: How they stand, count: report, show: status"),
    # people and letters
    ("owner: desk\ncycle", "owner: dask\ncycle"),
    ("email: desk@example.org", "email: desk"),
    ("email: desk@example.org", "email: desk@exämple.org"),
    ("{after: 3 letters, to: boss}", "{after: 3, to: boss}"),
    ("{after: 3 letters, to: boss}", "{to: boss}"),
    ("{after: 3 letters, to: boss}", "{after: 3 letters, to: silent}"),
    ("{after: 3 letters, to: boss}", "{after: 3 letters, to: bos}"),
    ("{before: 2 weeks, to: desk}", "{before: 2 weeks, to: silent}"),
    ("address: {to: [mission, capital], cc: [desk]}\n", ""),
    ("address: {to: [mission, capital], cc: [desk]}", "address: {to: [mission, embassy]}"),
    ("address: {to: [mission, capital], cc: [desk]}", "address: {to: [mission], cc: [mission, dask]}"),
    ("cc: [capital, boss]", "cc: [capital, silent]"),
    ("letter_form: note_verbale", "letter_form: telegram"),
    ("{at once: ask, every: nudge, before: reminder, on the day: due_today, after: firmer}", "{at once: ask}"),
    ("letters: {at once: invitation, before: invitation_reminder}", "letters: {at once: invitation, during: nudge}"),
    ("letter: nudge\n", "letter: nudge\n    letters: {at once: ask}\n"),
    ("{on the day: [deadline.ics]}", "{on the day: [paper.txt]}"),
    ("{on the day: [deadline.ics]}", "{on the day: [missing.pdf]}"),
    ("{on the day: [deadline.ics]}", "{during: [deadline.ics]}"),
    ("    cc: [capital, boss]\n", "    cc: [capital, boss]\n    attach: [deadline.ics]\n"),
    ("paces: {gently:", "paces: {usual:"),
    ("paces: {gently:", "paces: {Gently:"),
    ("letterhead: {lines: [The desk, Second floor]", "letterhead: {lines: []"),
    # keys and kinds
    ("optional: yes", "optional: perhaps"),
    ("optional: yes", "optionl: yes"),
    ("working_days: addressee", "working_days: mine"),
    ("enough: stop", "enough: maybe"),
    ("approval: required", "approval: yes"),
    ("ours: [prepare]", "ours: [preparing]"),
    ("ongoing: Talks with everybody, review: every 2 months", "ongoing: Talks with everybody"),
    ("  workshop: {event: The workshop, by: 2018-09,", "  workshop: {event: The workshop,"),
    ("  workshop: {event: The workshop, by: 2018-09,", "  workshop: {event: The workshop, when: 2018-09, by: 2018-09,"),
    ("  workshop: {event: The workshop,", "  workshop: {event: The workshop, task: It too,"),
    ("  workshop: {event: The workshop,", "  Workshop: {event: The workshop,"),
    ("  workshop: {event: The workshop,", "  workshop: {event: The workshop, cycle: yearly,"),
    ("    cycle: none\n    after: 2018-01-15", "    cycle: some\n    after: 2018-01-15"),
    ("type: choice, of: [ready, no]", "type: choice"),
    ("type: choice, of: [ready, no]", "type: date, of: [ready, no]"),
    ("type: choice, of: [ready, no]", "type: chance, of: [ready, no]"),
    ("type: flag, about: step", "type: flag, about: steps"),
    ("  report: {type: date,", "  held: {type: date,"),
    ("  report: {type: date,", "  small_ones: {type: date,"),
    ("type: date, each: cycle", "type: date, each: year"),
    ("workflow: everything", "workflow: Every thing"),
    ("titles: {fr: Un de tout}", "titles: {french: Un de tout}"),
    ("title: The end}", "titel: The end}"),
    ("parties: parties.csv\n", ""),
    ("contacts: contacts.csv\n", ""),
    ("timezone: Europe/Zurich\nworking", "timezone: Zurich\nworking"),
    ("roles:\n", "roles: [desk]\nrolls:\n"),
    ("steps:\n", "steps:\n  - "),
    ("title: One of everything\n", "title: @everything\n"),
    ("title: One of everything\n", "title: One: of everything\n"),
    ("title: One of everything\n", "title: One of everything\ntitle: Another\n"),
    ("title: One of everything\n", "title: [One of everything]\n"),
    ("title: One of everything\n", "title:\n"),
]  # fmt: skip

ROWS = [
    ("parties.csv", "AA,Aland,2017-11-01,small,", "AA,Aland,2017-11-31,small,"),
    ("parties.csv", "AA,Aland,2017-11-01,small,", "AA,Aland,2017-11-01,tiny,"),
    ("parties.csv", "AA,Aland,2017-11-01,small,", "AA,,2017-11-01,small,"),
    ("parties.csv", "AA,Aland,2017-11-01,small,", "a a,Aland,2017-11-01,small,"),
    ("parties.csv", "AA,Aland,2017-11-01,small,", "BB,Aland,2017-11-01,small,"),
    ("parties.csv", "AA,Aland,2017-11-01,small,", "AA,Aland,2017-11-01"),
    ("parties.csv", "AA,Aland,2017-11-01,small,", "AA,Aland,2017-11-01,small,Europe/Zurrich"),
    ("parties.csv", "size,timezone", "sise,timezone"),
    ("parties.csv", "size,timezone", "size,yearly"),
    ("parties.csv", "size,timezone", "size,size"),
    ("contacts.csv", "aa_m,AA,mission,", "aa_m,ZZ,mission,"),
    ("contacts.csv", "aa_m,AA,mission,", "aa_c,AA,mission,"),
    ("contacts.csv", "aa_m,AA,mission,", "desk,AA,mission,"),
    ("contacts.csv", "m@aa.example", "m at aa.example"),
    ("contacts.csv", "m@aa.example,,en", "m@aa.example,Mars,en"),
    ("contacts.csv", "m@aa.example,,en", "m@aa.example,,english"),
]


def answer(texts: Mapping[str, str]) -> str:
    """What is said of a plan: its problems, each with its line."""
    try:
        load_text(texts["everything.yaml"], {name: texts[name] for name in FILES})
    except BadInput as refused:
        return str(refused)
    return "(fine)"


CASES = [*(("everything.yaml", *edit) for edit in EDITS), *ROWS]


def told(file: str, old: str, new: str) -> str:
    """An edit, and what is said of it."""
    texts = {name: (GOLDEN / name).read_text("utf-8") for name in ("everything.yaml", *FILES)}
    assert old in texts[file]
    said = answer({**texts, file: texts[file].replace(old, new, 1)})
    return f"{new.strip()[:60]!r} for {old.strip()[:60]!r}\n{said}\n"


if os.environ.get("EXPECT") == "write":
    KEPT.write_text("\n".join(f"### {told(*case)}" for case in CASES), "utf-8")


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_wrong_word_is_answered(number: int) -> None:
    kept = KEPT.read_text("utf-8").removeprefix("### ").split("\n### ")
    assert len(kept) == len(CASES)
    assert told(*CASES[number]).strip() == kept[number].strip()
    assert "(fine)" not in kept[number]


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_there_is_named(name: str) -> None:
    texts = {each: (GOLDEN / each).read_text("utf-8") for each in FILES if each != name}
    with pytest.raises(BadInput, match=name):
        load_text((GOLDEN / "everything.yaml").read_text("utf-8"), texts)
