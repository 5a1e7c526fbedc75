"""One file of the store for several indicators, from the file's own page; a link for one indicator."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.assessments import attaching, cards, queries
from survey_app.assessments.blueprint import bp
from survey_app.assessments.evidence_views import (
    back_to_indicator,
    evidence_page,
    indicator_of,
    upload_form_for,
)
from survey_app.assessments.forms import SAY_PAPERS_ONLY, ChooseForm, LinkForIndicatorForm, first_error
from survey_app.assessments.queries import Form
from survey_app.assessments.saving import check_editable
from survey_app.assessments.standing import standing
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.db import mark_refused
from survey_app.core.edge import say
from survey_app.evidence import queries as store
from survey_app.evidence import service as evidence_service
from survey_app.evidence.models import EvidenceFile
from survey_app.organisations.queries import open_sites
from survey_app.rules.errors import BadInput, NotFound, RuleError
from survey_app.rules.workflow import EDITABLE


@bp.get("/files/<file>")
@requires("assessments.edit")
def choose_for_file(file: str) -> ResponseReturnValue:
    """To the form that the school fills in now; back to the file where there is none."""
    stored = store.get_visible_file(acting(), file)
    uid = queries.newest_editable_form(acting().unit_id)
    if uid is None:
        flash(gettext("Trường hiện không có phiếu nào đang nhập."), "warning")
        return redirect(url_for("evidence.show", uid=stored.uid))
    return redirect(url_for(".use_file", uid=uid, file=stored.uid))


@bp.get("/<uid>/files/<file>")
@requires("assessments.edit")
def use_file(uid: str, file: str) -> ResponseReturnValue:
    """Which indicators of a form a file of the store serves."""
    form = queries.get_visible_form(acting(), uid)
    stored = store.get_visible_file(acting(), file)
    return _use_page(form, stored, _used(form, stored), ChooseForm(formdata=None))


def _used(form: Form, file: EvidenceFile) -> set[str]:
    """The indicators of the form that the file serves already."""
    key = form.assessment.id
    return {use.indicator for use in queries.open_uses_of_file(file.id) if use.assessment_id == key}


def _use_page(
    form: Form, file: EvidenceFile, used: set[str], choose_form: ChooseForm, problem: str = ""
) -> str:
    open_ones = cards.open_indicators(form)
    others = [one for one in queries.list_forms_of_unit(acting()) if one.assessment.state in EDITABLE]
    return render_template(
        "assessments/use_file.html",
        form=form,
        file=file,
        used=used,
        choices=[indicator for indicator in open_ones if indicator.code not in used],
        papers=any(indicator.papers_only for indicator in open_ones),
        choose_form=choose_form,
        problem=problem,
        forms=others,
        **standing(form),
    )


@bp.post("/<uid>/files/<file>")
@requires("assessments.edit")
def use_file_for(uid: str, file: str) -> ResponseReturnValue:
    """Use the file for every indicator that was chosen, or for none."""
    form, actor, now = queries.get_visible_form(acting(), uid, lock=True), acting(), clock.now()
    stored, choose_form = store.get_visible_file(actor, file), ChooseForm()
    choose_form.offer(cards.open_indicators(form))
    codes, used = list(choose_form.also.data or ()), _used(form, stored)
    if not choose_form.validate() or not codes:
        words = first_error(choose_form) if choose_form.errors else gettext("Hãy chọn ít nhất một tiêu chí.")
        return _use_page(form, stored, used, choose_form, words), 422
    papers_only = bool(choose_form.papers_only.data)
    try:
        uses = attaching.attach_to_several(form, codes, stored, actor=actor, now=now, papers_only=papers_only)
    except NotFound:
        raise
    except RuleError as refusal:
        mark_refused()
        return _use_page(form, stored, used, choose_form, say(refusal)), refusal.status
    named = ", ".join(queries.evidence_code(use) for use in uses)
    flash(gettext("Đã thêm minh chứng %(code)s.", code=named))
    return redirect(url_for("evidence.show", uid=file))


@bp.post("/<uid>/evidence/<code>/link")
@requires("assessments.edit")
def link_evidence(uid: str, code: str) -> ResponseReturnValue:
    """Keep a link in the store and use it for the indicator; nothing is fetched."""
    form, actor, now = queries.get_visible_form(acting(), uid, lock=True), acting(), clock.now()
    indicator, link_form = indicator_of(form, code), LinkForIndicatorForm()
    link_form.offer_sites(open_sites(form.participation.unit_id))
    if indicator.papers_only and not link_form.papers_only.data:
        link_form.validate()
        link_form.papers_only.errors = [str(SAY_PAPERS_ONLY)]
        status = BadInput.status
    elif link_form.validate_on_submit():
        try:
            check_editable(form, code, now=now)
            unit_id, url = form.participation.unit_id, link_form.url.data
            year = form.round.school_year
            file = evidence_service.add_link(
                unit_id, url, link_form.details(), actor=actor, now=now, school_year=year
            )
            use = attaching.attach_evidence(
                form, code, file, actor=actor, now=now, papers_only=bool(link_form.papers_only.data)
            )
            return back_to_indicator(form, code, added=queries.evidence_code(use))
        except NotFound:
            raise
        except RuleError as refusal:
            mark_refused()
            link_form.url.errors = [say(refusal)]
            status = refusal.status
    else:
        status = BadInput.status
    page = evidence_page(form, indicator, upload_form_for(form, indicator, empty=True), link_form=link_form)
    return page, status
