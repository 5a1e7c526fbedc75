"""Pages of the room: coming in, one's own account and address, the people one looks after."""

from survey_app.accounts.views import (
    email,
    entry,
    factor,
    hand_over,
    own,
    people,
    second_step,
    units,
)
from survey_app.accounts.views.blueprint import bp

__all__ = [
    "bp",
    "email",
    "entry",
    "factor",
    "hand_over",
    "own",
    "people",
    "second_step",
    "units",
]
