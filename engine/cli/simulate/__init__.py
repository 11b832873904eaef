"""`simulate`: a plan's year in the terminal."""

from engine.cli.simulate.command import simulate

__all__ = ["simulate"]
