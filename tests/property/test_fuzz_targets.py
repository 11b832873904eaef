"""Each target of `make fuzz` takes its seeds, which is where fuzzing begins; and what is a find is kept as one."""

from __future__ import annotations

import importlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.__main__ import TARGETS
from tests.fuzz.mutation import TextMutator
from tests.fuzz.watch import Watch

SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    b'<c r="A1" t="inlineStr"><is><t>party</t></is></c><c r="B1" t="inlineStr"><is><t>report</t></is></c></row>'
    b"%b</sheetData></worksheet>"
)
FOUND = {
    "mail: base64 of a length that there is not": b"Subject: =?utf-8?B?a?=\n\nYes.",
    "mail: a charset that is no word, of a text with octets":
        b"From: mission@nr.example\nContent-Type: text/plain; charset=utf\0-8\n\nMit freundlichen Gr\xfc\xdfen\n",
    "roster: a line of thousands of names that nobody has": b"names\n" + b"a," * 8_000,
    "dates: a hundred years of working days after each letter of a series":
        b"NP Asia/Kathmandu 23:45\nevery day until 1 month before\n2023-01-01\n25000 working days",
    "dates: a series that leaves the calendar": b"CH Europe/Zurich 09:00\nevery 5200 weeks at most 1000",
    "roster: a row that no spreadsheet has": b"sheet\n" + SHEET % b'<row r="99999999"><c r="A99999999"><v>1</v></c></row>',
    "roster: a cell at the far right of each row": b"sheet\n" + SHEET % b"".join(
        b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (number, number) for number in range(2, 3_000)
    ),
}  # fmt: skip
"""What fuzzing found, made small: the target, what was wrong, and the input."""


@pytest.mark.parametrize("what", FOUND)
def test_what_was_found_is_mended(what: str, tmp_path: Path) -> None:
    target = importlib.import_module(f"tests.fuzz.targets.{what.partition(':')[0]}")
    Watch(target.run, tmp_path)(FOUND[what])
    assert [path.read_text("utf-8") for path in tmp_path.glob("*.txt")] == []


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_its_seeds_and_some_mutations(name: str) -> None:
    target = importlib.import_module(f"tests.fuzz.targets.{name}")
    seeds = list(target.seeds())
    mutate = TextMutator(seeds, target.WORDS, lambda data, size: data[:size])
    for data in (*seeds, *_mutated(seeds, mutate)):
        target.run(data)


def _mutated(seeds: list[bytes], mutate: TextMutator) -> Iterator[bytes]:
    rng = random.Random(7)
    return (mutate(rng.choice(seeds), 8_000, number) for number in range(60))


def test_a_mutation_is_the_same_for_the_same_seed_and_no_longer_than_asked() -> None:
    seeds = [b"one: two\n  three: four\n", b"five: [six]\n"]
    mutate = TextMutator(seeds, ("seven",), lambda data, size: data[:size])
    made = [mutate(seeds[0], 20, number) for number in range(200)]
    assert made == [mutate(seeds[0], 20, number) for number in range(200)]
    assert max(map(len, made)) <= 20
    assert len(set(made)) > 50


def test_a_find_is_kept_once_for_its_cause(tmp_path: Path) -> None:
    def run(data: bytes) -> None:
        if data.startswith(b"a"):
            raise ValueError("never mind")
        assert data

    watch = Watch(run, tmp_path)
    for data in (b"fine", b"a", b"ab", b""):
        watch(data)
    kept = sorted(path for path in tmp_path.iterdir() if path.suffix != ".txt")
    assert sorted(path.read_bytes() for path in kept) == [b"", b"a"]
    assert "never mind" in (tmp_path / f"{kept[1].name}.txt").read_text("utf-8")
