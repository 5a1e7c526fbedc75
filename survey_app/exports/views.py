"""Pages of made workbooks: the list, asking for one, waiting for it, fetching it."""

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.web import page_number
from survey_app.exports import queries, service
from survey_app.exports.forms import CODES, WORDS, ExportForm
from survey_app.exports.kinds import KEPT_DAYS, KIND_HINTS, KIND_NAMES, Kind
from survey_app.exports.models import ExportFile
from survey_app.exports.store import export_store
from survey_app.jobs.queries import get_visible_job
from survey_app.results.queries import OverviewFilter, rounds_to_pick
from survey_app.results.views.frame import set_key
from survey_app.rounds.queries import get_visible_round, round_frameworks, wards_of

bp = Blueprint("exports", __name__, template_folder="templates", url_prefix="/exports")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("")
@requires("exports.make")
def index() -> ResponseReturnValue:
    """The files that the actor asked for, with size and expiry."""
    page = queries.list_files(acting(), page_number())
    return render_template("exports/list.html", page=page, now=clock.now(), kinds=KIND_NAMES, days=KEPT_DAYS)


@bp.route("/new", methods=["GET", "POST"])
@requires("exports.make")
def new() -> ResponseReturnValue:
    """Ask for a workbook; the filters of the page one comes from are chosen already."""
    actor = acting()
    rounds = rounds_to_pick(actor)
    round_uid = request.values.get("round") or (rounds[0][0] if rounds else "")
    if not round_uid:
        return render_template("exports/nothing.html")
    round_ = get_visible_round(actor, round_uid)
    form = ExportForm(data=_asked(round_.uid))
    form.offer(rounds, wards_of(actor, round_.id), round_frameworks(round_.id))
    if form.validate_on_submit():
        file = service.request_export(
            round_,
            Kind(form.kind.data),
            form.wanted(),
            coded=form.cells.data == CODES,
            actor=actor,
            now=clock.now(),
        )
        return redirect(url_for(".show", uid=file.uid))
    schools, forms = queries.count_schools(actor, round_.id, form.wanted())
    page = render_template(
        "exports/new.html", form=form, round=round_, schools=schools, forms=forms, hints=KIND_HINTS
    )
    return page, 422 if form.is_submitted() else 200


def _asked(round_uid: str) -> dict[str, str]:
    names = ("ward", "stage", "ownership", "set", "kind", "cells")
    return {"round": round_uid} | {name: request.args[name][:64] for name in names if name in request.args}


@bp.get("/<uid>")
@requires("exports.make")
def show(uid: str) -> ResponseReturnValue:
    """One file: still being made, ready to fetch, failed, or run out."""
    file, now = queries.get_visible_file(acting(), uid), clock.now()
    page = render_template(
        "exports/show.html",
        file=file,
        expired=_expired(file, now),
        job=get_visible_job(acting(), file.job_uid),
        kind_name=KIND_NAMES[Kind(file.kind)],
        again=url_for(".new", **_wish(file)),
        now=now,
    )
    return page, 410 if _expired(file, now) else 200


def _wish(file: ExportFile) -> dict[str, Any]:
    """What was asked for, as the dialog takes it."""
    wanted = OverviewFilter(**file.wanted)
    sets = {one.version_id: set_key(one) for one in round_frameworks(file.round_id)}
    chosen = {
        "round": file.round.uid,
        "kind": file.kind,
        "cells": CODES if file.coded else WORDS,
        "ward": wanted.ward_uid,
        "stage": wanted.stage,
        "ownership": wanted.ownership,
        "set": sets.get(wanted.version_id or 0, ""),
    }
    return {name: value for name, value in chosen.items() if value}


@bp.get("/<uid>/file")
@requires("exports.make")
def download(uid: str) -> ResponseReturnValue:
    """The workbook itself; the page that says what is wrong when it is not there."""
    file, store = queries.get_visible_file(acting(), uid), export_store()
    if _expired(file, clock.now()) or file.sha256 is None or not store.exists(file.sha256):
        return redirect(url_for(".show", uid=uid))
    return send_file(store.path(file.sha256), mimetype=XLSX, as_attachment=True, download_name=file.file_name)


def _expired(file: ExportFile, now: datetime) -> bool:
    return file.made_at is not None and (file.sha256 is None or now >= file.expires_at)
