"""The language: workflow, dates, cadence, conditions, roster, loader. Pure: no clock, no database, no log."""
