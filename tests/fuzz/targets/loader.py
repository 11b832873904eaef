"""The loader of workflow files: a text becomes a plan or a list of faults that can be shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.definition import loader
from engine.definition.syntax.sources import decode
from engine.errors import BadInput
from tests.support import BROKEN, FILES, ROOT, check_faults

WORDS = (
    *sorted(set(re.findall(r'"([a-z_]{3,})": \{', (ROOT / "engine/definition/workflow.schema.json").read_text("utf-8")))),
    "at once", "on the day", "every 4 weeks until 6 weeks before", "every 2 weeks at most 6", "2 weeks after", "by + 60 days",
    "cycle.due", 'misses("chase") >= 2', "half", "baseline + 3", "2018-Q1", "2018-02-12..2018-02-14", "10 working days",
    "${X}", "${X:-y}", "Asia/Kathmandu", "{every: year, due: 02-29, opens: 12 weeks before}", "weekly on Monday",
)  # fmt: skip


def seeds() -> Iterator[bytes]:
    """The plans of the checkout, and the faulty ones of the tests."""
    for path in (*sorted((ROOT / "workflows").glob("*.yaml")), *sorted(BROKEN.glob("**/*.yaml"))):
        yield path.read_bytes()


def read(name: str) -> str:
    """A file that a plan names: whatever it is called, it is the one or the other."""
    return FILES["contacts.csv" if "contact" in name else "parties.csv"].decode()


def run(data: bytes) -> None:
    """Load it. A fault has a place and a line that says it."""
    try:
        loader.load(decode("fuzz.yaml", data), read, {"X": "x"}, lambda name: b"%PDF-1.4 " + name.encode())
    except BadInput as error:
        check_faults(error)
