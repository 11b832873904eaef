"""Why a letter went or did not."""
