"""The signed print of a form: a scan or a photograph brought in, a page taken out again."""

from flask import current_app, flash, g, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.assessments import queries, signed_copy
from survey_app.assessments.blueprint import bp
from survey_app.assessments.check_views import render_check
from survey_app.assessments.forms import SignedCopyForm
from survey_app.assessments.queries import Form
from survey_app.assessments.saving import check_editable
from survey_app.core import clock
from survey_app.core.access import Actor, acting, requires
from survey_app.core.db import begin_write, mark_refused
from survey_app.core.edge import say, wants_json
from survey_app.evidence import service as evidence
from survey_app.evidence.details import Details
from survey_app.evidence.intake import take_in
from survey_app.evidence.models import EvidenceFile
from survey_app.rules.errors import RuleError

LONGEST_TITLE = 200


@bp.post("/<uid>/signed")
@requires("assessments.edit", upload=True)
def upload_signed(uid: str) -> ResponseReturnValue:
    """Take one file of the signed form in; our script asks for JSON and sends the next one after it."""
    form, actor, upload_form = queries.get_visible_form(acting(), uid), acting(), SignedCopyForm()
    if not upload_form.validate_on_submit() or upload_form.upload is None:
        return _refuse(form, upload_form, 422)
    try:
        check_editable(form, None, now=clock.now())
        most = current_app.config["MAX_UPLOAD_LENGTH"]
        kept = evidence.keep(take_in(upload_form.upload.stream, upload_form.upload.filename or "", most=most))
        begin_write()
        file = _store(uid, kept, actor)
    except RuleError as refusal:
        mark_refused()
        upload_form.file.errors = [say(refusal)]
        return _refuse(form, upload_form, refusal.status)
    if wants_json():
        thumb = url_for("evidence.thumb", uid=file.uid) if file.thumb else None
        return jsonify(uid=file.uid, title=file.title, thumb=thumb), 201
    flash(gettext("Đã tải lên bản phiếu đã ký."))
    return redirect(url_for(".check", uid=uid, _anchor="signed"))


def _store(uid: str, kept: evidence.Kept, actor: Actor) -> EvidenceFile:
    form, now = queries.get_visible_form(actor, uid, lock=True), clock.now()
    title = f"Phiếu tự đánh giá đã ký – {form.round.title}"[:LONGEST_TITLE]
    file = evidence.add_file(
        form.participation.unit_id,
        kept,
        Details(title),
        actor=actor,
        now=now,
        school_year=form.round.school_year,
    )
    signed_copy.add_signed_page(form, file, actor=actor, now=now)
    return file


def _refuse(form: Form, upload_form: SignedCopyForm, status: int) -> ResponseReturnValue:
    if wants_json():
        errors = list(upload_form.file.errors) or list(next(iter(upload_form.errors.values())))
        return jsonify(error=errors[0], code=g.request_id), status
    return render_check(form, signed_form=upload_form), status


@bp.post("/<uid>/signed/<page>/remove")
@requires("assessments.edit")
def remove_signed(uid: str, page: str) -> ResponseReturnValue:
    """Take a page out of the signed form; the file stays in the store."""
    form = queries.get_visible_form(acting(), uid, lock=True)
    row = queries.find_signed_page(form.assessment.id, page)
    signed_copy.remove_signed_page(form, row, actor=acting(), now=clock.now())
    flash(gettext("Đã gỡ tệp khỏi bản phiếu đã ký."))
    return redirect(url_for(".check", uid=uid, _anchor="signed"))
