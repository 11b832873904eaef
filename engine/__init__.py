"""followthrough: reminders and follow-ups for work plans written as data."""
