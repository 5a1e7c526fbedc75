"""A database with a country in it: the one BENCH_DATABASE names, or a small one made for the measuring."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade

from survey_app.accounts.passwords import hash_password
from survey_app.app import create_app
from survey_app.core import clock
from survey_app.core import db as core_db
from survey_app.demo.build import Settings
from survey_app.demo.cast import PASSWORD
from survey_app.demo.country.load import Load
from survey_app.demo.country.places import read_provinces
from survey_app.demo.pictures import Album
from tests.conftest import make_settings

SMALL = 1000  # schools of the country that is made when none is named


def app_on(folder: Path, url: str = "", **more: Any) -> Flask:
    """An app on a database (SQLite in `folder` when no address is given), for measuring."""
    if url:
        more["SQLALCHEMY_DATABASE_URI"] = url
    app = create_app(make_settings(folder, TESTING=False, DEMO=True, ARGON2_FAST=True, **more))
    app.config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1"]
    return app


def load_country(app: Flask, schools: int, rounds: int) -> None:
    """Write a country into an empty database, without pictures."""
    with app.app_context():
        upgrade()
        settings = Settings(schools, rounds, 2027, hash_password(PASSWORD), clock.now())
        processes = os.cpu_count() or 1
        Load(settings, read_provinces(), Album({}), "http://localhost", processes, lambda words: None).run()


@contextmanager
def a_country(schools: int = SMALL, rounds: int = 3) -> Iterator[Flask]:
    """An app on the database named by BENCH_DATABASE, else on a country that is thrown away afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder, url = Path(name), os.environ.get("BENCH_DATABASE", "")
        app = app_on(folder, url)
        if not url:
            load_country(app, schools, rounds)
        yield app
        with app.app_context():
            core_db.db.engine.dispose()
