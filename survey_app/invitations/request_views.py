"""Pages of schools that are not on the list: asking without an account, the list, and how a request ends."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts.cookies import caller
from survey_app.accounts.throttling import address_key, throttle
from survey_app.core import clock
from survey_app.core.access import acting, public, requires
from survey_app.core.db import begin_write
from survey_app.core.web import page_number
from survey_app.invitations import unit_requests
from survey_app.invitations.blueprint import bp
from survey_app.invitations.forms import LONGEST_NOTE, LONGEST_REASON, AskForm, NewUnitForm, RefuseForm
from survey_app.invitations.models import NEW, REQUEST_STATE_NAMES, UnitRequest
from survey_app.invitations.unit_requests import Wish
from survey_app.organisations.queries import list_wards
from survey_app.organisations.row_checks import Note, check
from survey_app.organisations.stages import OWNERSHIP_NAMES, STAGE_NAMES, UNIT_TYPE_NAMES, stages_in
from survey_app.organisations.stock import read_wards

MOST, WINDOW = 5, timedelta(hours=1)  # requests of one address
ALL, DAY = 300, timedelta(days=1)  # … and of everybody: a list that nobody can read helps nobody
FIELD_OF = {
    "Tên trường": "name",
    "Cấp": "stages",
    "Mã xã 2026": "ward",
    "Tên xã 2026": "ward",
    "Địa chỉ": "address",
}


@bp.route("/school-requests/new", methods=["GET", "POST"])
@public(slow=True)
def ask() -> ResponseReturnValue:
    """Somebody whose school is not on the list says so; the answer is the same whatever we know already."""
    form, now = AskForm(), clock.now()
    form.offer(unit_requests.list_wards())
    if request.method == "POST":
        throttle("unit_request", address_key(caller().address), MOST, WINDOW, now)
        form.offer(unit_requests.list_wards())
        if form.validate_on_submit():
            throttle("unit_request_all", "", ALL, DAY, now)
            begin_write()
            unit_requests.ask(_wish(form), now=now)
            return redirect(url_for(".asked"))
    page = render_template("invitations/ask.html", form=form, longest_note=LONGEST_NOTE)
    return page, 422 if form.errors else 200


def _wish(form: AskForm) -> Wish:
    return Wish(
        name=form.name.data,
        ward_uid=form.ward.data,
        asker=form.asker.data,
        code=form.code.data or "",
        phone=form.phone.data or "",
        email=(form.email.data or "").lower(),
        note=form.note.data or "",
    )


@bp.get("/school-requests/asked")
@public
def asked() -> ResponseReturnValue:
    """What happens next; says nothing of any school."""
    return render_template("invitations/asked.html")


@bp.get("/school-requests")
@requires("unit_requests.read")
def list_requests() -> ResponseReturnValue:
    """The requests of one's own area, those nobody has dealt with first."""
    state = request.args.get("state", NEW)
    state = state if state in REQUEST_STATE_NAMES or state == "all" else NEW
    page = unit_requests.list_requests(acting(), "" if state == "all" else state, page_number())
    return render_template(
        "invitations/requests.html", page=page, state=state, state_names=REQUEST_STATE_NAMES
    )


@bp.get("/school-requests/<uid>")
@requires("unit_requests.read")
def show_request(uid: str) -> ResponseReturnValue:
    """One request, the schools that may be meant, and how it ended."""
    return _show(unit_requests.get_request(acting(), uid), RefuseForm())


def _show(found: UnitRequest, refusing: RefuseForm, status: int = 200) -> ResponseReturnValue:
    is_new = found.state == NEW
    page = render_template(
        "invitations/request.html",
        request_=found,
        is_new=is_new,
        state_names=REQUEST_STATE_NAMES,
        suggestions=unit_requests.suggestions(found, acting()) if is_new else [],
        refusing=refusing,
        longest_reason=LONGEST_REASON,
        kept_days=unit_requests.KEPT.days,
    )
    return page, status


@bp.post("/school-requests/<uid>/refuse")
@requires("unit_requests.decide")
def refuse_request(uid: str) -> ResponseReturnValue:
    """Say no, with a reason."""
    found, form = unit_requests.get_request(acting(), uid, lock=True), RefuseForm()
    if not form.validate_on_submit():
        return _show(found, form, 422)
    unit_requests.refuse(found, form.reason.data, actor=acting(), now=clock.now())
    flash(gettext("Đã từ chối đề nghị."))
    return redirect(url_for(".list_requests"))


@bp.post("/school-requests/<uid>/link")
@requires("unit_requests.decide")
def link_request(uid: str) -> ResponseReturnValue:
    """It is a school of the list: on to its people, to give it a code."""
    found = unit_requests.get_request(acting(), uid, lock=True)
    chosen = request.form.get("unit", "")[:32]
    unit = unit_requests.link(found, chosen, actor=acting(), now=clock.now())
    flash(gettext("Đã ghi nhận đây là %(name)s. Hãy cấp mã kích hoạt nếu trường chưa có.", name=unit.name))
    return redirect(url_for("accounts.unit_people", uid=unit.uid))


@bp.route("/school-requests/<uid>/create", methods=["GET", "POST"])
@requires("unit_requests.decide")
def create_unit(uid: str) -> ResponseReturnValue:
    """A new unit, filled in from the request for the administrator to check."""
    actor, now = acting(), clock.now()
    found = unit_requests.get_request(actor, uid, lock=request.method == "POST")
    form = NewUnitForm(data=_filled_in(found))
    form.offer(list_wards(actor))
    if form.validate_on_submit():
        checked = check(_texts(form), {}, read_wards(actor.department_id))
        if checked.school is None:
            _put(form, checked.faults)
        else:
            try:
                unit = unit_requests.make_unit(found, checked.school, actor=actor, now=now)
            except unit_requests.CodeTaken as error:
                form.code.errors = [gettext(error.message) % error.params]
            else:
                flash(gettext("Đã thêm %(name)s vào danh sách. Hãy cấp mã kích hoạt.", name=unit.name))
                return redirect(url_for("accounts.unit_people", uid=unit.uid))
    page = render_template("invitations/new_unit.html", form=form, request_=found)
    return page, 422 if form.errors else 200


def _filled_in(found: UnitRequest) -> dict[str, object]:
    return {
        "code": found.code,
        "name": found.name,
        "stages": list(stages_in(found.name)),
        "ward": found.ward.uid,
        "unit_type": "truong",
        "ownership": "cong_lap",
    }


def _texts(form: NewUnitForm) -> dict[str, str]:
    """The form as a row of a school list, so that both ways into the list are checked alike."""
    ward = next(one for one in list_wards(acting()) if one.uid == form.ward.data)
    return {
        "code": form.code.data,
        "name": form.name.data,
        "stages": ", ".join(STAGE_NAMES[stage] for stage in form.stages.data),
        "ward_code": ward.code,
        "ward_name": ward.name,
        "unit_type": UNIT_TYPE_NAMES[form.unit_type.data],
        "ownership": OWNERSHIP_NAMES[form.ownership.data],
        "address": form.address.data or "",
    }


def _put(form: NewUnitForm, faults: list[Note]) -> None:
    """Each fault beside its field; what has no field of its own beside the code."""
    for fault in faults:
        field = form[FIELD_OF.get(fault.column, "code")]
        field.errors = [*field.errors, fault.text]
