"""One school: its peers, its years, what the next form remembers of it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import object_session

from survey_app.assessments.models import SchoolProfile
from survey_app.assessments.ports import Prior, memory
from survey_app.assessments.queries import form_of
from survey_app.organisations.models import OrganisationUnit
from survey_app.results import queries, service
from survey_app.rounds.models import Participation, Round
from survey_app.rules.errors import NotFound
from survey_app.rules.permissions import Role
from tests.factories.accounts import make_actor
from tests.factories.assessments import make_assessment
from tests.factories.organisations import make_commune, make_school
from tests.factories.results import CHECKED, make_checked, make_schools_in, publish_all, result_of
from tests.factories.rounds import OPENS, make_framework_version, make_participation, make_round

HIGH = {"AT1.1": 3, "AT1.2": 3, "LM1.1": 3, "LM1.2": 1}


class Scene:
    """A published round with one school and `others` like it, whose first indicator is not met."""

    def __init__(self, others: int) -> None:
        self.commune: OrganisationUnit = make_commune()
        assert self.commune.parent is not None
        self.version = make_framework_version()
        self.round: Round = make_round(self.commune.parent, [self.version])
        self.school, *self.others = make_schools_in(self.round, self.commune, others + 1)
        self.form = make_checked(self.school, HIGH)
        for other in self.others:
            make_checked(other, HIGH, {"AT1.1": 1})

    def peers(self) -> queries.Peers:
        form = form_of(self.form.id)
        return queries.peers_of(form, form.framework, result_of(self.form))


def test_a_school_is_beside_the_mean_of_its_peers(session: Any) -> None:
    scene = Scene(others=5)
    publish_all(scene.round)
    peers = scene.peers()
    assert (peers.n, peers.enough, peers.place) == (5, True, "upper")
    assert peers.whole == queries.Part(15, 20)
    assert peers.areas == {"AT": queries.Part(5, 10), "LM": queries.Part(10, 10)}
    assert peers.quality == 80  # 60·(1/3 + 1)/2 + 40


def test_four_peers_are_not_enough(session: Any) -> None:
    scene = Scene(others=4)
    publish_all(scene.round)
    assert scene.peers().n == 4 and not scene.peers().enough and scene.peers().place is None


@pytest.mark.parametrize("difference", ["stages", "area", "sites", "boarding", "unpublished"])
def test_schools_that_differ_are_no_peers(session: Any, difference: str) -> None:
    scene = Scene(others=2)
    odd = scene.others[0]
    if difference == "stages":
        odd.stages = ["thcs", "thpt"]
    elif difference == "area":
        odd.area_type = "xa"
    elif difference == "sites":
        odd.sites = [*odd.sites, {"id": 999, "code": "2", "name": "Điểm lẻ", "main": False}]
    session.flush()
    publish_all(scene.round)
    if difference == "boarding":
        make_boarding(scene, odd, session)
    elif difference == "unpublished":
        admin = make_actor(Role.DEPARTMENT_ADMIN, scene.round.department)
        other = queries.list_schools(admin, scene.round.id, queries.OverviewFilter(), queries.ListFilter())
        uid = next(row.forms[0].uid for row in other.rows if row.uid == odd.uid)
        result = queries.get_visible_result(admin, uid)
        service.unpublish_result(result, reason="Nhầm", actor=admin, now=CHECKED)
    assert scene.peers().n == 1


def make_boarding(scene: Scene, odd: Participation, session: Any) -> None:
    """Let the set ask about boarding, answered with yes by one school alone."""
    from survey_app.rules.canonical import canonical_json, sha256_of

    questions = [*scene.version.content["profile"]]
    questions.append(questions[0] | {"code": "noi_tru"})
    scene.version.content = scene.version.content | {"profile": questions}
    scene.version.sha256 = sha256_of(canonical_json(scene.version.content))
    for part in (scene.school, *scene.others):
        session.get(SchoolProfile, part.id).facts = {"bep_an": True, "noi_tru": part is odd}
    session.flush()


def sized(scene: Scene, *pupils: int | None) -> None:
    """Give the school and the others these numbers of pupils."""
    for part, number in zip((scene.school, *scene.others), pupils, strict=True):
        profile = object_session(part).get(SchoolProfile, part.id)  # type: ignore[union-attr]
        profile.pupils = number


def test_peers_have_half_to_twice_the_pupils(session: Any) -> None:
    scene = Scene(others=6)
    sized(scene, 301, 150, 151, 301, 602, 603, None)
    session.flush()
    publish_all(scene.round)
    assert scene.peers().n == 3


def test_a_school_that_has_not_said_its_size_is_beside_schools_of_every_size(session: Any) -> None:
    scene = Scene(others=3)
    sized(scene, None, 30, 3000, None)
    session.flush()
    publish_all(scene.round)
    assert scene.peers().n == 3


class Years:
    """One school in three rounds of the same purpose and one of another, the last without a result."""

    def __init__(self) -> None:
        self.school = make_school()
        commune = self.school.parent
        assert commune is not None and commune.parent is not None
        self.version = make_framework_version()
        self.forms = []
        for number, purpose in enumerate(("end_of_year", "before_year", "end_of_year", "end_of_year")):
            round_ = make_round(
                commune.parent,
                [self.version],
                purpose=purpose,
                opens_at=OPENS + timedelta(days=365 * number),
                school_year=f"{2026 + number}-{2027 + number}",
            )
            part = make_participation(round_, self.school)
            if number < 3:
                self.forms.append(make_checked(part, HIGH, {"AT1.1": number}))
                publish_all(round_)
            else:
                self.forms.append(make_assessment(part))


def test_last_year_is_the_previous_round_of_the_same_purpose(session: Any) -> None:
    years = Years()
    assert queries.previous_result(years.forms[3].id) is result_of(years.forms[2])
    assert queries.previous_result(years.forms[2].id) is result_of(years.forms[0])
    assert queries.previous_result(years.forms[0].id) is None
    over = queries.results_over_time(form_of(years.forms[3].id))
    assert [result.assessment_id for result in over] == [years.forms[0].id, years.forms[2].id]


def test_the_next_form_remembers_both_values_and_the_reason(session: Any, count_queries: Any) -> None:
    years = Years()
    with count_queries() as seen:
        prior = memory.get().prior_values(years.forms[3].id)
    assert len(seen) <= 2
    assert prior is not None and prior.school_year == "2028-2029"
    assert prior.by_code["AT1.1"] == Prior(3, 2, "Hồ sơ chưa đủ")
    assert prior.by_code["LM1.2"] == Prior(1, 1, "")
    assert memory.get().prior_values(years.forms[0].id) is None


def test_another_units_result_is_not_visible(session: Any) -> None:
    scene = Scene(others=1)
    publish_all(scene.round)
    stranger = make_actor(Role.UNIT_HEAD, scene.others[0].unit)
    with pytest.raises(NotFound):
        queries.get_visible_result(stranger, scene.form.uid)
    owner = make_actor(Role.UNIT_HEAD, scene.school.unit)
    assert queries.get_visible_result(owner, scene.form.uid) is result_of(scene.form)
