"""Plug this room into the rooms below it."""

from flask import Flask

from survey_app.accounts.ports import duties
from survey_app.reviews.handing_on import Desk


def init_room(app: Flask) -> None:
    """Tell the accounts room what an officer has on the desk."""
    duties.plug(Desk())
