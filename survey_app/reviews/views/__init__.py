"""Pages of the authority's side."""

from survey_app.reviews.views import concluding, desk, listing, verdicts
from survey_app.reviews.views.blueprint import bp

__all__ = ["bp", "concluding", "desk", "listing", "verdicts"]
