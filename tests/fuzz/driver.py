"""One target under libFuzzer, in a process of its own: `python -m tests.fuzz.driver TARGET SECONDS FOLDER`.

The engine is loaded with every branch counted; inputs that reach a new one are kept in the folder and mutated further.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import atheris

from tests.fuzz.mutation import TextMutator
from tests.fuzz.watch import Watch

LONGEST = 16_384
HANGS = 60
"""Seconds after which libFuzzer ends it all: what hangs outside of Python is not stopped before."""
MEGABYTES = 2_048


def main(name: str, seconds: int, folder: Path) -> None:
    """Fuzz a target. Does not return: libFuzzer ends the process."""
    with atheris.instrument_imports(include=["engine", "email", "openpyxl.worksheet", "openpyxl.reader"]):
        target = importlib.import_module(f"tests.fuzz.targets.{name}")
    seeds = [seed[:LONGEST] for seed in target.seeds()]
    corpus = folder / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number:03d}").write_bytes(seed)
    # `atheris.Mutate` is another one once libFuzzer is loaded.
    mutator = TextMutator(seeds, target.WORDS, lambda data, size: bytes(atheris.Mutate(data, size)))
    words = folder / f"{name}.dict"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in mutator.words if word), "ascii")
    options = [
        f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-timeout={HANGS}", f"-rss_limit_mb={MEGABYTES}",
        f"-report_slow_units={HANGS}",
        f"-dict={words}", f"-artifact_prefix={folder / 'finds' / name}/", "-print_final_stats=1", "-verbosity=1",
    ]  # fmt: skip
    (folder / "finds" / name).mkdir(parents=True, exist_ok=True)
    watch = Watch(target.run, folder / "finds" / name)
    atheris.Setup([sys.argv[0], *options, str(corpus)], watch, custom_mutator=mutator)
    atheris.Fuzz()


def _escaped(word: str) -> str:
    return "".join(f"\\x{octet:02x}" for octet in word.encode("latin-1")[:60])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
