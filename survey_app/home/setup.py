"""Give every page its menu."""

from flask import Flask

from survey_app.home.navigation import init_navigation


def init_room(app: Flask) -> None:
    """Let the layout show the menu of the signed-in person."""
    init_navigation(app)
