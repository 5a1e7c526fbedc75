"""Frozen outcomes, scorecards and the overview of a round."""
