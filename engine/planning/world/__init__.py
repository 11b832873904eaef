"""What planning looks at: the plan, its facts, its dates and people, what was sent."""
