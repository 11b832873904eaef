"""Use cases: what the command, the pages, the daemon and the simulation all call."""
