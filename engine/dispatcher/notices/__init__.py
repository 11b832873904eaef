"""What is written to roles: prompts, digests, and word of what came or was missed."""
