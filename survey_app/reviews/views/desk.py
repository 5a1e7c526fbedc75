"""Pages of one form as a whole: its facts, its indicators, taking it, passing it on, laying it aside."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts.queries import names_of, officers_of
from survey_app.assessments.queries import Form, events_of, signed_files
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.db import mark_refused
from survey_app.core.edge import say
from survey_app.reviews import queries, service
from survey_app.reviews.examination import Examination, Group, examine
from survey_app.reviews.forms import ReasonForm
from survey_app.reviews.stance import stance_of
from survey_app.reviews.views.blueprint import KEPT, bp
from survey_app.rounds.queries import active_vetoes
from survey_app.rules.levels import level_for
from survey_app.rules.workflow import Action, State


def group_of_address() -> Group:
    """Which indicators the officer goes through, as the address says."""
    asked = request.args.get("group", "")
    return Group(asked) if asked in set(Group) else Group.ALL


def veto_codes(form: Form) -> list[str]:
    """The codes of the facts in force against a form."""
    events = active_vetoes(form.participation.id, form.assessment.framework_version_id)
    return [event.code for event in events]


@bp.get("/<uid>")
@requires("reviews.read")
def show(uid: str) -> ResponseReturnValue:
    """What the school handed in, how far the checking is, and what can be done now."""
    return render_desk(examine(queries.get_file(acting(), uid)), ReasonForm())


def render_desk(examination: Examination, reason_form: ReasonForm) -> str:
    """The page of `show`, also shown when laying the form aside is refused."""
    form, actor = examination.form, acting()
    row, review, group = form.assessment, examination.review, group_of_address()
    stance, now = stance_of(form, review, actor), clock.now()
    unanswered = any(service.return_is_over(form, last, now) for last in examination.returns[:1])
    return render_template(
        "reviews/show.html",
        form=form,
        desk=examination,
        stance=stance,
        group=group,
        lines={line.code: line for line in examination.lines if line.fits(group)},
        outcome=level_for(form.framework, examination.own, veto_codes(form)),
        events=events_of(row.id),
        signed=signed_files(row.id),
        names=names_of([row.submitted_by_id] if row.submitted_by_id else []),
        officers=officers_of(actor.unit_id) if stance.may_assign else [],
        deadline=service.review_deadline(form),
        late=service.review_deadline(form) <= now,
        startable=Action.START_REVIEW in stance.actions and (row.state != State.RETURNED or unanswered),
        reason_form=reason_form,
    )


@bp.post("/<uid>/start")
@requires("reviews.edit")
def start(uid: str) -> ResponseReturnValue:
    """Take the form and go to the first indicator to look at."""
    form = queries.get_file(acting(), uid, lock=True)
    service.start_review(form, actor=acting(), now=clock.now())
    return redirect(go_on(examine(form)))


def go_on(examination: Examination, **address: Any) -> str:
    """Where the officer goes on: the first indicator not looked at; the list when there is none."""
    uid, code = examination.form.assessment.uid, examination.first(Group.ALL)
    if code is None:
        return url_for(".show", uid=uid)
    return url_for(".indicator", uid=uid, code=code, **address)


@bp.post("/<uid>/assign")
@requires("reviews.assign")
def assign(uid: str) -> ResponseReturnValue:
    """Hand the form to an officer of the unit."""
    form = queries.get_file(acting(), uid, lock=True)
    service.assign(form, request.form.get("officer", ""), actor=acting(), now=clock.now())
    flash(gettext("Đã giao hồ sơ."))
    return redirect(url_for(".show", uid=uid))


@bp.post("/<uid>/take-over")
@requires("reviews.edit")
def take_over(uid: str) -> ResponseReturnValue:
    """Take a form that another officer has, and stay where one was."""
    form = queries.get_file(acting(), uid, lock=True)
    service.take_over(form, actor=acting(), now=clock.now())
    flash(gettext("Thầy/Cô đã nhận hồ sơ này."))
    code = request.form.get("code", "")
    if code in form.framework.by_code:
        return redirect(url_for(".indicator", uid=uid, code=code))
    return redirect(url_for(".show", uid=uid))


@bp.post("/<uid>/copy")
@requires("reviews.edit")
def copy(uid: str) -> ResponseReturnValue:
    """Confirm the school's own values where nothing needs an officer's eye."""
    form = queries.get_file(acting(), uid, lock=True)
    count = service.copy_self_scores(form, actor=acting(), now=clock.now())
    if count:
        flash(gettext("Đã sao chép kết quả tự đánh giá của %(count)s tiêu chí.", count=count))
    else:
        flash(gettext("Không còn tiêu chí nào để sao chép."), "warning")
    return redirect(url_for(".show", uid=uid, group=Group.UNSEEN))


@bp.post("/<uid>/hold")
@requires("reviews.edit")
def hold(uid: str) -> ResponseReturnValue:
    """Lay the form aside for later."""
    form, typed = queries.get_file(acting(), uid, lock=True), ReasonForm()
    if not typed.validate():
        return render_desk(examine(form), typed), 422
    try:
        service.hold(form, typed.reason.data or "", actor=acting(), now=clock.now())
    except KEPT as refusal:
        mark_refused()
        typed.reason.errors = [say(refusal)]
        return render_desk(examine(form), typed), refusal.status
    flash(gettext("Đã chuyển hồ sơ sang Để xử lý sau."))
    return redirect(url_for(".queue"))


@bp.post("/<uid>/resume")
@requires("reviews.edit")
def resume(uid: str) -> ResponseReturnValue:
    """Take up a form that was laid aside."""
    form = queries.get_file(acting(), uid, lock=True)
    service.resume(form, actor=acting(), now=clock.now())
    return redirect(go_on(examine(form)))
