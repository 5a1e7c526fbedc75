"""The end of filling in: everything on one page, handing in, the receipt, taking back."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts import queries as people
from survey_app.assessments import cards, queries, service
from survey_app.assessments.blueprint import bp
from survey_app.assessments.checks import Gap, blocking, gaps_seen
from survey_app.assessments.forms import SignedCopyForm, SubmitForm
from survey_app.assessments.queries import Form
from survey_app.assessments.signing import office_of
from survey_app.assessments.standing import TO_DO, standing
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.db import mark_refused
from survey_app.core.edge import say
from survey_app.rounds.queries import review_deadline_for
from survey_app.rules.errors import RuleError
from survey_app.rules.scoring import score
from survey_app.rules.workflow import State


@bp.get("/<uid>/check")
@requires("assessments.read")
def check(uid: str) -> ResponseReturnValue:
    """What is missing with a link to each, and every answer on one page."""
    form = queries.get_visible_form(acting(), uid)
    return render_check(form)


def proposed_signature(form: Form) -> SubmitForm:
    """The boxes of who signs: as last handed in, else with the head's name."""
    row = form.assessment
    if row.signatory:
        return SubmitForm(formdata=None, signatory=row.signatory, deputy=row.signed_by_deputy)
    head = people.head_of(form.participation.unit_id)
    return SubmitForm(formdata=None, signatory=head.name if head else "")


def render_check(
    form: Form,
    submit_form: SubmitForm | None = None,
    *,
    problem: str = "",
    signed_form: SignedCopyForm | None = None,
) -> str:
    """The page of `check`, also shown with what was typed when a submission or an upload is refused."""
    key = form.assessment.id
    sources = cards.Sources(queries.answers_of(key), queries.evidence_of(key))
    card = score(form.framework, form.facts, sources.values())
    signed = queries.signed_files(key)
    returned = queries.open_return(key) if form.assessment.state == State.RETURNED else None
    stance = standing(form, returned)
    gaps = _gaps(form, sources, signed, returned) if stance["editable"] else []
    stops = blocking(gaps)
    if submit_form is None:
        submit_form = proposed_signature(form) if stance["editable"] else SubmitForm(formdata=None)
    submit_form.offer_deputy(office_of(form.participation.unit_type))
    return render_template(
        "assessments/check.html",
        form=form,
        stops=stops,
        hints=[gap for gap in gaps if gap not in stops],
        areas=[
            (area, [cards.make_card(form, indicator, sources) for indicator in area.indicators()])
            for area in form.framework.areas
        ],
        open_area=form.framework.area_of.get(request.args.get("at", "")),
        site_names={site["id"]: site["name"] for site in form.participation.sites},
        card=card,
        counted={line.code: line.value for line in card.indicators},
        signed=signed,
        signed_form=signed_form or SignedCopyForm(formdata=None),
        submit_form=submit_form,
        problem=problem,
        to_do=TO_DO,
        **stance,
    )


def _gaps(
    form: Form,
    sources: cards.Sources,
    signed: Sequence[queries.SignedFile],
    returned: queries.OpenReturn | None,
) -> list[Gap]:
    return gaps_seen(form, sources, signed, returned, veto_open=not service.veto_is_confirmed(form))


@bp.post("/<uid>/submit")
@requires("assessments.submit")
def submit(uid: str) -> ResponseReturnValue:
    """Hand the form in; a second press of the button leads to the same receipt."""
    form = queries.get_visible_form(acting(), uid, lock=True)
    if form.assessment.state in (State.SUBMITTED, State.RESUBMITTED):
        return redirect(url_for(".receipt", uid=uid))
    submit_form = SubmitForm()
    submit_form.offer_deputy(office_of(form.participation.unit_type))
    if not submit_form.validate_on_submit():
        return render_check(form, submit_form), 422
    try:
        service.submit_assessment(
            form,
            signatory=submit_form.signatory.data or "",
            by_deputy=submit_form.by_deputy,
            actor=acting(),
            now=clock.now(),
        )
    except RuleError as refusal:
        mark_refused()
        return render_check(form, submit_form, problem=say(refusal)), refusal.status
    return redirect(url_for(".receipt", uid=uid))


@bp.get("/<uid>/receipt")
@requires("assessments.read")
def receipt(uid: str) -> ResponseReturnValue:
    """The number and the second of the submission, and what happens next; a draft taken back has none."""
    form = queries.get_visible_form(acting(), uid)
    row, reviewer = form.assessment, form.participation.reviewing_unit
    if row.submitted_at is None or row.state == State.DRAFT:
        return redirect(url_for(".show", uid=uid))
    return render_template(
        "assessments/receipt.html",
        form=form,
        contact=people.contact_of(reviewer),
        check_until=review_deadline_for(form.round, reviewer.kind),
        names=people.names_of(filter(None, [row.submitted_by_id])),
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
