"""What this room tells the rooms below it."""

from flask import Flask

from survey_app.frameworks.ports import round_uses
from survey_app.rounds.queries.uses import RoundTitles


def init_room(app: Flask) -> None:
    """Tell the criteria sets which of their editions rounds use."""
    round_uses.plug(RoundTitles())
