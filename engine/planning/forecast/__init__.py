"""Whether the plan will be met, as far as the answers so far can tell."""
