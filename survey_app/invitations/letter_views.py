"""Activation codes for many schools: a workbook, or letters by ward; in the answer, or by a job."""

from datetime import datetime

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts import scope
from survey_app.accounts.views.units import unit_filter
from survey_app.core import clock
from survey_app.core.access import Actor, acting, requires
from survey_app.core.clock import to_local
from survey_app.core.db import begin_write
from survey_app.invitations import packing, queries, service
from survey_app.invitations.blueprint import bp
from survey_app.invitations.forms import LettersForm
from survey_app.invitations.models import LetterBatch
from survey_app.invitations.occasion import occasion_of
from survey_app.invitations.store import letter_store
from survey_app.jobs.queries import get_visible_job
from survey_app.organisations import queries as organisations
from survey_app.rules.errors import NotAllowed
from survey_app.rules.permissions import GRANTABLE, Role

AT_ONCE = 50  # schools in one answer: under 3 s of drawing; more of them are a job
SHOWN = 50


@bp.get("/accounts/codes")
@requires("accounts.manage")
def hand_out() -> ResponseReturnValue:
    """The schools whose heads cannot sign in yet, and the choice of file."""
    return _show(LettersForm())


def _show(form: LettersForm, status: int = 200) -> ResponseReturnValue:
    actor, wanted = _issuer(), unit_filter()
    page = render_template(
        "invitations/codes.html",
        form=form,
        wanted=wanted,
        wards=organisations.list_wards(actor),
        total=scope.count_without_access(actor, wanted),
        rows=scope.units_without_access(actor, wanted, SHOWN),
        at_once=AT_ONCE,
        batches=queries.own_batches(actor, clock.now()),
        hours=int(service.KEPT.total_seconds()) // 3600,
    )
    return page, status


def _issuer() -> Actor:
    """The actor, when they may give schools their accounts. Raises `NotAllowed`."""
    actor = acting()
    if Role.UNIT_HEAD not in GRANTABLE[actor.role]:
        raise NotAllowed()
    return actor


@bp.post("/accounts/codes")
@requires("accounts.manage", slow=True)
def make_codes() -> ResponseReturnValue:
    """A few: draw the codes, make the file, then write the hashes, and the codes exist nowhere but in this
    answer. Many: ask for a job."""
    form, actor, now = LettersForm(), _issuer(), clock.now()
    rows = scope.units_without_access(actor, unit_filter(), AT_ONCE + 1)
    if not form.validate_on_submit() or not rows:
        return _show(form, 422)
    if len(rows) > AT_ONCE:
        begin_write()
        batch = service.request_letters(unit_filter(), form.form.data, actor=actor, now=now)
        return redirect(url_for(".show_batch", uid=batch.uid))
    handouts = service.draw_codes(rows)
    content = packing.pack(form.form.data, handouts, occasion_of(actor, now))
    begin_write()
    service.issue(rows, handouts, actor=actor, now=now)
    return _file(content, form.form.data, now)


def _file(content: bytes, form: str, now: datetime) -> Response:
    name = f"phieu-cap-tai-khoan-{to_local(now):%Y%m%d-%H%M}.{form}"
    return Response(
        content,
        mimetype=packing.MIMES[form],
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


@bp.get("/accounts/codes/<uid>")
@requires("accounts.manage")
def show_batch(uid: str) -> ResponseReturnValue:
    """Letters being drawn, there to be fetched, failed or gone."""
    batch = queries.get_own_batch(acting(), uid)
    page = render_template(
        "invitations/batch.html",
        batch=batch,
        job=get_visible_job(acting(), batch.job_uid),
        there=_is_there(batch),
        names=LettersForm().names(),
        hours=int(service.KEPT.total_seconds()) // 3600,
    )
    return page


def _is_there(batch: LetterBatch) -> bool:
    return batch.sha256 is not None and batch.expires_at > clock.now() and letter_store().exists(batch.sha256)


@bp.post("/accounts/codes/<uid>/file")
@requires("accounts.manage")
def fetch_batch(uid: str) -> ResponseReturnValue:
    """The file itself, to the person who asked for it; every fetching is in the audit trail."""
    batch = queries.get_own_batch(acting(), uid)
    if not _is_there(batch):
        return redirect(url_for(".show_batch", uid=uid))
    content = letter_store().read(str(batch.sha256))
    service.note_fetched(batch, actor=acting(), now=clock.now())
    return _file(content, batch.form, batch.made_at or batch.created_at)


@bp.post("/accounts/codes/<uid>/discard")
@requires("accounts.manage")
def discard_batch(uid: str) -> ResponseReturnValue:
    """Let the file go now: it is printed."""
    digest = service.discard(queries.get_own_batch(acting(), uid), actor=acting(), now=clock.now())
    if digest:
        letter_store().remove(digest)
    flash(gettext("Đã xóa tệp khỏi máy chủ. Các mã đã in vẫn dùng được."))
    return redirect(url_for(".hand_out"))
