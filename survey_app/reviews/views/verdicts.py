"""The page of one indicator: both values side by side, the evidence beside them."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.accounts.queries import names_of
from survey_app.assessments.cards import Sources, make_card
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.db import mark_refused
from survey_app.core.edge import say
from survey_app.reviews import queries, service
from survey_app.reviews.examination import Examination, Group, examine
from survey_app.reviews.forms import VerdictForm
from survey_app.reviews.models import VerifiedScore
from survey_app.reviews.service import Verdict
from survey_app.reviews.stance import stance_of
from survey_app.reviews.views.blueprint import KEPT, bp
from survey_app.reviews.views.desk import group_of_address
from survey_app.rules.errors import BadInput, RuleError


@bp.get("/<uid>/<code>")
@requires("reviews.read")
def indicator(uid: str, code: str) -> ResponseReturnValue:
    """One indicator of a form."""
    return render_indicator(examine(queries.get_file(acting(), uid)), code)


def render_indicator(
    examination: Examination,
    code: str,
    typed: VerdictForm | None = None,
    *,
    refusal: RuleError | None = None,
    box: str = "reason",
) -> str:
    """The page of `indicator`; after a refusal with what was typed, and with what stands when it is stale."""
    form, line, group = examination.form, examination.line(code), group_of_address()
    evidence = {code: list(line.files)}
    before, after = examination.neighbours(code, group)
    theirs: VerifiedScore | None = getattr(refusal, "current", None)
    people = {line.row.updated_by_id if line.row else None, theirs.updated_by_id if theirs else None}
    return render_template(
        "reviews/indicator.html",
        form=form,
        desk=examination,
        line=line,
        card=make_card(form, line.indicator, Sources(examination.answers, evidence)),
        stance=stance_of(form, examination.review, acting()),
        group=group,
        before=before,
        after=after,
        typed=typed or VerdictForm(formdata=None),
        kept=typed is not None,
        problem=say(refusal) if refusal else "",
        box=box,
        stale=isinstance(refusal, service.StaleScore),
        held=isinstance(refusal, service.HeldByOther),
        names=names_of([key for key in people if key]),
        sites={site["id"]: site["name"] for site in form.participation.sites},
    )


@bp.post("/<uid>/<code>")
@requires("reviews.edit")
def verify(uid: str, code: str) -> ResponseReturnValue:
    """Confirm the indicator and go on to the next one."""
    form, typed = queries.get_file(acting(), uid, lock=True), VerdictForm()
    examination = examine(form)
    examination.line(code)
    if not typed.validate():
        return _refused(examination, code, typed, BadInput(), "reason")
    verdict = Verdict(code, typed.chosen, typed.reason.data or "", typed.version)
    try:
        service.verify_score(form, verdict, actor=acting(), now=clock.now())
    except service.NoValue as refusal:
        return _refused(examination, code, typed, refusal, "value")
    except KEPT as refusal:
        return _refused(examination, code, typed, refusal, "reason")
    return redirect(_next(examination, code))


def _refused(
    examination: Examination, code: str, typed: VerdictForm, refusal: RuleError, box: str
) -> ResponseReturnValue:
    mark_refused()
    return render_indicator(examination, code, typed, refusal=refusal, box=box), refusal.status


def _next(examination: Examination, code: str) -> str:
    group, uid = group_of_address(), examination.form.assessment.uid
    after = examination.neighbours(code, group)[1]
    if after is None:
        return url_for(".show", uid=uid)
    return url_for(".indicator", uid=uid, code=after, group=None if group is Group.ALL else group)


@bp.post("/<uid>/<code>/mark")
@requires("reviews.edit")
def mark(uid: str, code: str) -> ResponseReturnValue:
    """Note that the school is to deal with the indicator, and go on to the next one."""
    form, typed = queries.get_file(acting(), uid, lock=True), VerdictForm()
    examination = examine(form)
    examination.line(code)
    if not typed.validate():
        return _refused(examination, code, typed, BadInput(), "return_reason")
    reason = typed.return_reason.data or ""
    try:
        service.mark_for_return(
            form, code, reason, base_version=typed.version, actor=acting(), now=clock.now()
        )
    except KEPT as refusal:
        return _refused(examination, code, typed, refusal, "return_reason")
    return redirect(_next(examination, code))


@bp.post("/<uid>/<code>/unmark")
@requires("reviews.edit")
def unmark(uid: str, code: str) -> ResponseReturnValue:
    """Take the note back."""
    form, typed = queries.get_file(acting(), uid, lock=True), VerdictForm()
    examination = examine(form)
    examination.line(code)
    if not typed.validate():
        return _refused(examination, code, typed, BadInput(), "return_reason")
    try:
        service.unmark(form, code, base_version=typed.version, actor=acting(), now=clock.now())
    except KEPT as refusal:
        return _refused(examination, code, typed, refusal, "return_reason")
    return redirect(url_for(".indicator", uid=uid, code=code))
