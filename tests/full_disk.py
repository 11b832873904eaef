"""Disks that a test fills and frees: a small one of its own, or none at all for one process."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.processes import DaemonProcess


class SmallDisk:
    """A file system of a few hundred kilobytes at a folder. Filled, whatever needs another page is refused (ENOSPC)."""

    told = "No space left on device"
    told_by_sqlite = "database or disk is full"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self, _: DaemonProcess | None = None) -> None:
        """Leave no room."""
        with open(self._filler, "ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"\0" * os.sysconf("SC_PAGE_SIZE"))

    def free(self, _: DaemonProcess | None = None) -> None:
        """Leave room again."""
        self._filler.unlink()


class Forbidden:
    """No file may grow any more, for one process (RLIMIT_FSIZE): a full disk where none can be mounted (EFBIG)."""

    told_by_sqlite = "disk I/O error: its disk is full, or broken"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, daemon: DaemonProcess) -> None:
        """Let it write nothing to files."""
        self._limit(daemon, 0)

    def free(self, daemon: DaemonProcess) -> None:
        """Let it write again."""
        self._limit(daemon, resource.RLIM_INFINITY)

    def _limit(self, daemon: DaemonProcess, octets: int) -> None:
        assert daemon.process is not None
        _, hard = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)
        limit = hard if octets == resource.RLIM_INFINITY else octets
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (limit, hard))


@contextmanager
def small_disk(folder: Path, size: str = "1m") -> Iterator[SmallDisk]:
    """Such a file system, gone at the end; the test is skipped where nothing may be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    if (
        sys.platform != "linux"
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", folder], capture_output=True
        ).returncode
    ):
        pytest.skip("a full disk takes a small one, and only root may mount it")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
