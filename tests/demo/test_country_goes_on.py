"""The services take a country up where the bulk left it, and a load that was broken off goes on."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from survey_app.accounts.models import Membership, User
from survey_app.app import create_app
from survey_app.assessments.models import Answer, Assessment
from survey_app.assessments.queries import Form, answers_of, form_of
from survey_app.assessments.saving import Edit, save_answer
from survey_app.assessments.service import submit_assessment
from survey_app.core import db as core_db
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.demo import cli
from survey_app.demo.country import load as loading
from survey_app.demo.country.parts import FORMS, Part
from survey_app.demo.country.places import PER_COMMUNE, read_provinces, share_schools
from survey_app.demo.country.workshop import make_in_order
from survey_app.demo.models import DemoMark, DemoPart
from survey_app.demo.pictures import Album
from survey_app.organisations.models import OrganisationUnit
from survey_app.organisations.queries import SchoolFilter, department_of, list_schools
from survey_app.reviews import service as reviews
from survey_app.reviews.examination import examine
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.conftest import make_settings
from tests.demo.conftest import MADE, PROVINCES, SCHOOLS, make_load

LATER = MADE + timedelta(hours=1)


def form_in(state: State) -> Form:
    found = session.scalar(
        select(Assessment.id)
        .where(Assessment.state == state, Assessment.applicable > 0)
        .order_by(Assessment.id.desc())
    )
    assert found is not None, state
    return form_of(found)


def person(unit_id: int, *roles: Role) -> Actor:
    user, membership = session.execute(
        select(User, Membership)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.unit_id == unit_id, Membership.role.in_(roles))
        .order_by(User.id)
    ).first()
    unit = session.get_one(OrganisationUnit, unit_id)
    department = department_of(unit)
    role = Role(membership.role)
    return Actor(user.id, membership.id, role, unit_id, unit.kind, department, unit.name, user.name, 0)


OFFICERS = (Role.COMMUNE_OFFICER, Role.DEPARTMENT_OFFICER)
LEADERS = (Role.COMMUNE_LEADER, Role.DEPARTMENT_LEADER)


@pytest.mark.usefixtures("stored")
def test_a_school_goes_on_with_its_draft_and_hands_it_in() -> None:
    form = form_in(State.DRAFT)
    head, stored = person(form.participation.unit_id, Role.UNIT_HEAD), answers_of(form.assessment.id)
    code, site = next(iter(stored))
    edit = Edit(code, site, 1, "Đã xem lại.", stored[code, site].version, "mới")
    before = form.assessment.answered
    assert save_answer(form, edit, actor=head, now=LATER).version == edit.base_version + 1
    assert form.assessment.answered == before
    returned = form_in(State.RETURNED)
    head = person(returned.participation.unit_id, Role.UNIT_HEAD)
    session.execute(
        text("UPDATE returned_indicator SET settled_at = :now").bindparams(now=LATER.replace(tzinfo=None))
    )
    submit_assessment(returned, signatory=head.name, actor=head, now=LATER)
    assert returned.assessment.state == State.RESUBMITTED


@pytest.mark.usefixtures("stored")
def test_the_authority_takes_a_form_and_confirms_another() -> None:
    form = form_in(State.SUBMITTED)
    officer = person(form.participation.reviewing_unit_id, *OFFICERS)
    reviews.start_review(form, actor=officer, now=LATER)
    assert reviews.copy_self_scores(form, actor=officer, now=LATER) > 0
    form = form_in(State.IN_REVIEW)
    reviewer = session.execute(
        text("SELECT officer_id FROM review WHERE assessment_id = :id").bindparams(id=form.assessment.id)
    ).scalar_one()
    officer = person(form.participation.reviewing_unit_id, *OFFICERS)
    assert reviewer in {officer.user_id} | {one for one in [reviewer] if officer.unit_kind == "department"}
    form = form_in(State.PROPOSED)
    leader = person(form.participation.reviewing_unit_id, *LEADERS)
    reviews.approve(form, actor=leader, now=LATER)
    assert form.assessment.state == State.APPROVED and not examine(form).unseen


@pytest.mark.usefixtures("stored")
def test_departments_see_their_own_schools_only() -> None:
    departments = session.scalars(
        select(OrganisationUnit.id).where(OrganisationUnit.kind == "department")
    ).all()
    totals = [
        list_schools(person(unit_id, Role.DEPARTMENT_ADMIN), SchoolFilter()).total for unit_id in departments
    ]
    assert sorted(totals) == sorted(share_schools(read_provinces()[:PROVINCES], SCHOOLS))
    assert sum(totals) == SCHOOLS


def test_the_whole_country_has_the_schools_its_departments_told_of() -> None:
    provinces = read_provinces()
    assert len(provinces) == 34 and sum(len(one.communes) for one in provinces) == 3321
    shares = dict(zip((one.code for one in provinces), share_schools(provinces, 53_000), strict=True))
    assert sum(shares.values()) == 53_000
    assert max(shares, key=lambda code: shares[code]) == "79" and abs(shares["79"] - 3_517) < 10
    assert abs(shares["92"] - 1_215) < 5
    others = [code for code in shares if code not in ("79", "01", "92")]
    assert all(
        shares[one.code] / len(one.communes) == pytest.approx(PER_COMMUNE, 0.05)
        for one in provinces
        if one.code in others
    )


ALBUM = Album({})  # what is tested here does not look at pictures


def test_another_process_makes_the_same_rows(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    scenes = []
    monkeypatch.setattr(loading.Load, "_write", lambda self, scene, done: scenes.append(scene))
    with app.app_context():
        make_load(ALBUM).run()
    parts = [Part(FORMS, 0, 0, 9, 2), Part("schools", 1, 0, 4)]
    here, there = (list(make_in_order(scenes[0], parts, processes)) for processes in (0, 1))
    assert here == there and len(here[0][1]["answer"]) > 300


class BrokenOff(Exception):
    """What stands for a killed process."""


def test_a_load_that_was_broken_off_goes_on_where_it_stopped(
    app: Flask, tmp_path: Path, new_database: Callable[[Path], None]
) -> None:
    told = []

    def stop(words: str) -> None:
        told.append(words)
        if "đợt 2/2" in words:
            raise BrokenOff

    numbers = {"schools": 24, "rounds": 2, "provinces": 2}
    with app.app_context():
        with pytest.raises(BrokenOff):
            make_load(ALBUM, stop, **numbers).run()
        assert session.scalars(select(DemoMark)).one().finished_at is None
        written = session.scalar(select(func.count()).select_from(DemoPart))
        make_load(ALBUM, told.append, **numbers).run()
        assert session.scalars(select(DemoMark)).one().finished_at == MADE
        assert (session.scalar(select(func.count()).select_from(DemoPart)) or 0) > (written or 0) > 5
        broken = fingerprint()
    (tmp_path / "whole").mkdir()
    new_database(tmp_path / "whole")
    whole = create_app(make_settings(tmp_path / "whole"))
    with whole.app_context():
        make_load(ALBUM, **numbers).run()
        assert fingerprint() == broken
        core_db.db.engine.dispose()


def fingerprint() -> list[tuple[object, ...]]:
    answers = select(Answer.id, Answer.value, Answer.comment, Answer.updated_at, Answer.updated_by_id)
    forms = select(Assessment.id, Assessment.uid, Assessment.state, Assessment.met, Assessment.evidence_had)
    return [
        tuple(row) for statement in (answers, forms) for row in session.execute(statement.order_by(text("1")))
    ]


@pytest.fixture
def command(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The command takes more than nine schools for a country, of two provinces, made in one process."""
    monkeypatch.setattr(cli, "MOST_TOLD", 9)
    monkeypatch.setattr(cli, "read_provinces", lambda: read_provinces()[:2])
    monkeypatch.setattr(cli.os, "cpu_count", lambda: 0)
    yield app


def test_the_command_writes_a_country_and_says_how_far_it_is(command: Flask) -> None:
    run = command.test_cli_runner().invoke
    done = run(args=["demo", "load", "--schools", "12", "--rounds", "1"])
    assert done.exit_code == 0, done.output
    assert "100%" in done.output and "12 trường, 0 đợt đã công bố, một đợt đang mở" in done.output
    again = run(args=["demo", "load", "--schools", "12", "--rounds", "1"])
    assert again.exit_code == 1 and "đã có demo" in again.output
    with command.app_context(), core_db.unit_of_work():
        session.scalars(select(DemoMark)).one().finished_at = None
    other = run(args=["demo", "load", "--schools", "13", "--rounds", "1"])
    assert other.exit_code == 1 and "--schools 12 --rounds 1 --seed 2027" in other.output
    same = run(args=["demo", "load", "--schools", "12", "--rounds", "1"])
    assert same.exit_code == 0 and "làm tiếp" in same.output


@pytest.mark.sqlite
def test_the_file_is_written_in_haste_only_while_a_country_is_poured(app: Flask) -> None:
    def settings() -> list[int]:
        return [
            session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("synchronous", "cache_size", "wal_autocheckpoint", "foreign_keys")
        ]

    seen = []
    with app.app_context():
        before = settings()
        session.rollback()
        make_load(ALBUM, lambda words: seen.append(settings()), schools=24, rounds=1, provinces=2).run()
        assert settings() == before == [2, -2000, 1000, 1]
        assert seen and set(map(tuple, seen)) == {(1, -131072, 16384, 1)}
