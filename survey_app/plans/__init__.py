"""Improvement plans from low scores."""
