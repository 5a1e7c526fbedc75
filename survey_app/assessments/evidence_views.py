"""Evidence of one indicator: a new photograph or file, one from the unit's store, taking one off."""

from dataclasses import replace
from typing import Any

from flask import current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.assessments import attaching, queries
from survey_app.assessments.blueprint import bp
from survey_app.assessments.queries import Form
from survey_app.assessments.saving import check_editable
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.db import begin_write, mark_refused
from survey_app.core.edge import wants_json
from survey_app.core.web import page_number
from survey_app.evidence import queries as store
from survey_app.evidence import service as evidence_service
from survey_app.evidence.forms import UploadForm
from survey_app.organisations.queries import open_sites
from survey_app.rules.errors import NotFound, RuleError
from survey_app.rules.framework import Indicator


def _indicator(form: Form, code: str) -> Indicator:
    found = form.framework.by_code.get(code)
    if found is None:
        raise NotFound()
    return found


@bp.get("/<uid>/evidence/<code>")
@requires("assessments.edit")
def evidence(uid: str, code: str) -> ResponseReturnValue:
    """Where a file is added to one indicator: from the camera, from the disk or from the store."""
    form = queries.get_visible_form(acting(), uid)
    return _evidence_page(form, _indicator(form, code), UploadForm()), 200


def _evidence_page(form: Form, indicator: Indicator, upload_form: UploadForm) -> str:
    actor, today = acting(), clock.local_date(clock.now())
    upload_form.offer_sites(open_sites(form.participation.unit_id))
    tab = store.BEFORE if request.args.get("tab") == store.BEFORE else store.THIS_YEAR
    wanted = store.StoreFilter(tab=tab, text=request.args.get("q", "")[:120])
    return render_template(
        "assessments/evidence.html",
        assessment_form=form,
        indicator=indicator,
        form=upload_form,
        used=queries.evidence_of(form.assessment.id, [indicator.code]).get(indicator.code, []),
        stored=store.list_store(actor, form.participation.unit_id, wanted, page_number(), today=today),
        wanted=wanted,
    )


@bp.post("/<uid>/evidence/<code>")
@requires("assessments.edit", upload=True)
def upload_evidence(uid: str, code: str) -> ResponseReturnValue:
    """Take a file in and use it for the indicator at once; our script asks for JSON."""
    form, actor = queries.get_visible_form(acting(), uid), acting()
    indicator, upload_form = _indicator(form, code), UploadForm()
    upload_form.offer_sites(open_sites(form.participation.unit_id))
    if not upload_form.validate_on_submit() or upload_form.upload is None:
        return _refuse_upload(form, indicator, upload_form, 422)
    try:
        check_editable(form, code, now=clock.now())
        most = current_app.config["MAX_UPLOAD_LENGTH"]
        name = upload_form.upload.filename or ""
        intake = evidence_service.receive(
            upload_form.upload.stream, name, most=most, actor=actor, now=clock.now()
        )
        kept = evidence_service.keep(
            replace(intake, captured_on=intake.captured_on or upload_form.camera_day)
        )
        begin_write()
        form, now = queries.get_visible_form(actor, uid, lock=True), clock.now()
        file = evidence_service.add_file(
            form.participation.unit_id,
            kept,
            upload_form.details(),
            actor=actor,
            now=now,
            school_year=form.round.school_year,
        )
        use = attaching.attach_evidence(form, code, file, actor=actor, now=now)
    except RuleError as refusal:
        mark_refused()
        upload_form.file.errors = [gettext(refusal.message) % refusal.params]
        return _refuse_upload(form, indicator, upload_form, refusal.status)
    return _attached(form, code, queries.UsedEvidence(use, file))


def _refuse_upload(
    form: Form, indicator: Indicator, upload_form: UploadForm, status: int
) -> ResponseReturnValue:
    if wants_json():
        errors: Any = next(iter(upload_form.errors.values()), upload_form.file.errors)
        return jsonify(error=errors[0], code=g.request_id), status
    return _evidence_page(form, indicator, upload_form), status


def _attached(form: Form, code: str, item: queries.UsedEvidence) -> ResponseReturnValue:
    if wants_json():
        thumb = url_for("evidence.thumb", uid=item.file.uid) if item.file.thumb else None
        return jsonify(uid=item.file.uid, title=item.file.title, thumb=thumb, code=item.code), 201
    flash(gettext("Đã thêm minh chứng %(code)s.", code=item.code))
    return _back_to_indicator(form, code)


def _back_to_indicator(form: Form, code: str) -> ResponseReturnValue:
    criterion = form.framework.criterion_of[code].code
    return redirect(url_for(".fill", uid=form.assessment.uid, code=criterion, _anchor=code))


@bp.post("/<uid>/evidence/<code>/choose")
@requires("assessments.edit")
def choose_evidence(uid: str, code: str) -> ResponseReturnValue:
    """Use files of the store for the indicator as well."""
    form, actor, now = queries.get_visible_form(acting(), uid, lock=True), acting(), clock.now()
    _indicator(form, code)
    chosen = [store.get_visible_file(actor, file_uid) for file_uid in request.form.getlist("file")[:20]]
    for file in chosen:
        attaching.attach_evidence(form, code, file, actor=actor, now=now)
    if not chosen:
        flash(gettext("Hãy chọn ít nhất một tệp trong kho."), "warning")
        return redirect(url_for(".evidence", uid=uid, code=code))
    return _back_to_indicator(form, code)


@bp.post("/<uid>/uses/<use>/detach")
@requires("assessments.edit")
def detach(uid: str, use: str) -> ResponseReturnValue:
    """Stop using a file for an indicator; it stays in the store."""
    form = queries.get_visible_form(acting(), uid, lock=True)
    row = queries.find_use(form.assessment.id, use)
    attaching.detach_evidence(form, row, actor=acting(), now=clock.now())
    return _back_to_indicator(form, row.indicator)
