"""The outbox for people: read, approve, edit, delegate, stop."""
