"""What happens when a letter is due: `tick` looks, claims, renders, hands over and records."""
