"""A small country, written in bulk once for all tests that only read it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from survey_app.accounts.passwords import hash_password
from survey_app.app import create_app
from survey_app.core import db as core_db
from survey_app.demo.build import Settings
from survey_app.demo.cast import PASSWORD
from survey_app.demo.country.load import Load
from survey_app.demo.country.places import read_provinces
from survey_app.demo.pictures import Album, make_album
from survey_app.demo.terms import openings
from tests.conftest import make_settings

SCHOOLS, ROUNDS, PROVINCES = 60, 3, 3
MADE = datetime(2026, 11, 20, 2, tzinfo=UTC)


def make_load(album: Album, say: object = lambda words: None, **more: int) -> Load:
    """The small country; call inside an app context."""
    settings = Settings(
        more.get("schools", SCHOOLS), more.get("rounds", ROUNDS), 2027, hash_password(PASSWORD), MADE
    )
    provinces = read_provinces()[: more.get("provinces", PROVINCES)]
    return Load(settings, provinces, album, "http://localhost", more.get("processes", 0), say)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def country(
    tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[Path], None]
) -> Iterator[Flask]:
    """An app whose database holds the small country; what a test writes it must roll back."""
    folder = tmp_path_factory.mktemp("country")
    new_database(folder)
    app = create_app(make_settings(folder))
    with app.app_context():
        make_load(make_album(2027, openings(MADE, ROUNDS))).run()
    yield app
    with app.app_context():
        core_db.db.engine.dispose()


@pytest.fixture
def stored(country: Flask) -> Iterator[None]:
    """The session of the country, open for writing; everything is rolled back afterwards."""
    with country.app_context():
        core_db._writing.set(True)
        yield
        core_db.session.rollback()
        core_db._writing.set(False)
