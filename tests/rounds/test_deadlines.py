"""Until when a form is taken: half-open instants, grace, one school's extension, everybody's new calendar."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from survey_app.core.audit import AuditEvent
from survey_app.notices.models import Notice
from survey_app.rounds import queries, service
from survey_app.rounds.models import Participation, Round
from survey_app.rounds.service import BadField, RoundClosed, RoundMoved, RoundNotOpen
from survey_app.rules.deadlines import DeadlinePassed, NotOpenYet
from survey_app.rules.errors import NotAllowed, RuleError
from survey_app.rules.permissions import Role
from tests.factories.rounds import CLOSES, OPENS, make_participation, make_round
from tests.rounds.conftest import Land

TICK = timedelta(microseconds=1)
GRACE = timedelta(minutes=10)
LATER = CLOSES + timedelta(days=5)


@pytest.fixture
def open_round(land: Land) -> Round:
    """An open round with two schools of one ward."""
    return make_round(land.department, [land.general])


@pytest.fixture
def part(open_round: Round, land: Land) -> Participation:
    """A school checked by its ward."""
    return make_participation(open_round, land.schools["thcs"])


@pytest.fixture
def sister(open_round: Round, land: Land) -> Participation:
    """Another school of the same round."""
    return make_participation(open_round, land.schools["both"])


def taken(part: Participation, at: Any, *, begun: bool = False) -> bool:
    try:
        service.check_accepting(part.round, queries.deadline_for(part.round, part), begun=begun, now=at)
    except RuleError:
        return False
    return True


def test_a_form_is_taken_from_the_opening_until_just_before_the_closing_instant(part: Participation) -> None:
    assert [taken(part, at) for at in (OPENS - TICK, OPENS, CLOSES - TICK, CLOSES)] == [
        False,
        True,
        True,
        False,
    ]


def test_grace_is_for_work_begun_before_the_deadline(part: Participation) -> None:
    assert not taken(part, CLOSES)
    assert taken(part, CLOSES, begun=True) and taken(part, CLOSES + GRACE - TICK, begun=True)
    assert not taken(part, CLOSES + GRACE, begun=True)


def test_a_refusal_says_which_side_of_the_time_it_is(part: Participation, open_round: Round) -> None:
    for at, state, error in (
        (OPENS - TICK, "open", NotOpenYet),
        (CLOSES, "open", DeadlinePassed),
        (OPENS, "planned", NotOpenYet),
        (OPENS, "published", RoundClosed),
    ):
        open_round.state = state
        with pytest.raises(error):
            service.check_accepting(open_round, queries.deadline_for(open_round, part), begun=False, now=at)


def test_an_extension_is_for_one_school_only(
    part: Participation, sister: Participation, land: Land, now: Any
) -> None:
    service.extend_deadline(part, LATER, reason="Trường bị ngập", actor=land.admin, now=now)
    assert queries.deadline_for(part.round, part) == LATER
    assert taken(part, LATER - TICK) and not taken(part, LATER)
    assert taken(part, LATER + GRACE - TICK, begun=True)
    assert not taken(sister, CLOSES) and queries.deadline_for(sister.round, sister) == CLOSES


def test_an_extension_is_told_and_leaves_a_trace(
    session: Any, part: Participation, land: Land, now: Any
) -> None:
    service.extend_deadline(part, LATER, reason=" Trường bị ngập ", actor=land.admin, now=now)
    notice = session.scalars(select(Notice)).one()
    assert notice.title == "Gia hạn nộp phiếu đến 17g00, ngày 25/05/2027"
    assert notice.unit_id == part.unit_id and "Trường bị ngập" in notice.body
    service.extend_deadline(part, LATER + timedelta(days=1), reason="Thêm", actor=land.admin, now=now)
    first, second = session.scalars(select(AuditEvent).where(AuditEvent.action == "participation.extend"))
    assert first.old == {"until": None} and first.new["reason"] == "Trường bị ngập"
    assert second.old["until"] == first.new["until"] == LATER.isoformat()


def test_a_later_common_deadline_counts_for_an_extended_school_too(part: Participation, land: Land) -> None:
    part.extended_until = CLOSES + timedelta(days=1)
    part.round.closes_at = CLOSES + timedelta(days=3)
    assert queries.deadline_for(part.round, part) == CLOSES + timedelta(days=3)


@pytest.mark.parametrize(
    ("until", "reason", "field"),
    [
        (LATER, " ", "reason"),
        (CLOSES, "Lý do", "until"),
        (CLOSES - timedelta(days=1), "Lý do", "until"),
        (OPENS - timedelta(days=1), "Lý do", "until"),
        (CLOSES + timedelta(days=20, microseconds=1), "Lý do", "until"),
    ],
)
def test_an_extension_that_does_not_fit_is_refused(
    part: Participation, land: Land, now: Any, until: Any, reason: str, field: str
) -> None:
    with pytest.raises(BadField) as refusal:
        service.extend_deadline(part, until, reason=reason, actor=land.admin, now=now)
    assert refusal.value.field == field and part.extended_until is None


def test_a_school_checked_by_the_department_may_be_given_the_departments_time(
    open_round: Round, land: Land, now: Any
) -> None:
    high = make_participation(open_round, land.schools["high"])
    until = open_round.department_closes_at
    assert (
        service.extend_deadline(high, until, reason="Thi", actor=land.admin, now=now).extended_until == until
    )


@pytest.mark.parametrize(
    ("role", "place", "may"),
    [
        (Role.DEPARTMENT_ADMIN, "department", True),
        (Role.COMMUNE_LEADER, "ward", True),
        (Role.COMMUNE_LEADER, "far", False),
        (Role.DEPARTMENT_LEADER, "department", False),
        (Role.COMMUNE_OFFICER, "ward", False),
        (Role.DEPARTMENT_OFFICER, "department", False),
    ],
)
def test_who_extends_is_the_administrator_or_a_leader_of_who_checks(
    part: Participation, land: Land, now: Any, role: Role, place: str, may: bool
) -> None:
    actor = land.sits(role, getattr(land, place))
    if may:
        assert service.extend_deadline(part, LATER, reason="Ngập", actor=actor, now=now).extended_until
    else:
        with pytest.raises(NotAllowed):
            service.extend_deadline(part, LATER, reason="Ngập", actor=actor, now=now)


def test_nothing_is_extended_once_published(part: Participation, land: Land, now: Any) -> None:
    part.round.state = "published"
    with pytest.raises(RoundNotOpen):
        service.extend_deadline(part, LATER, reason="Ngập", actor=land.admin, now=now)


def change(round_: Round, land: Land, now: Any, **values: Any) -> Round:
    start: dict[str, Any] = {
        "closes_at": LATER,
        "commune_closes_at": round_.commune_closes_at,
        "department_closes_at": round_.department_closes_at,
        "reason": "Bão",
        "version": round_.version,
    }
    return service.change_deadlines(round_, **(start | values), actor=land.admin, now=now)


def test_a_new_calendar_counts_for_all_is_told_and_leaves_a_trace(
    session: Any, open_round: Round, part: Participation, sister: Participation, land: Land, now: Any
) -> None:
    change(open_round, land, now)
    assert taken(part, LATER - TICK) and taken(sister, LATER - TICK)
    told = session.scalars(select(Notice)).all()
    assert {notice.unit_id for notice in told} == {part.unit_id, sister.unit_id, land.ward.id}
    assert "17g00, ngày 25/05/2027" in told[0].body and "Bão" in told[0].body
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "round.deadlines")).one()
    assert event.old == {"closes_at": CLOSES.isoformat()} and event.new["reason"] == "Bão"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"closes_at": CLOSES}, "closes_at"),
        ({"closes_at": OPENS}, "closes_at"),
        ({"closes_at": OPENS + timedelta(days=1)}, "closes_at"),
        ({"closes_at": CLOSES + timedelta(days=21)}, "commune_closes_at"),
        ({"department_closes_at": CLOSES + timedelta(days=6)}, "department_closes_at"),
    ],
)
def test_a_calendar_that_does_not_fit_is_refused(
    session: Any, open_round: Round, land: Land, now: Any, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadField) as refusal:
        change(open_round, land, now, **values)
    assert refusal.value.field == field
    session.refresh(open_round)
    assert open_round.closes_at == CLOSES and not session.scalars(select(Notice)).all()


def test_a_calendar_somebody_else_changed_or_of_a_closed_round_is_not_overwritten(
    open_round: Round, land: Land, now: Any
) -> None:
    seen = open_round.version
    change(open_round, land, now)
    with pytest.raises(RoundMoved):
        change(open_round, land, now, closes_at=LATER + timedelta(days=1), version=seen)
    service.mark_published(open_round, actor=land.admin, now=now)
    with pytest.raises(RoundMoved):
        change(open_round, land, now, closes_at=LATER + timedelta(days=1))
