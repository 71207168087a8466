"""People look at pictures: what to show them, what they decide, and how far they agree."""
