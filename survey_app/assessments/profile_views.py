"""The page of a unit's size and yes/no facts, which decide what applies to it and who is like it."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.assessments import queries
from survey_app.assessments.blueprint import bp
from survey_app.assessments.checks import unanswered_questions
from survey_app.assessments.forms import SizeForm
from survey_app.assessments.profile import locked_questions
from survey_app.assessments.profile import save_profile as store_profile
from survey_app.assessments.queries import Form
from survey_app.assessments.standing import back_to_check, came_from, standing
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.db import mark_refused
from survey_app.core.edge import say
from survey_app.rules.errors import BadInput, NotFound, RuleError


@bp.get("/<uid>/profile")
@requires("assessments.read")
def profile(uid: str) -> ResponseReturnValue:
    """What the unit says of itself; before anybody has, what it said in its round before, to be looked at."""
    form = queries.get_visible_form(acting(), uid)
    may_edit = standing(form)["editable"]
    before = queries.previous_profile(form) if may_edit and form.profile is None else None
    known, year = before or (form.profile, "")
    facts = dict(known.facts) if known else {}
    return _page(form, SizeForm(None, obj=known), chosen=facts, copied_from=year)


def _page(form: Form, numbers: SizeForm, **context: object) -> str:
    locked = locked_questions(queries.list_sisters(form.participation.id))
    return render_template(
        "assessments/profile.html", form=form, numbers=numbers, locked=locked, **standing(form), **context
    )


def _refused(form: Form, facts: Mapping[str, bool], numbers: SizeForm, problem: str = "") -> str:
    """What was typed in the place of what is stored, with what differs beside it."""
    mark_refused()
    stored = form.facts.profile
    differing = {code: stored[code] for code in facts if code in stored and stored[code] != facts[code]}
    return _page(form, numbers, chosen={**stored, **facts}, problem=problem, differing=differing)


@bp.post("/<uid>/profile")
@requires("assessments.edit")
def save_profile(uid: str) -> ResponseReturnValue:
    """Store the facts that were answered; the rest stays open, and a refusal loses none of them."""
    form, numbers = queries.get_visible_form(acting(), uid), SizeForm()
    base = request.form.get("base_version", "")
    facts = {
        question.code: request.form[question.code] == "yes"
        for question in form.framework.profile
        if request.form.get(question.code) in ("yes", "no")
    }
    version = int(base) if base.isascii() and base.isdigit() and len(base) < 9 else -1
    if not numbers.validate():
        return _refused(form, facts, numbers), BadInput.status
    size = numbers.size if "pupils" in request.form else None
    try:
        store_profile(form, facts, size, base_version=version, actor=acting(), now=clock.now())
    except NotFound:
        raise
    except RuleError as refusal:
        again = queries.get_visible_form(acting(), uid)
        return _refused(again, facts, numbers, say(refusal)), refusal.status
    left = len(unanswered_questions(queries.form_of(form.assessment.id)))
    if left:
        flash(gettext("Đã lưu. Còn %(left)s câu chưa trả lời.", left=left), "warning")
        return redirect(url_for(".profile", uid=uid, back=came_from(form)))
    flash(gettext("Đã lưu thông tin nhà trường."))
    return redirect(back_to_check(form) or url_for(".show", uid=uid))
