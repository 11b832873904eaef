"""A plan's year replayed under a virtual clock: the same `tick` as the daemon's, with a scenario's events and people."""
