"""The commands' forms: arguments, options, help. What they do is imported when one runs."""
