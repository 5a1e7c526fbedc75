"""Evidence of one indicator: a new photograph or file, one from the unit's store, taking one off."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.assessments import attaching, cards, queries
from survey_app.assessments.blueprint import bp
from survey_app.assessments.forms import SAY_PAPERS_ONLY, ChooseForm, EvidenceUploadForm, LinkForIndicatorForm
from survey_app.assessments.queries import Form
from survey_app.assessments.saving import check_editable
from survey_app.assessments.standing import came_from, standing
from survey_app.core import clock
from survey_app.core.access import acting, current_actor, requires
from survey_app.core.db import begin_write, mark_refused
from survey_app.core.edge import wants_json
from survey_app.core.filters import write_date
from survey_app.core.web import page_number
from survey_app.evidence import queries as store
from survey_app.evidence import service as evidence_service
from survey_app.organisations.queries import open_sites
from survey_app.rules.errors import NotFound, RuleError
from survey_app.rules.framework import Indicator
from survey_app.rules.workflow import State


def indicator_of(form: Form, code: str) -> Indicator:
    """The indicator with this code in the form's set. Raises `NotFound`."""
    found = form.framework.by_code.get(code)
    if found is None:
        raise NotFound()
    return found


@bp.get("/<uid>/evidence/<code>")
@requires("assessments.edit")
def evidence(uid: str, code: str) -> ResponseReturnValue:
    """Where a file is added to one indicator: from the camera, the disk, the store or by its address."""
    form = queries.get_visible_form(acting(), uid)
    indicator = indicator_of(form, code)
    return evidence_page(form, indicator, upload_form_for(form, indicator)), 200


def upload_form_for(form: Form, indicator: Indicator, *, empty: bool = False) -> EvidenceUploadForm:
    """The boxes of a new file; `empty` on a page that was sent something else.

    A photograph needs no name of its own: it gets its indicator's and the day, which anybody may change.
    """
    day = write_date(clock.local_date(clock.now()))
    named = {"title": gettext("Minh chứng %(code)s, %(day)s", code=indicator.code, day=day)}
    upload_form = EvidenceUploadForm(None, data=named) if empty else EvidenceUploadForm(data=named)
    upload_form.offer_sites(open_sites(form.participation.unit_id))
    upload_form.offer(cards.shareable(form, indicator))
    if indicator.papers_only:
        upload_form.ask_for_papers()
    return upload_form


def evidence_page(
    form: Form,
    indicator: Indicator,
    upload_form: EvidenceUploadForm,
    choose_form: ChooseForm | None = None,
    link_form: LinkForIndicatorForm | None = None,
) -> str:
    """The three ways to add evidence to an indicator, with what was typed in one of them."""
    if link_form is None:
        link_form = LinkForIndicatorForm(None)
    actor, today, unit_id = acting(), clock.local_date(clock.now()), form.participation.unit_id
    tab = store.BEFORE if request.args.get("tab") == store.BEFORE else store.THIS_YEAR
    wanted = store.StoreFilter(tab=tab, text=request.args.get("q", "")[:120])
    return render_template(
        "assessments/evidence.html",
        assessment_form=form,
        indicator=indicator,
        form=upload_form,
        choose_form=choose_form or ChooseForm(formdata=None),
        link_form=link_form,
        others=upload_form.others,
        used=queries.evidence_of(form.assessment.id, [indicator.code]).get(indicator.code, []),
        stored=store.list_store(actor, unit_id, wanted, page_number(), today=today),
        used_bytes=store.used_bytes(unit_id),
        wanted=wanted,
        back_spot=came_from(form),
        **(dict(standing(form)) if form.assessment.state == State.DRAFT else {}),
    )


@bp.post("/<uid>/evidence/<code>")
@requires("assessments.edit", upload=True)
def upload_evidence(uid: str, code: str) -> ResponseReturnValue:
    """Take a file in and use it for the indicator, and others, at once; our script asks for JSON."""
    form = queries.get_visible_form(acting(), uid)
    indicator = indicator_of(form, code)
    upload_form = upload_form_for(form, indicator)
    if not upload_form.validate_on_submit() or upload_form.upload is None:
        return _refuse_upload(form, indicator, upload_form, 422)
    try:
        check_editable(form, code, now=clock.now())
        most = current_app.config["MAX_UPLOAD_LENGTH"]
        name = upload_form.upload.filename or ""
        intake = evidence_service.receive(
            upload_form.upload.stream, name, most=most, actor=acting(), now=clock.now()
        )
        kept = evidence_service.keep(
            replace(intake, captured_on=intake.captured_on or upload_form.camera_day)
        )
        begin_write()
        items = _add_and_use(uid, code, kept, upload_form)
    except RuleError as refusal:
        mark_refused()
        if current_actor() is None:  # the role or the session ended while the file was read
            raise
        upload_form.file.errors = [gettext(refusal.message) % refusal.params]
        return _refuse_upload(form, indicator, upload_form, refusal.status)
    return _attached(form, code, items)


def _add_and_use(
    uid: str, code: str, kept: evidence_service.Kept, upload_form: EvidenceUploadForm
) -> list[queries.UsedEvidence]:
    actor = acting()
    form, now = queries.get_visible_form(actor, uid, lock=True), clock.now()
    file = evidence_service.add_file(
        form.participation.unit_id,
        kept,
        upload_form.details(),
        actor=actor,
        now=now,
        school_year=form.round.school_year,
    )
    codes = [code, *(upload_form.also.data or ())]
    uses = attaching.attach_to_several(
        form, codes, file, actor=actor, now=now, papers_only=upload_form.papers_only
    )
    return [queries.UsedEvidence(use, file) for use in uses]


def _refuse_upload(
    form: Form, indicator: Indicator, upload_form: EvidenceUploadForm, status: int
) -> ResponseReturnValue:
    if wants_json():
        errors: Any = next(iter(upload_form.errors.values()), upload_form.file.errors)
        return jsonify(error=errors[0], code=g.request_id), status
    return evidence_page(form, indicator, upload_form), status


def _attached(form: Form, code: str, items: Sequence[queries.UsedEvidence]) -> ResponseReturnValue:
    file, codes = items[0].file, [item.code for item in items]
    if wants_json():
        thumb = url_for("evidence.thumb", uid=file.uid) if file.thumb else None
        return jsonify(uid=file.uid, title=file.title, thumb=thumb, code=codes[0], codes=codes), 201
    return back_to_indicator(form, code, added=codes[0])


def back_to_indicator(form: Form, code: str, added: str = "") -> ResponseReturnValue:
    """To the files of an indicator on its page; `added`, the code of a new one, is marked there."""
    criterion = form.framework.criterion_of[code].code
    uid, back = form.assessment.uid, came_from(form)
    anchor = f"files-{code}" if added else code
    return redirect(url_for(".fill", uid=uid, code=criterion, back=back, added=added or None, _anchor=anchor))


@bp.post("/<uid>/evidence/<code>/choose")
@requires("assessments.edit")
def choose_evidence(uid: str, code: str) -> ResponseReturnValue:
    """Use files of the store for the indicator, and for others at once."""
    form, actor, now = queries.get_visible_form(acting(), uid, lock=True), acting(), clock.now()
    indicator, choose_form = indicator_of(form, code), ChooseForm()
    choose_form.offer(cards.shareable(form, indicator))
    chosen = [store.get_visible_file(actor, file_uid) for file_uid in (choose_form.file.data or ())[:20]]
    if not chosen:
        flash(gettext("Hãy chọn ít nhất một tệp trong kho."), "warning")
        return redirect(url_for(".evidence", uid=uid, code=code, back=came_from(form)))
    if indicator.papers_only and not choose_form.papers_only.data:
        choose_form.papers_only.errors = [str(SAY_PAPERS_ONLY)]
    elif choose_form.validate_on_submit():
        codes = [code, *(choose_form.also.data or ())]
        uses = [
            attaching.attach_to_several(
                form, codes, file, actor=actor, now=now, papers_only=bool(choose_form.papers_only.data)
            )
            for file in chosen
        ]
        return back_to_indicator(form, code, added=queries.evidence_code(uses[0][0]))
    return evidence_page(form, indicator, upload_form_for(form, indicator, empty=True), choose_form), 422


@bp.post("/<uid>/uses/<use>/detach")
@requires("assessments.edit")
def detach(uid: str, use: str) -> ResponseReturnValue:
    """Stop using a file for an indicator; it stays in the store."""
    form = queries.get_visible_form(acting(), uid, lock=True)
    row = queries.find_use(form.assessment.id, use)
    attaching.detach_evidence(form, row, actor=acting(), now=clock.now())
    return back_to_indicator(form, row.indicator)
