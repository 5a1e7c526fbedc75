"""Pages of the improvement plan: suggestions, items, one item."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.assessments.queries import Form, get_visible_form
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.filters import say
from survey_app.frameworks.queries import get_framework
from survey_app.plans import queries, service
from survey_app.plans.forms import ItemForm
from survey_app.plans.items import PRIORITY_NAMES, STATUS_NAMES
from survey_app.plans.models import DONE, PlanItem
from survey_app.rules.scoring import why_not_applicable
from survey_app.rules.workflow import HANDED_IN

bp = Blueprint("plans", __name__, template_folder="templates", url_prefix="/plans")
FIRST = 5


@bp.get("")
@requires("plans.read")
def current() -> ResponseReturnValue:
    """The plan of the school's newest form."""
    uid = queries.latest_form_uid(acting())
    return redirect(url_for(".show", uid=uid)) if uid else render_template("plans/none.html")


@bp.get("/<uid>")
@requires("plans.read")
def show(uid: str) -> ResponseReturnValue:
    """What the result suggests and what the school has planned."""
    actor, form = acting(), get_visible_form(acting(), uid)
    items = queries.list_items(form.assessment.id)
    others = queries.plans_beside(form.assessment.id, form.participation.id)
    at_home = actor.unit_id == form.participation.unit_id  # a draft is the unit's alone
    return render_template(
        "plans/show.html",
        form=form,
        framework=form.framework,
        items=items,
        suggestions=service.suggest(form),
        first=FIRST,
        own=at_home and actor.may("plans.edit"),
        done=sum(item.status == DONE for item in items),
        cost=sum(item.cost or 0 for item in items),
        today=clock.local_date(clock.now()),
        others=[
            (other, get_framework(other.framework_version_id))
            for other in others
            if at_home or other.state in HANDED_IN
        ],
        status_names=STATUS_NAMES,
        priority_names=PRIORITY_NAMES,
    )


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
    return stored | {"priority": str(item.priority), "version": str(item.version)}


def _item_page(form: Form, item_form: ItemForm, item: PlanItem | None, status: int) -> ResponseReturnValue:
    page = render_template(
        "plans/item.html",
        form=form,
        item_form=item_form,
        item=item,
        stale=status == 409,
        status_names=STATUS_NAMES,
    )
    return page, status
