"""What is written in bulk holds every invariant that the services keep, on both databases."""

from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from survey_app.assessments.checks import Missing, blocking
from survey_app.assessments.models import (
    Answer,
    AnswerChange,
    Assessment,
    AssessmentEvent,
    EvidenceUse,
    Return,
    ReturnedIndicator,
)
from survey_app.assessments.queries import form_of, open_return
from survey_app.assessments.saving import COUNTED, recount
from survey_app.assessments.service import receipt_number, submission_gaps, veto_is_confirmed
from survey_app.certificates.models import ISSUED, Certificate, CertificateBatch, NumberSeries
from survey_app.core.access import Actor
from survey_app.core.audit import AuditEvent
from survey_app.core.clock import local_date
from survey_app.core.db import session
from survey_app.demo.models import DemoMark
from survey_app.evidence.models import EvidenceFile
from survey_app.jobs.models import DONE, Job
from survey_app.operations.sealing import check_database, seal_next
from survey_app.organisations.models import COMMUNE, DEPARTMENT, SCHOOL, OrganisationUnit
from survey_app.organisations.naming import index_unit
from survey_app.results import service as results
from survey_app.results.models import Result
from survey_app.reviews.examination import examine
from survey_app.reviews.models import Review
from survey_app.rounds import queries as rounds
from survey_app.rounds.models import OPEN, PUBLISHED, Participation, Round
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import HANDED_IN, State, next_state
from tests.demo.conftest import MADE, PROVINCES, ROUNDS, SCHOOLS

pytestmark = pytest.mark.usefixtures("stored")


def count(model: type, *where: object) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*where)) or 0  # type: ignore[arg-type]


def forms(*states: State) -> list[int]:
    statement = select(Assessment.id).order_by(Assessment.id)
    return list(session.scalars(statement.where(Assessment.state.in_(states)) if states else statement))


def test_there_are_as_many_of_everything_as_asked_for() -> None:
    assert count(OrganisationUnit, OrganisationUnit.kind == SCHOOL) == SCHOOLS
    assert count(OrganisationUnit, OrganisationUnit.kind == DEPARTMENT) == PROVINCES
    assert count(Participation) == SCHOOLS * ROUNDS
    states = Counter(session.scalars(select(Round.state)))
    assert states == {PUBLISHED: (ROUNDS - 1) * PROVINCES, OPEN: PROVINCES}
    assert session.scalars(select(DemoMark)).one().finished_at == MADE


def test_no_row_points_nowhere() -> None:
    if session.get_bind().dialect.name == "sqlite":
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
    # What carries no foreign key: sites of answers, units of audit events, who acted.
    sites = {site["id"] for sites in session.scalars(select(Participation.sites)) for site in sites}
    assert set(session.scalars(select(Answer.site_id).distinct())) <= sites | {0}
    units = set(session.scalars(select(OrganisationUnit.id)))
    assert set(session.scalars(select(AuditEvent.unit_id).distinct())) - {None} <= units


def test_every_form_counts_what_counting_anew_gives() -> None:
    for form_id in forms():
        form = form_of(form_id)
        kept = {name: getattr(form.assessment, name) for name in COUNTED}
        recount(form)
        assert {name: getattr(form.assessment, name) for name in COUNTED} == kept, form_id
    assert count(Assessment, Assessment.evidence_had > 0)


def test_every_state_was_reached_by_steps_of_the_table() -> None:
    seen = set()
    for form_id in forms():
        form, state, at = form_of(form_id), State.DRAFT, None
        for event in session.scalars(
            select(AssessmentEvent)
            .where(AssessmentEvent.assessment_id == form_id)
            .order_by(AssessmentEvent.id)
        ):
            role = session.scalar(
                text("SELECT role FROM membership WHERE user_id = :who").bindparams(who=event.actor_id)
            )
            assert event.from_state == state and (at is None or event.at >= at)
            state, at = next_state(state, event.action, role, levels=form.round.checking_levels), event.at
            assert event.to_state == state
        assert form.assessment.state == state
        assert form.assessment.state_since == (at or form.round.opens_at)
        assert at is None or form.round.opens_at < at <= MADE
        seen.add(state)
    assert seen == set(State) - {State.ON_HOLD} or seen == set(State)  # 3 in 100 are on hold


def test_the_audit_trail_tells_every_step_once() -> None:
    steps = Counter(session.scalars(select(AssessmentEvent.action)))
    told = Counter(
        action.removeprefix("assessment.")
        for action in session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("assessment.%")))
    )
    assert steps == told


def test_the_audit_trail_is_sealed_and_found_whole() -> None:
    assert check_database(session.connection(), []).unsealed == count(AuditEvent) > 1000
    step = seal_next(now=MADE + timedelta(minutes=1))
    while step and step.go_on_at:
        step = seal_next(now=MADE + timedelta(minutes=1), since=step.go_on_at)
    report = check_database(session.connection(), [])
    assert report.ok, report.findings
    assert report.events == count(AuditEvent) and report.blocks > 1 and report.unsealed == 0


def test_what_was_handed_in_lacks_nothing() -> None:
    for form_id in forms(*HANDED_IN):
        form = form_of(form_id)
        gaps = {gap.kind for gap in blocking(submission_gaps(form))}
        assert gaps == ({Missing.RETURNED} if form.assessment.state == State.RETURNED else set())
        assert form.assessment.receipt_number == receipt_number(form)
        assert form.assessment.submitted_at and form.assessment.signatory and veto_is_confirmed(form)
        before = form.round.closes_at
        returned = session.scalar(select(Return).where(Return.assessment_id == form_id))
        assert form.assessment.submitted_at < (returned.deadline if returned else before)


def test_drafts_are_in_every_stage_of_filling_in() -> None:
    shares = [
        form.answered / form.applicable
        for form in session.scalars(select(Assessment).where(Assessment.state == State.DRAFT))
    ]
    assert min(shares) == 0 and max(shares) > 0.6 and max(shares) < 1


def test_the_examination_is_as_far_as_the_state_says() -> None:
    for form_id in forms(*HANDED_IN - {State.SUBMITTED}):
        form = form_of(form_id)
        done = examine(form)
        assert done.review is not None and done.review.started_at is not None
        concluded = form.assessment.state in (State.PROPOSED, State.APPROVED, State.PUBLISHED)
        assert concluded == (not done.unseen) and not done.to_return
        assert concluded == (done.review.proposed_at is not None) == bool(done.review.conclusion)
        for line in done.lines:
            assert not line.differs or line.reason, (form_id, line.code)
    approved = count(Review, Review.approved_at.is_not(None), Review.approved_by_id != Review.officer_id)
    assert approved == len(forms(State.APPROVED, State.PUBLISHED))


def test_a_return_waits_exactly_while_the_form_is_returned() -> None:
    waiting = {form_id for form_id in forms() if open_return(form_id)}
    assert waiting == set(forms(State.RETURNED))
    assert count(ReturnedIndicator) > count(Return) > len(waiting) > 0


def test_results_are_what_concluding_them_again_gives() -> None:
    """Every published form is set back to approved and concluded anew by the room that freezes results."""
    old = {result.assessment_id: frozen(result) for result in session.scalars(select(Result))}
    assert set(old) == set(forms(State.PUBLISHED))
    session.execute(text("UPDATE assessment SET state = 'approved' WHERE state = 'published'"))
    for round_ in session.scalars(select(Round).where(Round.state == PUBLISHED)).all():
        admin = admin_of(round_.department_id)
        ids = session.scalars(select(Assessment.id).where(Assessment.round_id == round_.id)).all()
        results.finalise_forms(round_.id, ids, actor=admin, now=MADE)
    new = session.scalars(select(Result).where(Result.superseded_at.is_(None)))
    assert {result.assessment_id: frozen(result) for result in new} == old
    assert len({level for level, *_ in old.values()}) > 1


def frozen(result: Result) -> tuple[object, ...]:
    names = "level award met applicable mandatory_met mandatory quality_micro content own sha256"
    return tuple(getattr(result, name) for name in names.split())


def admin_of(department_id: int) -> Actor:
    user_id, name = session.execute(
        text(
            "SELECT u.id, u.name FROM membership m JOIN user_account u ON u.id = m.user_id "
            "WHERE m.unit_id = :unit AND m.role = 'department_admin'"
        ).bindparams(unit=department_id)
    ).one()
    role = Role.DEPARTMENT_ADMIN
    return Actor(user_id, 0, role, department_id, DEPARTMENT, department_id, "Sở", name, 0)


def test_schools_are_frozen_as_opening_a_round_would_freeze_them() -> None:
    for round_ in session.scalars(select(Round)):
        on = local_date(round_.opens_at)
        facts = rounds.facts_to_freeze(rounds.eligible_schools(round_, on), on, after=0, limit=1000)
        stored = session.scalars(
            select(Participation).where(Participation.round_id == round_.id).order_by(Participation.unit_id)
        )
        assert [{name: getattr(part, name) for name in facts[0]} for part in stored] == facts


def test_units_are_found_and_ordered_as_the_room_indexes_them() -> None:
    for unit in session.scalars(select(OrganisationUnit)):
        words = (unit.search_text, unit.sort_key)
        ward = unit.parent.name if unit.kind == SCHOOL and unit.parent else ""
        index_unit(unit, ward)
        assert (unit.search_text, unit.sort_key) == words
    wards = Counter(
        session.scalars(select(OrganisationUnit.parent_id).where(OrganisationUnit.kind == SCHOOL))
    )
    assert max(wards.values()) > 1
    assert count(OrganisationUnit, OrganisationUnit.kind == COMMUNE) > 200


def test_history_leads_to_the_answer_step_by_step() -> None:
    changes: dict[int, list[AnswerChange]] = defaultdict(list)
    for change in session.scalars(
        select(AnswerChange).order_by(AnswerChange.answer_id, AnswerChange.version)
    ):
        changes[change.answer_id].append(change)
    kept = 0
    for answer in session.scalars(select(Answer)):
        history = changes.get(answer.id)
        if history is None:
            assert answer.version == 1
            continue
        kept += 1
        assert [one.version for one in history] == list(range(1, answer.version + 1))
        assert [one.base_version for one in history] == list(range(answer.version))
        assert [(one.old_value, one.old_comment) for one in history] == [
            (None, ""),
            *((one.new_value, one.new_comment) for one in history[:-1]),
        ]
        assert (history[-1].new_value, history[-1].new_comment) == (answer.value, answer.comment)
        assert history[-1].at == answer.updated_at
    assert 0.02 < kept / count(Answer) < 0.2 and max(len(one) for one in changes.values()) == 3


def test_evidence_lies_in_the_store_and_belongs_to_the_school(country: Flask) -> None:
    folder = Path(country.config["DATA_DIR"]) / "files"
    there = {file.name for file in folder.rglob("*") if file.is_file()}
    for file in session.scalars(select(EvidenceFile)):
        assert {name for name in (file.sha256, file.thumb, *file.pages) if name} <= there
    elsewhere = (
        select(func.count())
        .select_from(EvidenceUse)
        .join(Assessment, Assessment.id == EvidenceUse.assessment_id)
        .join(Participation, Participation.id == Assessment.participation_id)
        .join(EvidenceFile, EvidenceFile.id == EvidenceUse.evidence_id)
    )
    assert session.scalar(elsewhere.where(EvidenceFile.unit_id != Participation.unit_id)) == 0
    assert count(EvidenceUse) > count(EvidenceFile) > 0


def test_certificates_are_numbered_without_a_gap_under_a_decision() -> None:
    numbers: dict[tuple[str, int], list[int]] = defaultdict(list)
    for one in session.scalars(select(Certificate)):
        numbers[one.series, one.year].append(one.number)
        assert one.result.award and one.result.assessment_id == one.assessment_id
    assert numbers and all(sorted(found) == list(range(1, len(found) + 1)) for found in numbers.values())
    last = session.scalars(select(NumberSeries))
    assert {(one.series, one.year): one.last for one in last} == {
        key: len(found) for key, found in numbers.items()
    }
    assert set(session.scalars(select(CertificateBatch.state))) == {ISSUED}
    assert set(session.scalars(select(Job.state))) == {DONE}
