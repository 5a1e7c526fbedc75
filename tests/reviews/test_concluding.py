"""The ends of an examination and the way back: return, propose, approve, send back, reopen."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from survey_app.assessments import queries as assessments
from survey_app.assessments import service as school
from survey_app.assessments.models import SchoolProfile
from survey_app.assessments.saving import Edit, NotReturned, check_editable, save_answer
from survey_app.core.audit import AuditEvent
from survey_app.notices.models import Notice
from survey_app.reviews import queries, service
from survey_app.reviews.examination import Group, Mark, examine
from survey_app.rules.errors import NotAllowed
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State, WrongState
from tests.factories.accounts import make_actor
from tests.factories.frameworks import plain_framework, plain_indicator
from tests.factories.reviews import Scene, make_review, make_scene, make_verified

WHY = "Ảnh chụp năm 2024, hãy chụp lại."
ALL_TWO = {"AT1.1": 2, "AT1.2": 2, "LM1.1": 2, "LM1.2": 1}


def in_review(now: datetime, *, marked: tuple[str, ...] = (), levels: int = 2) -> Scene:
    """Everything confirmed, some of it marked to be given back."""
    scene = make_scene(state=State.IN_REVIEW, levels=levels)
    make_verified(scene.row, ALL_TWO)
    for code in marked:
        service.mark_for_return(scene.form, code, WHY, base_version=1, actor=scene.officer, now=now)
    return scene


def give_back(scene: Scene, now: datetime, **values: Any) -> Any:
    start: dict[str, Any] = {"deadline": now + timedelta(days=7), "message": "Mong trường bổ sung sớm."}
    return service.return_marked(scene.form, **(start | values), actor=scene.officer, now=now)


def told(session: Any) -> list[Notice]:
    return list(session.scalars(select(Notice).order_by(Notice.id)))


# ---- giving back ----


def test_only_the_marked_indicators_open_again(session: Any, now: datetime) -> None:
    scene = in_review(now, marked=("AT1.2",))
    made = give_back(scene, now)
    assert scene.row.state == State.RETURNED and made.deadline == now + timedelta(days=7)
    check_editable(scene.form, "AT1.2", now=now)
    for code in ("AT1.1", "LM1.1", "LM1.2"):
        with pytest.raises(NotReturned):
            check_editable(scene.form, code, now=now)
    returned = assessments.open_return(scene.row.id)
    assert returned is not None and returned.items["AT1.2"].reason == WHY


def test_the_school_is_told_with_the_way_to_its_form(session: Any, now: datetime) -> None:
    scene = in_review(now, marked=("AT1.1", "AT1.2"))
    give_back(scene, now)
    (notice,) = told(session)
    assert (notice.unit_id, notice.url) == (scene.school.id, f"/assessments/{scene.row.uid}")
    assert notice.title == "Yêu cầu bổ sung 2 tiêu chí, hạn 14g05, ngày 19/05/2027"
    assert notice.body == "Mong trường bổ sung sớm."


def test_after_the_resubmission_only_the_returned_values_are_open(session: Any, now: datetime) -> None:
    scene = in_review(now, marked=("AT1.2",))
    give_back(scene, now)
    edit = Edit("AT1.2", 0, 3, "Đã chụp lại.", 1, "khoa-moi")
    save_answer(scene.form, edit, actor=scene.head, now=now)
    school.submit_assessment(scene.form, signatory="Hiệu trưởng", actor=scene.head, now=now)
    assert scene.row.state == State.RESUBMITTED
    service.start_review(scene.form, actor=scene.officer, now=now)
    examination = examine(scene.form)
    assert examination.unseen == ["AT1.2"]
    line = examination.line("AT1.2")
    assert (line.mark, line.own, line.asked) == (Mark.AGAIN, 3, WHY)
    assert line.row is not None and (line.row.earlier_value, line.row.to_return) == (2, False)
    assert examination.first(Group.RETURN) == "AT1.2"
    assert service.copy_self_scores(scene.form, actor=scene.officer, now=now) == 0
    with pytest.raises(service.NotAllSeen):
        service.propose(scene.form, "", actor=scene.officer, now=now)


def test_an_unanswered_return_ends_with_its_deadline_not_before(session: Any, now: datetime) -> None:
    scene = in_review(now, marked=("AT1.2",))
    deadline = give_back(scene, now).deadline
    grace = timedelta(minutes=scene.round.grace_minutes)
    with pytest.raises(service.StillWithTheSchool) as refusal:
        last = deadline + grace - timedelta(seconds=1)
        service.start_review(scene.form, actor=scene.officer, now=last)
    assert "14g05, ngày 19/05/2027" in str(refusal.value)
    service.start_review(scene.form, actor=scene.officer, now=deadline + grace)
    assert scene.row.state == State.IN_REVIEW and assessments.open_return(scene.row.id) is None
    assert examine(scene.form).unseen == ["AT1.2"]


def test_a_second_return_keeps_the_last_value_that_stood(session: Any, now: datetime) -> None:
    scene = in_review(now, marked=("AT1.2",))
    give_back(scene, now)
    scene.row.state = State.IN_REVIEW
    service.mark_for_return(scene.form, "AT1.2", WHY, base_version=3, actor=scene.officer, now=now)
    give_back(scene, now)
    row = queries.find_verified(scene.row.id, "AT1.2")
    assert row is not None and (row.value, row.earlier_value) == (None, 2)


def test_nothing_is_given_back_without_a_mark(session: Any, now: datetime) -> None:
    scene = in_review(now)
    with pytest.raises(service.NothingMarked):
        give_back(scene, now)
    assert scene.row.state == State.IN_REVIEW and told(session) == []


def test_a_deadline_in_the_past_or_after_the_authoritys_own_is_refused(session: Any, now: datetime) -> None:
    scene = in_review(now, marked=("AT1.1",))
    with pytest.raises(school.DeadlineInThePast):
        give_back(scene, now, deadline=now)
    limit = scene.round.commune_closes_at
    with pytest.raises(service.AfterReviewDeadline) as refusal:
        give_back(scene, now, deadline=limit + timedelta(minutes=1))
    assert "17g00, ngày 09/06/2027" in str(refusal.value)
    assert scene.row.state == State.IN_REVIEW
    give_back(scene, now, deadline=limit + timedelta(minutes=1), late_is_meant=True)


def test_another_officer_and_a_leader_do_not_give_back(session: Any, now: datetime) -> None:
    scene = in_review(now, marked=("AT1.1",))
    other = make_actor(scene.officer.role, scene.participation.reviewing_unit)
    for actor, refusal in ((other, service.HeldByOther), (scene.leader, NotAllowed)):
        with pytest.raises(refusal):
            service.return_marked(
                scene.form, deadline=now + timedelta(days=1), message="", actor=actor, now=now
            )


# ---- proposing and approving ----


def test_a_form_with_something_unseen_is_not_concluded_and_it_is_named(session: Any, now: datetime) -> None:
    scene = make_scene(state=State.IN_REVIEW, levels=1)
    make_verified(scene.row, {"AT1.1": 2, "LM1.2": 1})
    with pytest.raises(service.NotAllSeen) as refusal:
        service.approve(scene.form, "", actor=scene.officer, now=now)
    assert refusal.value.codes == ["AT1.2", "LM1.1"] and "AT1.2, LM1.1" in str(refusal.value)
    assert scene.row.state == State.IN_REVIEW


def test_many_unseen_are_named_in_part(session: Any) -> None:
    assert str(service.NotAllSeen([f"AT{n}" for n in range(12)])).endswith("AT9, ….")


def test_a_mark_stops_the_conclusion(session: Any, now: datetime) -> None:
    scene = in_review(now, marked=("LM1.1",))
    with pytest.raises(service.StillMarked) as refusal:
        service.propose(scene.form, "", actor=scene.officer, now=now)
    assert refusal.value.codes == ["LM1.1"]


def test_with_one_level_the_officer_confirms(session: Any, now: datetime) -> None:
    scene = in_review(now, levels=1)
    with pytest.raises(WrongState):
        service.propose(scene.form, "", actor=scene.officer, now=now)
    other = make_actor(scene.officer.role, scene.participation.reviewing_unit)
    with pytest.raises(service.HeldByOther):
        service.approve(scene.form, "", actor=other, now=now)
    with pytest.raises(NotAllowed):
        service.approve(scene.form, actor=scene.leader, now=now)
    review = service.approve(scene.form, " Thống nhất. ", actor=scene.officer, now=now)
    assert scene.row.state == State.APPROVED and review.conclusion == "Thống nhất."
    assert (review.approved_at, review.approved_by_id) == (now, scene.officer.user_id)
    assert told(session)[0].title == "Kết quả kiểm tra đã được xác nhận"


def test_with_two_levels_only_the_leader_approves(session: Any, now: datetime) -> None:
    scene = in_review(now)
    with pytest.raises(WrongState):
        service.approve(scene.form, actor=scene.officer, now=now)
    service.propose(scene.form, "Đề nghị xác nhận.", actor=scene.officer, now=now)
    assert scene.row.state == State.PROPOSED
    for actor in (scene.officer, scene.head, make_actor(Role.DEPARTMENT_LEADER, scene.round.department)):
        with pytest.raises(NotAllowed):
            service.approve(scene.form, actor=actor, now=now)
    review = service.approve(scene.form, actor=scene.leader, now=now)
    assert scene.row.state == State.APPROVED
    assert (review.conclusion, review.approved_by_id) == ("Đề nghị xác nhận.", scene.leader.user_id)
    assert review.officer_id == scene.officer.user_id


def test_who_proposed_does_not_approve_in_another_role(session: Any, now: datetime) -> None:
    scene = make_scene(state=State.PROPOSED)
    make_verified(scene.row, ALL_TWO)
    queries.find_review(scene.row.id).officer_id = scene.leader.user_id  # type: ignore[union-attr]
    session.flush()
    with pytest.raises(service.SamePerson):
        service.approve(scene.form, actor=scene.leader, now=now)


def test_a_leader_sends_back_with_a_reason(session: Any, now: datetime) -> None:
    scene = in_review(now)
    service.propose(scene.form, "", actor=scene.officer, now=now)
    with pytest.raises(service.ReasonTooShort):
        service.send_back(scene.form, "xem", actor=scene.leader, now=now)
    with pytest.raises(NotAllowed):
        service.send_back(scene.form, WHY, actor=scene.officer, now=now)
    review = service.send_back(scene.form, WHY, actor=scene.leader, now=now)
    assert (scene.row.state, review.send_back_reason) == (State.IN_REVIEW, WHY)
    assert told(session) == [] and assessments.events_of(scene.row.id)[-1].note == ""
    review = service.propose(scene.form, "Đã xem lại.", actor=scene.officer, now=now)
    assert review.send_back_reason == ""


def test_values_of_what_no_longer_applies_go_with_the_approval(session: Any, now: datetime) -> None:
    kitchen = plain_indicator("AT1.2", applies_when=("bep_an",))
    framework = plain_framework([("AT", 1, [plain_indicator("AT1.1"), kitchen])])
    scene = make_scene(framework=framework, state=State.IN_REVIEW, levels=1)
    make_verified(scene.row, {"AT1.1": 2, "AT1.2": 3})
    session.get_one(SchoolProfile, scene.participation.id).facts = {"bep_an": False}
    session.flush()
    service.approve(scene.form, actor=scene.officer, now=now)
    assert queries.verified_values(scene.row.id) == {"AT1.1": 2}
    dropped = session.scalars(select(AuditEvent).where(AuditEvent.action == "review.drop")).one()
    assert dropped.old == {"not_applicable": ["AT1.2"]}


# ---- opening again ----


def test_a_leader_and_the_administrator_open_a_confirmed_form_again(session: Any, now: datetime) -> None:
    scene = make_scene(state=State.APPROVED)
    admin = make_actor(Role.DEPARTMENT_ADMIN, scene.round.department)
    for actor in (scene.officer, scene.head, make_actor(Role.DEPARTMENT_LEADER, scene.round.department)):
        with pytest.raises(NotAllowed):
            service.reopen(scene.form, WHY, actor=actor, now=now)
    for actor in (scene.leader, admin):
        with pytest.raises(service.ReasonTooShort):
            service.reopen(scene.form, "", actor=actor, now=now)
        review = service.reopen(scene.form, WHY, actor=actor, now=now)
        assert (scene.row.state, review.approved_at) == (State.IN_REVIEW, None)
        scene.row.state = State.APPROVED
    assert [notice.body for notice in told(session)] == [WHY, WHY]


@pytest.mark.parametrize("state", sorted(set(State) - {State.APPROVED}))
def test_only_a_confirmed_form_is_opened_again(session: Any, now: datetime, state: State) -> None:
    scene = make_scene(state=state)
    with pytest.raises(WrongState):
        service.reopen(scene.form, WHY, actor=scene.leader, now=now)


# ---- every act from every state ----

ACTS = {
    "start": lambda s, now: service.start_review(s.form, actor=s.officer, now=now),
    "hold": lambda s, now: service.hold(s.form, WHY, actor=s.officer, now=now),
    "resume": lambda s, now: service.resume(s.form, actor=s.officer, now=now),
    "mark": lambda s, now: service.mark_for_return(
        s.form, "AT1.1", WHY, base_version=1, actor=s.officer, now=now
    ),
    "propose": lambda s, now: service.propose(s.form, "", actor=s.officer, now=now),
    "approve": lambda s, now: service.approve(s.form, actor=s.leader, now=now),
    "send_back": lambda s, now: service.send_back(s.form, WHY, actor=s.leader, now=now),
    "reopen": lambda s, now: service.reopen(s.form, WHY, actor=s.leader, now=now),
    "copy": lambda s, now: service.copy_self_scores(s.form, actor=s.officer, now=now),
}
FROM = {
    "start": {State.SUBMITTED, State.RESUBMITTED, State.RETURNED},
    "resume": {State.ON_HOLD},
    "approve": {State.PROPOSED},
    "send_back": {State.PROPOSED},
    "reopen": {State.APPROVED},
}


@pytest.mark.parametrize("state", sorted(set(State) - {State.IN_REVIEW}))
def test_nothing_is_given_back_from_another_state(session: Any, now: datetime, state: State) -> None:
    scene = make_scene(state=state)
    if state is State.SUBMITTED:
        make_review(scene.row, scene.officer)
    make_verified(scene.row, ALL_TWO, to_return=True, return_reason=WHY)
    with pytest.raises(WrongState):
        give_back(scene, now)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", State)
def test_an_act_from_another_state_is_a_conflict(session: Any, now: datetime, act: str, state: State) -> None:
    scene = make_scene(state=state)
    if state is State.SUBMITTED:
        make_review(scene.row, scene.officer)
    make_verified(scene.row, ALL_TWO)
    if state in FROM.get(act, {State.IN_REVIEW}):
        ACTS[act](scene, now)
        return
    with pytest.raises(WrongState):
        ACTS[act](scene, now)
    assert scene.row.state == state


def test_verified_values_leave_out_what_is_not_looked_at(session: Any, now: datetime) -> None:
    scene = make_scene(state=State.IN_REVIEW)
    make_verified(scene.row, {"AT1.1": 1, "AT1.2": None})
    assert queries.verified_values(scene.row.id) == {"AT1.1": 1}
    assert queries.verified_values_of([scene.row.id, 999]) == {scene.row.id: {"AT1.1": 1}}
    assert queries.verified_card(scene.form).tally.answered == 1
