"""Whatever is edited, and whenever: `apply` does to the outbox what `plan --diff` said, letter by letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.app.catalog import Catalog
from tests.ahead import assert_done_as_said, look, said
from tests.installation import Installation

NAME = "ahead"
SENDS = (
    "[at once, every 3 weeks until on the day]",
    "[at once, every 2 weeks until on the day, 1 week after]",
    "[at once, 6 weeks before, 2 weeks before, on the day]",
    "[42 days before, on the day, 2 weeks after]",
    "[every 4 weeks at most 3, on the day]",
)
ENDS = ("2018-06-29", "2018-06-22", "2018-07-20", "2018-07")
ADDRESSES = ("one@mission.example", "two@mission.example")
CONDITIONS = ('member == "yes"', 'member != "no" or report', "not oral")
APPROVALS = ("required", "none")
ZONES = ("", "Europe/Zurich", "America/New_York", "Pacific/Auckland")


@dataclass(frozen=True)
class Files:
    """All that an edit may change, chosen."""

    send: str
    end: str
    hour: str
    condition: str
    approval: str
    thanks: str
    second: bool
    parties: tuple[tuple[str, str], ...]
    """Each party with its member flag."""
    address: str
    zone: str
    words: str

    def write(self, folder: Path) -> None:
        """Put them on disk."""
        follow_up = (
            f"    by: end\n    to: {self.condition}\n    until: report\n    send: {self.send}\n    letter: ask\n"
            f"    approval: {self.approval}\n{self.thanks}"
        )
        steps = f"  ask:\n    follow_up: Reports\n{follow_up}"
        if self.second:
            steps += "  print:\n    task: Print it\n    by: end\n    remind: [3 weeks before, on the day]\n"
        (folder / f"{NAME}.yaml").write_text(
            f"workflow: {NAME}\ntitle: Looking ahead\ntimezone: Europe/Zurich\nsend_at: {self.hour}\nstarts: 2018-01-01\n"
            f"ends: 2018-12-31\nowner: desk\nanchors: {{end: {{on: {self.end}, title: The end}}}}\n"
            "parties: p.csv\ncontacts: c.csv\naddress: {to: [mission, capital], cc: [boss]}\n"
            "attributes: {member: {type: flag}}\nfacts: {report: {type: date}, oral: {type: date}}\n"
            "roles:\n  desk: {title: Desk, email: desk@example.org}\n  boss: {title: Boss, email: boss@example.org}\n"
            f"steps:\n{steps}",
            "utf-8",
        )
        rows = [f"{party},{party},{member}\n" for party, member in self.parties]
        (folder / "p.csv").write_text("id,name,member\n" + "".join(rows), "utf-8")
        contacts = [
            f"{party.lower()}_{post},{party},{post},{post} of {party},{party.lower()}-{post}-{self.address},{self.zone}\n"
            for party, _ in self.parties
            for post in (("capital",) if party == "CC" else ("mission", "capital"))
        ]
        (folder / "c.csv").write_text("id,party,post,name,address,timezone\n" + "".join(contacts), "utf-8")
        (folder / "ask.md").write_text(
            f'---\nsubject: "{self.words}, {{{{ party.name }}}}"\n---\nBy {{{{ deadline.words }}}}: {self.words}.\n',
            "utf-8",
        )


MEMBER = st.sampled_from(("yes", "no", ""))
FILES = st.builds(
    Files,
    send=st.sampled_from(SENDS), end=st.sampled_from(ENDS), hour=st.sampled_from(("09:00", "11:30")),
    condition=st.sampled_from(CONDITIONS), approval=st.sampled_from(APPROVALS),
    thanks=st.sampled_from(("", "    thanks: ask\n")), second=st.booleans(),
    parties=st.lists(
        st.tuples(st.sampled_from(("BB", "CC", "DD")), MEMBER), max_size=3, unique_by=lambda row: row[0]
    ).map(lambda rows: (("AA", "yes"), *rows)),
    address=st.sampled_from(ADDRESSES), zone=st.sampled_from(ZONES), words=st.sampled_from(("Please report", "Report")),
)  # fmt: skip
PASSING = st.sampled_from(("", "report", "oral"))


@settings(max_examples=60, deadline=None, derandomize=False)
@given(first=FILES, edits=st.lists(st.tuples(FILES, st.integers(0, 60), PASSING), min_size=1, max_size=3))
def test_apply_does_what_the_diff_said(first: Files, edits: list[tuple[Files, int, str]]) -> None:
    with TemporaryDirectory() as name, Installation(Path(name), "2018-01-02T08:00") as house:
        templates = Catalog({}).templates
        folder = Path(name) / "plan"
        folder.mkdir()
        for path in templates.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        house.app.catalog = Catalog({}, workflows=folder, templates=folder)
        first.write(folder)
        _apply_as_said(house)
        files = first
        for edit, days, fact in edits:
            house.run_to((house.clock.now() + timedelta(days=days)).isoformat())
            if fact:
                house.record(fact, house.clock.now().date().isoformat(), files.parties[-1][0], workflow=NAME)
            files = edit
            files.write(folder)
            _apply_as_said(house)


def _apply_as_said(house: Installation) -> None:
    before = look(house.app, NAME) if house.app.has_store else {}
    shown = said(house.app, NAME)
    house.apply(NAME)
    assert_done_as_said(shown, before, look(house.app, NAME))
