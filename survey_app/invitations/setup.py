"""What the room plugs in: its store of letters."""

from flask import Flask

from survey_app.invitations.store import init_store


def init_room(app: Flask) -> None:
    """Give the app a store for letters."""
    init_store(app)
