"""The letters of one party or owner in one step: which there are, when, and why not."""
