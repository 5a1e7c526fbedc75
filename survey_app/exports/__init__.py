"""Excel of a round: rows → bytes."""
