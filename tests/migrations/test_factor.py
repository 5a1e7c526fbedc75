"""The tables of the second factor come and go; the people they belong to stay."""

from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, inspect, select

from survey_app.accounts import authenticator, second_factor
from survey_app.accounts.models import RecoveryCode, SecondFactor, User
from survey_app.accounts.sessions import Caller
from survey_app.core import db as core_db
from tests.factories.accounts import SINCE, make_user
from tests.migrations.test_migrations import bare

__all__ = ["bare"]
TABLES = {"second_factor", "recovery_code"}


def before_it() -> str:
    """The revision that the one with these tables follows."""
    scripts: Any = ScriptDirectory(Path(__file__).parents[2] / "migrations").walk_revisions()
    return next(one.down_revision for one in scripts if one.module.__file__.endswith("_factor.py"))


def test_people_survive_the_going_and_coming_of_their_second_factors(bare: Flask) -> None:
    upgrade()
    with core_db.unit_of_work():
        user = make_user(login="lan.nguyen", name="Nguyễn Thị Lan")
        second_factor.switch_on(
            user, authenticator.draw(), 1, actor=None, caller=Caller("10.0.0.1"), now=SINCE
        )
    assert counted(SecondFactor) == 1 and counted(RecoveryCode) == 10
    downgrade(revision=before_it())
    assert not TABLES & set(inspect(core_db.db.engine).get_table_names())
    upgrade()
    assert counted(SecondFactor) == counted(RecoveryCode) == 0
    with core_db.unit_of_work() as session:
        assert session.scalars(select(User.name)).all() == ["Nguyễn Thị Lan"]


def counted(table: type[core_db.Base]) -> int:
    with core_db.unit_of_work() as session:
        return int(session.scalar(select(func.count()).select_from(table)) or 0)
