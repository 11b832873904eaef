"""Conditions: a text is compiled against the names of a plan, or has a fault; what is compiled is asked over facts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from engine.definition.building.declared import declare
from engine.definition.building.names import NEVER, Names
from engine.definition.building.roster import roster_facts
from engine.definition.facts import Fact, FactBook
from engine.definition.syntax.grammar import WORKFLOW
from engine.definition.syntax.reading import Scalar, read_yaml
from engine.definition.syntax.shapes import Fields
from engine.definition.syntax.sources import Faults, SourceFile
from engine.errors import Place
from engine.planning.world.scope import PartyScope, World, flips, recorded_instants, true_since
from tests.support import BROKEN, FILES, ROOT, fact, load_text

NOW = datetime(2020, 6, 1, 8, tzinfo=UTC)
YEARLY = """\
  yearly:
    follow_up: Each year
    by: cycle.due
    until: annual
    send: [2 weeks before]
    letter: reminder
"""
TEXT = (
    (BROKEN / "valid.yaml").read_text("utf-8")
    .replace("\nowner:", "\ncycle: {every: year, due: 04-30, opens: 12 weeks before}\nowner:")
    .replace("\nfacts:\n", "\nfacts:\n  annual: {type: date, each: cycle}\n  ready: {type: flag}\n")
    .replace("    follow_up: Reports\n", "    follow_up: Reports\n    cycle: none\n")
    .replace("\nobjectives:", "\n" + YEARLY + "objectives:")
)  # fmt: skip
PLAN = load_text(TEXT, {name: octets.decode() for name, octets in FILES.items()})
PARTIES = sorted(PLAN.parties)


def _facts() -> Iterator[Fact]:
    for number, party in enumerate(PARTIES):
        yield fact("annual", f"2019-04-2{number}", party=party, cycle="2019")
        yield fact("report", "2018-03-20", party=party, details={"form": "full" if number else "empty"})
        yield fact("stance", "open", party=party, on=f"2018-0{number + 1}-01")
        yield fact("attended", "yes", party=party, step="meeting", on="2018-05-20")
    yield fact("date", "2018-05-17", step="meeting", on="2018-02-01")


def _names() -> Names:
    faults = Faults()
    document = read_yaml(SourceFile("names.yaml", TEXT), {}, faults)
    assert document is not None
    got = WORKFLOW.read(document.root, faults)
    assert got is not None
    assert isinstance(got.value, Fields)
    return Names(declare(got.value, faults), faults)


NAMES = _names()
WORLD = World(PLAN, FactBook([*roster_facts(PLAN), *_facts()]))
WORDS = (
    *NAMES.known, *PLAN.workflow.steps, "and", "or", "not", "in", "not in", "==", "!=", "<", "<=", ">", ">=", "(", ")",
    'date("2017-01-01")', 'misses("yearly")', 'misses("chase")', ">= 3", '["yes", "no"]', "is", "None", "lambda", "[0]",
    "if", "else", '"\\ud800"', "\N{ROMAN NUMERAL FIVE}", "1e999", "0x", "f''", "b''", "meeting.attended", "report.form",
    "chase.contacted", '"full"', '"open"', '"Africa"',
)  # fmt: skip


def seeds() -> Iterator[bytes]:
    """Conditions over each kind of name, and every one of the plans, which has other names."""
    yield b'misses("yearly") >= 2 and not (annual > date("2019-12-31")) or stance in ["open"]'
    yield b'(report and report.form == "full") or meeting.attended and region != "Africa" and joined < cycle.due'
    yield b'africans or settings.half_of and not done and "Pacific" == region and ready and joined < kickoff <= due'
    yield b'due < cycle.due and report >= date("2018-03") and report.form not in ["empty"] and mood == "x"'
    paths = [*(ROOT / "workflows").glob("*.yaml"), *(BROKEN / "workflows").glob("*.yaml")]
    texts = (path.read_text("utf-8", errors="replace") for path in sorted(paths))
    found = (re.findall(r"\b(?:who|is|until|to|count|invite|among): *([^\n,{}]+)", text) for text in texts)
    yield from (text.strip(" '").encode() for text in dict.fromkeys(each for text in found for each in text))


def run(data: bytes) -> None:
    """Compile it, and ask it about each party in and out of a cycle, now and earlier."""
    text = data.decode("utf-8", errors="surrogateescape")
    NAMES.faults = Faults()
    source = SourceFile("condition.yaml", text)
    condition = NAMES.condition(Scalar(text, source, Place(source.path), 0, len(text)))
    for problem in NAMES.faults.errors:
        str(problem).encode()
    if condition is NEVER:
        assert NAMES.faults.errors
        return
    WORLD.now = NOW
    for party in PARTIES:
        scope = PartyScope(WORLD, PLAN.parties[party], known=NOW)
        condition.holds(scope)
        recorded_instants(condition, scope)
        flips(condition, scope, NOW)
        true_since(condition, scope)
    condition.holds(PartyScope(WORLD, None))
