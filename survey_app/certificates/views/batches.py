"""A batch, step by step: choose, Decision, look, issue; then its files."""

from collections.abc import Iterator, Sequence

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.certificates import queries, service
from survey_app.certificates.archive import stream_zip
from survey_app.certificates.forms import DecisionForm
from survey_app.certificates.models import PREPARED, CertificateBatch
from survey_app.certificates.names import file_name
from survey_app.certificates.pdf import PREVIEW, draw_certificate
from survey_app.certificates.views.blueprint import (
    PDF,
    allow_draft,
    bp,
    complain,
    decision_from,
    form_page,
    send_stored,
    today,
)
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.files import file_store
from survey_app.core.web import page_number
from survey_app.rounds.models import Round
from survey_app.rounds.queries import ParticipationFilter, get_visible_round, wards_of
from survey_app.rounds.service import BadField

MOST_ROWS = 1500


@bp.get("/certificates/batches")
@requires("certificates.issue")
def batches() -> ResponseReturnValue:
    """Every batch of the department, the latest first."""
    return render_template("certificates/batches.html", page=queries.list_batches(acting(), page_number()))


@bp.route("/certificates/new", methods=["GET", "POST"])
@requires("certificates.issue")
def new_batch() -> ResponseReturnValue:
    """Step 1: the schools that earn a certificate, to choose from, and those that nearly do."""
    actor = acting()
    rounds = queries.rounds_with_results(actor)
    round_uid = request.values.get("round") or (rounds[0].uid if rounds else "")
    if not round_uid:
        return render_template("certificates/nothing.html")
    round_ = get_visible_round(actor, round_uid)
    if request.method in ("GET", "HEAD"):
        return _choice_page(round_, rounds)
    ids = {int(text) for text in request.form.getlist("result") if text.isascii() and text.isdigit()}
    try:
        batch = service.prepare_batch(round_, ids, allow_draft=allow_draft(), actor=actor, now=clock.now())
    except service.NothingChosen as error:
        return _choice_page(round_, rounds, gettext(error.message)), error.status
    return redirect(url_for(".batch_decision", uid=batch.uid))


def _choice_page(round_: Round, rounds: Sequence[Round], problem: str = "") -> str:
    """The list to choose from; with `problem` as it was sent, without a tick."""
    actor = acting()
    wanted = ParticipationFilter(
        text=request.args.get("q", "")[:120],
        ward_uid=request.args.get("ward", "")[:32],
        stage=request.args.get("stage", "")[:16],
    )
    return render_template(
        "certificates/new.html",
        round=round_,
        rounds=rounds,
        wanted=wanted,
        wards=wards_of(actor, round_.id),
        found=queries.eligible(round_.id, allow_draft=allow_draft(), wanted=wanted),
        near=queries.nearly_eligible(round_.id, wanted),
        sets=queries.sets_of_round(round_.id),
        drafts=0 if allow_draft() else queries.count_drafts(round_.id),
        most=MOST_ROWS,
        problem=problem,
    )


@bp.route("/certificates/batches/<uid>/decision", methods=["GET", "POST"])
@requires("certificates.issue")
def batch_decision(uid: str) -> ResponseReturnValue:
    """Step 2: the Decision, and who signs."""
    batch = _prepared(uid)
    form, repeated = DecisionForm(data=_known_decision(batch)), False
    if form.validate_on_submit():
        try:
            service.set_decision(
                batch, decision_from(form), again=form.again.data, actor=acting(), now=clock.now()
            )
        except BadField as error:
            complain(form, error)
            repeated = isinstance(error, service.NumberUsed)
        except (queries.NoIssuer, service.TwoIssuers) as error:
            form.decision_date.errors = [gettext(error.message)]
        else:
            return redirect(url_for(".batch", uid=uid))
    return form_page("certificates/decision.html", form, batch=batch, repeated=repeated)


def _prepared(uid: str) -> CertificateBatch:
    batch = queries.get_visible_batch(acting(), uid)
    if batch.state != PREPARED:
        raise service.BatchMoved()
    return batch


def _known_decision(batch: CertificateBatch) -> dict[str, object]:
    """What was typed before, else the signer of the issuer of today."""
    if batch.decision_date is not None:
        names = ("decision_number", "decision_date", "signer_title", "signer_name")
        return {name: getattr(batch, name) for name in names}
    try:
        issuer = service.issuer_of_batch(batch, today())
    except (queries.NoIssuer, service.TwoIssuers):
        return {}
    return {"signer_title": issuer.signer_title, "signer_name": issuer.signer_name}


@bp.get("/certificates/batches/<uid>")
@requires("certificates.issue")
def batch(uid: str) -> ResponseReturnValue:
    """Step 3 before the order: the papers to look at. After it: what was issued, and the files."""
    found = queries.get_visible_batch(acting(), uid)
    if found.state == PREPARED:
        if found.issuer is None:
            return redirect(url_for(".batch_decision", uid=uid))
        previews = service.previews(found)
        return render_template("certificates/preview.html", batch=found, previews=previews)
    issued = queries.certificates_of(found.id)
    on = today()
    return render_template(
        "certificates/batch.html",
        batch=found,
        count=queries.count_batch(found),
        entries=[queries.entry_of(one, on) for one in issued],
        left_out=queries.left_out(found, {one.result_id for one in issued}),
    )


@bp.get("/certificates/batches/<uid>/preview/<which>.pdf")
@requires("certificates.issue")
def preview(uid: str, which: str) -> ResponseReturnValue:
    """A paper as it will be, marked BẢN XEM TRƯỚC; takes no number."""
    content = service.preview_content(_prepared(uid), which, base_url=current_app.config["BASE_URL"])
    return Response(draw_certificate(content, mark=PREVIEW), mimetype=PDF)


@bp.post("/certificates/batches/<uid>/issue")
@requires("certificates.issue")
def issue_batch(uid: str) -> ResponseReturnValue:
    """Step 4: order the batch; a job issues it."""
    found = queries.get_visible_batch(acting(), uid)
    job = service.issue_certificates(found, actor=acting(), now=clock.now())
    return redirect(url_for("jobs.show", uid=job.uid))


@bp.post("/certificates/batches/<uid>/continue")
@requires("certificates.issue")
def continue_batch(uid: str) -> ResponseReturnValue:
    """Ask again for what an ordered batch still lacks."""
    found = queries.get_visible_batch(acting(), uid)
    job = service.continue_batch(found, actor=acting(), now=clock.now())
    return redirect(url_for("jobs.show", uid=job.uid))


@bp.post("/certificates/batches/<uid>/discard")
@requires("certificates.issue")
def discard_batch(uid: str) -> ResponseReturnValue:
    """Forget a batch that was only prepared."""
    service.discard_batch(queries.get_visible_batch(acting(), uid), actor=acting(), now=clock.now())
    flash(gettext("Đã bỏ đợt cấp chưa phát hành."))
    return redirect(url_for(".index"))


@bp.get("/certificates/batches/<uid>/all.pdf")
@requires("certificates.issue")
def bundle(uid: str) -> ResponseReturnValue:
    """Every paper of a batch in one file, for the printer."""
    found = queries.get_visible_batch(acting(), uid)
    return send_stored(found.bundle_sha256, file_name("giay chung nhan", found.decision_number, ending="pdf"))


@bp.get("/certificates/batches/<uid>/all.zip")
@requires("certificates.issue")
def archive(uid: str) -> ResponseReturnValue:
    """Every paper of a batch as a file of its own, packed while it is sent."""
    found = queries.get_visible_batch(acting(), uid)
    store = file_store()
    files = [
        (file_name(one.printed_number, queries.name_on(one), ending="pdf"), store.path(one.pdf_sha256))
        for one in queries.certificates_of(found.id)
        if one.pdf_sha256 and store.exists(one.pdf_sha256)
    ]
    pieces: Iterator[bytes] = stream_zip(files)
    name = file_name("giay chung nhan", found.decision_number, ending="zip")
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(pieces, mimetype="application/zip", headers=headers)
