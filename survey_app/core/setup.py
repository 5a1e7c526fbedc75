"""What the core plugs into the app beside its pages: the migration commands."""

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate

from survey_app.core.db import db

FOLDER = Path(__file__).resolve().parents[2] / "migrations"


def init_room(app: Flask) -> None:
    """Give the app `flask db …` on the numbered files of migrations/."""
    Migrate(app, db, directory=str(FOLDER), render_as_batch=True, compare_type=True)
