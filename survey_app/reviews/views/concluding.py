"""Pages at the end of an examination: giving back, concluding, the leader's decision, opening again."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts.queries import names_of
from survey_app.assessments.queries import Form
from survey_app.assessments.service import DeadlineInThePast
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.db import mark_refused
from survey_app.core.edge import say
from survey_app.reviews import queries, service
from survey_app.reviews.examination import Examination, examine
from survey_app.reviews.forms import ConclusionForm, ReasonForm, ReturnForm
from survey_app.reviews.stance import stance_of
from survey_app.reviews.views.blueprint import KEPT, bp
from survey_app.reviews.views.desk import veto_codes
from survey_app.rules.errors import BadInput
from survey_app.rules.levels import level_for
from survey_app.rules.workflow import WrongState

DAYS_TO_ANSWER, LAST_HOUR = 7, 17


@bp.get("/<uid>/return")
@requires("reviews.edit")
def return_form(uid: str) -> ResponseReturnValue:
    """What is to be given back, with its reasons; until when, and what is said to the school."""
    form = queries.get_file(acting(), uid)
    default = default_deadline(form, clock.now())
    local = clock.to_local(default)
    return _return_page(examine(form), ReturnForm(day=local.date(), hour=f"{local.hour:02d}"))


def default_deadline(form: Form, now: datetime) -> datetime:
    """A week from now at 17g00, but not after the authority's own deadline while that is still to come."""
    day = clock.local_date(now) + timedelta(days=DAYS_TO_ANSWER)
    week, limit = clock.from_local(day, LAST_HOUR), service.review_deadline(form)
    return limit if now + timedelta(days=1) < limit < week else week


def _return_page(examination: Examination, typed: ReturnForm, late: bool = False, problem: str = "") -> str:
    form = examination.form
    return render_template(
        "reviews/return.html",
        form=form,
        desk=examination,
        stance=stance_of(form, examination.review, acting()),
        typed=typed,
        limit=service.review_deadline(form),
        late=late,
        problem=problem,
    )


@bp.post("/<uid>/return")
@requires("reviews.edit")
def give_back(uid: str) -> ResponseReturnValue:
    """Give the marked indicators back to the school."""
    form, typed = queries.get_file(acting(), uid, lock=True), ReturnForm()
    if not typed.validate():
        return _return_page(examine(form), typed), 422
    try:
        service.return_marked(
            form,
            deadline=clock.from_local(typed.day.data, int(typed.hour.data)),
            message=typed.message.data or "",
            late_is_meant=typed.late_is_meant.data,
            actor=acting(),
            now=clock.now(),
        )
    except (BadInput, DeadlineInThePast) as refusal:
        late = isinstance(refusal, service.AfterReviewDeadline)
        box = typed.message if isinstance(refusal, service.ReasonTooLong) else typed.day
        box.errors = [say(refusal)]
        mark_refused()
        return _return_page(examine(form), typed, late), refusal.status
    except KEPT as refusal:
        mark_refused()
        return _return_page(examine(form), typed, problem=say(refusal)), refusal.status
    flash(gettext("Đã trả lại để bổ sung. Trường đã được báo kèm lý do và hạn."))
    return redirect(url_for(".show", uid=uid))


@bp.get("/<uid>/conclude")
@requires("reviews.read")
def conclude(uid: str) -> ResponseReturnValue:
    """Both results side by side, where they differ and why, and the decision that is open to this person."""
    examination = examine(queries.get_file(acting(), uid))
    written = examination.review.conclusion if examination.review else ""
    return _conclusion_page(examination, ConclusionForm(conclusion=written))


def _conclusion_page(
    examination: Examination,
    typed: ConclusionForm,
    refused: ReasonForm | None = None,
    problem: str = "",
) -> str:
    form, review, vetoes = examination.form, examination.review, veto_codes(examination.form)
    people = [key for key in (review.officer_id, review.approved_by_id) if key] if review else []
    return render_template(
        "reviews/conclude.html",
        form=form,
        desk=examination,
        stance=stance_of(form, review, acting()),
        typed=typed,
        reason_form=refused or ReasonForm(formdata=None),
        problem=problem,
        own=level_for(form.framework, examination.own, vetoes),
        verified=level_for(form.framework, examination.verified, vetoes),
        names=names_of(people),
    )


@bp.post("/<uid>/conclude")
@requires("reviews.edit")
def finish(uid: str) -> ResponseReturnValue:
    """The officer's end: confirm (one level of checking) or lay before the leader (two)."""
    form, typed = queries.get_file(acting(), uid, lock=True), ConclusionForm()
    text = typed.conclusion.data or ""
    if not typed.validate():
        return _conclusion_page(examine(form), typed), 422
    act = service.approve if form.round.checking_levels == 1 else service.propose
    try:
        act(form, text, actor=acting(), now=clock.now())
    except KEPT as refusal:
        mark_refused()
        at_box = isinstance(refusal, service.ReasonTooLong)
        typed.conclusion.errors = [say(refusal)] if at_box else []
        problem = "" if at_box else say(refusal)
        return _conclusion_page(examine(form), typed, problem=problem), refusal.status
    if form.round.checking_levels == 1:
        flash(gettext("Đã xác nhận kết quả kiểm tra. Trường đã được báo."))
    else:
        flash(gettext("Đã trình lãnh đạo."))
    return redirect(url_for(".queue"))


@bp.post("/<uid>/approve")
@requires("reviews.approve")
def approve(uid: str) -> ResponseReturnValue:
    """The leader approves what the officer proposed."""
    form = queries.get_file(acting(), uid, lock=True)
    try:
        service.approve(form, actor=acting(), now=clock.now())
    except WrongState as refusal:  # a colleague was quicker: the page says what stands now
        examination = examine(form)
        written = examination.review.conclusion if examination.review else ""
        typed = ConclusionForm(formdata=None, conclusion=written)
        return _conclusion_page(examination, typed, problem=say(refusal)), refusal.status
    flash(gettext("Đã duyệt. Trường đã được báo."))
    return redirect(url_for(".queue"))


@bp.post("/<uid>/send-back")
@requires("reviews.approve")
def send_back(uid: str) -> ResponseReturnValue:
    """The leader gives the proposal back to the officer."""
    form, typed = queries.get_file(acting(), uid, lock=True), ReasonForm()
    return _with_reason(form, typed, service.send_back, gettext("Đã chuyển lại cho cán bộ kiểm tra."))


@bp.post("/<uid>/reopen")
@requires("reviews.reopen")
def reopen(uid: str) -> ResponseReturnValue:
    """Open a confirmed form again."""
    form, typed = queries.get_file(acting(), uid, lock=True), ReasonForm()
    return _with_reason(form, typed, service.reopen, gettext("Đã mở lại hồ sơ. Trường đã được báo."))


def _with_reason(form: Form, typed: ReasonForm, act: Callable[..., object], done: str) -> ResponseReturnValue:
    """An act that needs a reason; refused, the page again with the reason and the sentence at its box."""
    status = 0 if typed.validate() else BadInput.status
    if not status:
        try:
            act(form, typed.reason.data or "", actor=acting(), now=clock.now())
        except KEPT as refusal:
            typed.reason.errors, status = [say(refusal)], refusal.status
    if not status:
        flash(done)
        return redirect(url_for(".show", uid=form.assessment.uid))
    mark_refused()
    examination = examine(form)
    written = examination.review.conclusion if examination.review else ""
    return _conclusion_page(examination, ConclusionForm(formdata=None, conclusion=written), typed), status
