"""The numbers of an overview: they add up, each has its list, and nobody counts beyond their scope."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from survey_app.assessments.models import Assessment
from survey_app.core.access import Actor
from survey_app.organisations.models import OrganisationUnit
from survey_app.results import queries, service
from survey_app.results.queries import PARTS, ListFilter, OverviewFilter
from survey_app.rounds.models import Participation, Round
from survey_app.rules.aggregation import most_unmet
from survey_app.rules.permissions import Role
from survey_app.rules.plain import read_framework
from survey_app.rules.workflow import State
from tests.factories.accounts import make_actor
from tests.factories.assessments import all_at, make_assessment, make_submitted
from tests.factories.frameworks import plain_framework, plain_indicator
from tests.factories.organisations import make_commune, make_department
from tests.factories.results import CHECKED, make_checked, make_schools_in, publish_all, result_of
from tests.factories.rounds import make_framework_version, make_round

EVERYTHING = OverviewFilter()
HIGH = {"AT1.1": 3, "AT1.2": 3, "LM1.1": 3, "LM1.2": 1}
ON_RANDOM_ROWS = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Scene:
    """A round with three schools in one ward and two in another."""

    def __init__(self) -> None:
        self.department = make_department()
        self.wards = [
            make_commune(self.department, name=f"Phường {name}") for name in ("An Bình", "Bình Thủy")
        ]
        self.round: Round = make_round(self.department)
        self.schools = make_schools_in(self.round, self.wards[0], 3)
        self.schools += make_schools_in(self.round, self.wards[1], 2)
        self.admin = self.seat(Role.DEPARTMENT_ADMIN, self.department)

    def seat(self, role: Role, unit: OrganisationUnit) -> Actor:
        return make_actor(role, unit)

    def count(self, actor: Actor, wanted: OverviewFilter = EVERYTHING) -> dict[str, int]:
        parts = queries.total_of(queries.completion_by_ward(actor, self.round.id, wanted).values())
        return {part: getattr(parts, part) for part in PARTS} | {"total": parts.total}

    def listed(self, actor: Actor, wanted: OverviewFilter = EVERYTHING, **values: Any) -> list[str]:
        page = queries.list_schools(actor, self.round.id, wanted, ListFilter(**values))
        assert page.total == len(page.rows)
        return [row.name for row in page.rows]


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


@ON_RANDOM_ROWS
@given(states=st.lists(st.sampled_from(list(State)), min_size=5, max_size=5))
def test_the_five_parts_add_up_and_each_has_its_list(scene: Scene, session: Any, states: list[State]) -> None:
    for participation, state in zip(scene.schools, states, strict=True):
        form = session.query(Assessment).filter_by(participation_id=participation.id).one_or_none()
        form = form or make_assessment(participation)
        session.execute(update(Assessment).where(Assessment.id == form.id).values(state=state))
    counted = scene.count(scene.admin)
    assert sum(counted[part] for part in PARTS) == counted["total"] == 5
    for part in PARTS:
        assert len(scene.listed(scene.admin, part=part)) == counted[part]
    wards = queries.completion_by_ward(scene.admin, scene.round.id, EVERYTHING)
    assert sorted(parts.total for parts in wards.values()) == [2, 3]
    assert [ward.name for ward in wards] == ["Phường An Bình", "Phường Bình Thủy"]


def test_a_school_with_two_forms_is_counted_once_where_the_slower_one_stands(session: Any) -> None:
    scene = Scene()
    versions = [make_framework_version(), make_framework_version()]
    round_ = make_round(scene.department, versions)
    (participation,) = make_schools_in(round_, scene.wards[0], 1)
    make_checked(participation, HIGH, version=versions[0])
    make_assessment(participation, version=versions[1])
    scene.round = round_
    assert scene.count(scene.admin) == dict.fromkeys(PARTS, 0) | {"not_submitted": 1, "total": 1}
    one_set = OverviewFilter(version_id=versions[0].id)
    assert scene.count(scene.admin, one_set)["confirmed"] == 1
    assert scene.listed(scene.admin, one_set, part="confirmed") == [participation.unit_name]
    row = queries.list_schools(scene.admin, round_.id, EVERYTHING, ListFilter()).rows[0]
    assert [form.state for form in row.forms] == ["approved", "draft"]


def test_each_role_counts_what_it_may_see(scene: Scene) -> None:
    for participation in scene.schools:
        make_submitted(participation, HIGH)
    commune = scene.seat(Role.COMMUNE_OFFICER, scene.wards[0])
    viewer = scene.seat(Role.VIEWER, scene.department)
    stranger = make_actor(Role.DEPARTMENT_ADMIN, make_department())
    assert [scene.count(actor)["total"] for actor in (scene.admin, commune, viewer, stranger)] == [5, 3, 5, 0]
    assert len(scene.listed(commune)) == 3 and scene.listed(stranger) == []


def test_filters_narrow_every_number(scene: Scene, session: Any) -> None:
    for participation in scene.schools:
        make_submitted(participation, HIGH)
    scene.schools[0].ownership, scene.schools[0].stages = "tu_thuc", ["thcs", "thpt"]
    session.flush()
    for wanted, count in (
        (OverviewFilter(ward_uid=scene.wards[1].uid), 2),
        (OverviewFilter(ownership="tu_thuc"), 1),
        (OverviewFilter(stage="thpt"), 1),
        (OverviewFilter(stage="thcs"), 5),
        (OverviewFilter(ward_uid="0" * 32), 0),
    ):
        assert scene.count(scene.admin, wanted)["total"] == count == len(scene.listed(scene.admin, wanted))


def test_only_confirmed_forms_count_as_examined(scene: Scene) -> None:
    make_checked(scene.schools[0], HIGH, {"AT1.1": 1})
    make_checked(scene.schools[1], HIGH, state=State.IN_REVIEW)
    rows = queries.value_counts(scene.admin, scene.round.id, EVERYTHING)
    assert {(code, value): n for _ward, code, value, n in rows} == {
        ("AT1.1", 1): 1,
        ("AT1.2", 3): 1,
        ("LM1.1", 3): 1,
        ("LM1.2", 1): 1,
    }
    framework = read_framework(make_framework_version().content)
    worst = most_unmet(framework, queries.by_all(rows))[0]
    assert (worst.code, worst.unmet, worst.of) == ("AT1.1", 1, 1)
    unmet = scene.listed(scene.admin, indicators=("AT1.1",), values=(0, 1))
    assert unmet == [scene.schools[0].unit_name]


def test_what_does_not_apply_is_in_no_denominator(session: Any) -> None:
    scene = Scene()
    kitchen = plain_indicator("LM1.1", applies_when=("bep_an",))
    areas = [("AT", 60, [plain_indicator("AT1.1")]), ("LM", 40, [kitchen])]
    version = make_framework_version(plain_framework(areas))
    scene.round = make_round(scene.department, [version])
    schools = make_schools_in(scene.round, scene.wards[0], 2)
    make_checked(schools[0], all_at(version, 1))
    make_checked(schools[1], {"AT1.1": 1, "LM1.1": 1}, profile={"bep_an": False})
    rows = queries.value_counts(scene.admin, scene.round.id, EVERYTHING)
    unmet = {
        row.code: (row.unmet, row.of) for row in most_unmet(plain_framework(areas), queries.by_all(rows))
    }
    assert unmet == {"AT1.1": (2, 2), "LM1.1": (1, 1)}
    claims = queries.own_claims(scene.admin, scene.round.id, EVERYTHING)
    assert [(claim.applicable, claim.forms) for claim in claims.values()] == [(3, 2)]


def test_levels_are_counted_from_published_results_alone(scene: Scene) -> None:
    make_checked(scene.schools[0], HIGH)
    make_checked(scene.schools[1], HIGH, {"AT1.1": 0})
    assert queries.level_counts(scene.admin, scene.round.id, EVERYTHING) == []
    publish_all(scene.round)
    make_checked(scene.schools[2], HIGH)
    counts = queries.level_counts(scene.admin, scene.round.id, EVERYTHING)
    assert {(row.level, row.stages, row.tenth): row.schools for row in counts} == {
        ("tot", ("thcs",), 9): 1,
        ("chua_dat", ("thcs",), 7): 1,
    }
    for level in ("tot", "chua_dat"):
        assert len(scene.listed(scene.admin, level=level)) == 1
    assert len(scene.listed(scene.admin, published=True)) == 2
    assert len(scene.listed(scene.admin, unfinished=True)) == 0


def test_a_withdrawn_result_is_in_no_number(scene: Scene) -> None:
    form = make_checked(scene.schools[0], HIGH)
    publish_all(scene.round)
    service.unpublish_result(result_of(form), reason="Nhầm", actor=scene.admin, now=CHECKED)
    assert queries.level_counts(scene.admin, scene.round.id, EVERYTHING) == []
    assert scene.listed(scene.admin, published=True) == scene.listed(scene.admin, level="tot") == []
    row = queries.list_schools(scene.admin, scene.round.id, EVERYTHING, ListFilter()).rows[0]
    assert [(item.state, item.level) for item in row.forms] == [("approved", None)]


def test_a_list_is_searched_without_marks_and_in_vietnamese_order(scene: Scene, session: Any) -> None:
    for participation, name in zip(scene.schools, ("Đông", "Ân", "An", "Dung", "Bé"), strict=True):
        make_submitted(participation, HIGH)
        rename(participation, f"THCS {name}")
    session.flush()
    assert scene.listed(scene.admin) == ["THCS An", "THCS Ân", "THCS Bé", "THCS Dung", "THCS Đông"]
    assert scene.listed(scene.admin, text="dong") == ["THCS Đông"]
    row = queries.list_schools(scene.admin, scene.round.id, EVERYTHING, ListFilter(text="dong")).rows[0]
    assert row.ward_name == "Phường An Bình"


def rename(participation: Participation, name: str) -> None:
    from survey_app.core.vietnamese import fold, sort_key

    participation.unit_name, participation.search_text, participation.sort_key = (
        name,
        fold(name),
        sort_key(name),
    )
