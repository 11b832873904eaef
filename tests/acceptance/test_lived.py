"""A plan with one of everything, lived through: all that its owners were written, word for word, and what else left.

After a change of words, write it again with `EXPECT=write` in the environment, and read the difference.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.installation import Installation, plain
from tests.support import kept

GOLDEN = Path(__file__).parent.parent / "golden" / "plans"
KEPT = GOLDEN / "lived.txt"
NAME = "everything"
STEP = "  meeting:\n    event: The meeting\n"
FACTS = [
    ("2018-02-15", "date", "2018-04-17", "", {"step": "meeting"}),
    ("2018-03-12", "snoozed_until", "2018-04-10", "CC", {"step": "ask", "note": "they asked for time"}),
    ("2018-03-20", "report", "2018-03-19", "BB", {"details": {"kind": "part"}}),
    ("2018-04-02", "date", "2018-06-01", "", {"anchor": "end"}),
    ("2018-04-18", "held", "yes", "", {"step": "meeting"}),
    ("2018-04-19", "attended", "yes", "AA", {"step": "meeting"}),
    ("2018-04-24", "status", "ready", "AA", {}),
    ("2018-05-15", "exempt", "yes", "DD", {"step": "ask", "note": "it has no figures"}),
    ("2018-05-28", "date", "2018-05-04", "", {"anchor": "end"}),
]


def lived(house: Installation) -> str:
    """The first five months: who decides does so every third week only, so that they are asked, urged and told."""
    for number, (on, name, value, party, where) in enumerate(FACTS):
        house.run_to(f"{on}T11:00", approving=False)
        house.record(name, value, *([party] if party else ()), workflow=NAME, **where)  # type: ignore[arg-type]
        if number % 3 == 2:
            house.approve_all()
    house.run_to("2018-06-08T11:00", approving=False)
    told: list[str] = []
    for mail in house.mails():
        told.append(f"### {mail['Date']}\nTo: {mail['To']}\nSubject: {mail['Subject']}")
        if "@example.org" in mail["To"]:
            told.append(f"Cc: {mail['Cc'] or '-'}\n\n{plain(mail).strip()}\n")
    rows = house.rows(workflow=NAME)
    told += ["### The outbox", *sorted(f"{row.key} {row.state}: {row.reason}" for row in rows)]
    return "\n".join(told) + "\n"


def test_what_left_and_what_its_owners_were_told(tmp_path: Path) -> None:
    with Installation(tmp_path, "2018-01-08T08:00") as house:
        for name in ("everything.yaml", "parties.csv", "contacts.csv"):
            shutil.copy(GOLDEN / name, house.workflows / name)
        for old, new in (
            ("letter: ask", "letter: nudge"),
            ("at once: ask", "at once: nudge"),
            ("thank_you", "report_received"),
        ):
            house.edit("everything.yaml", old, new)
        house.edit("everything.yaml", STEP, STEP + "    owner: boss\n")
        for step in ("    cycle: none\n    count", "    cycle: none\n    to: meeting.attended"):
            house.edit("everything.yaml", step, "    owner: boss\n" + step)
        house.apply(NAME)
        told = lived(house)
    assert told == kept(KEPT, told)
