"""Notices about a form to its own unit, in the words every room uses for its steps."""

from datetime import datetime

from survey_app.assessments.queries import Form
from survey_app.core.filters import write_datetime, write_deadline
from survey_app.notices.service import notify
from survey_app.rounds.queries import review_deadline_for
from survey_app.rules.workflow import State


def tell_handed_in(form: Form, *, now: datetime) -> None:
    """The form is in: its number, the second, who checks it and until when."""
    done = "Đã nộp lại" if form.assessment.state == State.RESUBMITTED else "Đã nộp"
    reviewer = form.participation.reviewing_unit
    tell_unit(
        form,
        kind="assessment.submitted",
        title=f"{done} phiếu tự đánh giá, mã hồ sơ {form.assessment.receipt_number}",
        body=f"Nộp lúc {write_datetime(now)}. {reviewer.name} kiểm tra, đánh giá trước "
        f"{write_deadline(review_deadline_for(form.round, reviewer.kind))}.",
        now=now,
    )


def tell_unit(
    form: Form, *, kind: str, title: str, body: str = "", sender_id: int | None = None, now: datetime
) -> None:
    """A notice to everybody of the form's unit that leads to the form."""
    notify(
        form.participation.unit_id,
        kind=kind,
        title=title,
        body=body,
        url=f"/assessments/{form.assessment.uid}",
        sender_id=sender_id,
        now=now,
    )
