"""What came back about letters, and what a person decides about it."""
