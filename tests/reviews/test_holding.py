"""Who has a form: taking it, passing it on, laying it aside; who may not."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from survey_app.accounts.models import Membership, User
from survey_app.core.access import Actor
from survey_app.core.audit import AuditEvent
from survey_app.core.db import session as db_session
from survey_app.reviews import queries, service
from survey_app.rules.errors import NotAllowed
from survey_app.rules.permissions import OFFICERS, Role
from survey_app.rules.workflow import Action, State, WrongState
from tests.factories.accounts import make_actor, make_membership
from tests.factories.reviews import Scene, make_scene


def uid_of(actor: Actor) -> str:
    return db_session.get_one(User, actor.user_id).uid


def holder(scene: Scene) -> int | None:
    review = queries.find_review(scene.row.id)
    return review.officer_id if review else None


def test_starting_takes_the_form_and_begins_the_examination(session: Any, now: datetime) -> None:
    scene = make_scene()
    review = service.start_review(scene.form, actor=scene.officer, now=now)
    assert scene.row.state == State.IN_REVIEW
    assert (review.officer_id, review.started_at) == (scene.officer.user_id, now)
    audited = session.scalars(select(AuditEvent.action)).all()
    assert audited == ["review.assign", "assessment.start_review"]


def test_the_second_to_start_is_told_that_it_has_begun(session: Any, now: datetime) -> None:
    scene = make_scene()
    other = make_actor(scene.officer.role, scene.participation.reviewing_unit)
    service.start_review(scene.form, actor=scene.officer, now=now)
    with pytest.raises(WrongState):
        service.start_review(scene.form, actor=other, now=now)
    assert holder(scene) == scene.officer.user_id


@pytest.mark.parametrize("role", sorted(set(Role) - OFFICERS))
def test_only_officers_start(session: Any, now: datetime, role: Role) -> None:
    scene = make_scene()
    actor = make_actor(role, scene.participation.reviewing_unit)
    with pytest.raises(NotAllowed):
        service.start_review(scene.form, actor=actor, now=now)
    assert scene.row.state == State.SUBMITTED


def test_an_officer_of_another_unit_only_looks(session: Any, now: datetime) -> None:
    scene = make_scene()
    of_department = make_actor(Role.DEPARTMENT_OFFICER, scene.round.department)
    with pytest.raises(service.OnlyLooking) as refusal:
        service.start_review(scene.form, actor=of_department, now=now)
    assert scene.participation.reviewing_unit.name in str(refusal.value)


@pytest.mark.parametrize("left", [None, timedelta(days=1)])
def test_nobody_checks_the_school_they_work_or_worked_at(
    session: Any, now: datetime, left: timedelta | None
) -> None:
    scene = make_scene()
    ends_at = scene.round.opens_at + left if left else None
    user = session.get_one(User, scene.officer.user_id)
    make_membership(user, scene.school, Role.UNIT_MEMBER, ends_at=ends_at)
    with pytest.raises(service.OwnSchool):
        service.start_review(scene.form, actor=scene.officer, now=now)
    with pytest.raises(service.OwnSchool):
        service.assign(scene.form, uid_of(scene.officer), actor=scene.leader, now=now)


def test_a_place_left_before_the_round_opened_does_not_count(session: Any, now: datetime) -> None:
    scene = make_scene()
    user = session.get_one(User, scene.officer.user_id)
    before = scene.round.opens_at - timedelta(days=1)
    make_membership(user, scene.school, Role.UNIT_MEMBER, ends_at=before)
    service.start_review(scene.form, actor=scene.officer, now=now)


def test_a_form_given_to_another_is_taken_over_not_started(session: Any, now: datetime) -> None:
    scene = make_scene()
    other = make_actor(scene.officer.role, scene.participation.reviewing_unit)
    service.assign(scene.form, uid_of(other), actor=scene.leader, now=now)
    with pytest.raises(service.HeldByOther) as refusal:
        service.start_review(scene.form, actor=scene.officer, now=now)
    assert other.name in str(refusal.value)
    service.assign(scene.form, uid_of(scene.officer), actor=scene.officer, now=now)
    service.start_review(scene.form, actor=scene.officer, now=now)
    assert holder(scene) == scene.officer.user_id


def test_handing_over_is_audited_and_twice_is_once(session: Any, now: datetime) -> None:
    scene = make_scene(state=State.IN_REVIEW)
    other = make_actor(scene.officer.role, scene.participation.reviewing_unit)
    for _ in range(2):
        service.assign(scene.form, uid_of(other), actor=scene.officer, now=now)
    events = session.scalars(select(AuditEvent)).all()
    assert [(event.old, event.new) for event in events] == [
        ({"officer": scene.officer.user_id}, {"officer": other.user_id})
    ]


def test_only_an_officer_of_the_unit_can_get_a_form(session: Any, now: datetime) -> None:
    scene = make_scene()
    stranger = make_actor(Role.DEPARTMENT_OFFICER, scene.round.department)
    gone = make_actor(scene.officer.role, scene.participation.reviewing_unit)
    session.scalars(select(Membership).where(Membership.user_id == gone.user_id)).one().ends_at = now
    for uid in (uid_of(stranger), uid_of(scene.leader), uid_of(gone), "", "x"):
        with pytest.raises(service.UnknownOfficer):
            service.assign(scene.form, uid, actor=scene.leader, now=now)


def test_who_handed_a_form_over_saves_no_more(session: Any, now: datetime) -> None:
    scene = make_scene(state=State.IN_REVIEW)
    other = make_actor(scene.officer.role, scene.participation.reviewing_unit)
    service.assign(scene.form, uid_of(other), actor=scene.leader, now=now)
    verdict = service.Verdict("AT1.1", 2, "", 0)
    with pytest.raises(service.HeldByOther):
        service.verify_score(scene.form, verdict, actor=scene.officer, now=now)
    service.verify_score(scene.form, verdict, actor=other, now=now)


@pytest.mark.parametrize("state", [State.PROPOSED, State.APPROVED, State.PUBLISHED])
def test_a_form_before_the_leader_or_concluded_stays_where_it_is(
    session: Any, now: datetime, state: State
) -> None:
    scene = make_scene(state=state)
    with pytest.raises(WrongState):
        service.assign(scene.form, uid_of(scene.officer), actor=scene.leader, now=now)


def test_laying_aside_needs_a_reason_and_only_the_holder_does_it(session: Any, now: datetime) -> None:
    scene = make_scene(state=State.IN_REVIEW)
    other = make_actor(scene.officer.role, scene.participation.reviewing_unit)
    for reason in ("", "  abc ", "123456789"):
        with pytest.raises(service.ReasonTooShort):
            service.hold(scene.form, reason, actor=scene.officer, now=now)
    with pytest.raises(service.ReasonTooLong):
        service.hold(scene.form, "a" * 501, actor=scene.officer, now=now)
    with pytest.raises(service.HeldByOther):
        service.hold(scene.form, "chờ đi thực tế", actor=other, now=now)
    review = service.hold(scene.form, "chờ đi thực tế", actor=scene.officer, now=now)
    assert (scene.row.state, review.hold_reason) == (State.ON_HOLD, "chờ đi thực tế")
    with pytest.raises(WrongState):
        service.hold(scene.form, "chờ đi thực tế", actor=scene.officer, now=now)
    with pytest.raises(service.HeldByOther):
        service.resume(scene.form, actor=other, now=now)
    review = service.resume(scene.form, actor=scene.officer, now=now)
    assert (scene.row.state, review.hold_reason) == (State.IN_REVIEW, "")


def test_why_a_form_is_laid_aside_is_not_told_to_the_school(session: Any, now: datetime) -> None:
    from survey_app.assessments.queries import events_of

    scene = make_scene(state=State.IN_REVIEW)
    service.hold(scene.form, "nghi ngờ số liệu", actor=scene.officer, now=now)
    (event,) = events_of(scene.row.id)
    assert (event.action, event.note) == (Action.HOLD, "")
    reason = {"reason": "nghi ngờ số liệu"}
    assert reason in session.scalars(select(AuditEvent.new)).all()
