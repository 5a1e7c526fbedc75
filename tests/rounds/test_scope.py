"""Who sees which rounds and units, in which order, at what cost."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text

from survey_app.core import db as core_db
from survey_app.core.access import Actor
from survey_app.rounds import queries
from survey_app.rounds.models import Participation, Round
from survey_app.rounds.queries import ParticipationFilter
from survey_app.rules.errors import NotFound
from survey_app.rules.permissions import Role
from tests.factories.organisations import make_commune, make_school
from tests.factories.rounds import OPENS, make_participation, make_round
from tests.rounds.conftest import Land, make_land

EVERYTHING = ParticipationFilter()


@pytest.fixture
def taking_part(land: Land) -> dict[str, Participation]:
    """Every school of the department in one open round."""
    round_ = make_round(land.department, [land.general, land.preschool])
    return {name: make_participation(round_, school) for name, school in land.schools.items()}


def actors(land: Land) -> dict[str, tuple[Actor, set[str]]]:
    """Each role with the schools it sees."""
    everybody, of_ward = set(land.schools), {"thcs", "both"}
    return {
        "head": (land.sits(Role.UNIT_HEAD, land.schools["thcs"]), {"thcs"}),
        "member": (land.sits(Role.UNIT_MEMBER, land.schools["both"]), {"both"}),
        "commune officer": (land.sits(Role.COMMUNE_OFFICER, land.ward), of_ward),
        "commune leader": (land.sits(Role.COMMUNE_LEADER, land.ward), of_ward),
        "other commune": (land.sits(Role.COMMUNE_LEADER, land.far), {"early"}),
        "department officer": (land.sits(Role.DEPARTMENT_OFFICER, land.department), everybody),
        "department leader": (land.sits(Role.DEPARTMENT_LEADER, land.department), everybody),
        "administrator": (land.admin, everybody),
        "viewer": (land.sits(Role.VIEWER, land.department), everybody),
    }


def test_each_role_sees_its_own_units_and_no_others(
    land: Land, taking_part: dict[str, Participation]
) -> None:
    round_ = taking_part["thcs"].round
    for name, (actor, seen) in actors(land).items():
        page = queries.list_participations(actor, round_.id, EVERYTHING)
        assert {row.id for row in page.rows} == {taking_part[school].id for school in seen}, name
        assert page.total == len(seen)
        assert queries.get_visible_round(actor, round_.uid) is round_
        assert sum(row.units for row in queries.reviewers_of(actor, round_.id)) == len(seen)
        assert [row.units for row in queries.list_rounds(actor).rows] == [len(seen)]
        for school, part in taking_part.items():
            if school in seen:
                assert queries.get_visible_participation(actor, part.uid) is part
            else:
                with pytest.raises(NotFound):
                    queries.get_visible_participation(actor, part.uid)


def test_another_department_sees_nothing(land: Land, taking_part: dict[str, Participation]) -> None:
    foreign = make_land()
    part = taking_part["thcs"]
    for actor, _seen in actors(foreign).values():
        assert queries.list_participations(actor, part.round_id, EVERYTHING).total == 0
        assert queries.list_rounds(actor).total == 0 and queries.latest_round(actor, OPENS) is None
        for look in (
            lambda actor=actor: queries.get_visible_round(actor, part.round.uid),
            lambda actor=actor: queries.get_visible_participation(actor, part.uid),
        ):
            with pytest.raises(NotFound):
                look()


def test_a_commune_without_a_unit_in_a_round_does_not_see_it(
    land: Land, taking_part: dict[str, Participation]
) -> None:
    empty = land.sits(Role.COMMUNE_LEADER, make_commune(land.department))
    assert queries.list_rounds(empty).total == 0
    with pytest.raises(NotFound):
        queries.get_visible_round(empty, taking_part["thcs"].round.uid)


def test_a_plan_is_seen_by_the_department_alone(land: Land) -> None:
    plan = make_round(land.department, [land.general], state="planned")
    make_participation(plan, land.schools["thcs"])
    for name, (actor, _seen) in actors(land).items():
        sees = name in ("department officer", "department leader", "administrator", "viewer")
        assert queries.list_rounds(actor).total == int(sees), name


def test_the_scope_joins_with_the_round_itself(land: Land, taking_part: dict[str, Participation]) -> None:
    for actor, seen in actors(land).values():
        statement = (
            select(Participation, Round)
            .join(Round, Round.id == Participation.round_id)
            .where(queries.visible_participations(actor))
        )
        assert len(core_db.session.execute(statement).all()) == len(seen)


def test_units_are_found_without_marks_and_by_ward_stage_checker_and_extension(
    land: Land, taking_part: dict[str, Participation]
) -> None:
    taking_part["high"].extended_until = taking_part["high"].round.closes_at + timedelta(days=2)
    for wanted, names in (
        (ParticipationFilter(text="chau van liem"), {"thcs"}),
        (ParticipationFilter(text="Bình Thủy đặng"), {"both"}),
        (ParticipationFilter(text="chau%liem"), {"thcs"}),
        (ParticipationFilter(text="100%"), set()),
        (ParticipationFilter(ward_uid=land.far.uid), {"early", "by_hand"}),
        (ParticipationFilter(stage="tieu_hoc"), {"both", "early"}),
        (ParticipationFilter(stage="h"), set()),
        (ParticipationFilter(reviewer_uid=land.department.uid), {"high", "by_hand"}),
        (ParticipationFilter(reviewer_uid="0" * 32), set()),
        (ParticipationFilter(extended=True), {"high"}),
    ):
        page = queries.list_participations(land.admin, taking_part["thcs"].round_id, wanted)
        assert {row.id for row in page.rows} == {taking_part[name].id for name in names}, wanted


def test_units_are_in_vietnamese_order_with_their_ward(
    land: Land, taking_part: dict[str, Participation]
) -> None:
    rows = queries.list_participations(land.admin, taking_part["thcs"].round_id, EVERYTHING).rows
    assert [row.name for row in rows] == [
        "Mầm non và Tiểu học Ánh Dương",
        "TH và THCS Đặng Mẫu",
        "THCS Châu Văn Liêm",
        "THCS Dân tộc nội trú",
        "THPT Ấp Mới",
    ]
    assert (rows[2].ward_name, rows[2].sites, rows[2].reviewer_name) == (
        "Phường Bình Thuỷ",
        3,
        land.ward.name,
    )
    assert queries.wards_of(land.admin, taking_part["thcs"].round_id) == [
        (land.ward.uid, "Phường Bình Thuỷ"),
        (land.far.uid, "Xã Đông Thuận"),
    ]
    assert [row.name for row in queries.reviewers_of(land.admin, taking_part["thcs"].round_id)] == [
        "Sở Mẫu",
        "Phường Bình Thuỷ",
        "Xã Đông Thuận",
    ]


def test_the_round_that_matters_is_open_before_last_before_planned(land: Land) -> None:
    year = timedelta(days=365)
    values = {"versions": [land.general]}
    last = make_round(land.department, **values, state="published", opens_at=OPENS - year)
    older = make_round(land.department, **values, state="published", opens_at=OPENS - 2 * year)
    plan = make_round(land.department, **values, state="planned", opens_at=OPENS + year)
    now = OPENS + timedelta(days=3)
    assert queries.latest_round(land.admin, now) is last
    head = land.sits(Role.UNIT_HEAD, land.schools["thcs"])
    assert queries.latest_round(head, now) is None
    make_participation(older, land.schools["thcs"])
    assert queries.latest_round(head, now) is older
    soon = make_round(land.department, **values, opens_at=now + timedelta(days=1))
    running = make_round(land.department, **values, opens_at=OPENS)
    assert queries.latest_round(land.admin, now) is running
    make_round(land.department, **values, opens_at=OPENS + timedelta(days=1), purpose="practice")
    assert queries.latest_round(land.admin, now) is running, "practice comes after every other round"
    running.state = soon.state = last.state = older.state = "planned"
    assert queries.latest_round(land.admin, now) is plan


def test_the_year_before_is_the_round_of_the_same_purpose(land: Land) -> None:
    def at(days: int, **values: Any) -> Round:
        return make_round(land.department, [land.general], opens_at=OPENS + timedelta(days=days), **values)

    this = at(0)
    assert queries.previous_round(this) is None
    at(-400, state="published")
    before = at(-365, state="published")
    at(-100, purpose="before_year")
    at(-50, state="planned")
    at(10)
    make_round(make_land().department, [land.general], opens_at=OPENS - timedelta(days=1))
    assert queries.previous_round(this) is before


def test_a_pages_cost_does_not_grow_with_units_or_rounds(land: Land, count_queries: Any) -> None:
    def cost() -> list[int]:
        found = []
        for look in (
            lambda: queries.list_rounds(land.admin),
            lambda: queries.latest_round(land.admin, OPENS),
            lambda: queries.list_participations(land.admin, round_.id, EVERYTHING),
            lambda: queries.reviewers_of(land.admin, round_.id),
            lambda: queries.list_candidates(round_, OPENS.date()),
            lambda: queries.preview_opening(round_, OPENS.date()),
        ):
            with count_queries() as seen:
                look()
            found.append(len(seen))
        return found

    round_ = make_round(land.department, [land.general, land.preschool])
    make_participation(round_, land.schools["thcs"])
    before = cost()
    for _ in range(12):
        make_participation(round_, make_school(land.ward))
        make_participation(make_round(land.department, [land.general]), land.schools["thcs"])
    assert cost() == before and max(before) <= 12


def crowd(session: Any, land: Land) -> None:
    """Sixty more rounds here and sixty in another department, forty units in each."""
    for there in (land, make_land()):
        units = [make_school(there.far).id for _ in range(40)]
        for _ in range(60):
            round_ = make_round(there.department, [there.general])
            session.execute(
                insert(Participation),
                [
                    {
                        "round_id": round_.id,
                        "unit_id": unit_id,
                        "ward_id": there.far.id,
                        "reviewing_unit_id": there.far.id,
                        "unit_name": "Trường Mẫu",
                        "ward_name": "Xã Mẫu",
                        "unit_type": "truong",
                        "stages": ["thcs"],
                        "sites": [],
                        "sort_key": f"{unit_id:08d}",
                    }
                    for unit_id in units
                ],
            )
    session.flush()
    session.execute(text("ANALYZE"))


@pytest.mark.sqlite
def test_no_scope_query_reads_a_whole_table(session: Any, land: Land, taking_part: Any) -> None:
    """With many rows of other rounds and departments, SQLite goes by index to what it needs."""
    crowd(session, land)
    round_, people = taking_part["thcs"].round, actors(land)
    statements: list[tuple[str, Any]] = []

    def note(conn: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        statements.append((statement, parameters))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        for actor, _seen in people.values():
            queries.latest_round(actor, datetime(2027, 5, 3, tzinfo=UTC))
            queries.list_rounds(actor)
            queries.get_visible_round(actor, round_.uid)
            queries.list_participations(actor, round_.id, EVERYTHING)
            queries.reviewers_of(actor, round_.id)
            queries.wards_of(actor, round_.id)
            queries.count_participations(queries.visible_participations(actor))
        queries.previous_round(round_)
        queries.veto_counts(round_.id)
        queries.active_vetoes(taking_part["thcs"].id, land.general.id)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    tables = r"(participation|round|veto_event|organisation_unit)(_\d+)?\b"
    whole = re.compile(rf"SCAN {tables}|SEARCH {tables}.*ANY\(")  # ANY: one step for each round there is
    faults = set()
    for statement, parameters in statements:
        plan = session.connection().exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
        faults |= {(row[3], statement) for row in plan if whole.match(row[3])}
    assert len(statements) > 60 and not faults
