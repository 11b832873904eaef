"""What is a find: an input that makes a target raise, take its time, or fill the memory. Each is kept, once for its cause."""

from __future__ import annotations

import gc
import hashlib
import resource
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType

SLOW = 2.0
"""Seconds of the processor that one input may take, with every branch counted."""
ENDLESS = 15.0
"""Seconds of the processor after which it is stopped."""
LARGE = 300
"""Megabytes by which one input may make the process larger."""


class Endless(BaseException):
    """An input takes too long. No part of the engine catches it."""


class Watch:
    """Runs a target on each input, and keeps the finds in a folder. Nothing that a target raises goes on."""

    def __init__(self, run: Callable[[bytes], None], folder: Path) -> None:
        self.run = run
        self.folder = folder
        self.seen: set[str] = set()
        signal.signal(signal.SIGVTALRM, _stop)

    def __call__(self, data: bytes) -> None:
        """Give the target one input."""
        size, began = _megabytes(), time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, ENDLESS)
        try:
            self.run(data)
        except (Exception, Endless) as error:
            self._keep(data, cause_of(error), "".join(traceback.format_exception(error)))
            return
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        spent, grown = time.process_time() - began, _megabytes() - size
        if spent > SLOW:
            self._keep(data, "slow", f"It took {spent:.1f} s.\n")
        if grown > LARGE:
            self._keep(data, "large", f"It took {grown} MB.\n")
            gc.collect()

    def _keep(self, data: bytes, cause: str, words: str) -> None:
        if cause in self.seen:
            return
        self.seen.add(cause)
        name = f"{cause}-{hashlib.sha256(data).hexdigest()[:10]}"
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(data)
        (self.folder / f"{name}.txt").write_text(words, "utf-8", errors="backslashreplace")


def _stop(number: int, frame: FrameType | None) -> None:
    raise Endless


def cause_of(error: BaseException) -> str:
    """What was raised, and where in the engine: the same fault is found a thousand times."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/engine/" in frame.filename] or list(frames)
    return f"{type(error).__name__}-{Path(ours[-1].filename).stem}-{ours[-1].lineno}" if ours else type(error).__name__


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
