"""The command line. Nothing heavy is imported before a command runs: `--help` answers at once."""

from engine.cli.program import main

__all__ = ["main"]
