"""Calendars, published at private addresses."""
