"""Pages that plan a round: its plan, its schools, the last look before it opens."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.web import page_number
from survey_app.organisations.stages import STAGE_NAMES, UNIT_TYPE_NAMES
from survey_app.rounds import queries, service
from survey_app.rounds.forms import RoundForm, whole_number
from survey_app.rounds.models import PLANNED
from survey_app.rounds.queries import UnitChoice
from survey_app.rounds.school_years import school_year_at
from survey_app.rounds.service import BadField, RoundPlan
from survey_app.rounds.views.blueprint import bp, complain, form_page, get_round_in


@bp.route("/new", methods=["GET", "POST"])
@requires("rounds.manage")
def new() -> ResponseReturnValue:
    """Plan a round."""
    now = clock.now()
    form = RoundForm(data={"school_year": school_year_at(clock.local_date(now))})
    editions = queries.list_editions()
    form.offer_editions(editions)
    if request.method == "GET":
        form.propose_editions(editions)
    if form.validate_on_submit():
        try:
            made = service.create_round(_plan_from(form), actor=acting(), now=now)
        except BadField as error:
            complain(form, error, _field_of(error))
        else:
            flash(gettext("Đã lưu đợt. Tiếp theo, hãy chọn các đơn vị tham gia."))
            return redirect(url_for(".units", uid=made.uid))
    return form_page("rounds/form.html", form, round=None, stages=STAGE_NAMES)


@bp.route("/<uid>/edit", methods=["GET", "POST"])
@requires("rounds.manage")
def edit(uid: str) -> ResponseReturnValue:
    """Change the plan of a round that has not opened."""
    found = get_round_in(acting(), uid, PLANNED)
    plan = service.plan_of(found)
    form = RoundForm(data=plan.values() | {"version": found.version})
    form.offer_editions(queries.list_editions())
    if form.validate_on_submit():
        try:
            service.change_round(
                found,
                _plan_from(form),
                version=whole_number(form.version.data),
                actor=acting(),
                now=clock.now(),
            )
        except BadField as error:
            complain(form, error, _field_of(error))
        else:
            flash(gettext("Đã lưu thay đổi của đợt."))
            return redirect(url_for(".show", uid=uid))
    elif not form.is_submitted():
        form.show_sets(queries.round_frameworks(found.id))
    return form_page("rounds/form.html", form, round=found, stages=STAGE_NAMES)


@bp.post("/<uid>/delete")
@requires("rounds.manage")
def delete(uid: str) -> ResponseReturnValue:
    """Delete a round that has not opened."""
    found = get_round_in(acting(), uid, PLANNED)
    title = found.title
    service.delete_round(found, actor=acting(), now=clock.now())
    flash(gettext("Đã xóa đợt “%(title)s”.", title=title))
    return redirect(url_for(".index"))


def _plan_from(form: RoundForm) -> RoundPlan:
    return RoundPlan(
        title=form.title.data,
        purpose=form.purpose.data,
        school_year=form.school_year.data.replace("–", "-").replace(" ", ""),
        opens_at=form.opens_at.data,
        closes_at=form.closes_at.data,
        commune_closes_at=form.commune_closes_at.data,
        department_closes_at=form.department_closes_at.data,
        sets=form.sets(),
        grace_minutes=whole_number(form.grace_minutes.data, wrong=-1),
        checking_levels=whole_number(form.checking_levels.data),
        signed_copy_required=bool(form.signed_copy_required.data),
        note=form.note.data or "",
    )


def _field_of(error: BadField) -> str:
    """Where the form shows a complaint: one about the sets stands at the first of them."""
    return next(iter(STAGE_NAMES)) if error.field == "sets" else error.field


@bp.get("/<uid>/units")
@requires("rounds.manage")
def units(uid: str) -> ResponseReturnValue:
    """Which schools a planned round will take in, with ticks to leave single ones out."""
    found, on = get_round_in(acting(), uid, PLANNED), clock.local_date(clock.now())
    text, only_excluded = request.args.get("q", "")[:120], request.args.get("show") == "excluded"
    return render_template(
        "rounds/units.html",
        round=found,
        choice=queries.choice_of(found),
        stages=queries.stages_of_round(found.id),
        wards=queries.reviewing_units(found.department_id)[1:],
        unit_types=UNIT_TYPE_NAMES,
        text=text,
        only_excluded=only_excluded,
        preview=queries.preview_opening(found, on),
        page=queries.list_candidates(found, on, text=text, only_excluded=only_excluded, number=page_number()),
    )


@bp.post("/<uid>/units/scope")
@requires("rounds.manage")
def choose_units(uid: str) -> ResponseReturnValue:
    """Store by stage, ward and type which schools take part."""
    choice = UnitChoice(
        stages=tuple(request.form.getlist("stage")),
        ward_ids=tuple(whole_number(ward) for ward in request.form.getlist("ward")),
        unit_types=tuple(request.form.getlist("type")),
    )
    found = get_round_in(acting(), uid, PLANNED)
    service.choose_units(found, choice, actor=acting(), now=clock.now())
    flash(gettext("Đã lưu phạm vi của đợt."))
    return redirect(url_for(".units", uid=uid))


@bp.post("/<uid>/units")
@requires("rounds.manage")
def exclude_units(uid: str) -> ResponseReturnValue:
    """Leave out the schools of one page of the list that lost their tick."""
    found = get_round_in(acting(), uid, PLANNED)
    shown, kept = (
        {whole_number(unit_id) for unit_id in request.form.getlist(name)} for name in ("shown", "kept")
    )
    service.exclude_units(found, shown=shown, kept=kept, actor=acting(), now=clock.now())
    flash(gettext("Đã lưu danh sách đơn vị."))
    back: dict[str, Any] = {
        name: request.args[name] for name in ("q", "show", "page") if name in request.args
    }
    return redirect(url_for(".units", uid=uid, **back))


@bp.get("/<uid>/open")
@requires("rounds.manage")
def confirm_opening(uid: str) -> ResponseReturnValue:
    """What opening the round now would freeze, and what is still missing."""
    found, now = get_round_in(acting(), uid, PLANNED), clock.now()
    return render_template(
        "rounds/confirm.html",
        round=found,
        preview=queries.preview_opening(found, clock.local_date(now)),
        sets=queries.round_frameworks(found.id),
        twins=queries.twins_of(found),
        problem_names=queries.PROBLEM_NAMES,
        over=now >= found.closes_at,
    )


@bp.post("/<uid>/open")
@requires("rounds.manage")
def open_round(uid: str) -> ResponseReturnValue:
    """Open the round; of two people who press at once, one gets 409."""
    found = queries.get_visible_round(acting(), uid)
    service.open_round(found, actor=acting(), now=clock.now())
    flash(gettext("Đã mở đợt. Các đơn vị đã nhận thông báo và thấy phiếu tự đánh giá."))
    return redirect(url_for(".show", uid=uid))
