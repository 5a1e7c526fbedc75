"""Finding and ordering units, and who may see which."""

from typing import Any

import pytest

from survey_app.core.access import Actor
from survey_app.organisations import queries
from survey_app.organisations.models import OrganisationUnit
from survey_app.organisations.queries import SchoolFilter
from survey_app.rules.errors import NotFound
from survey_app.rules.permissions import Role
from tests.factories.organisations import make_commune, make_department, make_school


def actor_at(unit: OrganisationUnit, department: OrganisationUnit) -> Actor:
    roles = {"school": Role.UNIT_HEAD, "commune": Role.COMMUNE_OFFICER, "department": Role.DEPARTMENT_ADMIN}
    return Actor(
        user_id=1,
        membership_id=1,
        role=roles[unit.kind],
        unit_id=unit.id,
        unit_kind=unit.kind,
        department_id=department.id,
        unit_name=unit.name,
        name="Người Thử",
        session_id=1,
    )


@pytest.fixture
def tree(session: Any) -> dict[str, OrganisationUnit]:
    here, other = make_department(), make_department()
    ward = make_commune(here, name="Phường Bình Thuỷ", search_text="phuong binh thuy")
    far, foreign = make_commune(here), make_commune(other)
    return {
        "department": here,
        "other": other,
        "ward": ward,
        "liem": make_school(
            ward, name="THCS Châu Văn Liêm", search_text="thcs chau van liem phuong binh thuy"
        ),
        "high": make_school(ward, stages=("thpt",), name="THPT Mẫu"),
        "far": make_school(far, name="THCS Đặng Mẫu"),
        "dan": make_school(far, name="THCS Dặn Mẫu", sites=3),
        "foreign": make_school(foreign),
    }


def names(tree: dict[str, OrganisationUnit], unit: str, **wanted: str) -> list[str]:
    actor = actor_at(tree[unit], tree["department"])
    return [row.name for row in queries.list_schools(actor, SchoolFilter(**wanted)).rows]


@pytest.mark.parametrize(
    "text", ["chau van liem", "Châu Văn Liêm", "LIÊM châu", "binh thuy", "Bình Thủy liêm"]
)
def test_search_needs_no_marks_and_any_order(tree: dict[str, OrganisationUnit], text: str) -> None:
    assert "THCS Châu Văn Liêm" in names(tree, "department", text=text)


def test_search_signs_mean_nothing(tree: dict[str, OrganisationUnit]) -> None:
    assert names(tree, "department", text="chau%liem") == ["THCS Châu Văn Liêm"]
    assert names(tree, "department", text="chauxvan") == []


def test_schools_are_in_vietnamese_order_with_their_ward(tree: dict[str, OrganisationUnit]) -> None:
    assert names(tree, "department") == ["THCS Châu Văn Liêm", "THCS Dặn Mẫu", "THCS Đặng Mẫu", "THPT Mẫu"]
    actor = actor_at(tree["department"], tree["department"])
    row = queries.list_schools(actor, SchoolFilter(text="liem")).rows[0]
    assert row.ward_name == "Phường Bình Thuỷ" and row.stages == ("thcs",)


def test_filters_narrow(tree: dict[str, OrganisationUnit]) -> None:
    assert names(tree, "department", stage="thpt") == ["THPT Mẫu"]
    assert len(names(tree, "department", ward_uid=tree["ward"].uid)) == 2
    assert names(tree, "department", unit_type="trung_tam") == []


def test_satellites_are_counted(tree: dict[str, OrganisationUnit]) -> None:
    actor = actor_at(tree["department"], tree["department"])
    rows = queries.list_schools(actor, SchoolFilter()).rows
    assert {row.name: row.satellites for row in rows}["THCS Dặn Mẫu"] == 2


def test_a_commune_sees_its_own_schools_and_a_school_only_itself(tree: dict[str, OrganisationUnit]) -> None:
    assert names(tree, "ward") == ["THCS Châu Văn Liêm", "THPT Mẫu"]
    assert names(tree, "liem") == ["THCS Châu Văn Liêm"]


def test_a_unit_out_of_sight_is_not_found(tree: dict[str, OrganisationUnit]) -> None:
    for seer, seen in (("department", "foreign"), ("ward", "far"), ("liem", "high"), ("liem", "ward")):
        with pytest.raises(NotFound):
            queries.get_visible_unit(actor_at(tree[seer], tree["department"]), tree[seen].uid)
    assert queries.get_visible_unit(actor_at(tree["ward"], tree["department"]), tree["liem"].uid).id


def test_pages_have_fifty_rows(session: Any, tree: dict[str, OrganisationUnit]) -> None:
    for _ in range(55):
        make_school(tree["ward"])
    actor = actor_at(tree["department"], tree["department"])
    first, second = (queries.list_schools(actor, SchoolFilter(), number) for number in (1, 2))
    assert (len(first.rows), len(second.rows), first.total, first.pages) == (50, 9, 59, 2)


def test_a_page_costs_the_same_queries_whatever_its_length(
    session: Any, tree: dict[str, OrganisationUnit], count_queries: Any
) -> None:
    actor = actor_at(tree["department"], tree["department"])
    for _ in range(20):
        make_school(tree["ward"])
    with count_queries() as seen:
        queries.list_schools(actor, SchoolFilter())
    assert len(seen) <= 3
