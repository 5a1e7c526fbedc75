"""Pages of the room: coming in, one's own account, the people one looks after, their codes."""

from survey_app.accounts.views import codes, entry, factor, own, people, people_list, second_step, units
from survey_app.accounts.views.blueprint import bp

__all__ = ["bp", "codes", "entry", "factor", "own", "people", "people_list", "second_step", "units"]
