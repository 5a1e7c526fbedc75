"""Changing who checks a unit, and facts that exclude a level."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm.attributes import set_committed_value

from survey_app.core.audit import AuditEvent
from survey_app.notices.models import Notice
from survey_app.rounds import queries, service
from survey_app.rounds.models import Participation, VetoEvent
from survey_app.rounds.ports import FormState
from survey_app.rounds.service import (
    AlreadyWithdrawn,
    BadField,
    BeingChecked,
    RoundMoved,
    RoundNotOpen,
    VetoFacts,
)
from survey_app.rounds.service.persons import names_person
from survey_app.rules.errors import NotAllowed
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.factories.organisations import make_commune
from tests.factories.rounds import make_participation, make_round
from tests.rounds.conftest import FormsInMemory, Land


@pytest.fixture
def part(land: Land) -> Participation:
    """A school of two sets in an open round, checked by its ward."""
    return make_participation(
        make_round(land.department, [land.general, land.preschool]), land.schools["early"]
    )


def hand_to(part: Participation, unit: Any, land: Land, now: Any, reason: str = "Nội trú") -> Participation:
    return service.set_reviewing_unit(part, unit, reason=reason, actor=land.admin, now=now)


def test_another_unit_checks_and_the_old_one_sees_it_no_more(
    session: Any, part: Participation, land: Land, now: Any
) -> None:
    old, new = (land.sits(Role.COMMUNE_LEADER, unit) for unit in (land.far, land.ward))
    hand_to(part, land.ward, land, now)
    assert part.reviewing_unit_id == land.ward.id and part.reviewer_by_hand
    assert queries.get_visible_participation(new, part.uid) is part
    assert queries.list_participations(old, part.round_id, queries.ParticipationFilter()).total == 0
    assert {notice.unit_id for notice in session.scalars(select(Notice))} == {
        part.unit_id,
        land.far.id,
        land.ward.id,
    }
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "participation.reviewer")).one()
    assert (event.old["unit"], event.new["unit"]) == (land.far.code, land.ward.code)
    assert event.new["reason"] == "Nội trú"


@pytest.mark.parametrize("state", [State.IN_REVIEW, State.ON_HOLD, State.PROPOSED, State.APPROVED])
def test_a_form_in_an_authoritys_hands_stays_there(
    part: Participation, land: Land, forms: FormsInMemory, now: Any, state: State
) -> None:
    forms.given[part.id] = [FormState("a", land.general.id, State.DRAFT), FormState("b", 1, state)]
    with pytest.raises(BeingChecked):
        hand_to(part, land.ward, land, now)
    forms.given[part.id] = [FormState("a", land.general.id, State.SUBMITTED)]
    assert hand_to(part, land.ward, land, now).reviewing_unit_id == land.ward.id


def test_only_units_that_check_in_this_department_may_check(
    part: Participation, land: Land, now: Any
) -> None:
    for unit in (
        make_commune(),
        land.schools["thcs"],
        land.far,
        make_commune(land.department, valid_to=date(2027, 1, 1)),
    ):
        with pytest.raises(BadField) as refusal:
            hand_to(part, unit, land, now)
        assert refusal.value.field == "unit"
    with pytest.raises(BadField):
        hand_to(part, land.ward, land, now, reason="")
    assert hand_to(part, land.department, land, now).reviewing_unit_id == land.department.id


def test_two_people_who_change_it_at_once_do_not_overwrite_each_other(
    part: Participation, land: Land, now: Any
) -> None:
    hand_to(part, land.ward, land, now)
    set_committed_value(part, "reviewing_unit_id", land.far.id)
    set_committed_value(part, "reviewing_unit", land.far)
    with pytest.raises(RoundMoved):
        hand_to(part, land.department, land, now)


def facts(land: Land, **values: Any) -> VetoFacts:
    start: dict[str, Any] = {
        "version_id": land.general.id,
        "code": "V3",
        "event_date": date(2027, 3, 15),
        "place": "Bếp ăn điểm chính",
        "document_number": "45/KL-SYT",
        "document_date": date(2027, 4, 2),
        "concluding_authority": "Sở Y tế",
    }
    return VetoFacts(**(start | values))


@pytest.mark.parametrize(
    ("role", "place", "may"),
    [
        (Role.DEPARTMENT_ADMIN, "department", True),
        (Role.COMMUNE_LEADER, "far", True),
        (Role.COMMUNE_LEADER, "ward", False),
        (Role.DEPARTMENT_LEADER, "department", False),
        (Role.COMMUNE_OFFICER, "far", False),
    ],
)
def test_a_fact_is_recorded_by_a_leader_of_who_checks_or_the_administrator(
    session: Any, part: Participation, land: Land, now: Any, role: Role, place: str, may: bool
) -> None:
    actor = land.sits(role, getattr(land, place))
    if may:
        event = service.record_veto(part, facts(land), actor=actor, now=now)
        assert (event.recorded_by_id, event.recorded_at) == (actor.user_id, now)
    else:
        with pytest.raises(NotAllowed):
            service.record_veto(part, facts(land), actor=actor, now=now)
    assert session.scalar(select(func.count()).select_from(VetoEvent)) == int(may)


def test_a_fact_counts_against_its_own_set_until_it_is_withdrawn(
    session: Any, part: Participation, land: Land, now: Any
) -> None:
    event = service.record_veto(part, facts(land), actor=land.admin, now=now)
    other = service.record_veto(
        part, facts(land, version_id=land.preschool.id, code="V1"), actor=land.admin, now=now
    )
    assert list(queries.active_vetoes(part.id, land.general.id)) == [event]
    assert queries.veto_counts(part.round_id) == {
        (part.id, land.general.id): 1,
        (part.id, land.preschool.id): 1,
    }
    later = now + timedelta(hours=1)
    service.withdraw_veto(event, reason="Kết luận lại", actor=land.admin, now=later)
    assert queries.active_vetoes(part.id, land.general.id) == []
    assert queries.veto_counts(part.round_id) == {(part.id, land.preschool.id): 1}
    assert queries.latest_veto_change(part.id, land.general.id) == later
    assert queries.latest_veto_change(part.id, 999_999) is None
    kept = {row.uid: row.withdrawn_reason for row in queries.list_vetoes(part.id)}
    assert kept == {event.uid: "Kết luận lại", other.uid: ""}


def test_a_record_is_withdrawn_once_with_a_reason(part: Participation, land: Land, now: Any) -> None:
    event = service.record_veto(part, facts(land), actor=land.admin, now=now)
    with pytest.raises(BadField):
        service.withdraw_veto(event, reason=" ", actor=land.admin, now=now)
    with pytest.raises(NotAllowed):
        service.withdraw_veto(event, reason="Nhầm", actor=land.sits(Role.COMMUNE_LEADER, land.ward), now=now)
    service.withdraw_veto(event, reason="Nhầm", actor=land.admin, now=now)
    with pytest.raises(AlreadyWithdrawn):
        service.withdraw_veto(event, reason="Nhầm", actor=land.admin, now=now)


def test_recording_and_withdrawing_are_told_without_details_and_leave_a_trace(
    session: Any, part: Participation, land: Land, now: Any
) -> None:
    event = service.record_veto(part, facts(land), actor=land.admin, now=now)
    service.withdraw_veto(event, reason="Nhầm", actor=land.admin, now=now)
    told = session.scalars(select(Notice).order_by(Notice.id)).all()
    assert [notice.unit_id for notice in told] == [part.unit_id, part.unit_id]
    assert not any("Ngộ độc" in notice.title + notice.body or "45/KL" in notice.body for notice in told)
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == ["veto.record", "veto.withdraw"]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("kind", {"code": "V9"}),
        ("kind", {"version_id": 999_999}),
        ("event_date", {"event_date": date(2026, 7, 31)}),
        ("event_date", {"event_date": date(2027, 5, 13), "document_date": date(2027, 5, 13)}),
        ("document_date", {"document_date": date(2027, 3, 14)}),
        ("document_date", {"document_date": date(2027, 5, 13)}),
        ("place", {"place": " "}),
        ("place", {"place": "Nhà em Nguyễn Văn Mẫu"}),
        ("document_number", {"document_number": ""}),
        ("concluding_authority", {"concluding_authority": "Gia đình học sinh Trần Thị Mẫu, 0912345678"}),
    ],
)
def test_a_fact_that_does_not_fit_or_names_a_person_is_refused(
    session: Any, part: Participation, land: Land, now: Any, field: str, values: dict[str, Any]
) -> None:
    with pytest.raises(BadField) as refusal:
        service.record_veto(part, facts(land, **values), actor=land.admin, now=now)
    assert refusal.value.field == field
    assert session.scalar(select(func.count()).select_from(VetoEvent)) == 0


def test_a_set_of_other_stages_does_not_count(land: Land, now: Any) -> None:
    round_ = make_round(land.department, [land.general, land.preschool])
    part = make_participation(round_, land.schools["thcs"])
    with pytest.raises(BadField):
        service.record_veto(part, facts(land, version_id=land.preschool.id), actor=land.admin, now=now)


def test_nothing_is_recorded_or_withdrawn_once_published(part: Participation, land: Land, now: Any) -> None:
    event = service.record_veto(part, facts(land), actor=land.admin, now=now)
    service.mark_published(part.round, actor=land.admin, now=now)
    with pytest.raises(RoundNotOpen):
        service.record_veto(part, facts(land), actor=land.admin, now=now)
    with pytest.raises(RoundNotOpen):
        service.withdraw_veto(event, reason="Nhầm", actor=land.admin, now=now)
    with pytest.raises(RoundNotOpen):
        hand_to(part, land.ward, land, now)


@pytest.mark.parametrize(
    "text",
    [
        "em Nguyễn Văn A",
        "Nhà cháu Lê Mẫu, tổ 3",
        "học sinh Trần Thị Bé",
        "HS Đỗ Ánh",
        "số 092204001234",
        "sinh ngày 1/2/2015",
    ],
)
def test_what_names_a_person_is_seen(text: str) -> None:
    assert names_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "Sân trường, điểm lẻ Cây Dương",
        "Phòng học lớp 6A1",
        "45/KL-UBND",
        "Công an Phường Ninh Kiều",
        "học sinh Trường THCS Lê Lợi không bị thương",
        "Bể bơi, giờ thể dục của học sinh khối 8",
        "UBND Xã Đông Thuận",
        "",
        "em",
    ],
)
def test_places_and_documents_name_nobody(text: str) -> None:
    assert not names_person(text)
