"""Pages of a form as a whole: list, task list, the way on, excluding facts."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts import queries as people
from survey_app.assessments import (
    cards,
    check_views,
    evidence_views,
    file_views,
    fill_views,
    outline_views,
    paper_views,
    profile_views,
    queries,
    service,
    signed_views,
    team_views,
)
from survey_app.assessments.blueprint import bp
from survey_app.assessments.checks import Gap, blocking, gaps_seen, unanswered_questions
from survey_app.assessments.following import recognition_of, recognitions, steps_of
from survey_app.assessments.forms import VetoForm
from survey_app.assessments.ports import memory
from survey_app.assessments.queries import Form
from survey_app.assessments.standing import back_to_check, standing
from survey_app.assessments.team import own_parts
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.db import mark_refused
from survey_app.core.edge import say
from survey_app.rounds import queries as rounds
from survey_app.rules.errors import RuleError
from survey_app.rules.scoring import score
from survey_app.rules.workflow import State

__all__ = [
    "bp",
    "check_views",
    "evidence_views",
    "file_views",
    "fill_views",
    "outline_views",
    "paper_views",
    "profile_views",
    "signed_views",
    "team_views",
]


@bp.get("")
@requires("assessments.edit")
def index() -> ResponseReturnValue:
    """The unit's forms, newest round first; straight to the only open one."""
    forms = queries.list_forms_of_unit(acting())
    if len(forms) == 1:
        return redirect(url_for(".show", uid=forms[0].assessment.uid))
    return render_template("assessments/index.html", forms=forms, recognised=recognitions(forms))


@bp.get("/<uid>")
@requires("assessments.read")
def show(uid: str) -> ResponseReturnValue:
    """The task list of a form: what is done, what is left, until when, whom to ask."""
    form = queries.get_visible_form(acting(), uid)
    key, draft = form.assessment.id, form.assessment.state == State.DRAFT
    prior = memory.get().prior_values(key) if draft else None
    returned = queries.open_return(key) if form.assessment.state == State.RETURNED else None
    sources = cards.Sources(queries.answers_of(key), queries.evidence_of(key), returned, prior)
    card = score(form.framework, form.facts, sources.values())
    contact = people.office_at(form.participation.reviewing_unit_id)  # before anything asks for the unit
    groups, members = cards.task_list(form, sources, card), queries.members_of(key)
    parts = own_parts(form, members, acting())
    veto_done, stance = service.veto_is_confirmed(form), standing(form, returned)
    code = cards.next_open(form, sources, card, parts)
    stops: list[Gap] = []
    if stance["editable"]:
        stops = blocking(
            gaps_seen(form, sources, queries.signed_files(key), returned, veto_open=not veto_done)
        )
    mine = bool(parts) and request.args.get("part") != "all"
    return render_template(
        "assessments/show.html",
        form=form,
        groups=cards.narrowed(groups, parts) if mine else groups,
        parts=parts,
        mine=mine,
        who=cards.people_by_part(members),
        team_size=len(members),
        card=card,
        prior=prior,
        unconfirmed=sum(task.unconfirmed for _, tasks in groups for task in tasks),
        waiting=sum(task.unconfirmed + task.returned for _, tasks in groups for task in tasks),
        goes_on=form.framework.criterion_of[code] if code else None,
        questions_left=len(unanswered_questions(form)),
        veto_done=veto_done,
        stops=len(stops),
        returned=returned,
        contact=contact,
        **_whereabouts(form, returned),
        **stance,
    )


def _whereabouts(form: Form, returned: queries.OpenReturn | None) -> dict[str, Any]:
    """How far a form has come, step by step, to the Decision that recognises it."""
    recognised, events = recognition_of(form), queries.events_of(form.assessment.id)
    return {"recognised": recognised, "steps": steps_of(form, events, returned, recognised)}


@bp.get("/<uid>/continue")
@requires("assessments.edit")
def continue_form(uid: str) -> ResponseReturnValue:
    """To the first indicator that is returned or unanswered, or to the check when there is none."""
    form = queries.get_visible_form(acting(), uid)
    if unanswered_questions(form):
        return redirect(url_for(".profile", uid=uid))
    code = cards.first_open(form, own_parts(form, queries.members_of(form.assessment.id), acting()))
    if code is None:
        return redirect(url_for(".check", uid=uid))
    criterion = form.framework.criterion_of[code].code
    return redirect(url_for(".fill", uid=uid, code=criterion, _anchor=code))


@bp.get("/<uid>/veto")
@requires("assessments.edit")
def veto(uid: str) -> ResponseReturnValue:
    """The authority's record of excluding facts, and the sentence the head confirms for the school."""
    form = queries.get_visible_form(acting(), uid)
    return _veto_page(form, VetoForm(None, comment=form.assessment.veto_comment))


@bp.post("/<uid>/veto")
@requires("assessments.submit")
def confirm_veto(uid: str) -> ResponseReturnValue:
    """The school's word on what the authority recorded; like handing in, its head's alone."""
    form = queries.get_visible_form(acting(), uid, lock=True)
    veto_form = VetoForm()
    if not veto_form.validate():
        return _veto_page(form, veto_form), 422
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
    return redirect(back_to_check(form) or url_for(".show", uid=uid))


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
        confirmed=service.veto_is_confirmed(form),
        **standing(form),
    )
