"""Pages of a form as a whole: list, task list, profile, excluding facts, check, submit, receipt."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts import queries as people
from survey_app.assessments import (
    cards,
    evidence_views,
    fill_views,
    outline_views,
    profile_views,
    queries,
    service,
)
from survey_app.assessments.blueprint import bp
from survey_app.assessments.checks import blocking, gaps_of, unanswered_questions
from survey_app.assessments.forms import SubmitForm, VetoForm
from survey_app.assessments.queries import Form
from survey_app.assessments.standing import standing
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.db import mark_refused
from survey_app.core.edge import say
from survey_app.rounds import queries as rounds
from survey_app.rules.errors import RuleError
from survey_app.rules.scoring import score
from survey_app.rules.workflow import State

__all__ = ["bp", "evidence_views", "fill_views", "outline_views", "profile_views"]


@bp.get("")
@requires("assessments.edit")
def index() -> ResponseReturnValue:
    """The unit's forms, newest round first; straight to the only open one."""
    forms = queries.list_forms_of_unit(acting())
    if len(forms) == 1:
        return redirect(url_for(".show", uid=forms[0].assessment.uid))
    return render_template("assessments/index.html", forms=forms)


@bp.get("/<uid>")
@requires("assessments.read")
def show(uid: str) -> ResponseReturnValue:
    """The task list of a form: what is done, what is left, until when, whom to ask."""
    form = queries.get_visible_form(acting(), uid)
    card = queries.own_scorecard(form)
    return render_template(
        "assessments/show.html",
        form=form,
        groups=cards.task_list(form, card),
        card=card,
        questions_left=len(unanswered_questions(form)),
        veto_done=service.veto_is_confirmed(form),
        returned=queries.open_return(form.assessment.id),
        events=queries.events_of(form.assessment.id),
        contact=people.contact_of(form.participation.reviewing_unit),
        **standing(form),
    )


@bp.get("/<uid>/continue")
@requires("assessments.edit")
def continue_form(uid: str) -> ResponseReturnValue:
    """To the first indicator that is returned or unanswered, or to the check when there is none."""
    form = queries.get_visible_form(acting(), uid)
    if unanswered_questions(form):
        return redirect(url_for(".profile", uid=uid))
    code = cards.first_open(form)
    if code is None:
        return redirect(url_for(".check", uid=uid))
    criterion = form.framework.criterion_of[code].code
    return redirect(url_for(".fill", uid=uid, code=criterion, _anchor=code))


@bp.route("/<uid>/veto", methods=["GET", "POST"])
@requires("assessments.edit")
def veto(uid: str) -> ResponseReturnValue:
    """The authority's record of excluding facts, and the sentence the school confirms."""
    form = queries.get_visible_form(acting(), uid, lock=request.method == "POST")
    veto_form = VetoForm(comment=form.assessment.veto_comment)
    if not veto_form.validate_on_submit():
        return _veto_page(form, veto_form), 422 if veto_form.errors else 200
    answer, comment = veto_form.answer.data or "", veto_form.comment.data or ""
    try:
        service.confirm_veto(form, answer, comment, actor=acting(), now=clock.now())
    except (service.NotChosen, service.NoOpinion) as refusal:
        box = veto_form.comment if isinstance(refusal, service.NoOpinion) else veto_form.answer
        box.errors = [say(refusal)]
        return _veto_page(form, veto_form), 422
    except RuleError as refusal:
        mark_refused()
        return _veto_page(form, veto_form, say(refusal)), refusal.status
    flash(gettext("Đã ghi xác nhận của trường."))
    return redirect(url_for(".show", uid=uid))


def _veto_page(form: Form, veto_form: VetoForm, problem: str = "") -> str:
    """The page of `veto`, also shown with what was typed when the confirmation is refused."""
    return render_template(
        "assessments/veto.html",
        form=form,
        events=rounds.active_vetoes(form.participation.id, form.assessment.framework_version_id),
        veto_form=veto_form,
        problem=problem,
        kinds={kind.code: kind.sentence for kind in form.framework.veto_kinds},
        changed=service.veto_recorded_after(form),
        **standing(form),
    )


@bp.get("/<uid>/check")
@requires("assessments.read")
def check(uid: str) -> ResponseReturnValue:
    """What is missing with a link to each, and every answer on one page."""
    form = queries.get_visible_form(acting(), uid)
    return render_check(form, SubmitForm(signatory=_head_name(form)))


def _head_name(form: Form) -> str:
    head = people.head_of(form.participation.unit_id)
    return head.name if head else ""


def render_check(form: Form, submit_form: SubmitForm, problem: str = "") -> str:
    """The page of `check`, also shown with what was typed when a submission is refused."""
    sources = cards.Sources(queries.answers_of(form.assessment.id), queries.evidence_of(form.assessment.id))
    gaps = gaps_of(form, sources.answers, veto_open=not service.veto_is_confirmed(form))
    stops = blocking(gaps)
    return render_template(
        "assessments/check.html",
        form=form,
        stops=stops,
        hints=[gap for gap in gaps if gap not in stops],
        areas=[
            (area, [cards.make_card(form, indicator, sources) for indicator in area.indicators()])
            for area in form.framework.areas
        ],
        site_names={site["id"]: site["name"] for site in form.participation.sites},
        card=score(form.framework, form.facts, sources.values()),
        submit_form=submit_form,
        problem=problem,
        **standing(form),
    )


@bp.post("/<uid>/submit")
@requires("assessments.submit")
def submit(uid: str) -> ResponseReturnValue:
    """Hand the form in; a second press of the button leads to the same receipt."""
    form = queries.get_visible_form(acting(), uid, lock=True)
    if form.assessment.state in (State.SUBMITTED, State.RESUBMITTED):
        return redirect(url_for(".receipt", uid=uid))
    submit_form = SubmitForm()
    if not submit_form.validate_on_submit():
        return render_check(form, submit_form), 422
    signatory = submit_form.signatory.data or ""
    try:
        service.submit_assessment(form, signatory=signatory, actor=acting(), now=clock.now())
    except RuleError as refusal:
        mark_refused()
        return render_check(form, submit_form, say(refusal)), refusal.status
    return redirect(url_for(".receipt", uid=uid))


@bp.get("/<uid>/receipt")
@requires("assessments.read")
def receipt(uid: str) -> ResponseReturnValue:
    """The number and the second of the submission, and what happens next; a draft taken back has none."""
    form = queries.get_visible_form(acting(), uid)
    if form.assessment.submitted_at is None or form.assessment.state == State.DRAFT:
        return redirect(url_for(".show", uid=uid))
    return render_template(
        "assessments/receipt.html",
        form=form,
        contact=people.contact_of(form.participation.reviewing_unit),
        names=people.names_of(filter(None, [form.assessment.submitted_by_id])),
        **standing(form),
    )


@bp.post("/<uid>/withdraw")
@requires("assessments.submit")
def withdraw(uid: str) -> ResponseReturnValue:
    """Take the form back while nobody has begun to check it."""
    form = queries.get_visible_form(acting(), uid, lock=True)
    service.withdraw_assessment(form, actor=acting(), now=clock.now())
    flash(gettext("Đã rút phiếu. Thầy/Cô có thể sửa rồi nộp lại trước hạn."))
    return redirect(url_for(".show", uid=uid))
