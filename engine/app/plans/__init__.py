"""A plan's files and what they come to: check, plan, diff, apply, status, forecast."""
