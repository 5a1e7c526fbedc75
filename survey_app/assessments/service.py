"""The life of a form: made when the round opens, filled in, handed in, given back, taken on.

Every change of state goes through `change_state`: one conditional UPDATE on (id, state).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from survey_app.accounts.handing_over import hold_office
from survey_app.assessments import queries
from survey_app.assessments.checks import Gap, blocking, gaps_of
from survey_app.assessments.models import (
    Assessment,
    AssessmentEvent,
    Return,
    ReturnedIndicator,
)
from survey_app.assessments.queries import Form, unit_facts
from survey_app.assessments.saving import (
    LONGEST_COMMENT,
    CommentTooLong,
    NotReturned,
    check_editable,
    settle,
)
from survey_app.assessments.signed_copy import hand_in_pages
from survey_app.assessments.signing import office_of
from survey_app.assessments.telling import tell_handed_in
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.db import session
from survey_app.frameworks.queries import get_framework
from survey_app.rounds import queries as rounds
from survey_app.rounds.models import OPEN, Participation
from survey_app.rules.errors import N_, BadInput, RuleError
from survey_app.rules.scoring import score
from survey_app.rules.workflow import STATE_NAMES, Action, State, WrongState, next_state

CHUNK = 1000


class NotChosen(BadInput):
    """The excluding sentence is confirmed without one of the set's answers."""

    message = N_("Hãy chọn một ý.")


class NoOpinion(BadInput):
    """Another view than the authority's, without saying which."""

    message = N_("Hãy ghi ý kiến của trường kèm số, ngày văn bản.")


class NoExplanation(BadInput):
    """A returned answer is kept without saying why."""

    message = N_("Hãy ghi vì sao trường giữ nguyên câu trả lời.")


class NotComplete(RuleError):
    """Something that stops a submission is missing; `gaps` name it."""

    status = 422
    message = N_("Còn %(count)s việc cần xử lý trước khi nộp. Hãy xem danh sách trên trang Kiểm tra và nộp.")

    def __init__(self, gaps: list[Gap]) -> None:
        super().__init__(count=len(gaps))
        self.gaps = gaps


class TooLateToWithdraw(RuleError):
    """The deadline is over: a form taken back now could not be handed in again."""

    message = N_("Đã hết hạn nên không rút phiếu được nữa. Nếu cần sửa, hãy báo cơ quan quản lý trực tiếp.")


class NothingReturned(BadInput):
    """A form is given back without naming an indicator, or without a reason."""

    message = N_("Hãy chọn ít nhất một tiêu chí cần bổ sung và ghi lý do cho từng tiêu chí.")


class DeadlineInThePast(BadInput):
    """The deadline of a return has passed already."""

    message = N_("Hạn bổ sung phải sau thời điểm hiện tại.")


def create_forms(round_id: int, *, now: datetime) -> int:
    """Make the missing forms of every unit in a round; returns how many were made.

    A unit gets one form for each set of the round that covers one of its stages. The counts of an empty
    form depend only on stages and type, so they are computed once for each combination.
    """
    there = queries.participation_ids_with_form(round_id)
    empty: dict[tuple[int, tuple[str, ...], str], dict[str, Any]] = {}
    rows: list[dict[str, Any]] = []
    for version_id, covered in queries.stages_by_version(round_id):
        for participation_id, stages, unit_type in queries.participations_of(round_id):
            if set(covered).isdisjoint(stages) or (participation_id, version_id) in there:
                continue
            kind = (version_id, stages, unit_type)
            if kind not in empty:
                empty[kind] = _empty_counts(version_id, stages, unit_type)
            rows.append(_new_form(round_id, participation_id, version_id, now) | empty[kind])
    for start in range(0, len(rows), CHUNK):
        session.execute(insert(Assessment), rows[start : start + CHUNK])
    return len(rows)


def _new_form(round_id: int, participation_id: int, version_id: int, now: datetime) -> dict[str, Any]:
    return {
        "round_id": round_id,
        "participation_id": participation_id,
        "framework_version_id": version_id,
        "state": State.DRAFT,
        "state_since": now,
    }


def _empty_counts(version_id: int, stages: tuple[str, ...], unit_type: str) -> dict[str, int]:
    framework = get_framework(version_id)
    unit = unit_facts(framework, Participation(stages=stages, unit_type=unit_type, sites=[]), None)
    tally = score(framework, unit, {}).tally
    return {"applicable": tally.applicable, "mandatory": tally.mandatory}


def confirm_veto(form: Form, answer: str, comment: str, *, actor: Actor, now: datetime) -> Assessment:
    """The school has read what the authority recorded. `answer` is one of the set's codes.

    The first of them agrees; any other needs the school's own words. Raises `NotChosen` for another answer,
    `NoOpinion` for one without words, and what `check_editable` raises.
    """
    check_editable(form, None, now=now)
    codes = [choice.code for choice in form.framework.veto_answers]
    if answer not in codes:
        raise NotChosen()
    if answer != codes[0] and not comment.strip():
        raise NoOpinion()
    row = form.assessment
    row.veto_answer, row.veto_comment, row.veto_confirmed_at = answer, comment, now
    session.flush()
    audit.record(actor, "veto.confirm", row, now=now, new={"answer": answer})
    return row


def veto_recorded_after(form: Form) -> bool:
    """True when the authority recorded or withdrew a fact after the school confirmed the sentence."""
    latest = rounds.latest_veto_change(form.participation.id, form.assessment.framework_version_id)
    return _is_after(latest, form.assessment.veto_confirmed_at)


def _is_after(latest: datetime | None, confirmed: datetime | None) -> bool:
    return confirmed is not None and latest is not None and latest > confirmed


def veto_is_confirmed(form: Form) -> bool:
    """True when the school has confirmed the sentence and nothing was recorded since.

    A set without excluding facts, or without a sentence to choose, leaves nothing to confirm.
    """
    if not form.framework.asks_about_veto:
        return True
    return form.assessment.veto_confirmed_at is not None and not veto_recorded_after(form)


def veto_still_stands(form: Form, latest: datetime | None) -> bool:
    """The same where the latest change of a recorded fact (None: never) is known already."""
    confirmed = form.assessment.veto_confirmed_at
    return not form.framework.asks_about_veto or (confirmed is not None and not _is_after(latest, confirmed))


def submission_gaps(form: Form) -> list[Gap]:
    """What is missing in a form, blocking or not."""
    key = form.assessment.id
    answers, signed, returned = queries.answers_of(key), queries.signed_files(key), queries.open_return(key)
    return gaps_of(form, answers, signed, returned, veto_open=not veto_is_confirmed(form))


def submit_assessment(
    form: Form, *, signatory: str, by_deputy: bool = False, actor: Actor, now: datetime
) -> Assessment:
    """Hand in a locked form; it gets its receipt number the first time, and its people a notice.

    `signatory` signs the print, as the head's deputy with `by_deputy`; its scan stays from now on.
    Raises `NotComplete` with the gaps, `WrongState`, `DeadlinePassed`, `NotAllowed`; `RoleEnded` for a head
    whose school was handed over a moment ago.
    """
    hold_office(actor)
    check_editable(form, None, now=now)
    gaps = blocking(submission_gaps(form))
    if gaps:
        raise NotComplete(gaps)
    number = form.assessment.receipt_number or receipt_number(form)
    returned = queries.open_return(form.assessment.id)
    if returned is not None:
        returned.row.answered_at = now
    change_state(
        form,
        Action.SUBMIT,
        actor=actor,
        now=now,
        receipt_number=number,
        submitted_at=now,
        submitted_by_id=actor.user_id,
        signatory=signatory,
        signed_by_deputy=by_deputy and bool(office_of(form.participation.unit_type).deputy),
    )
    hand_in_pages(form, now=now)
    tell_handed_in(form, now=now)
    return form.assessment


def receipt_number(form: Form) -> str:
    """The number on the receipt: department, school year and the form's own number ("92-2627-000123")."""
    return write_receipt(form.round.department.code, form.round.school_year, form.assessment.id)


def write_receipt(department_code: str, school_year: str, form_id: int) -> str:
    """A receipt number from its parts."""
    first, last = school_year.split("-")
    return f"{department_code}-{first[2:]}{last[2:]}-{form_id:06d}"


def withdraw_assessment(form: Form, *, actor: Actor, now: datetime) -> Assessment:
    """Take a form back before anybody has begun to check it, while it can still be handed in again.

    Raises `WrongState`, `NotAllowed`, `TooLateToWithdraw`.
    """
    reopened = _last_answered_return(form)
    next_state(form.assessment.state, Action.WITHDRAW, actor.role, levels=form.round.checking_levels)
    if not can_withdraw(form, now):
        raise TooLateToWithdraw()
    change_state(form, Action.WITHDRAW, actor=actor, now=now)
    if reopened is not None:
        reopened.answered_at = None
        session.flush()
    return form.assessment


def can_withdraw(form: Form, now: datetime) -> bool:
    """True while a form that was handed in could be changed and handed in again: grace is not for this."""
    reopened = _last_answered_return(form)
    return form.round.state == OPEN and now < (reopened.deadline if reopened else form.deadline)


def _last_answered_return(form: Form) -> Return | None:
    """The return that a form handed in again has answered; None for one handed in the first time."""
    if form.assessment.state != State.RESUBMITTED:
        return None
    return queries.last_return(form.assessment.id)


def return_assessment(
    form: Form,
    reasons: Mapping[str, str],
    *,
    deadline: datetime,
    message: str,
    actor: Actor,
    now: datetime,
) -> Return:
    """Give a form back: only the indicators in `reasons` ({code: why}) open again, until `deadline`.

    Raises `NothingReturned`, `DeadlineInThePast`, `WrongState`, `NotAllowed`.
    """
    if not reasons or any(
        not reason.strip() or code not in form.framework.by_code for code, reason in reasons.items()
    ):
        raise NothingReturned()
    if deadline <= now:
        raise DeadlineInThePast()
    change_state(form, Action.RETURN, actor=actor, now=now, note=message)
    row = Return(
        assessment_id=form.assessment.id,
        deadline=deadline,
        message=message,
        returned_at=now,
        returned_by_id=actor.user_id,
    )
    session.add(row)
    session.flush()
    session.add_all(
        ReturnedIndicator(return_id=row.id, indicator=code, reason=reason) for code, reason in reasons.items()
    )
    session.flush()
    return row


def settle_returned(form: Form, code: str, because: str, *, actor: Actor, now: datetime) -> None:
    """The school keeps its answer of a returned indicator and says why; the officer reads it.

    Raises `NoExplanation`, `CommentTooLong`, `NotReturned`, `WrongState`, `DeadlinePassed`.
    """
    check_editable(form, code, now=now)
    returned = queries.open_return(form.assessment.id)
    if returned is None or code not in returned.items:
        raise NotReturned(code=code)
    because = because.strip()
    if not because:
        raise NoExplanation()
    if len(because) > LONGEST_COMMENT:
        raise CommentTooLong(most=LONGEST_COMMENT)
    settle(form, code, now=now)
    returned.items[code].kept_because = because
    session.flush()
    new = {"indicator": code, "reason": because}
    audit.record(actor, "return.settle", form.assessment, now=now, new=new)


def change_state(
    form: Form, action: Action, *, actor: Actor, now: datetime, note: str = "", **columns: Any
) -> State:
    """Move a form along the state table, with `columns` set in the same conditional UPDATE.

    Raises `WrongState` when the form has moved on meanwhile, `NotAllowed` for another role's act.
    """
    row = form.assessment
    before = State(row.state)
    after = next_state(before, action, actor.role, levels=form.round.checking_levels)
    session.flush()
    done = session.execute(
        update(Assessment)
        .where(Assessment.id == row.id, Assessment.state == before)
        .values(state=after, state_since=now, **columns)
        .execution_options(synchronize_session=False)
    )
    session.refresh(row)
    if not rows_changed(done):
        raise WrongState(state=STATE_NAMES[State(row.state)])
    session.add(
        AssessmentEvent(
            assessment_id=row.id,
            action=action,
            from_state=before,
            to_state=after,
            actor_id=actor.user_id,
            actor_name=actor.name,
            unit_name=actor.unit_name,
            note=note,
            at=now,
        )
    )
    audit.record(actor, f"assessment.{action}", row, now=now, old={"state": before}, new={"state": after})
    session.flush()
    return after
