"""Pages of the improvement plan: suggestions, items, one item."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.assessments.queries import Form, get_visible_form
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.filters import say
from survey_app.core.vietnamese import fold
from survey_app.evidence import queries as store
from survey_app.frameworks.queries import get_framework
from survey_app.plans import queries, service
from survey_app.plans.content import PlanPaper, plan_paper
from survey_app.plans.forms import ItemForm
from survey_app.plans.items import (
    MARK_HINTS,
    PRIORITY_NAMES,
    SHOWN_NAMES,
    STATUS_NAMES,
    marks_total,
    shown_status,
)
from survey_app.plans.models import DONE, PlanItem
from survey_app.plans.paper import plan_docx
from survey_app.plans.workbook import plan_xlsx
from survey_app.rules.scoring import why_not_applicable
from survey_app.rules.workflow import HANDED_IN

bp = Blueprint("plans", __name__, template_folder="templates", url_prefix="/plans")
FIRST = 5
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("")
@requires("plans.read")
def current() -> ResponseReturnValue:
    """The school's newest plan with something in it."""
    uid = queries.plan_to_open(acting().unit_id)
    return redirect(url_for(".show", uid=uid)) if uid else render_template("plans/none.html")


@bp.get("/<uid>")
@requires("plans.read")
def show(uid: str) -> ResponseReturnValue:
    """What the result suggests and what the school has planned."""
    actor, form = acting(), get_visible_form(acting(), uid)
    items = queries.list_items(form.assessment.id)
    others = queries.plans_beside(form.assessment.id, form.participation.id)
    files = queries.files_of_items([item.id for item in items])
    today = clock.local_date(clock.now())
    at_home = actor.unit_id == form.participation.unit_id  # a draft is the unit's alone
    return render_template(
        "plans/show.html",
        form=form,
        framework=form.framework,
        items=[
            (item, shown_status(item.status, item.due_on, today), files.get(item.id, ())) for item in items
        ],
        suggestions=service.suggest(form),
        first=FIRST,
        own=at_home and actor.may("plans.edit"),
        done=sum(item.status == DONE for item in items),
        cost=sum(item.cost or 0 for item in items),
        others=[
            (other, get_framework(other.framework_version_id))
            for other in others
            if at_home or other.state in HANDED_IN
        ],
        years=_other_years(form) if at_home else (),
        status_names=SHOWN_NAMES,
        priority_names=PRIORITY_NAMES,
        marks_total=marks_total,
    )


def _other_years(form: Form) -> list[queries.PlanOfForm]:
    """The school's plans of other rounds: those with something in them, and that of the newest round."""
    plans, here = queries.plans_of_unit(form.participation.unit_id), form.round.id
    return [plan for at, plan in enumerate(plans) if plan.round_id != here and (plan.items or not at)]


@bp.get("/<uid>/plan.docx")
@requires("plans.read")
def word(uid: str) -> ResponseReturnValue:
    """The plan as a Word file."""
    return _download(uid, "docx")


@bp.get("/<uid>/plan.xlsx")
@requires("plans.read")
def excel(uid: str) -> ResponseReturnValue:
    """The plan as a workbook."""
    return _download(uid, "xlsx")


def _download(uid: str, ending: str) -> Response:
    form, now = get_visible_form(acting(), uid), clock.now()
    items = queries.list_items(form.assessment.id)
    plan: PlanPaper = plan_paper(form, items, queries.files_of_items([item.id for item in items]), now)
    body, kind = (plan_docx(plan), DOCX) if ending == "docx" else (plan_xlsx(plan), XLSX)
    school = "-".join(fold(form.participation.unit_name).split())[:60]
    name = f"KeHoachCaiThien_{school}_{form.round.school_year}.{ending}"
    return Response(body, mimetype=kind, headers={"Content-Disposition": f"attachment; filename={name}"})


@bp.post("/<uid>/way")
@requires("plans.edit")
def take_way(uid: str) -> ResponseReturnValue:
    """Put the shortest way to the next level into the plan: one indicator of it, or all."""
    form = get_visible_form(acting(), uid)
    code = request.form.get("indicator", "")[:16] or None
    added = service.add_way(form, code, actor=acting(), now=clock.now())
    codes = ", ".join(item.indicator for item in added)
    if added:
        flash(gettext("Đã thêm vào kế hoạch: tiêu chí %(code)s.", code=codes))
    return redirect(url_for("results.show", uid=uid, _anchor="way") if code else url_for(".show", uid=uid))


@bp.post("/<uid>/suggestions")
@requires("plans.edit")
def take_suggestion(uid: str) -> ResponseReturnValue:
    """Put one suggestion into the plan as it stands."""
    form = get_visible_form(acting(), uid)
    code = request.form.get("indicator", "")[:16]
    if service.add_suggestion(form, code, actor=acting(), now=clock.now()):
        flash(gettext("Đã thêm vào kế hoạch: tiêu chí %(code)s.", code=code))
    return redirect(url_for(".show", uid=uid))


@bp.route("/<uid>/new", methods=["GET", "POST"])
@requires("plans.edit")
def new(uid: str) -> ResponseReturnValue:
    """An item in the school's own words."""
    form = get_visible_form(acting(), uid)
    item_form = ItemForm().offer(_choices(form))
    if item_form.validate_on_submit():
        service.add_item(form, item_form.values(), actor=acting(), now=clock.now())
        flash(gettext("Đã thêm việc vào kế hoạch."))
        return redirect(url_for(".show", uid=uid))
    return _item_page(form, item_form, None, 422 if item_form.is_submitted() else 200)


@bp.route("/items/<uid>", methods=["GET", "POST"])
@requires("plans.edit")
def edit(uid: str) -> ResponseReturnValue:
    """Change one item; when somebody else was quicker, both versions are shown (409)."""
    item = queries.get_visible_item(acting(), uid)
    form = get_visible_form(acting(), item.assessment.uid)
    item_form = ItemForm(data=_shown(item)).offer(_choices(form))
    if not item_form.validate_on_submit():
        return _item_page(form, item_form, item, 422 if item_form.is_submitted() else 200)
    try:
        service.change_item(
            form,
            item,
            item_form.values(),
            version=_version(item_form.version.data),
            actor=acting(),
            now=clock.now(),
        )
    except service.StaleItem:
        item_form.version.data = str(item.version)
        return _item_page(form, item_form, item, 409)
    flash(gettext("Đã lưu."))
    return redirect(url_for(".show", uid=form.assessment.uid))


@bp.post("/items/<uid>/status")
@requires("plans.edit")
def mark(uid: str) -> ResponseReturnValue:
    """Say how far an item is."""
    item = queries.get_visible_item(acting(), uid)
    form = get_visible_form(acting(), item.assessment.uid)
    status, version = request.form.get("status", ""), _version(request.form.get("version", ""))
    service.set_status(form, item, status, version=version, actor=acting(), now=clock.now())
    return redirect(url_for(".show", uid=form.assessment.uid, _anchor=f"i-{uid}"))


@bp.post("/items/<uid>/evidence")
@requires("plans.edit")
def set_evidence(uid: str) -> ResponseReturnValue:
    """Say which files of the school's store show what was done."""
    actor, item = acting(), queries.get_visible_item(acting(), uid)
    form = get_visible_form(actor, item.assessment.uid)
    files = [store.get_visible_file(actor, file) for file in request.form.getlist("file")[:20]]
    service.set_evidence(form, item, files, actor=actor, now=clock.now())
    flash(gettext("Đã lưu."))
    return redirect(url_for(".edit", uid=uid, _anchor="evidence"))


@bp.post("/items/<uid>/delete")
@requires("plans.edit")
def delete(uid: str) -> ResponseReturnValue:
    """Take an item out of the plan."""
    item = queries.get_visible_item(acting(), uid)
    form = get_visible_form(acting(), item.assessment.uid)
    version = _version(request.form.get("version", ""))
    service.delete_item(form, item, version=version, actor=acting(), now=clock.now())
    flash(gettext("Đã xóa khỏi kế hoạch."))
    return redirect(url_for(".show", uid=form.assessment.uid))


def _version(text: str | None) -> int:
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _choices(form: Form) -> list[tuple[str, str]]:
    return [
        (code, f"{code}. {say(indicator.statement)}")
        for code, indicator in form.framework.by_code.items()
        if why_not_applicable(indicator, form.facts) is None
    ]


def _shown(item: PlanItem) -> dict[str, Any]:
    stored = vars(service.values_of(item))
    marks = {f"mark_{code}": str(mark) for code, mark in item.marks.items()}
    return stored | marks | {"priority": str(item.priority), "version": str(item.version)}


def _item_page(form: Form, item_form: ItemForm, item: PlanItem | None, status: int) -> ResponseReturnValue:
    page = render_template(
        "plans/item.html",
        form=form,
        item_form=item_form,
        item=item,
        stale=status == 409,
        status_names=STATUS_NAMES,
        mark_hints=MARK_HINTS,
        **_files(form, item),
    )
    return page, status


def _files(form: Form, item: PlanItem | None) -> dict[str, Any]:
    """The files chosen for an item and the newest of the store, the chosen ones first."""
    if item is None:
        return {"chosen": [], "stored": []}
    chosen = queries.files_of_items([item.id]).get(item.id, [])
    today = clock.local_date(clock.now())
    page = store.list_store(acting(), form.participation.unit_id, store.StoreFilter(), today=today)
    known = {file.id for file in chosen}
    return {
        "chosen": chosen,
        "stored": [file for file in page.rows if file.id not in known and file.hidden_at is None][:20],
    }
