"""Figures of speed and size: `make bench` prints them as a table with the machine, and keeps them as JSON."""
