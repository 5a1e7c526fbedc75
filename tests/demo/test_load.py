"""`flask demo load` on an empty database, and the accounts it prints."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from survey_app.app import create_app
from survey_app.assessments.models import Answer, AnswerChange, Assessment
from survey_app.certificates.models import Certificate
from survey_app.core import db as core_db
from survey_app.core.clock import local_date
from survey_app.core.db import unit_of_work
from survey_app.demo.models import DemoMark
from survey_app.evidence.models import EvidenceFile
from survey_app.organisations.models import SCHOOL, OrganisationUnit, Site
from survey_app.results.models import Result
from survey_app.rounds.models import Round
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.conftest import make_settings
from tests.demo.reading import digest_of, read_all, sign_in
from tests.factories.accounts import make_actor
from tests.factories.organisations import make_commune, make_school

SCHOOLS = 16  # enough for every state once


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[Path], None]) -> Iterator[Flask]:
    """An app whose database the command has filled; read only."""
    folder = tmp_path_factory.mktemp("demo")
    new_database(folder)
    app = create_app(make_settings(folder))
    started = time.process_time()
    done = app.test_cli_runner().invoke(args=["demo", "load", "--schools", str(SCHOOLS)])
    assert done.exit_code == 0, done.output
    print(f"demo of {SCHOOLS} schools: {time.process_time() - started:.1f} s CPU")
    yield app
    with app.app_context():
        core_db.db.engine.dispose()


@pytest.fixture
def stored(demo: Flask) -> Iterator[None]:
    """The session of the filled database."""
    with demo.app_context():
        yield


def test_the_open_round_shows_every_state_and_the_past_one_is_published(stored: None) -> None:
    states = {
        round_.state: set(
            core_db.session.scalars(select(Assessment.state).where(Assessment.round_id == round_.id))
        )
        for round_ in core_db.session.scalars(select(Round))
    }
    assert states == {"published": {State.PUBLISHED}, "open": set(State) - {State.PUBLISHED}}


def test_results_certificates_satellites_and_evidence_exist(demo: Flask, stored: None) -> None:
    def count(model: type) -> int:
        return core_db.session.scalar(select(func.count()).select_from(model)) or 0

    assert count(Result) == core_db.session.scalar(
        select(func.count()).select_from(Assessment).where(Assessment.state == State.PUBLISHED)
    )
    assert 0 < count(Certificate) < count(Result)
    assert core_db.session.scalar(select(func.count()).where(Site.is_main.is_(False)))
    kinds = set(core_db.session.scalars(select(EvidenceFile.kind)))
    assert {"image", "pdf"} <= kinds
    folder = Path(demo.config["DATA_DIR"]) / "files"
    assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) > 0


def test_a_school_with_two_sets_fills_in_both(stored: None) -> None:
    two = select(Assessment.participation_id).group_by(Assessment.participation_id).having(func.count() > 1)
    forms = core_db.session.scalars(select(Assessment).where(Assessment.participation_id.in_(two))).all()
    assert len(forms) == 4 and len({form.framework_version_id for form in forms}) == 2
    assert all(form.answered for form in forms)


def test_nothing_in_the_demo_happens_before_its_cause(stored: None) -> None:
    """Answers have a history, pictures are taken before they are uploaded, papers of the Decision's day."""
    answers = core_db.session.scalar(select(func.count()).select_from(Answer))
    told = core_db.session.scalar(select(func.count(AnswerChange.answer_id.distinct())))
    assert answers == told
    for file in core_db.session.scalars(select(EvidenceFile).where(EvidenceFile.captured_on.is_not(None))):
        assert file.captured_on <= local_date(file.added_at)
    for one in core_db.session.scalars(select(Certificate)):
        assert local_date(one.issued_at) == one.batch.decision_date


def test_a_certificate_to_look_up_is_printed(demo: Flask) -> None:
    done = demo.test_cli_runner().invoke(args=["demo", "look-up"])
    number, address = done.output.split()
    page = demo.test_client().get(address.removeprefix("http://localhost"))
    assert page.status_code == 200 and number in page.get_data(as_text=True)


def test_every_school_is_invented(stored: None) -> None:
    names = core_db.session.scalars(select(OrganisationUnit.name).where(OrganisationUnit.kind == SCHOOL))
    assert all(" Mẫu " in name for name in names)


def test_accounts_name_each_role_and_three_schools_in_two_wards(demo: Flask) -> None:
    done = demo.test_cli_runner().invoke(args=["demo", "accounts", "--json"])
    rows = json.loads(done.output)
    assert {tuple(sorted(row)) for row in rows} == {("login", "password", "role", "unit")}
    assert {row["role"] for row in rows} == set(Role)
    schools = {row["unit"] for row in rows if row["role"] == Role.UNIT_HEAD}
    assert len(schools) >= 3 and len({unit.rpartition(" – ")[2] for unit in schools}) >= 2
    first = next(row for row in rows if row["role"] == Role.UNIT_HEAD)
    answer = demo.test_client().get("/account/login")
    assert answer.status_code == 200 and first["password"]


def test_reading_every_page_in_every_role_changes_nothing(demo: Flask) -> None:
    """trust.md row 45: a GET writes neither a row nor a file, whoever asks and whatever is asked for."""
    rows = json.loads(demo.test_cli_runner().invoke(args=["demo", "accounts", "--json"]).output)
    people = {row["role"]: row for row in rows}
    readers = {role: sign_in(demo, row["login"], row["password"]) for role, row in people.items()}
    before, read = digest_of(demo), {role: read_all(client) for role, client in readers.items()}
    assert digest_of(demo) == before
    assert set(read) == set(Role) and all(pages.total() >= 15 for pages in read.values())
    print("pages read:", {role: pages.total() for role, pages in read.items()})


def test_a_second_load_changes_nothing(demo: Flask) -> None:
    done = demo.test_cli_runner().invoke(args=["demo", "load"])
    assert done.exit_code == 1 and "đã có demo" in done.output
    with demo.app_context():
        assert core_db.session.scalar(select(func.count()).select_from(DemoMark)) == 1


def test_production_is_refused_before_anything_is_written(app: Flask) -> None:
    app.config["ENV"] = "production"
    done = app.test_cli_runner().invoke(args=["demo", "load"])
    assert done.exit_code == 1 and "ENV=production" in done.output
    with app.app_context():
        assert core_db.session.scalar(select(func.count()).select_from(OrganisationUnit)) == 0


def test_a_database_with_an_administrator_gets_no_demo(app: Flask) -> None:
    """What is there right after the wards are loaded and the first administrator is made."""
    with app.app_context(), unit_of_work():
        make_actor(Role.DEPARTMENT_ADMIN, make_commune().parent)  # type: ignore[arg-type]
    done = app.test_cli_runner().invoke(args=["demo", "load"])
    assert done.exit_code == 1 and "đã có tài khoản" in done.output
    with app.app_context():
        assert core_db.session.scalar(select(func.count()).where(OrganisationUnit.kind == SCHOOL)) == 0
        assert core_db.session.scalar(select(func.count()).select_from(DemoMark)) == 0


def test_somebodys_schools_are_left_alone(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        make_school()
    done = app.test_cli_runner().invoke(args=["demo", "load"])
    assert done.exit_code == 1 and "Không tạo demo" not in done.output
    with app.app_context():
        assert core_db.session.scalar(select(func.count()).where(OrganisationUnit.kind == SCHOOL)) == 1
        assert core_db.session.scalar(select(func.count()).select_from(DemoMark)) == 0


def test_accounts_of_a_database_that_is_no_demo_are_not_printed(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["demo", "accounts", "--json"])
    assert done.exit_code == 1 and "không phải demo" in done.output
