"""The ends of an examination: give back, propose, approve, send back to the officer, open again."""

from datetime import datetime

from sqlalchemy import case, delete, func, update

from survey_app.assessments import service as assessments
from survey_app.assessments.models import Return
from survey_app.assessments.queries import Form
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.filters import write_deadline
from survey_app.notices.service import notify
from survey_app.reviews.examination import Examination, Line, examine
from survey_app.reviews.models import Review, VerifiedScore
from survey_app.reviews.service.guards import (
    check_may_act,
    check_step,
    checked_reason,
    fitting,
    held_review,
    review_of,
)
from survey_app.rounds.queries import review_deadline_for
from survey_app.rules.errors import N_, BadInput, NotAllowed
from survey_app.rules.permissions import ADMIN
from survey_app.rules.workflow import Action

LONGEST_TEXT = 2000
LONGEST_SEND_BACK = 500
NAMED_AT_ONCE = 10


class NotAllSeen(BadInput):
    """Some indicators have no confirmed value; `codes` name them (422)."""

    message = N_("Còn %(count)s tiêu chí chưa có kết quả kiểm tra: %(named)s.")

    def __init__(self, codes: list[str]) -> None:
        super().__init__(count=len(codes), named=_named(codes))
        self.codes = codes


class StillMarked(BadInput):
    """Some indicators are marked to be given back; `codes` name them (422)."""

    message = N_("Còn %(count)s tiêu chí đánh dấu trả lại: %(named)s. Hãy trả lại hoặc bỏ đánh dấu.")

    def __init__(self, codes: list[str]) -> None:
        super().__init__(count=len(codes), named=_named(codes))
        self.codes = codes


class NothingMarked(BadInput):
    """A form is to be given back but nothing is marked."""

    message = N_("Chưa có tiêu chí nào được đánh dấu trả lại. Hãy mở tiêu chí cần bổ sung và ghi lý do.")


class AfterReviewDeadline(BadInput):
    """The deadline for the school lies after the deadline of the authority and nobody said it may."""

    message = N_("Hạn này muộn hơn hạn kiểm tra của đơn vị (%(limit)s). Hãy chọn ngày sớm hơn hoặc xác nhận.")


class SamePerson(NotAllowed):
    """With two levels of checking, who proposed does not approve."""

    message = N_("Người trình kết quả không tự duyệt. Hãy để lãnh đạo khác duyệt.")


def _named(codes: list[str]) -> str:
    return ", ".join(codes[:NAMED_AT_ONCE]) + (", …" if len(codes) > NAMED_AT_ONCE else "")


def review_deadline(form: Form) -> datetime:
    """Until when the form's reviewing unit should have checked."""
    return review_deadline_for(form.round, form.participation.reviewing_unit.kind)


def return_marked(
    form: Form, *, deadline: datetime, message: str, late_is_meant: bool = False, actor: Actor, now: datetime
) -> Return:
    """Give a locked form back: the marked indicators open for the school until `deadline`, nothing else does.

    Their confirmed values become "not looked at"; what stood there is kept beside. The school gets a notice.
    Raises `NothingMarked`, `AfterReviewDeadline` unless `late_is_meant`, `DeadlineInThePast`,
    `ReasonTooLong`, and as `held_review`.
    """
    held_review(form, actor)
    marked = examine(form).to_return
    if not marked:
        raise NothingMarked()
    limit = review_deadline(form)
    if deadline > limit and not late_is_meant:
        raise AfterReviewDeadline(limit=write_deadline(limit))
    message = fitting(message.strip(), LONGEST_TEXT)
    reasons = {line.code: line.row.return_reason for line in marked if line.row}
    made = assessments.return_assessment(
        form, reasons, deadline=deadline, message=message, actor=actor, now=now
    )
    _clear(form, marked, actor, now)
    _tell_school(
        form,
        "review.returned",
        f"Yêu cầu bổ sung {len(marked)} tiêu chí, hạn {write_deadline(deadline)}",
        message,
        actor,
        now,
    )
    return made


def _clear(form: Form, marked: list[Line], actor: Actor, now: datetime) -> None:
    """What is given back is to be looked at again; the last value that stood there is kept beside."""
    row = VerifiedScore
    session.execute(
        update(row)
        .where(row.assessment_id == form.assessment.id, row.indicator.in_([line.code for line in marked]))
        .values(
            earlier_value=func.coalesce(row.value, row.earlier_value),
            earlier_reason=case((row.value.is_(None), row.earlier_reason), else_=row.reason),
            value=None,
            reason="",
            to_return=False,
            return_reason="",
            version=row.version + 1,
            updated_at=now,
            updated_by_id=actor.user_id,
        )
        .execution_options(synchronize_session=False)
    )
    for line in marked:
        session.expire(line.row)


def propose(form: Form, conclusion: str, *, actor: Actor, now: datetime) -> Review:
    """The officer lays a finished examination before the leader (two levels of checking).

    Raises `NotAllSeen`, `StillMarked`, `ReasonTooLong`, and as `held_review`.
    """
    review = held_review(form, actor)
    check_step(form, Action.PROPOSE, actor)
    check_complete(form)
    review.conclusion, review.proposed_at = fitting(conclusion.strip(), LONGEST_TEXT), now
    review.send_back_reason = ""
    assessments.change_state(form, Action.PROPOSE, actor=actor, now=now)
    return review


def approve(form: Form, conclusion: str | None = None, *, actor: Actor, now: datetime) -> Review:
    """Confirm the whole result: the officer with one level of checking, else a leader of the same unit.

    Values of indicators that no longer apply are removed; every one that applies must have one. The school
    gets a notice. `conclusion` None leaves what the officer wrote. Raises `NotAllSeen`, `StillMarked`,
    `SamePerson`, `WrongState`, and as `check_may_act` (an officer: as `held_review`).
    """
    check_may_act(form, actor, "reviews.approve")
    check_step(form, Action.APPROVE, actor)
    one_level = form.round.checking_levels == 1
    review = held_review(form, actor) if one_level else review_of(form)
    if not one_level and review.officer_id == actor.user_id:
        raise SamePerson()
    _drop_not_applicable(check_complete(form), actor, now)
    if conclusion is not None:
        review.conclusion = fitting(conclusion.strip(), LONGEST_TEXT)
    review.approved_at, review.approved_by_id = now, actor.user_id
    assessments.change_state(form, Action.APPROVE, actor=actor, now=now)
    _tell_school(form, "review.approved", "Kết quả kiểm tra đã được xác nhận", "", actor, now)
    return review


def check_complete(form: Form) -> Examination:
    """The examination of a form when it can be concluded; raises `NotAllSeen`, `StillMarked`."""
    examination = examine(form)
    if examination.unseen:
        raise NotAllSeen(examination.unseen)
    if examination.to_return:
        raise StillMarked([line.code for line in examination.to_return])
    return examination


def _drop_not_applicable(examination: Examination, actor: Actor, now: datetime) -> None:
    """The profile was changed after the officer had looked: those values count for nothing."""
    row, form = VerifiedScore, examination.form.assessment
    codes = [line.code for line in examination.lines]
    gone = session.scalars(
        delete(row)
        .where(row.assessment_id == form.id, row.indicator.not_in(codes))
        .returning(row.indicator)
        .execution_options(synchronize_session=False)
    ).all()
    if gone:
        audit.record(actor, "review.drop", form, now=now, old={"not_applicable": sorted(gone)})


def send_back(form: Form, reason: str, *, actor: Actor, now: datetime) -> Review:
    """A leader gives a proposal back to the officer, with a reason.

    Raises `ReasonTooShort`, `ReasonTooLong`, `WrongState`, and as `check_may_act`.
    """
    check_may_act(form, actor, "reviews.approve")
    check_step(form, Action.SEND_BACK, actor)
    review = review_of(form)
    review.send_back_reason = checked_reason(reason, most=LONGEST_SEND_BACK)
    assessments.change_state(form, Action.SEND_BACK, actor=actor, now=now)
    new = {"reason": review.send_back_reason}
    audit.record(actor, "review.send_back", form.assessment, now=now, new=new)
    return review


def reopen(form: Form, reason: str, *, actor: Actor, now: datetime) -> Review:
    """Open a confirmed form again before it is published: a leader of the reviewing unit, or the department's
    administrator. The school gets a notice.

    Raises `ReasonTooShort`, `ReasonTooLong`, `WrongState`, and as `check_may_act`.
    """
    if actor.role not in ADMIN:
        check_may_act(form, actor, "reviews.reopen")
    check_step(form, Action.REOPEN, actor)
    reason = checked_reason(reason)
    review = review_of(form)
    review.approved_at = review.approved_by_id = None
    assessments.change_state(form, Action.REOPEN, actor=actor, now=now, note=reason)
    _tell_school(form, "review.reopened", "Kết quả kiểm tra được mở lại để xem lại", reason, actor, now)
    return review


def _tell_school(form: Form, kind: str, title: str, body: str, actor: Actor, now: datetime) -> None:
    notify(
        form.participation.unit_id,
        kind=kind,
        title=title,
        body=body,
        url=f"/assessments/{form.assessment.uid}",
        sender_id=actor.unit_id,
        now=now,
    )
