"""Assessment rounds: when, who, by which version, who checks."""
