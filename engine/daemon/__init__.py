"""`followthrough run`: the same tick as the simulation's, under the real clock, for months."""
