"""Activation codes for many schools at once, as a workbook and as letters to cut out."""

import io
import zipfile
from datetime import datetime

from flask import Response, current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.accounts import codes, scope, service
from survey_app.accounts.forms import BOTH, PDF, XLSX, CodesForm
from survey_app.accounts.handouts import Handout, Occasion
from survey_app.accounts.pdf import letters_pdf
from survey_app.accounts.views.blueprint import bp
from survey_app.accounts.views.units import unit_filter
from survey_app.accounts.workbook import codes_book
from survey_app.core import clock
from survey_app.core.access import Actor, acting, requires
from survey_app.core.clock import to_local
from survey_app.core.db import begin_write
from survey_app.organisations import queries as organisations
from survey_app.organisations.models import DEPARTMENT
from survey_app.rules.errors import NotAllowed
from survey_app.rules.permissions import GRANTABLE, Role

AT_ONCE = 100  # schools in one file: some 3 s of drawing, then half a second under the write lock

MIMES = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    PDF: "application/pdf",
    BOTH: "application/zip",
}


@bp.get("/accounts/codes")
@requires("accounts.manage")
def hand_out() -> ResponseReturnValue:
    """The schools whose heads cannot sign in yet, and the choice of file."""
    return _show(CodesForm())


def _show(form: CodesForm, status: int = 200) -> ResponseReturnValue:
    actor, wanted = _issuer(), unit_filter()
    return render_template(
        "accounts/codes.html",
        form=form,
        wanted=wanted,
        wards=organisations.list_wards(actor),
        total=scope.count_without_access(actor, wanted),
        rows=scope.units_without_access(actor, wanted, AT_ONCE),
        most=AT_ONCE,
        has_schools=scope.list_units(actor, scope.UnitFilter()).total > 0,
    ), status


def _issuer() -> Actor:
    """The actor, when they may give schools their accounts. Raises `NotAllowed`."""
    actor = acting()
    if Role.UNIT_HEAD not in GRANTABLE[actor.role]:
        raise NotAllowed()
    return actor


@bp.post("/accounts/codes")
@requires("accounts.manage", slow=True)
def make_codes() -> ResponseReturnValue:
    """Draw the codes, make the files, then write the hashes: the codes exist nowhere but in this answer."""
    form, actor, now = CodesForm(), _issuer(), clock.now()
    if not form.validate_on_submit():
        return _show(form, 422)
    rows = scope.units_without_access(actor, unit_filter(), AT_ONCE)
    if not rows:
        return _show(form, 422)
    handouts = [Handout(row.name, row.ward_name, row.login, codes.draw()) for row in rows]
    content = _file(form.form.data, handouts, occasion(now))
    begin_write()
    for row, handout in zip(rows, handouts, strict=True):
        service.issue_to_head(row.id, handout.login, handout.code, actor=actor, now=now)
    name = f"phieu-cap-tai-khoan-{to_local(now):%Y%m%d-%H%M}.{form.form.data}"
    return Response(
        content,
        mimetype=MIMES[form.form.data],
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


def occasion(now: datetime) -> Occasion:
    """What every handout of one answer shares."""
    config = current_app.config
    return Occasion(
        issuer=config["DEPARTMENT_NAME"] if acting().unit_kind == DEPARTMENT else acting().unit_name,
        system=config["SYSTEM_NAME"],
        address=config["BASE_URL"] + url_for("accounts.activate"),
        contact=config["SUPPORT_CONTACT"],
        issued_at=now,
        expires_at=now + codes.VALID,
    )


def _file(form: str, handouts: list[Handout], occasion: Occasion) -> bytes:
    if form == XLSX:
        return codes_book(handouts, occasion)
    if form == PDF:
        return letters_pdf(handouts, occasion)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("danh-sach-ma-kich-hoat.xlsx", codes_book(handouts, occasion))
        archive.writestr("phieu-cap-tai-khoan.pdf", letters_pdf(handouts, occasion))
    return packed.getvalue()
