"""The command line. Nothing heavy is imported before a command runs: `--help` answers at once."""

from __future__ import annotations

import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command, and leave with its status; quietly when interrupted, also while it is still being loaded."""
    try:
        from engine.cli.program import run

        run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
