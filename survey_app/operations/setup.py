"""What the room plugs in: its other groups of commands (`flask backup` comes with the room itself)."""

from flask import Flask

from survey_app.operations.cli import audit, data


def init_room(app: Flask) -> None:
    """Give the app `flask audit …` and `flask data …`."""
    app.cli.add_command(audit.cli)
    app.cli.add_command(data.cli)
