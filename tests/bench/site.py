"""A database with schools that are filling in, and the app on it, for measuring."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade

from survey_app.app import create_app
from survey_app.core import db as core_db
from survey_app.frameworks.loader import load_folder
from survey_app.rules.framework import Framework
from survey_app.rules.permissions import Role
from tests.bench.grounds import SQLITE, database
from tests.conftest import make_settings
from tests.factories.accounts import make_membership, make_user
from tests.factories.assessments import make_assessment
from tests.factories.organisations import make_commune, make_department, make_school
from tests.factories.rounds import make_framework_version, make_participation, make_round

CRITERIA = Path(__file__).parents[2] / "criteria" / "pho-thong" / "0.2"
PASSWORD = "mat-khau-de-do-2027"


@lru_cache(maxsize=1)
def real_set() -> Framework:
    """The general criteria set as it ships."""
    framework = load_folder(CRITERIA).framework
    assert framework is not None
    return framework


@dataclass(frozen=True)
class Desk:
    """One school that fills in: who signs in, which form."""

    login: str
    form: str


@dataclass(frozen=True)
class Site:
    """An app on a database of its own."""

    app: Flask
    folder: Path
    url: str
    desks: tuple[Desk, ...]


@contextmanager
def measured_site(desks: int, kind: str = SQLITE, **settings: Any) -> Iterator[Site]:
    """A department whose schools have half filled in the real set; everything is thrown away afterwards."""
    with tempfile.TemporaryDirectory() as name, database(kind, Path(name)) as url:
        folder = Path(name)
        start = {"TESTING": False, "DEMO": False, "SQLALCHEMY_DATABASE_URI": url}
        app = create_app(make_settings(folder, **(start | settings)))
        app.config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1"]
        with app.app_context():
            upgrade()
            with core_db.unit_of_work():
                made = stock(desks)
        yield Site(app, folder, url, made)
        with app.app_context():
            core_db.db.engine.dispose()


def stock(count: int) -> tuple[Desk, ...]:
    """Write a department with `count` schools that have half filled in the real set into the open session."""
    from survey_app.accounts.passwords import hash_password

    department, now = make_department(), datetime.now(UTC)  # noqa: TID251 - a real server reads the real clock
    version = make_framework_version(real_set())
    round_ = make_round(
        department, [version], opens_at=now - timedelta(days=5), closes_at=now + timedelta(days=5)
    )
    hashed, half = hash_password(PASSWORD), list(real_set().by_code)[:40]
    desks = []
    for _ in range(count):
        school = make_school(make_commune(department), stages=("thcs",))
        user = make_user(login=school.code, password=hashed)
        make_membership(user, school, Role.UNIT_HEAD)
        form = make_assessment(make_participation(round_, school), dict.fromkeys(half, 1))
        desks.append(Desk(school.code, form.uid))
    return tuple(desks)
