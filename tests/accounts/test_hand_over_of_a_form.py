"""Hand-over of a school with a form in hand: nothing of it is lost, and the old head's last click."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from survey_app.accounts import handing_over, queries
from survey_app.accounts.handing_over import NewPerson
from survey_app.accounts.models import Membership, User
from survey_app.accounts.passwords import hash_password
from survey_app.app import create_app
from survey_app.assessments import service as assessments
from survey_app.assessments.models import Answer, AnswerChange, Assessment
from survey_app.assessments.queries import form_of, get_visible_form
from survey_app.assessments.saving import Edit, save_answer
from survey_app.core import db as core_db
from survey_app.core.access import Actor
from survey_app.core.db import session, unit_of_work
from survey_app.rules.errors import RuleError
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.conftest import PASSWORD, make_settings
from tests.factories.accounts import make_actor, make_membership, make_user
from tests.factories.assessments import all_at, make_assessment
from tests.factories.organisations import make_school
from tests.factories.rounds import make_framework_version, make_participation, make_round

CONFIRMED = {"veto_answer": "xac_nhan", "veto_confirmed_at": datetime(2027, 5, 4, tzinfo=UTC)}


class Desk:
    """A school with a whole form, its head and the commune's officer."""

    def __init__(self, now: datetime) -> None:
        version = make_framework_version()
        self.school = make_school(code="92000F09")
        round_ = make_round(self.school.parent.parent, [version])
        part = make_participation(round_, self.school)
        self.form_id = make_assessment(part, all_at(version, 1), **CONFIRMED).id
        head = make_user(login="92000F09", name="Trần Văn Cũ", password=hash_password(PASSWORD))
        membership = make_membership(head, self.school, Role.UNIT_HEAD)
        department = self.school.parent.parent.id
        self.head = Actor(
            head.id,
            membership.id,
            Role.UNIT_HEAD,
            self.school.id,
            "school",
            department,
            self.school.name,
            head.name,
            0,
        )
        self.officer = make_actor(Role.COMMUNE_OFFICER, self.school.parent)
        save_answer(
            form_of(self.form_id), Edit("AT1.1", 0, 2, "Có hàng rào", 1, "k1"), actor=self.head, now=now
        )

    def hand_over(self, now: datetime) -> Any:
        held = queries.open_membership_of(self.school.id, self.head.membership_id)
        return handing_over.hand_over(held, NewPerson("Lê Thị Mới"), actor=self.officer, now=now)

    def submit(self, actor: Actor, now: datetime) -> None:
        found = form_of(self.form_id)
        assessments.submit_assessment(found, signatory=actor.name, actor=actor, now=now)


def test_the_new_head_hands_in_what_the_old_one_filled_in(app: Flask, session: Any, now: datetime) -> None:
    desk = Desk(now)
    answers = {(row.indicator, row.value, row.comment) for row in session.query(Answer)}
    user = desk.hand_over(now).user
    place = queries.open_membership_ids(user.id, now)[0]
    new = Actor(**{**vars(desk.head), "user_id": user.id, "membership_id": place, "name": user.name})
    assert {(row.indicator, row.value, row.comment) for row in session.query(Answer)} == answers
    change = session.scalars(select(AnswerChange)).one()
    assert change.actor_id == desk.head.user_id and queries.names_of([change.actor_id]) == {
        desk.head.user_id: "Trần Văn Cũ"
    }
    with pytest.raises(handing_over.RoleEnded):
        desk.submit(desk.head, now)
    uid = session.get(Assessment, desk.form_id).uid
    assert get_visible_form(new, uid).assessment.state == State.DRAFT
    desk.submit(new, now)
    row = session.get(Assessment, desk.form_id)
    assert (row.state, row.submitted_by_id, row.signatory) == (State.SUBMITTED, user.id, "Lê Thị Mới")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An app on each of the two databases."""
    if request.param == "sqlite":
        yield request.getfixturevalue("app")
        return
    made = create_app(
        make_settings(tmp_path, SQLALCHEMY_DATABASE_URI=request.getfixturevalue("postgres_url"))
    )
    with made.app_context():
        upgrade()
    yield made
    with made.app_context():
        core_db.session.remove()
        core_db.db.engine.dispose()


def old_head_submits_while_it_is_handed_over(
    app: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, str]:
    """The old head's request has begun; the hand-over commits; then the submission goes on.

    What became of the submission, and who handed the form in ("old", "" for nobody).
    """
    with app.app_context(), unit_of_work():
        desk = Desk(now)
        officer, head, form_id, school_id = desk.officer, desk.head, desk.form_id, desk.school.id
    begun, done, outcome = threading.Event(), threading.Event(), []
    real = assessments.hold_office

    def late(actor: Actor) -> None:
        begun.set()
        if not app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
            done.wait(20)  # on SQLite the submission has the database: the hand-over waits for it
        real(actor)

    monkeypatch.setattr(assessments, "hold_office", late)

    def submit() -> None:
        with app.app_context():
            try:
                with unit_of_work():
                    found = form_of(form_id)
                    assessments.submit_assessment(found, signatory="X", actor=head, now=now)
                outcome.append("submitted")
            except RuleError as refusal:
                outcome.append(type(refusal).__name__)

    thread = threading.Thread(target=submit)
    thread.start()
    assert begun.wait(20)  # the submission is under way
    with app.app_context(), unit_of_work():
        held = queries.open_membership_of(school_id, head.membership_id)
        handing_over.hand_over(held, NewPerson("Lê Thị Mới"), actor=officer, now=now)
    done.set()
    thread.join(40)
    return outcome[0], "old" if handed_in_by(app, form_id, head) == head.user_id else ""


def handed_in_by(app: Flask, form_id: int, head: Actor) -> int | None:
    """Who handed the form in, once the old head's role has ended."""
    with app.app_context():
        ended = session.scalar(select(Membership.ends_at).where(Membership.id == head.membership_id))
        active = session.scalar(select(User.active).where(User.id == head.user_id))
        assert ended is not None and active is False
        return session.scalar(select(Assessment.submitted_by_id).where(Assessment.id == form_id))


def test_a_submission_that_meets_the_hand_over_is_before_it_or_refused(
    either: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite = either.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
    expected = ("submitted", "old") if sqlite else ("RoleEnded", "")
    assert old_head_submits_while_it_is_handed_over(either, now, monkeypatch) == expected


@pytest.mark.postgres
@pytest.mark.parametrize("either", ["postgresql"], indirect=True)
def test_without_the_guard_the_old_head_hands_in_after_the_hand_over(
    either: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assessments, "hold_office", lambda actor: None)
    assert old_head_submits_while_it_is_handed_over(either, now, monkeypatch) == ("submitted", "old")
