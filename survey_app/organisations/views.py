"""Pages of the tree of units: the list of schools, one unit, and the import of a checked list."""

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.core import clock
from survey_app.core.access import Actor, acting, requires
from survey_app.core.db import begin_write
from survey_app.core.files import file_store
from survey_app.core.web import page_number
from survey_app.organisations import intake, lineage, queries, service
from survey_app.organisations.columns import COLUMNS
from survey_app.organisations.forms import EndForm, ImportForm, UnitForm
from survey_app.organisations.models import OrganisationUnit
from survey_app.organisations.row_checks import AUTHORITY_WORDS
from survey_app.organisations.spreadsheet import Table, read_table
from survey_app.organisations.stages import OWNERSHIP_NAMES, STAGE_NAMES, UNIT_TYPE_NAMES
from survey_app.organisations.workbook import template_bytes
from survey_app.rules.errors import N_, RuleError

bp = Blueprint("organisations", __name__, template_folder="templates", url_prefix="/organisations")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_ROWS = 200


@bp.app_context_processor
def words() -> dict[str, Any]:
    """The words of stages and types, for every template that names a unit."""
    return {"stage_names": STAGE_NAMES, "unit_type_names": UNIT_TYPE_NAMES}


@bp.get("")
@requires("organisations.read")
def index() -> ResponseReturnValue:
    """Schools the actor may see, narrowed by words, ward, stage and type."""
    actor = acting()
    wanted = queries.SchoolFilter(
        text=request.args.get("q", "")[:120],
        ward_uid=request.args.get("ward", "")[:32],
        stage=_known(request.args.get("stage", ""), STAGE_NAMES),
        unit_type=_known(request.args.get("type", ""), UNIT_TYPE_NAMES),
    )
    page = queries.list_schools(actor, wanted, page_number())
    return render_template(
        "organisations/list.html",
        page=page,
        wanted=wanted,
        wards=queries.list_wards(actor),
        may_manage=actor.may("organisations.manage"),
    )


def _known(value: str, names: dict[str, str]) -> str:
    return value if value in names else ""


@bp.get("/<uid>")
@requires("organisations.read")
def show_unit(uid: str) -> ResponseReturnValue:
    """The facts of one unit, its sites and its history."""
    unit = queries.get_visible_unit(acting(), uid)
    return render_template(
        "organisations/unit.html",
        unit=unit,
        stages=queries.stages_of(unit.id),
        sites=queries.all_sites(unit.id),
        aliases=queries.aliases_of(unit.id),
        successors=queries.successors_of(unit.id),
        ownership_names=OWNERSHIP_NAMES,
    )


@bp.route("/<uid>/edit", methods=["GET", "POST"])
@requires("organisations.manage")
def edit_unit(uid: str) -> ResponseReturnValue:
    """Change the name and the contact of one unit."""
    unit = queries.get_visible_unit(acting(), uid)
    form = UnitForm(obj=unit)
    if form.validate_on_submit():
        facts = {name: form[name].data or "" for name in lineage.UnitFacts.__dataclass_fields__}
        lineage.change_unit(unit, lineage.UnitFacts(**facts), actor=acting(), now=clock.now())
        flash(gettext("Đã lưu thông tin đơn vị."))
        return redirect(url_for(".show_unit", uid=uid))
    status = 422 if form.is_submitted() else 200
    return render_template("organisations/edit.html", form=form, unit=unit), status


@bp.route("/<uid>/end", methods=["GET", "POST"])
@requires("organisations.manage")
def end_unit(uid: str) -> ResponseReturnValue:
    """End a unit, with the unit that goes on in its place where there is one."""
    actor = acting()
    unit, form = queries.get_visible_unit(actor, uid), EndForm()
    if form.validate_on_submit():
        try:
            _end(unit, form, actor)
        except lineage.BadEnd as error:
            form[error.field].errors = [gettext(error.message)]
        else:
            flash(gettext("Đã ghi ngày kết thúc của đơn vị."))
            return redirect(url_for(".show_unit", uid=uid))
    status = 422 if form.is_submitted() else 200
    return render_template("organisations/end.html", form=form, unit=unit), status


def _end(unit: OrganisationUnit, form: EndForm, actor: Actor) -> None:
    code = (form.successor.data or "").upper()
    successor = queries.find_visible_unit(actor, code) if code else None
    if code and successor is None:
        raise lineage.BadEnd("successor", N_("Không có đơn vị mang mã này."))
    lineage.end_unit(
        unit,
        on=form.on.data,
        successor=successor,
        document=str(form.document.data),
        actor=actor,
        now=clock.now(),
    )


@bp.post("/<uid>/restore")
@requires("organisations.manage")
def restore_unit(uid: str) -> ResponseReturnValue:
    """Take back an end written in error."""
    unit = queries.get_visible_unit(acting(), uid)
    lineage.restore_unit(unit, actor=acting(), now=clock.now())
    flash(gettext("Đã bỏ ngày kết thúc của đơn vị."))
    return redirect(url_for(".show_unit", uid=uid))


@bp.get("/import")
@requires("organisations.manage")
def new_import() -> ResponseReturnValue:
    """Where a list of schools is handed in."""
    return render_template("organisations/import.html", form=ImportForm(), columns=COLUMNS)


@bp.get("/import/template.xlsx")
@requires("organisations.manage")
def import_template() -> ResponseReturnValue:
    """The empty workbook to fill in."""
    return Response(
        template_bytes(),
        mimetype=XLSX,
        headers={"Content-Disposition": "attachment; filename=mau-danh-sach-truong.xlsx"},
    )


@bp.post("/import")
@requires("organisations.manage", upload=True)
def upload_import() -> ResponseReturnValue:
    """Keep the file under its hash when it can be read, and show what it would do."""
    form = ImportForm()
    if form.validate_on_submit():
        name, content = str(form.file.data.filename), form.file.data.read()
        try:
            service.plan_import(read_table(name, content), department_id=acting().department_id)
        except RuleError as error:
            form.file.errors = [str(error)]
        else:
            digest, _size = file_store().write(content)
            ending = name.rpartition(".")[2].lower()
            return redirect(url_for(".check_import", digest=digest, ending=ending, name=name[:100]))
    return render_template("organisations/import.html", form=form, columns=COLUMNS), 422


@bp.get("/import/<digest>.<any(csv, xlsx):ending>")
@requires("organisations.manage")
def check_import(digest: str, ending: str) -> ResponseReturnValue:
    """The dry run: what each row would do, what is wrong, nothing written."""
    plan = service.plan_import(_kept_table(digest, ending), department_id=acting().department_id)
    wrong, changed = plan.of(intake.WRONG), plan.of(intake.CHANGED)
    return render_template(
        "organisations/check.html",
        plan=plan,
        counted=plan.count(),
        name=_file_name(ending),
        wrong=wrong,
        changed=changed,
        new=plan.of(intake.NEW),
        shown=SHOWN_ROWS,
        digest=digest,
        ending=ending,
        authority_words=AUTHORITY_WORDS,
    )


@bp.post("/import/<digest>.<any(csv, xlsx):ending>")
@requires("organisations.manage", slow=True)
def apply_import(digest: str, ending: str) -> ResponseReturnValue:
    """Write the good rows of a kept file, checked again under the write lock."""
    table, actor = _kept_table(digest, ending), acting()
    begin_write()
    plan = service.plan_import(table, department_id=actor.department_id)
    done = service.apply_import(
        plan, department_id=actor.department_id, source=_file_name(ending), actor=actor, now=clock.now()
    )
    flash(
        gettext(
            "Đã ghi danh sách: thêm %(created)s trường, sửa %(changed)s trường.",
            created=done.created,
            changed=done.changed,
        )
    )
    return redirect(url_for(".index"))


def _kept_table(digest: str, ending: str) -> Table:
    store = file_store()
    if len(digest) != 64 or set(digest) - set("0123456789abcdef") or not store.exists(digest):
        abort(404)
    return read_table(f"list.{ending}", store.read(digest))


def _file_name(ending: str) -> str:
    return request.args.get("name", "")[:100] or f"danh-sach.{ending}"
