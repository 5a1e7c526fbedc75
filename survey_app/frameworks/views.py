"""Pages of criteria sets: editions, one edition whole, what changed, and the workbook in and out."""

from itertools import pairwise
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.db import begin_write
from survey_app.core.files import file_store
from survey_app.documents.xlsx_intake import UnreadableTable
from survey_app.frameworks import queries, service
from survey_app.frameworks.compare import KIND_NAMES, PART_NAMES, Kind, compare, word_runs
from survey_app.frameworks.forms import ImportForm, PublishForm
from survey_app.frameworks.ports import round_uses
from survey_app.frameworks.queries import VersionRow
from survey_app.frameworks.spreadsheet import SheetFault, read_workbook
from survey_app.frameworks.workbook import template_bytes, workbook_bytes
from survey_app.rules.errors import NotFound
from survey_app.rules.framework import Area, Framework

bp = Blueprint("frameworks", __name__, template_folder="templates", url_prefix="/frameworks")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_FAULTS = 200


@bp.get("")
@requires("frameworks.read")
def index() -> ResponseReturnValue:
    """Every edition with its status and the rounds that use it."""
    rows = queries.list_versions()
    uses = round_uses.get().titles([row.id for row in rows])
    old, new = _two_of_one_set(rows)
    return render_template(
        "frameworks/list.html", rows=rows, uses=uses, old=old, new=new, may_manage=_may_manage()
    )


def _two_of_one_set(rows: list[VersionRow]) -> tuple[VersionRow | None, VersionRow | None]:
    """The two newest editions of the first set that has two."""
    for new, old in pairwise(rows):
        if new.code == old.code:
            return old, new
    return None, None


def _may_manage() -> bool:
    return acting().may("frameworks.manage")


@bp.get("/<code>/<version>")
@requires("frameworks.read")
def show(code: str, version: str) -> ResponseReturnValue:
    """One edition: its scheme, words and parts; the criteria lie on a page for each area."""
    return _show(queries.get_version(code, version), PublishForm())


def _show(row: VersionRow, form: PublishForm) -> str:
    framework = queries.get_framework(row.id)
    return render_template(
        "frameworks/show.html",
        row=row,
        framework=framework,
        areas=[_counted(area) for area in framework.areas],
        uses=round_uses.get().titles([row.id]).get(row.id, ()),
        others=[other for other in queries.list_versions() if other.code == row.code and other.id != row.id],
        used_by=_used_by(framework),
        used_scales={indicator.scale for indicator in framework.by_code.values()},
        form=form if row.is_draft and _may_manage() else None,
        deletable=service.is_deletable(row),
    )


def _counted(area: Area) -> dict[str, Any]:
    members = list(area.indicators())
    return {
        "area": area,
        "total": len(members),
        "mandatory": sum(bool(indicator.mandatory_for) for indicator in members),
        "per_site": sum(indicator.per_site for indicator in members),
    }


def _used_by(framework: Framework) -> dict[str, list[str]]:
    """The codes of the indicators each profile question decides."""
    found: dict[str, list[str]] = {question.code: [] for question in framework.profile}
    for code, indicator in framework.by_code.items():
        for fact in indicator.applies_when:
            found[fact].append(code)
    return found


@bp.get("/<code>/<version>/<area>")
@requires("frameworks.read")
def show_area(code: str, version: str, area: str) -> ResponseReturnValue:
    """The criteria of one area with every level; narrowed to mandatory ones or those judged at each site."""
    row = queries.get_version(code, version)
    framework = queries.get_framework(row.id)
    found = next((part for part in framework.areas if part.code == area), None)
    if found is None:
        raise NotFound()
    only_mandatory, only_sites = "mandatory" in request.args, "per_site" in request.args
    shown = [
        (
            criterion,
            [
                indicator
                for indicator in criterion.indicators
                if (indicator.mandatory_for or not only_mandatory) and (indicator.per_site or not only_sites)
            ],
        )
        for criterion in found.criteria
    ]
    return render_template(
        "frameworks/area.html",
        row=row,
        framework=framework,
        area=found,
        shown=[(criterion, members) for criterion, members in shown if members],
        only_mandatory=only_mandatory,
        only_sites=only_sites,
    )


@bp.get("/compare")
@requires("frameworks.read")
def diff() -> ResponseReturnValue:
    """What changed from one edition to another: two editions by "pho-thong/0.2" in the address."""
    rows = queries.list_versions()
    by_key = {row.key: row for row in rows}
    old, new = by_key.get(request.args.get("from", "")), by_key.get(request.args.get("to", ""))
    if request.args and not (old and new):
        raise NotFound()
    changes = compare(*(queries.get_framework(row.id) for row in (old, new))) if old and new else []
    return render_template(
        "frameworks/diff.html",
        rows=rows,
        old=old,
        new=new,
        changes={kind: [change for change in changes if change.kind is kind] for kind in Kind},
        kind_names=KIND_NAMES,
        part_names=PART_NAMES,
        word_runs=word_runs,
    )


@bp.get("/<code>/<version>.xlsx")
@requires("frameworks.read")
def download(code: str, version: str) -> ResponseReturnValue:
    """The workbook of an edition, filled in."""
    framework = queries.get_framework(queries.get_version(code, version).id)
    return _xlsx(workbook_bytes(framework, clock.now()), f"bo-tieu-chi-{code}-{version}.xlsx")


def _xlsx(content: bytes, name: str) -> Response:
    return Response(content, mimetype=XLSX, headers={"Content-Disposition": f"attachment; filename={name}"})


@bp.post("/<code>/<version>/publish")
@requires("frameworks.manage")
def publish(code: str, version: str) -> ResponseReturnValue:
    """Lock a draft and put it in force."""
    row, form = queries.get_version(code, version), PublishForm()
    if not form.validate_on_submit():
        return _show(row, form), 422
    row = service.publish_version(row.id, decision=form.words(), actor=acting(), now=clock.now())
    flash(gettext("Đã khóa phiên bản %(version)s và đưa vào áp dụng.", version=row.version))
    return redirect(url_for(".show", code=code, version=version))


@bp.post("/<code>/<version>/delete")
@requires("frameworks.manage")
def delete(code: str, version: str) -> ResponseReturnValue:
    """Delete an imported draft that no round uses."""
    row = queries.get_version(code, version)
    service.delete_draft(row, actor=acting(), now=clock.now())
    flash(gettext("Đã xóa bản nháp %(version)s.", version=row.version))
    return redirect(url_for(".index"))


@bp.get("/import")
@requires("frameworks.manage")
def new_import() -> ResponseReturnValue:
    """Where a workbook is handed in."""
    return render_template("frameworks/import.html", form=ImportForm(), faults=())


@bp.get("/import/template.xlsx")
@requires("frameworks.manage")
def import_template() -> ResponseReturnValue:
    """The empty workbook to fill in."""
    return _xlsx(template_bytes(clock.now()), "mau-bo-tieu-chi.xlsx")


@bp.post("/import")
@requires("frameworks.manage", slow=True)
def upload_import() -> ResponseReturnValue:
    """Check a workbook; keep it under its hash when it is without fault."""
    form = ImportForm()
    faults: tuple[SheetFault, ...] = ()
    if form.validate_on_submit():
        content = form.file.data.read()
        try:
            reading = read_workbook(content)
        except UnreadableTable as error:
            form.file.errors = [gettext(error.message) % error.params]
        else:
            if reading.framework is not None:
                digest, _size = file_store().write(content)
                return redirect(url_for(".check_import", digest=digest))
            faults = reading.faults
    return render_template("frameworks/import.html", form=form, faults=faults, shown=SHOWN_FAULTS), 422


@bp.get("/import/<digest>.xlsx")
@requires("frameworks.manage")
def check_import(digest: str) -> ResponseReturnValue:
    """The dry run: what the workbook holds and what it would change; nothing written."""
    framework = _kept(digest)
    before = [row for row in queries.list_versions() if row.code == framework.code]
    existing = next((row for row in before if row.version == framework.version), None)
    changes = compare(queries.get_framework(before[0].id), framework) if before else []
    return render_template(
        "frameworks/check.html",
        framework=framework,
        areas=[_counted(area) for area in framework.areas],
        before=before[0] if before else None,
        existing=existing,
        fixed=existing is not None and service.is_fixed(existing),
        counted={kind: sum(change.kind is kind for change in changes) for kind in Kind},
        kind_names=KIND_NAMES,
        digest=digest,
    )


@bp.post("/import/<digest>.xlsx")
@requires("frameworks.manage", slow=True)
def apply_import(digest: str) -> ResponseReturnValue:
    """Store the set of a kept workbook as a draft."""
    framework = _kept(digest)
    begin_write()
    row = service.create_draft_from_workbook(framework, actor=acting(), now=clock.now())
    flash(gettext("Đã nhập bản nháp %(version)s.", version=row.version))
    return redirect(url_for(".show", code=row.code, version=row.version))


def _kept(digest: str) -> Framework:
    store = file_store()
    if len(digest) != 64 or set(digest) - set("0123456789abcdef") or not store.exists(digest):
        abort(404)
    reading = read_workbook(store.read(digest))
    if reading.framework is None:
        abort(404)
    return reading.framework
