"""The page of a unit's yes/no facts, which decide what applies to it."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.assessments import queries, service
from survey_app.assessments.blueprint import bp
from survey_app.assessments.checks import unanswered_questions
from survey_app.assessments.queries import Form
from survey_app.assessments.standing import back_to_check, came_from, standing
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.db import mark_refused
from survey_app.core.edge import say
from survey_app.rules.errors import NotFound, RuleError


@bp.get("/<uid>/profile")
@requires("assessments.read")
def profile(uid: str) -> ResponseReturnValue:
    """The yes/no facts that decide what applies."""
    return _profile_page(queries.get_visible_form(acting(), uid), {})


def _profile_page(form: Form, typed: Mapping[str, bool], refusal: RuleError | None = None) -> str:
    """The facts as stored, what was typed in their place; after a refusal with what differs beside it."""
    stored = form.facts.profile
    return render_template(
        "assessments/profile.html",
        form=form,
        chosen={**stored, **typed},
        locked=service.locked_questions(queries.list_sisters(form.participation.id)),
        problem=say(refusal) if refusal else "",
        differing={code: stored[code] for code in typed if code in stored and stored[code] != typed[code]},
        **standing(form),
    )


@bp.post("/<uid>/profile")
@requires("assessments.edit")
def save_profile(uid: str) -> ResponseReturnValue:
    """Store the facts that were answered; the rest stays open, and a refusal loses none of them."""
    form = queries.get_visible_form(acting(), uid)
    base = request.form.get("base_version", "")
    facts = {
        question.code: request.form[question.code] == "yes"
        for question in form.framework.profile
        if request.form.get(question.code) in ("yes", "no")
    }
    version = int(base) if base.isascii() and base.isdigit() and len(base) < 9 else -1
    try:
        service.save_profile(form, facts, base_version=version, actor=acting(), now=clock.now())
    except NotFound:
        raise
    except RuleError as refusal:
        mark_refused()
        return _profile_page(queries.get_visible_form(acting(), uid), facts, refusal), refusal.status
    left = len(unanswered_questions(queries.form_of(form.assessment.id)))
    if left:
        flash(gettext("Đã lưu. Còn %(left)s câu chưa trả lời.", left=left), "warning")
        return redirect(url_for(".profile", uid=uid, back=came_from(form)))
    flash(gettext("Đã lưu thông tin nhà trường."))
    return redirect(back_to_check(form) or url_for(".show", uid=uid))
