"""Say on every page that the database is a demo, once the first request has looked."""

from flask import Flask, current_app

from survey_app.demo import queries


def init_room(app: Flask) -> None:
    """Look for the mark at the first request of a process; a setting DEMO=True needs no look."""
    app.config.setdefault("DEMO", False)
    app.extensions["demo_known"] = bool(app.config["DEMO"])
    app.before_request(_note_demo)


def _note_demo() -> None:
    if not current_app.extensions["demo_known"]:
        current_app.extensions["demo_known"] = True
        current_app.config["DEMO"] = queries.find_mark() is not None
