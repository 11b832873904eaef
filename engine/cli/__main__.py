"""`python -m engine.cli` is the command, where it is not installed."""

from engine.cli import main

main()
