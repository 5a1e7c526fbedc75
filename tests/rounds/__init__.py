"""Rounds: planned, opened, frozen, extended, with facts that exclude a level."""
