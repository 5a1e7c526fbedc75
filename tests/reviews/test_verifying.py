"""Confirming values: the reason, the version, the marks, the copy of the school's own values."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from survey_app.assessments.models import Answer, SchoolProfile
from survey_app.assessments.saving import NotApplicable, UnknownPlace
from survey_app.core.audit import AuditEvent
from survey_app.reviews import queries, service
from survey_app.reviews.examination import Group, Mark, examine
from survey_app.reviews.service import Verdict
from survey_app.rules.errors import BadInput, NotAllowed, NotFound
from survey_app.rules.framework import Framework
from survey_app.rules.scoring import OutsideScale
from survey_app.rules.workflow import REVIEWABLE, State, WrongState
from tests.factories.accounts import make_actor
from tests.factories.frameworks import MANDATORY, plain_framework, plain_indicator
from tests.factories.organisations import make_school
from tests.factories.reviews import Scene, make_scene, make_verified

WHY = "Sổ tự kiểm tra chỉ có 2 trong 9 tháng."


def confirm(
    scene: Scene, now: datetime, value: int | None, reason: str = "", base: int = 0, code: str = "AT1.1"
) -> Any:
    verdict = Verdict(code, value, reason, base)
    return service.verify_score(scene.form, verdict, actor=scene.officer, now=now)


def only_with_kitchen() -> Framework:
    kitchen = plain_indicator("AT1.2", applies_when=("bep_an",))
    return plain_framework([("AT", 1, [plain_indicator("AT1.1"), kitchen])])


def test_the_same_value_needs_no_reason(session: Any, now: datetime) -> None:
    scene = make_scene(state=State.IN_REVIEW)
    row = confirm(scene, now, 2)
    assert (row.value, row.reason, row.version) == (2, "", 1)
    assert (row.updated_at, row.updated_by_id) == (now, scene.officer.user_id)


@pytest.mark.parametrize("value", [0, 1, 3])
def test_another_value_needs_a_reason(session: Any, now: datetime, value: int) -> None:
    scene = make_scene(state=State.IN_REVIEW)
    for reason in ("", "   ", "....", "a1b2"):
        with pytest.raises(service.ReasonTooShort):
            confirm(scene, now, value, reason)
    assert queries.find_verified(scene.row.id, "AT1.1") is None
    assert confirm(scene, now, value, f"  {WHY} ").reason == WHY


def test_a_remark_may_stand_beside_the_same_value(session: Any, now: datetime) -> None:
    scene = make_scene(state=State.IN_REVIEW)
    assert confirm(scene, now, 2, "tốt").reason == "tốt"
    with pytest.raises(service.ReasonTooLong):
        confirm(scene, now, 2, "a" * 1001, base=1)


def test_the_school_stands_at_its_lowest_site(session: Any, now: datetime) -> None:
    per_site = plain_framework([("AT", 1, [plain_indicator("AT1.1", per_site=True)])])
    scene = make_scene(framework=per_site, school=make_school(sites=2), state=State.IN_REVIEW)
    last = session.scalars(select(Answer).order_by(Answer.site_id.desc())).first()
    last.value = 1
    with pytest.raises(service.ReasonTooShort):
        confirm(scene, now, 2)
    assert confirm(scene, now, 1).value == 1
    assert queries.verified_card(scene.form).indicator("AT1.1").value == 1


@pytest.mark.parametrize(
    ("code", "value", "refusal"),
    [
        ("AT1.1", None, service.NoValue),
        ("AT1.1", 4, OutsideScale),
        ("AT1.1", -1, OutsideScale),
        ("LM1.2", 2, OutsideScale),
        ("ZZ1.1", 1, UnknownPlace),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    session: Any, now: datetime, code: str, value: int | None, refusal: type[BadInput]
) -> None:
    scene = make_scene(state=State.IN_REVIEW)
    with pytest.raises(refusal):
        confirm(scene, now, value, WHY, code=code)
    assert queries.verified_rows(scene.row.id) == {}


def test_what_does_not_apply_is_not_confirmed(session: Any, now: datetime) -> None:
    scene = make_scene(framework=only_with_kitchen(), profile={"bep_an": False}, state=State.IN_REVIEW)
    with pytest.raises(NotApplicable):
        confirm(scene, now, 2, code="AT1.2")
    with pytest.raises(NotApplicable):
        service.mark_for_return(scene.form, "AT1.2", WHY, base_version=0, actor=scene.officer, now=now)
    with pytest.raises(NotFound):
        examine(scene.form).line("AT1.2")


@pytest.mark.parametrize("state", sorted(set(State) - REVIEWABLE))
def test_values_are_confirmed_only_while_checking(session: Any, now: datetime, state: State) -> None:
    scene = make_scene(state=state)
    with pytest.raises(WrongState):
        confirm(scene, now, 2)


def test_only_the_holder_saves(session: Any, now: datetime) -> None:
    scene = make_scene(state=State.IN_REVIEW)
    other = make_actor(scene.officer.role, scene.participation.reviewing_unit)
    with pytest.raises(service.HeldByOther) as refusal:
        service.verify_score(scene.form, Verdict("AT1.1", 2, "", 0), actor=other, now=now)
    assert scene.officer.name in str(refusal.value)
    for actor in (scene.leader, scene.head):
        with pytest.raises(NotAllowed):
            service.verify_score(scene.form, Verdict("AT1.1", 2, "", 0), actor=actor, now=now)


def test_a_change_on_an_older_version_is_refused_with_what_stands(session: Any, now: datetime) -> None:
    scene = make_scene(state=State.IN_REVIEW)
    confirm(scene, now, 2)
    confirm(scene, now, 1, WHY, base=1)
    with pytest.raises(service.StaleScore) as refusal:
        confirm(scene, now, 3, "khác hẳn", base=1)
    current = refusal.value.current
    assert current is not None and (current.value, current.reason, current.version) == (1, WHY, 2)
    with pytest.raises(service.StaleScore):
        confirm(scene, now, 2, base=7, code="AT1.2")


def test_the_same_verdict_sent_twice_is_stored_once(session: Any, now: datetime) -> None:
    scene = make_scene(state=State.IN_REVIEW)
    assert [confirm(scene, now, 1, WHY).version for _ in range(2)] == [1, 1]
    assert len(session.scalars(select(AuditEvent)).all()) == 1


def test_the_audit_says_old_and_new(session: Any, now: datetime) -> None:
    scene = make_scene(state=State.IN_REVIEW)
    confirm(scene, now, 2)
    confirm(scene, now, 1, WHY, base=1)
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event.action == "review.verify" and event.subject_id == scene.row.uid
    assert event.old == {"value": 2, "reason": ""}
    assert event.new == {"indicator": "AT1.1", "value": 1, "reason": WHY}


def test_an_indicator_is_marked_with_a_reason_and_unmarked(session: Any, now: datetime) -> None:
    scene = make_scene(state=State.IN_REVIEW)
    with pytest.raises(service.ReasonTooShort):
        service.mark_for_return(scene.form, "AT1.1", "?", base_version=0, actor=scene.officer, now=now)
    service.mark_for_return(scene.form, "AT1.1", WHY, base_version=0, actor=scene.officer, now=now)
    line = examine(scene.form).line("AT1.1")
    assert (line.mark, line.value, line.version) == (Mark.RETURN, None, 1)
    with pytest.raises(service.StaleScore):
        confirm(scene, now, 2)
    service.unmark(scene.form, "AT1.1", base_version=1, actor=scene.officer, now=now)
    assert examine(scene.form).line("AT1.1").mark is Mark.UNSEEN
    assert confirm(scene, now, 2, base=2).version == 3


def test_copying_leaves_what_was_seen_and_what_needs_an_eye(session: Any, now: datetime) -> None:
    bare = plain_indicator("AT1.4", mandatory_for=MANDATORY, evidence_required_from=2)
    plain = [plain_indicator(f"AT1.{n}") for n in (1, 2, 3)]
    scene = make_scene(framework=plain_framework([("AT", 1, [*plain, bare])]), state=State.IN_REVIEW)
    confirm(scene, now, 1, WHY)
    service.mark_for_return(scene.form, "AT1.2", WHY, base_version=0, actor=scene.officer, now=now)
    assert service.copy_self_scores(scene.form, actor=scene.officer, now=now) == 1
    marks = {line.code: line.mark for line in examine(scene.form).lines}
    assert marks == {
        "AT1.1": Mark.DIFFERENT,
        "AT1.2": Mark.RETURN,
        "AT1.3": Mark.SAME,
        "AT1.4": Mark.UNSEEN,
    }
    assert service.copy_self_scores(scene.form, actor=scene.officer, now=now) == 0


def test_going_through_only_some_indicators(session: Any, now: datetime) -> None:
    scene = make_scene(state=State.IN_REVIEW)
    make_verified(scene.row, {"AT1.1": 2, "LM1.1": 0})
    examination = examine(scene.form)
    assert examination.neighbours("AT1.1", Group.ALL) == (None, "AT1.2")
    assert examination.neighbours("LM1.1", Group.UNSEEN) == ("AT1.2", "LM1.2")
    assert examination.neighbours("LM1.2", Group.DIFFERENT) == ("LM1.1", None)
    assert examination.first(Group.ALL) == "AT1.2" and examination.first(Group.FLAGGED) is None
    assert (examination.seen, [line.code for line in examination.different]) == (2, ["LM1.1"])


def test_a_profile_changed_later_takes_the_indicator_off_the_desk(session: Any, now: datetime) -> None:
    scene = make_scene(framework=only_with_kitchen(), state=State.IN_REVIEW)
    make_verified(scene.row, {"AT1.1": 2, "AT1.2": 2})
    session.get_one(SchoolProfile, scene.participation.id).facts = {"bep_an": False}
    session.flush()
    assert [line.code for line in examine(scene.form).lines] == ["AT1.1"]
    assert queries.verified_card(scene.form).tally.applicable == 1
