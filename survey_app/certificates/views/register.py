"""The register, one certificate, a school's own, and their files."""

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.certificates import queries
from survey_app.certificates.names import file_name
from survey_app.certificates.queries import RegisterFilter
from survey_app.certificates.standing import Standing
from survey_app.certificates.views.blueprint import bp, send_stored, today
from survey_app.certificates.workbook import register_book
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.web import page_number
from survey_app.documents.qr import qr_picture
from survey_app.organisations.models import SCHOOL

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = (Standing.VALID, Standing.EXPIRED, Standing.REVOKED, Standing.SUPERSEDED)


@bp.get("/certificates")
@requires("certificates.read")
def index() -> ResponseReturnValue:
    """The register: every certificate the actor may see; a school is sent to its own."""
    actor = acting()
    if actor.unit_kind == SCHOOL:
        return redirect(url_for(".own"))
    wanted = _filter()
    return render_template(
        "certificates/index.html",
        page=queries.list_register(actor, wanted, page_number(), today=today()),
        wanted=wanted,
        rounds=queries.rounds_with_certificates(actor),
        standings=SHOWN,
        may_issue=actor.may("certificates.issue"),
    )


def _filter() -> RegisterFilter:
    standing = request.args.get("standing", "")
    return RegisterFilter(
        text=request.args.get("q", "")[:120],
        round_uid=request.args.get("round", "")[:32],
        standing=standing if standing in SHOWN else "",
    )


@bp.get("/certificates/register.xlsx")
@requires("certificates.read")
def register_xlsx() -> ResponseReturnValue:
    """The register as a workbook, by the filter of the page."""
    actor, now = acting(), clock.now()
    entries = queries.stream_register(actor, _filter(), today=clock.local_date(now))
    name = f"SoCapGiayChungNhan_{clock.local_date(now):%Y%m%d}.xlsx"
    return Response(
        register_book(entries, agency=actor.unit_name, now=now),
        mimetype=XLSX,
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


@bp.get("/certificates/own")
@requires("certificates.read")
def own() -> ResponseReturnValue:
    """The certificates of the actor's own school."""
    page = queries.list_register(acting(), RegisterFilter(), page_number(), today=today())
    return render_template("certificates/own.html", page=page, picture_of=qr_picture)


@bp.get("/certificates/<uid>")
@requires("certificates.read")
def show(uid: str) -> ResponseReturnValue:
    """One certificate: its facts as frozen, where it stands, its paper."""
    certificate = queries.get_visible_certificate(acting(), uid)
    return render_template(
        "certificates/show.html",
        entry=queries.entry_of(certificate, today()),
        batch=certificate.batch,
        successor=queries.successor_of(certificate),
        predecessor=queries.predecessor_of(certificate),
        result_changed=certificate.result.superseded_at is not None,
        may_issue=acting().may("certificates.issue"),
        picture_of=qr_picture,
    )


@bp.get("/certificates/<uid>/certificate.pdf")
@requires("certificates.read")
def paper(uid: str) -> ResponseReturnValue:
    """The stored bytes of the paper, the same at every download."""
    certificate = queries.get_visible_certificate(acting(), uid)
    entry = queries.entry_of(certificate, today())
    name = file_name(certificate.printed_number, entry.content["unit"]["name"], ending="pdf")
    return send_stored(certificate.pdf_sha256, name)
