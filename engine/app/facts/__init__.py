"""What is recorded: one fact, a table, a meeting's list."""
