"""Pages of the room: the first page of each role, the audit trail."""

from survey_app.home.blueprint import bp
from survey_app.home.views import audit, help, start

__all__ = ["audit", "bp", "help", "start"]
