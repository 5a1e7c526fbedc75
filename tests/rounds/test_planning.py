"""Planning a round: what fits together, who is chosen, who is left out by hand."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from survey_app.core.audit import AuditEvent
from survey_app.rounds import queries, service
from survey_app.rounds.models import PUBLISHED, Round, RoundFramework
from survey_app.rounds.queries import UnitChoice
from survey_app.rounds.service import BadField, RoundMoved
from survey_app.rules.errors import BadInput
from tests.factories.organisations import make_school
from tests.factories.rounds import CLOSES, OPENS, make_framework_version
from tests.rounds.conftest import Land, set_for


def planned(land: Land, now: Any, **values: Any) -> Round:
    return service.create_round(land.plan(**values), actor=land.admin, now=now)


def chosen(round_: Round, now: Any) -> set[str]:
    rows = queries.list_candidates(round_, now.date()).rows
    return {row.name for row in rows if not row.excluded}


def test_a_round_keeps_its_plan_and_its_sets(session: Any, land: Land, now: Any) -> None:
    made = planned(land, now)
    assert (made.state, made.department_id, made.grace_minutes) == ("planned", land.department.id, 10)
    sets = {used.version_id: used.stages for used in queries.round_frameworks(made.id)}
    assert sets == {
        land.general.id: ("thcs", "thpt", "tieu_hoc"),
        land.preschool.id: ("mam_non",),
    }
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "round.create")).one()
    assert event.new["sets"][str(land.preschool.id)] == ["mam_non"] and event.actor_id == land.admin.user_id


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("title", {"title": " "}),
        ("purpose", {"purpose": "monthly"}),
        ("school_year", {"school_year": "2026-2028"}),
        ("school_year", {"school_year": "2027-2026"}),
        ("school_year", {"school_year": "26-27"}),
        ("school_year", {"school_year": "2026"}),
        ("closes_at", {"closes_at": OPENS}),
        ("commune_closes_at", {"commune_closes_at": CLOSES}),
        ("department_closes_at", {"department_closes_at": CLOSES + timedelta(days=1)}),
        ("grace_minutes", {"grace_minutes": -1}),
        ("grace_minutes", {"grace_minutes": 61}),
        ("checking_levels", {"checking_levels": 3}),
        ("sets", {"sets": {}}),
        ("sets", {"sets": {999_999: ["thcs"]}}),
    ],
)
def test_a_plan_that_does_not_fit_is_refused_with_its_field(
    session: Any, land: Land, now: Any, field: str, values: dict[str, Any]
) -> None:
    with pytest.raises(BadField) as refusal:
        planned(land, now, **values)
    assert refusal.value.field == field and refusal.value.status == 422 and str(refusal.value)
    assert session.scalar(select(func.count()).select_from(Round)) == 0


def test_no_stage_has_two_sets_and_no_set_a_foreign_stage(land: Land, now: Any) -> None:
    other = set_for("thcs", code="khac")
    for sets in (
        {land.general.id: ["thcs"], other.id: ["thcs"]},
        {land.preschool.id: ["thcs"]},
        {land.general.id: []},
    ):
        with pytest.raises(BadField):
            planned(land, now, sets=sets)


def test_an_archived_set_is_not_offered_and_a_draft_is(session: Any, land: Land, now: Any) -> None:
    draft = make_framework_version(status="draft")
    gone = make_framework_version(status="archived")
    offered = {edition.version_id: edition for edition in queries.list_editions()}
    assert gone.id not in offered and offered[draft.id].is_draft
    with pytest.raises(BadField):
        planned(land, now, sets={gone.id: ["thcs"]})
    assert planned(land, now, sets={draft.id: ["thcs"]}).id


def test_a_change_replaces_the_plan_and_says_what_changed(session: Any, land: Land, now: Any) -> None:
    made = planned(land, now)
    service.change_round(
        made,
        land.plan(title="Tên mới", sets={land.general.id: ["thcs"]}),
        version=made.version,
        actor=land.admin,
        now=now,
    )
    assert made.title == "Tên mới" and made.version == 2
    assert [used.stages for used in queries.round_frameworks(made.id)] == [("thcs",)]
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "round.change")).one()
    assert set(event.new) == {"title", "sets"} and event.old["title"] == "Đánh giá cuối năm học"


def test_a_change_of_what_somebody_else_changed_is_refused(session: Any, land: Land, now: Any) -> None:
    made = planned(land, now)
    seen = made.version
    service.change_round(made, land.plan(note="Một"), version=seen, actor=land.admin, now=now)
    with pytest.raises(RoundMoved) as refusal:
        service.change_round(made, land.plan(note="Hai"), version=seen, actor=land.admin, now=now)
    assert refusal.value.status == 409
    session.refresh(made)
    assert made.note == "Một"


def test_by_default_every_school_with_a_stage_of_the_round_is_chosen(land: Land, now: Any) -> None:
    made = planned(land, now, sets={land.general.id: ["thcs", "thpt"]})
    make_school(land.ward, ("gdtx",), name="Trung tâm GDTX")
    assert chosen(made, now) == {
        "THCS Châu Văn Liêm",
        "TH và THCS Đặng Mẫu",
        "THPT Ấp Mới",
        "THCS Dân tộc nội trú",
    }


def test_stage_ward_and_type_narrow_the_choice(land: Land, now: Any) -> None:
    made = planned(land, now)
    for choice, names in (
        (UnitChoice(stages=("thpt",)), {"THPT Ấp Mới"}),
        (UnitChoice(ward_ids=(land.far.id,), stages=("thcs",)), {"THCS Dân tộc nội trú"}),
        (UnitChoice(unit_types=("trung_tam",)), set()),
    ):
        service.choose_units(made, choice, actor=land.admin, now=now)
        assert chosen(made, now) == names


def test_a_choice_of_what_does_not_exist_is_refused(land: Land, now: Any) -> None:
    made = planned(land, now)
    for choice in (
        UnitChoice(stages=("đại học",)),
        UnitChoice(unit_types=("x",)),
        UnitChoice(ward_ids=(land.department.id,)),
        UnitChoice(ward_ids=(make_school().parent_id or 0,)),
    ):
        with pytest.raises(BadInput):
            service.choose_units(made, choice, actor=land.admin, now=now)


def test_ticks_leave_out_only_schools_of_the_page_and_survive_a_new_scope(land: Land, now: Any) -> None:
    made, ids = planned(land, now), {name: school.id for name, school in land.schools.items()}
    service.exclude_units(
        made, shown=[ids["thcs"], ids["high"]], kept=[ids["high"]], actor=land.admin, now=now
    )
    service.exclude_units(made, shown=[ids["both"]], kept=[], actor=land.admin, now=now)
    assert "THPT Ấp Mới" in chosen(made, now)
    assert not {"THCS Châu Văn Liêm", "TH và THCS Đặng Mẫu"} & chosen(made, now)
    service.choose_units(made, UnitChoice(ward_ids=(land.ward.id,)), actor=land.admin, now=now)
    assert chosen(made, now) == {"THPT Ấp Mới"}
    service.exclude_units(made, shown=[ids["thcs"]], kept=[ids["thcs"]], actor=land.admin, now=now)
    assert "THCS Châu Văn Liêm" in chosen(made, now)
    excluded = queries.list_candidates(made, now.date(), only_excluded=True).rows
    assert [row.name for row in excluded] == ["TH và THCS Đặng Mẫu"]


def test_too_many_schools_left_out_one_by_one_are_refused(land: Land, now: Any) -> None:
    made = planned(land, now)
    with pytest.raises(BadField):
        service.exclude_units(made, shown=range(1, 5002), kept=[], actor=land.admin, now=now)


def test_candidates_are_found_without_marks_in_vietnamese_order(land: Land, now: Any) -> None:
    made = planned(land, now)
    page = queries.list_candidates(made, now.date())
    assert [row.name for row in page.rows] == [
        "Mầm non và Tiểu học Ánh Dương",
        "TH và THCS Đặng Mẫu",
        "THCS Châu Văn Liêm",
        "THCS Dân tộc nội trú",
        "THPT Ấp Mới",
    ]
    assert page.rows[0].ward_name == "Xã Đông Thuận" and page.rows[0].stages == ("mam_non", "tieu_hoc")
    found = queries.list_candidates(made, now.date(), text="chau LIÊM")
    assert [row.name for row in found.rows] == ["THCS Châu Văn Liêm"] and found.total == 1


def test_the_preview_counts_forms_checkers_and_what_is_missing(session: Any, land: Land, now: Any) -> None:
    made = planned(land, now)
    make_school(land.ward, (), name="Trường chưa rõ cấp")
    make_school(land.ward, name="THCS Mồ Côi", managing_authority_id=None)
    make_school(land.far, name="THCS Không Điểm", sites=0)
    land.schools["thcs"].valid_to = now.date()
    service.exclude_units(made, shown=[land.schools["both"].id], kept=[], actor=land.admin, now=now)
    preview = queries.preview_opening(made, now.date())
    assert (preview.units, preview.by_department, preview.by_communes, preview.communes) == (3, 2, 1, 1)
    assert preview.forms == {land.general.id: 3, land.preschool.id: 1} and preview.excluded == 1
    assert {(row.name, row.reason) for row in preview.problems} == {
        ("Trường chưa rõ cấp", "no_stage"),
        ("THCS Mồ Côi", "no_authority"),
        ("THCS Không Điểm", "no_site"),
    }
    assert preview.problem_count == 3 and all(row.ward_name for row in preview.problems)


def test_a_round_that_left_planning_cannot_be_planned(session: Any, land: Land, now: Any) -> None:
    made = planned(land, now)
    made.state = PUBLISHED
    session.flush()
    for act in (
        lambda: service.change_round(made, land.plan(), version=1, actor=land.admin, now=now),
        lambda: service.choose_units(made, UnitChoice(), actor=land.admin, now=now),
        lambda: service.exclude_units(made, shown=[1], kept=[], actor=land.admin, now=now),
    ):
        with pytest.raises(RoundMoved):
            act()
    assert session.scalar(select(func.count()).select_from(RoundFramework)) == 2
