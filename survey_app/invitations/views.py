"""Pages of the room: letters by ward, lists of people, and schools that are not on the list."""

from survey_app.invitations import letter_views, people_views, request_views
from survey_app.invitations.blueprint import bp

__all__ = ["bp", "letter_views", "people_views", "request_views"]
