"""Pages of the room: the overview of a round, the result of one school, concluding a round."""

from survey_app.results.blueprint import bp
from survey_app.results.views import finalising, lists, overview, papers, school

__all__ = ["bp", "finalising", "lists", "overview", "papers", "school"]
