"""Opening a round: who is frozen, how, by whom checked; nothing that happens later changes it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm.attributes import set_committed_value

from survey_app.core.audit import AuditEvent
from survey_app.core.clock import local_date
from survey_app.notices.models import Notice
from survey_app.organisations.models import OrganisationUnit, Site, UnitStage
from survey_app.rounds import queries, service
from survey_app.rounds.models import PLANNED, Participation, Round
from survey_app.rounds.service import (
    AlreadyOver,
    CannotTakePart,
    NoUnits,
    RoundMoved,
    opening,
)
from survey_app.rules.framework import CountRule, PassRule
from tests.factories.organisations import make_commune, make_school
from tests.factories.rounds import CLOSES
from tests.rounds.conftest import FormsInMemory, Land, set_for


@pytest.fixture
def planned(land: Land, now: Any) -> Round:
    """A planned round of every school."""
    return service.create_round(land.plan(), actor=land.admin, now=now)


@pytest.fixture
def opened(planned: Round, land: Land, forms: FormsInMemory, now: Any) -> Round:
    """The round, opened."""
    return service.open_round(planned, actor=land.admin, now=now)


def frozen(round_: Round, unit: OrganisationUnit) -> Participation:
    found = queries.participation_of(round_.id, unit.id)
    assert found is not None
    return found


def facts(part: Participation) -> dict[str, Any]:
    return {column.name: getattr(part, column.name) for column in Participation.__table__.columns}


def test_opening_freezes_every_fact_of_a_school(opened: Round, land: Land) -> None:
    school, part = land.schools["thcs"], frozen(opened, land.schools["thcs"])
    assert (part.unit_name, part.unit_code, part.ward_id) == (school.name, school.code, land.ward.id)
    assert (part.ward_name, part.area_type, part.unit_type) == ("Phường Bình Thuỷ", "phuong", "truong")
    assert (part.stages, part.ownership) == (["thcs"], "cong_lap")
    assert [(site["code"], site["main"]) for site in part.sites] == [
        ("00", True),
        ("01", False),
        ("02", False),
    ]
    assert len(part.uid) == 32 and part.sort_key == school.sort_key and part.extended_until is None


def test_who_checks_follows_the_managing_authority(opened: Round, land: Land) -> None:
    checked = {name: frozen(opened, school).reviewing_unit_id for name, school in land.schools.items()}
    assert checked == {
        "thcs": land.ward.id,
        "both": land.ward.id,
        "high": land.department.id,
        "early": land.far.id,
        "by_hand": land.department.id,
    }
    assert not any(frozen(opened, school).reviewer_by_hand for school in land.schools.values())


def test_a_school_of_several_stages_has_one_place_and_a_form_for_each_set(opened: Round, land: Land) -> None:
    part = frozen(opened, land.schools["early"])
    assert part.stages == ["mam_non", "tieu_hoc"]
    assert {used.version_id for used in queries.sets_of(part)} == {land.general.id, land.preschool.id}


def test_only_sites_open_that_day_are_frozen(
    session: Any, planned: Round, land: Land, forms: FormsInMemory, now: Any
) -> None:
    school, day = land.schools["thcs"], now.date()
    sites = {site.code: site for site in session.scalars(select(Site).where(Site.unit_id == school.id))}
    sites["01"].valid_to = day
    sites["02"].valid_to = day + timedelta(days=1)
    session.add(Site(unit_id=school.id, code="03", name="Mai", valid_from=day + timedelta(days=1)))
    session.flush()
    service.open_round(planned, actor=land.admin, now=now)
    assert [site["code"] for site in frozen(planned, school).sites] == ["00", "02"]


def test_what_happens_to_a_school_later_changes_nothing_in_the_round(
    session: Any, opened: Round, land: Land
) -> None:
    school = land.schools["thcs"]
    before = facts(frozen(opened, school))
    school.name, school.parent_id = "Tên mới", land.far.id
    school.managing_authority_id, school.unit_type = land.department.id, "trung_tam"
    land.ward.name = "Phường đã đổi tên"
    for site in session.scalars(select(Site).where(Site.unit_id == school.id)):
        site.name, site.valid_to = "Đã đóng", CLOSES.date()
    session.add(UnitStage(unit_id=school.id, stage="thpt"))
    school.valid_to = CLOSES.date()
    session.flush()
    session.expire_all()
    assert facts(frozen(opened, school)) == before


def test_opening_makes_the_forms_tells_each_unit_and_leaves_a_trace(
    session: Any, opened: Round, land: Land, forms: FormsInMemory, now: Any
) -> None:
    assert forms.asked == [opened.id] and (opened.state, opened.opened_at) == ("open", now)
    told = session.scalars(select(Notice)).all()
    assert {notice.unit_id for notice in told} == {school.id for school in land.schools.values()}
    assert "17g00, ngày 20/05/2027" in told[0].body and told[0].sender_id == land.department.id
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "round.open")).one()
    assert event.new["units"] == 5 and event.old == {"state": "planned"}


def test_left_out_closed_and_incomplete_schools_do_not_take_part(
    session: Any, planned: Round, land: Land, forms: FormsInMemory, now: Any
) -> None:
    service.exclude_units(planned, shown=[land.schools["both"].id], kept=[], actor=land.admin, now=now)
    land.schools["high"].valid_to = now.date()
    orphan = make_school(land.ward, managing_authority_id=None)
    closed = make_commune(land.department, valid_to=now.date())
    stale = make_school(land.ward, managing_authority_id=closed.id)
    foreign = make_school()
    service.open_round(planned, actor=land.admin, now=now)
    for unit in (land.schools["both"], land.schools["high"], orphan, stale, foreign):
        assert queries.participation_of(planned.id, unit.id) is None
    assert queries.count_participations(Participation.round_id == planned.id) == 3


def test_opening_works_in_pieces(
    session: Any,
    planned: Round,
    land: Land,
    forms: FormsInMemory,
    now: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opening, "CHUNK", 2)
    service.open_round(planned, actor=land.admin, now=now)
    assert queries.count_participations(Participation.round_id == planned.id) == 5


def test_a_round_whose_first_deadline_passed_does_not_open(planned: Round, land: Land) -> None:
    with pytest.raises(AlreadyOver):
        service.open_round(planned, actor=land.admin, now=CLOSES)
    assert planned.state == PLANNED


def test_a_round_of_nobody_does_not_open(planned: Round, land: Land, forms: FormsInMemory, now: Any) -> None:
    service.choose_units(planned, queries.UnitChoice(unit_types=("trung_tam",)), actor=land.admin, now=now)
    with pytest.raises(NoUnits):
        service.open_round(planned, actor=land.admin, now=now)
    assert not forms.asked


def test_who_still_sees_it_planned_is_refused(
    session: Any, opened: Round, land: Land, forms: FormsInMemory, now: Any
) -> None:
    set_committed_value(opened, "state", PLANNED)
    with pytest.raises(RoundMoved) as refusal:
        service.open_round(opened, actor=land.admin, now=now)
    assert refusal.value.status == 409 and forms.asked == [opened.id]
    assert session.scalar(select(func.count()).select_from(Notice)) == 5


def test_a_late_school_is_frozen_as_it_is_that_day(
    session: Any, opened: Round, land: Land, forms: FormsInMemory, now: Any
) -> None:
    late = make_school(land.far, name="THCS Mới Lập", sites=2)
    found = queries.search_late_schools(opened, now.date(), "moi lap")
    assert [row.id for row in found] == [late.id]
    part = service.add_late_unit(opened, late, actor=land.admin, now=now)
    assert part.unit_name == "THCS Mới Lập" and len(part.sites) == 2
    assert part.reviewing_unit_id == land.far.id and forms.asked == [opened.id, opened.id]
    assert session.scalar(select(func.count()).where(Notice.unit_id == late.id)) == 1
    assert session.scalars(select(AuditEvent).where(AuditEvent.action == "participation.add")).one()
    assert queries.search_late_schools(opened, now.date(), "moi lap") == []


def test_a_school_is_not_added_twice_nor_incomplete_nor_from_elsewhere(
    opened: Round, land: Land, now: Any
) -> None:
    for unit in (
        land.schools["thcs"],
        make_school(land.ward, managing_authority_id=None),
        make_school(land.ward, ("gdtx",)),
        make_school(),
        land.ward,
    ):
        with pytest.raises(CannotTakePart):
            service.add_late_unit(opened, unit, actor=land.admin, now=now)


def test_a_type_of_unit_without_a_pass_rule_is_named_and_left_out(
    land: Land, forms: FormsInMemory, now: Any
) -> None:
    rule = PassRule(counts={"truong": CountRule(1, 0)})
    counted = set_for("thcs", pass_rule=rule)
    centre = make_school(land.ward, ("thcs",), name="Trung tâm Mẫu", unit_type="trung_tam")
    other = make_school(land.ward, ("mam_non",), name="Cơ sở Mẫu", unit_type="trung_tam")
    plan = land.plan(sets={counted.id: ["thcs"], land.preschool.id: ["mam_non"]})
    round_ = service.create_round(plan, actor=land.admin, now=now)
    preview = queries.preview_opening(round_, local_date(now))
    assert [(one.name, one.reason) for one in preview.problems] == [
        ("Trung tâm Mẫu", queries.opening.NO_RULE)
    ]
    service.open_round(round_, actor=land.admin, now=now)
    assert queries.participation_of(round_.id, centre.id) is None
    assert queries.participation_of(round_.id, other.id) is not None
    with pytest.raises(CannotTakePart):
        service.add_late_unit(round_, centre, actor=land.admin, now=now)


def test_nobody_is_added_to_a_round_that_is_not_open(planned: Round, land: Land, now: Any) -> None:
    with pytest.raises(RoundMoved):
        service.add_late_unit(planned, land.schools["thcs"], actor=land.admin, now=now)


def test_publishing_and_reopening_move_an_open_round_only(
    session: Any, opened: Round, land: Land, now: Any
) -> None:
    service.mark_published(opened, actor=land.admin, now=now)
    assert (opened.state, opened.published_at) == ("published", now)
    with pytest.raises(RoundMoved):
        service.mark_published(opened, actor=land.admin, now=now)
    with pytest.raises(service.BadField):
        service.reopen_round(opened, reason=" ", actor=land.admin, now=now)
    service.reopen_round(opened, reason="Tính lại", actor=land.admin, now=now)
    assert (opened.state, opened.published_at) == ("open", None)
    with pytest.raises(RoundMoved):
        service.reopen_round(opened, reason="Tính lại", actor=land.admin, now=now)
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions[-2:] == ["round.publish", "round.reopen"]
