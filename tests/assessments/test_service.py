"""The life of a form: made with the round, filled in, handed in, given back, handed in again."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from survey_app.assessments import attaching, profile, queries, service
from survey_app.assessments.checks import Missing
from survey_app.assessments.saving import Edit, NotReturned, save_answer
from survey_app.core.audit import AuditEvent
from survey_app.core.db import session
from survey_app.rounds.models import VetoEvent
from survey_app.rules.deadlines import DeadlinePassed
from survey_app.rules.errors import BadInput, NotAllowed, NotFound
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import Action, State, WrongState
from tests.assessments.conftest import Stage, small_set
from tests.factories.accounts import make_actor
from tests.factories.evidence import make_file
from tests.factories.organisations import make_commune, make_department, make_school
from tests.factories.rounds import make_framework_version, make_participation, make_round

LATER = timedelta(hours=1)


def fill_in(stage: Stage, now: datetime, value: int = 1) -> None:
    """Answer everything: profile, veto sentence, every indicator at every site."""
    places = [("AT1.1", site) for site in stage.sites] + [("AT1.2", 0), ("LM1.1", 0), ("LM1.2", 0)]
    for code, site in places:
        stored = queries.answers_of(stage.assessment.id).get((code, site))
        base, most = stored.version if stored else 0, 1 if code == "LM1.2" else 3
        change = Edit(code, site, min(value, most), "", base, f"{code}-{site}-{value}")
        save_answer(stage.form(), change, actor=stage.head, now=now)
    service.confirm_veto(stage.form(), "xac_nhan", "", actor=stage.head, now=now)


def submit(stage: Stage, now: datetime) -> None:
    service.submit_assessment(stage.form(), signatory="Nguyễn Thị Mẫu", actor=stage.head, now=now)


def start_review(stage: Stage, now: datetime) -> None:
    service.change_state(stage.form(stage.officer), Action.START_REVIEW, actor=stage.officer, now=now)


def give_back(stage: Stage, now: datetime, **reasons: str) -> None:
    named = {code.replace("_", "."): why for code, why in (reasons or {"AT1_2": "Thiếu ảnh"}).items()}
    form = stage.form(stage.officer)
    service.return_assessment(
        form, named, deadline=now + timedelta(days=7), message="", actor=stage.officer, now=now
    )


def kinds(stage: Stage) -> list[str]:
    return [f"{gap.kind}:{gap.code}" for gap in service.submission_gaps(stage.form())]


# ---- made with the round ----


def test_a_unit_gets_one_form_for_each_set_that_covers_a_stage(session: Any, now: datetime) -> None:
    preschool = make_framework_version(
        small_set(),
        content={**_content(), "stages": [{"code": "mam_non", "name": {"vi": "Mầm non", "en": ""}}]},
    )
    general = make_framework_version(small_set())
    department = make_department()
    round_ = make_round(department, [preschool, general])
    commune = make_commune(department)
    both = make_participation(round_, make_school(commune, stages=("mam_non", "thcs")))
    one = make_participation(round_, make_school(commune, stages=("thcs",)))
    none = make_participation(round_, make_school(commune, stages=("gdtx",)))
    assert service.create_forms(round_.id, now=now) == 3
    assert service.create_forms(round_.id, now=now) == 0
    forms = {p.id: len(queries.sister_forms(p.id)) for p in (both, one, none)}
    assert forms == {both.id: 2, one.id: 1, none.id: 0}


def _content() -> dict[str, Any]:
    from survey_app.rules.plain import plain_framework

    return plain_framework(small_set())


def test_a_new_form_knows_how_much_there_is_to_do(session: Any, now: datetime) -> None:
    department = make_department()
    round_ = make_round(department, [make_framework_version(small_set())])
    participation = make_participation(round_, make_school(make_commune(department)))
    service.create_forms(round_.id, now=now)
    form = queries.sister_forms(participation.id)[0]
    assert (form.applicable, form.mandatory, form.answered, form.state) == (4, 1, 0, State.DRAFT)


# ---- profile and veto ----


def test_the_profile_takes_what_does_not_apply_out_of_the_counts(stage: Stage, now: datetime) -> None:
    assert stage.form().assessment.applicable == 4
    profile.save_profile(
        stage.form(), {"bep_an": False, "khong_co": True}, base_version=1, actor=stage.head, now=now
    )
    form = stage.form()
    assert form.assessment.applicable == 3 and form.facts.profile == {"bep_an": False}


def test_a_profile_saved_meanwhile_is_not_overwritten(stage: Stage, now: datetime) -> None:
    profile.save_profile(stage.form(), {"bep_an": False}, base_version=1, actor=stage.head, now=now)
    with pytest.raises(profile.ProfileChanged):
        profile.save_profile(stage.form(), {"bep_an": True}, base_version=1, actor=stage.member, now=now)


def test_the_profile_is_locked_while_a_form_of_the_unit_is_handed_in(stage: Stage, now: datetime) -> None:
    fill_in(stage, now)
    submit(stage, now)
    with pytest.raises(WrongState):
        profile.save_profile(stage.form(), {"bep_an": False}, base_version=1, actor=stage.head, now=now)


def test_only_an_answer_of_the_set_confirms_the_veto_sentence(stage: Stage, now: datetime) -> None:
    with pytest.raises(BadInput):
        service.confirm_veto(stage.form(), "co", "", actor=stage.head, now=now)
    with pytest.raises(service.NoOpinion):
        service.confirm_veto(stage.form(), "co_y_kien", "  ", actor=stage.head, now=now)
    assert not service.veto_is_confirmed(stage.form())


def test_a_fact_recorded_after_the_confirmation_has_to_be_read(stage: Stage, now: datetime) -> None:
    fill_in(stage, now)
    assert service.veto_is_confirmed(stage.form())
    form = stage.form()
    event = VetoEvent(
        participation_id=form.participation.id,
        framework_version_id=form.assessment.framework_version_id,
        code="V1",
        event_date=now.date(),
        place="Sân trường",
        document_number="12/KL",
        document_date=now.date(),
        concluding_authority="Cơ quan thử",
        recorded_by_id=stage.officer.user_id,
        recorded_at=now + LATER,
    )
    session.add(event)
    session.flush()
    assert f"{Missing.VETO}:" in kinds(stage)


# ---- what is missing ----


def test_everything_missing_is_named(stage: Stage, now: datetime) -> None:
    form = stage.form()
    form.profile.facts = {}  # type: ignore[union-attr]
    session.flush()
    assert kinds(stage) == [
        "profile:bep_an",
        "veto:",
        "answer:AT1.1",
        "answer:AT1.2",
        "answer:LM1.1",
        "answer:LM1.2",
    ]


def test_a_missing_site_is_named(stage: Stage, now: datetime) -> None:
    main, other = stage.sites
    save_answer(stage.form(), Edit("AT1.1", main, 2, "", 0, "k"), actor=stage.head, now=now)
    gap = next(gap for gap in service.submission_gaps(stage.form()) if gap.code == "AT1.1")
    assert gap.sites == (other,)


def test_missing_evidence_is_a_hint_and_does_not_stop(stage: Stage, now: datetime) -> None:
    fill_in(stage, now, value=3)
    assert kinds(stage) == ["evidence:AT1.2", "highest_bare:LM1.1"]
    submit(stage, now)
    assert stage.form().assessment.state == State.SUBMITTED


def test_an_incomplete_form_is_not_taken(stage: Stage, now: datetime) -> None:
    with pytest.raises(service.NotComplete) as refusal:
        submit(stage, now)
    assert len(refusal.value.gaps) == 5 and stage.form().assessment.state == State.DRAFT


# ---- evidence ----


def test_evidence_gets_codes_that_are_never_given_twice(stage: Stage, now: datetime) -> None:
    first, second = make_file(stage.head), make_file(stage.head)
    uses = [
        attaching.attach_evidence(stage.form(), "AT1.2", file, actor=stage.head, now=now)
        for file in (first, second, first)
    ]
    assert [use.number for use in uses] == [1, 2, 1]
    attaching.detach_evidence(stage.form(), uses[1], actor=stage.head, now=now)
    again = attaching.attach_evidence(stage.form(), "AT1.2", second, actor=stage.head, now=now)
    codes = [item.code for item in queries.evidence_of(stage.assessment.id)["AT1.2"]]
    assert again.number == 3 and codes == ["MC-AT1.2-01", "MC-AT1.2-03"]


def test_evidence_counts_where_the_set_asks_for_it(stage: Stage, now: datetime) -> None:
    save_answer(stage.form(), Edit("AT1.2", 0, 2, "", 0, "k"), actor=stage.head, now=now)
    row = stage.form().assessment
    assert (row.evidence_needed, row.evidence_had) == (1, 0)
    use = attaching.attach_evidence(stage.form(), "AT1.2", make_file(stage.head), actor=stage.head, now=now)
    assert stage.form().assessment.evidence_had == 1
    attaching.detach_evidence(stage.form(), use, actor=stage.head, now=now)
    assert stage.form().assessment.evidence_had == 0


def test_a_hidden_file_is_no_evidence(stage: Stage, now: datetime) -> None:
    file = make_file(stage.head)
    save_answer(stage.form(), Edit("AT1.2", 0, 2, "", 0, "k"), actor=stage.head, now=now)
    attaching.attach_evidence(stage.form(), "AT1.2", file, actor=stage.head, now=now)
    file.hidden_at = now
    session.flush()
    attaching.recount_forms_using(file.id)
    assert stage.form().assessment.evidence_had == 0


def test_the_file_of_another_school_is_refused(stage: Stage, now: datetime) -> None:
    file = make_file(make_actor(Role.UNIT_HEAD, make_school()))
    with pytest.raises(attaching.EvidenceElsewhere):
        attaching.attach_evidence(stage.form(), "AT1.2", file, actor=stage.head, now=now)


# ---- handing in and what follows ----


def test_a_submission_gets_a_number_and_locks_the_form(stage: Stage, now: datetime) -> None:
    fill_in(stage, now)
    submit(stage, now)
    row = stage.form().assessment
    assert row.receipt_number == f"{stage.form().round.department.code}-2627-{row.id:06d}"
    assert (row.submitted_at, row.submitted_by_id, row.signatory) == (
        now,
        stage.head.user_id,
        "Nguyễn Thị Mẫu",
    )
    with pytest.raises(WrongState):
        save_answer(stage.form(), Edit("AT1.2", 0, 3, "", 1, "x"), actor=stage.head, now=now)


def test_a_member_cannot_hand_in(stage: Stage, now: datetime) -> None:
    fill_in(stage, now)
    with pytest.raises(NotAllowed):
        service.submit_assessment(stage.form(), signatory="X", actor=stage.member, now=now)


def test_withdrawing_opens_the_form_until_checking_begins(stage: Stage, now: datetime) -> None:
    fill_in(stage, now)
    submit(stage, now)
    service.withdraw_assessment(stage.form(), actor=stage.head, now=now)
    assert stage.form().assessment.state == State.DRAFT
    submit(stage, now)
    start_review(stage, now)
    with pytest.raises(WrongState):
        service.withdraw_assessment(stage.form(), actor=stage.head, now=now)


def test_only_returned_indicators_open_again(stage: Stage, now: datetime) -> None:
    fill_in(stage, now)
    submit(stage, now)
    start_review(stage, now)
    give_back(stage, now)
    save_answer(stage.form(), Edit("AT1.2", 0, 2, "Đã bổ sung", 1, "y"), actor=stage.head, now=now)
    with pytest.raises(NotReturned):
        save_answer(stage.form(), Edit("LM1.1", 0, 2, "", 1, "z"), actor=stage.head, now=now)
    returned = queries.open_return(stage.assessment.id)
    assert returned is not None and returned.open_count == 0 and returned.items["AT1.2"].reason == "Thiếu ảnh"


def test_a_returned_form_can_be_submitted_again(stage: Stage, now: datetime) -> None:
    fill_in(stage, now)
    submit(stage, now)
    start_review(stage, now)
    give_back(stage, now, AT1_2="Thiếu ảnh", LM1_1="Xem lại")
    assert kinds(stage) == ["returned:AT1.2", "returned:LM1.1"]
    service.settle_returned(stage.form(), "LM1.1", "Đã đủ", actor=stage.head, now=now)
    save_answer(stage.form(), Edit("AT1.2", 0, 2, "", 1, "y"), actor=stage.head, now=now)
    number = stage.form().assessment.receipt_number
    submit(stage, now + LATER)
    row = stage.form().assessment
    assert (row.state, row.receipt_number, row.submitted_at) == (State.RESUBMITTED, number, now + LATER)
    assert queries.open_return(stage.assessment.id) is None


def test_withdrawing_a_resubmission_opens_the_return_again(stage: Stage, now: datetime) -> None:
    fill_in(stage, now)
    submit(stage, now)
    start_review(stage, now)
    give_back(stage, now)
    service.settle_returned(stage.form(), "AT1.2", "Đã đủ", actor=stage.head, now=now)
    submit(stage, now)
    service.withdraw_assessment(stage.form(), actor=stage.head, now=now)
    assert stage.form().assessment.state == State.RETURNED
    assert queries.open_return(stage.assessment.id) is not None


def test_an_answer_to_a_return_is_taken_back_only_before_its_own_deadline(
    stage: Stage, now: datetime
) -> None:
    fill_in(stage, now)
    submit(stage, now)
    late = now + timedelta(days=30)
    start_review(stage, late)
    give_back(stage, late)
    service.settle_returned(stage.form(), "AT1.2", "Đã đủ", actor=stage.head, now=late)
    submit(stage, late)
    with pytest.raises(service.TooLateToWithdraw):
        service.withdraw_assessment(stage.form(), actor=stage.head, now=late + timedelta(days=7))
    service.withdraw_assessment(stage.form(), actor=stage.head, now=late + timedelta(days=6))
    assert stage.form().assessment.state == State.RETURNED


def test_the_deadline_of_a_return_holds_after_the_round_has_closed(stage: Stage, now: datetime) -> None:
    fill_in(stage, now)
    submit(stage, now)
    start_review(stage, now)
    late = now + timedelta(days=30)
    give_back(stage, late)
    save_answer(stage.form(), Edit("AT1.2", 0, 2, "", 1, "y"), actor=stage.head, now=late + LATER)
    with pytest.raises(DeadlinePassed):
        save_answer(
            stage.form(), Edit("AT1.2", 0, 3, "", 2, "z"), actor=stage.head, now=late + timedelta(days=8)
        )


@pytest.mark.parametrize("reasons", [{}, {"AT1.2": "  "}, {"XX1.1": "Không có"}])
def test_a_return_names_indicators_and_reasons(stage: Stage, now: datetime, reasons: dict[str, str]) -> None:
    fill_in(stage, now)
    submit(stage, now)
    start_review(stage, now)
    with pytest.raises(service.NothingReturned):
        service.return_assessment(
            stage.form(stage.officer), reasons, deadline=now + LATER, message="", actor=stage.officer, now=now
        )


def test_a_return_ends_in_the_future(stage: Stage, now: datetime) -> None:
    fill_in(stage, now)
    submit(stage, now)
    start_review(stage, now)
    with pytest.raises(service.DeadlineInThePast):
        service.return_assessment(
            stage.form(stage.officer),
            {"AT1.2": "Thiếu"},
            deadline=now,
            message="",
            actor=stage.officer,
            now=now,
        )


def test_every_change_of_state_is_told_and_audited(stage: Stage, now: datetime) -> None:
    fill_in(stage, now)
    submit(stage, now)
    start_review(stage, now)
    events = [
        (event.action, event.from_state, event.to_state) for event in queries.events_of(stage.assessment.id)
    ]
    assert events == [("submit", "draft", "submitted"), ("start_review", "submitted", "in_review")]
    acts = [row.action for row in session.query(AuditEvent).order_by(AuditEvent.id)]
    assert acts[-2:] == ["assessment.submit", "assessment.start_review"]


# ---- walls ----


def test_a_form_is_not_found_by_a_stranger(stage: Stage, now: datetime) -> None:
    elsewhere = make_school()
    for role, unit in ((Role.UNIT_HEAD, elsewhere), (Role.COMMUNE_OFFICER, elsewhere.parent)):
        with pytest.raises(NotFound):
            queries.get_visible_form(make_actor(role, unit), stage.assessment.uid)


def test_the_department_sees_the_forms_of_its_rounds_once_they_are_handed_in(
    stage: Stage, now: datetime
) -> None:
    fill_in(stage, now)
    submit(stage, now)
    department = stage.form().round.department
    form = queries.get_visible_form(make_actor(Role.DEPARTMENT_OFFICER, department), stage.assessment.uid)
    assert form.assessment.id == stage.assessment.id
