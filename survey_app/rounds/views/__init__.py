"""The pages of rounds, one module for each thing they are about."""

from survey_app.rounds.views import planning, rounds, units, vetoes
from survey_app.rounds.views.blueprint import bp

__all__ = ["bp", "planning", "rounds", "units", "vetoes"]
