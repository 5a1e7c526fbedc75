"""What the first start makes of an empty database, and that a second start leaves it alone."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from survey_app import prepare
from survey_app.accounts.models import User
from survey_app.core import db as core_db
from survey_app.core.db import unit_of_work
from survey_app.frameworks.models import FrameworkVersion
from survey_app.organisations.models import OrganisationUnit
from tests.factories.accounts import make_user


def counts(app: Flask) -> tuple[int, int, int]:
    with app.app_context():
        models = (OrganisationUnit, FrameworkVersion, User)
        return tuple(core_db.session.scalar(select(func.count()).select_from(model)) or 0 for model in models)  # type: ignore[return-value]


def test_without_the_demo_there_are_the_department_its_communes_and_the_sets(
    app: Flask, capfd: pytest.CaptureFixture[str]
) -> None:
    prepare.prepare(app, with_demo=False)
    assert counts(app) == (104, 2, 0)
    assert "flask accounts create-admin" in capfd.readouterr().out
    with app.app_context(), unit_of_work():
        make_user()
    prepare.prepare(app, with_demo=False)
    assert counts(app) == (104, 2, 1)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    ("env", "wanted"),
    [({}, True), ({"DEMO": "0"}, False), ({"ENV": "production"}, False), ({"DEMO": "1"}, True)],
)
def test_the_demo_is_made_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, env: dict[str, str], wanted: bool
) -> None:
    for name in ("DEMO", "ENV"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert prepare.wants_demo() is wanted
