"""Where the fuzzer fuzzes: a demo for the long run, a handful of rows for the short one."""

from pathlib import Path
from typing import Any

from click.testing import CliRunner
from flask import Flask

from survey_app.app import create_app
from survey_app.demo.cli import load
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.conftest import make_settings
from tests.factories.accounts import make_actor
from tests.factories.assessments import make_assessment
from tests.factories.certificates import issue_now, make_batch, make_town
from tests.factories.evidence import make_file
from tests.factories.notices import make_notice
from tests.factories.organisations import make_commune, make_school
from tests.factories.reviews import make_scene
from tests.factories.rounds import make_participation


def make_demo(folder: Path, schools: int, **settings: Any) -> Flask:
    """An app whose database holds the demo: people of every role, an open round and a published one."""
    app = create_app(make_settings(folder, TESTING=False, **settings))
    with app.app_context():
        done = CliRunner().invoke(load, ["--schools", str(schools)], catch_exceptions=False)
    if done.exit_code:
        raise RuntimeError(done.output)
    return app


def make_small_town() -> None:
    """One department: a round with certificates, one with forms being filled and checked, everybody's seat.

    Call with the session open for writing.
    """
    town = make_town(2)
    issue_now(town, make_batch(town))
    ward = make_commune(town.department, name="Phường Bình Thủy")
    school = make_school(ward)
    scene = make_scene(school=school, state=State.IN_REVIEW)
    draft = make_participation(scene.round, make_school(ward))
    make_assessment(draft, version=scene.version)
    head = make_actor(Role.UNIT_HEAD, draft.unit)
    for role in (Role.DEPARTMENT_ADMIN, Role.DEPARTMENT_LEADER, Role.DEPARTMENT_OFFICER, Role.VIEWER):
        make_actor(role, town.department)
    make_actor(Role.UNIT_MEMBER, draft.unit)
    make_file(head)
    make_notice(draft.unit)
