"""Concluding a round: what is frozen, what stays, what happens twice, what is taken back."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from survey_app.assessments.models import Assessment, AssessmentEvent
from survey_app.core.access import Actor
from survey_app.core.audit import AuditEvent
from survey_app.core.db import unit_of_work
from survey_app.frameworks.models import FrameworkVersion
from survey_app.jobs.models import DONE, Job
from survey_app.notices.models import Notice
from survey_app.results import queries, service
from survey_app.results.content import read_outcome, read_scorecard
from survey_app.results.models import Result
from survey_app.results.plugs import NoCertificates
from survey_app.results.ports import certificates
from survey_app.reviews.models import VerifiedScore
from survey_app.rounds.models import OPEN, PRACTICE, PUBLISHED, Participation, Round, VetoEvent
from survey_app.rules.canonical import canonical_json, sha256_of
from survey_app.rules.errors import NotAllowed
from survey_app.rules.permissions import Role
from survey_app.rules.plain import read_framework
from survey_app.rules.workflow import State
from tests.factories.accounts import make_actor, make_user
from tests.factories.assessments import all_at, make_submitted
from tests.factories.jobs import run_queued_jobs
from tests.factories.organisations import make_commune
from tests.factories.results import CHECKED, make_checked, make_schools_in, publish_all, result_of
from tests.factories.rounds import make_framework_version, make_round

HIGH = {"AT1.1": 3, "AT1.2": 3, "LM1.1": 3, "LM1.2": 1}


class Scene:
    """One round with three schools in a commune, and its administrator."""

    def __init__(self) -> None:
        self.commune = make_commune()
        assert self.commune.parent is not None
        self.department = self.commune.parent
        self.round = make_round(self.department)
        self.schools = make_schools_in(self.round, self.commune, 3)
        self.admin: Actor = make_actor(Role.DEPARTMENT_ADMIN, self.department)

    def finalise(self, now: datetime = CHECKED) -> int:
        return service.finalise_round(self.round, actor=self.admin, now=now)


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


def record_veto(scene: Scene, participation: Participation, form: Assessment, session: Any) -> None:
    day = CHECKED.date()
    session.add(
        VetoEvent(
            participation_id=participation.id,
            framework_version_id=form.framework_version_id,
            code="V3",
            event_date=day,
            place="Bếp ăn <b>số 1</b>",
            document_number="12/KL",
            document_date=day,
            concluding_authority="Cơ quan thử",
            recorded_by_id=make_user().id,
            recorded_at=CHECKED,
        )
    )
    session.flush()


def test_a_result_freezes_the_confirmed_values_their_level_and_award(scene: Scene) -> None:
    form = make_checked(scene.schools[0], HIGH, {"AT1.1": 2, "AT1.2": 2})
    assert scene.finalise() == 1
    result = result_of(form)
    assert (result.met, result.applicable, result.mandatory_met, result.mandatory) == (4, 4, 1, 1)
    assert (result.level, result.award, result.number) == ("kha", "danh_hieu", 1)
    assert result.quality_micro == 80_000_000  # 60 · 2/3 + 40 · 1
    assert result.content["reasons"] == dict.fromkeys(("AT1.1", "AT1.2"), "Hồ sơ chưa đủ")
    assert result.content["facts"]["unit"]["name"] == scene.schools[0].unit_name
    assert result.content["facts"]["framework"]["version"] == "1"
    assert result.own["level"] == "tot"
    assert form.state == State.PUBLISHED and scene.round.state == PUBLISHED


def test_the_digest_is_of_the_content_and_the_content_reads_back_whole(scene: Scene, session: Any) -> None:
    form = make_checked(scene.schools[0], HIGH, {"AT1.1": 1})
    scene.finalise()
    session.expire_all()
    result = result_of(form)
    assert sha256_of(canonical_json(result.content)) == result.sha256
    framework = read_framework(session.get(FrameworkVersion, form.framework_version_id).content)
    card, outcome = read_scorecard(framework, result.content), read_outcome(result.content)
    assert card.tally.met == 3 and card.indicator("AT1.1").value == 1
    assert outcome.level == "chua_dat" and not outcome.passed
    assert {str(term.kind): term.holds for term in outcome.terms}["all_mandatory"] is False


def test_what_is_edited_afterwards_changes_no_result(scene: Scene, session: Any) -> None:
    form = make_checked(scene.schools[0], HIGH)
    scene.finalise()
    before = dict(result_of(form).content)
    scene.schools[0].unit_name, scene.schools[0].stages = "Tên khác", []
    version = session.get(FrameworkVersion, form.framework_version_id)
    version.content = version.content | {"pass_rule": version.content["pass_rule"] | {"min_met_percent": 100}}
    version.status, version.sha256 = "archived", "0" * 64
    for row in session.scalars(select(VerifiedScore)):
        row.value = 0
    session.flush()
    session.expire_all()
    result = result_of(form)
    assert result.content == before and result.level == "tot" and result.met == 4


def test_forms_that_are_not_approved_stay_and_a_later_call_takes_them(scene: Scene) -> None:
    make_checked(scene.schools[0], HIGH)
    late = make_checked(scene.schools[1], HIGH, state=State.IN_REVIEW)
    make_submitted(scene.schools[2], HIGH)
    assert scene.finalise() == 1 and late.state == State.IN_REVIEW
    late.state = State.APPROVED
    assert scene.finalise() == 1
    assert result_of(late).number == 1 and scene.round.state == OPEN
    assert scene.finalise() == 0


def test_an_approved_form_without_every_confirmed_value_is_left(scene: Scene, session: Any) -> None:
    form = make_checked(scene.schools[0], HIGH)
    session.get(VerifiedScore, (form.id, "LM1.1")).value = None
    session.flush()
    assert queries.preview_round(scene.round.id).incomplete == 1
    assert scene.finalise() == 0 and form.state == State.APPROVED


def test_the_preview_counts_what_finalising_then_publishes(scene: Scene, session: Any) -> None:
    forms = [
        make_checked(scene.schools[0], HIGH),
        make_checked(scene.schools[1], HIGH, {"AT1.1": 0}),
        make_checked(scene.schools[2], HIGH),
    ]
    record_veto(scene, scene.schools[2], forms[2], session)
    preview = queries.preview_round(scene.round.id)
    assert preview.levels == {forms[0].framework_version_id: {"tot": 1, "chua_dat": 2}}
    assert preview.ready == 3 == scene.finalise()
    rows = session.execute(select(Result.level, func.count()).group_by(Result.level))
    assert dict(list(rows)) == {"tot": 1, "chua_dat": 2}


def test_a_recorded_fact_bars_the_level_and_only_its_number_is_kept(scene: Scene, session: Any) -> None:
    form = make_checked(scene.schools[0], HIGH)
    record_veto(scene, scene.schools[0], form, session)
    scene.finalise()
    result = result_of(form)
    assert result.level == "chua_dat" and result.content["facts"]["vetoes"] == 1
    terms = {term["kind"]: (term["have"], term["holds"]) for term in result.content["terms"]}
    assert terms["no_veto"] == (1, False)
    assert "12/KL" not in canonical_json(result.content) and "V3" not in canonical_json(result.content)


def test_every_act_is_told_and_recorded(scene: Scene, session: Any) -> None:
    form = make_checked(scene.schools[0], HIGH)
    scene.finalise()
    notice = session.scalars(select(Notice)).one()
    assert notice.unit_id == scene.schools[0].unit_id and notice.url.endswith(form.uid)
    assert scene.round.title in notice.body
    event = session.scalars(select(AssessmentEvent)).one()
    assert (event.action, event.to_state, event.actor_name) == ("publish", "published", scene.admin.name)
    actions = set(session.scalars(select(AuditEvent.action)))
    assert {"result.publish", "assessment.publish", "round.publish"} <= actions


def test_only_the_administrator_concludes(scene: Scene) -> None:
    form = make_checked(scene.schools[0], HIGH)
    leader = make_actor(Role.DEPARTMENT_LEADER, scene.department)
    with pytest.raises(NotAllowed):
        service.finalise_round(scene.round, actor=leader, now=CHECKED)
    assert form.state == State.APPROVED


def test_a_withdrawn_result_no_longer_counts_and_the_next_one_is_number_two(
    scene: Scene, session: Any
) -> None:
    form = make_checked(scene.schools[0], HIGH)
    scene.finalise()
    first = result_of(form)
    content = dict(first.content)
    service.unpublish_result(first, reason=" Nhập nhầm ", actor=scene.admin, now=CHECKED)
    assert form.state == State.APPROVED and first.superseded_at == CHECKED
    assert queries.current_result(form.id) is None
    event = session.scalars(select(AssessmentEvent).order_by(AssessmentEvent.id.desc())).first()
    assert (event.action, event.note) == ("unpublish", "Nhập nhầm")
    session.get(VerifiedScore, (form.id, "AT1.1")).value = 0
    session.flush()
    assert scene.finalise() == 1
    second = result_of(form)
    assert (second.number, second.level) == (2, "chua_dat")
    assert first.content == content and first.level == "tot"


def test_a_result_is_withdrawn_once_and_only_with_a_reason(scene: Scene) -> None:
    form = make_checked(scene.schools[0], HIGH)
    scene.finalise()
    result = result_of(form)
    with pytest.raises(service.NoReason):
        service.unpublish_result(result, reason="  ", actor=scene.admin, now=CHECKED)
    service.unpublish_result(result, reason="Nhầm", actor=scene.admin, now=CHECKED)
    with pytest.raises(service.NoLongerCurrent):
        service.unpublish_result(result, reason="Nhầm", actor=scene.admin, now=CHECKED)


def test_a_result_with_a_valid_certificate_is_not_withdrawn(scene: Scene) -> None:
    class One:
        def has_valid(self, result_id: int) -> bool:
            return True

    form = make_checked(scene.schools[0], HIGH)
    scene.finalise()
    certificates.plug(One())
    try:
        with pytest.raises(service.CertificateStands):
            service.unpublish_result(result_of(form), reason="Nhầm", actor=scene.admin, now=CHECKED)
    finally:
        certificates.plug(NoCertificates())
    assert form.state == State.PUBLISHED


def test_nothing_to_conclude_is_said_before_a_job_is_made(scene: Scene, session: Any) -> None:
    make_submitted(scene.schools[0], HIGH)
    with pytest.raises(service.NothingToFinalise):
        service.ask_to_finalise(scene.round, actor=scene.admin, now=CHECKED)
    assert session.scalar(select(func.count()).select_from(Job)) == 0


def test_two_administrators_at_once_publish_each_form_once(app: Flask, now: datetime) -> None:
    with app.app_context(), unit_of_work() as session:
        scene = Scene()
        for participation in scene.schools:
            make_checked(participation, HIGH)
        other = make_actor(Role.DEPARTMENT_ADMIN, scene.department)
        for actor in (scene.admin, other):
            service.ask_to_finalise(scene.round, actor=actor, now=now)
        round_id = scene.round.id
    assert run_queued_jobs(app) == 2
    with app.app_context():
        from survey_app.core.db import session

        assert {job.state for job in session.scalars(select(Job))} == {DONE}
        assert session.scalar(select(func.count()).select_from(Result)) == 3
        assert session.scalar(select(func.max(Result.number))) == 1
        assert session.get(Round, round_id).state == PUBLISHED
        published = select(func.count()).where(AuditEvent.action == "round.publish")
        assert session.scalar(published) == 1
        assert "tab=spread" in session.scalars(select(Job)).first().result["url"]


def test_a_piece_of_fifty_takes_a_bounded_number_of_reads(scene: Scene, count_queries: Any) -> None:
    for participation in make_schools_in(scene.round, scene.commune, 12):
        make_checked(participation, HIGH)
    with count_queries() as seen:
        assert len(queries.checked_forms(scene.round.id)) == 12
    assert len(seen) <= 5


def test_one_set_for_two_forms_of_a_school_gives_two_results(session: Any) -> None:
    commune = make_commune()
    assert commune.parent is not None
    versions = [make_framework_version(), make_framework_version()]
    round_ = make_round(commune.parent, versions)
    (participation,) = make_schools_in(round_, commune, 1)
    forms = [make_checked(participation, all_at(version, 2), version=version) for version in versions]
    assert publish_all(round_) == 2
    assert [result_of(form).level for form in forms] == ["dat", "dat"]


def test_a_practice_round_publishes_nothing(scene: Scene) -> None:
    scene.round.purpose = PRACTICE
    make_checked(scene.schools[0], HIGH)
    for act in (scene.finalise, lambda: service.ask_to_finalise(scene.round, actor=scene.admin, now=CHECKED)):
        with pytest.raises(service.OnlyPractice):
            act()
