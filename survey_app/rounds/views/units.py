"""Pages of the units in a round: the list, one unit, its deadline, who checks it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.web import page_number
from survey_app.organisations.queries import get_visible_unit
from survey_app.organisations.stages import OWNERSHIP_NAMES, STAGE_NAMES
from survey_app.rounds import queries, service
from survey_app.rounds.forms import ExtensionForm, ReviewerForm
from survey_app.rounds.models import OPEN
from survey_app.rounds.ports import forms
from survey_app.rounds.queries import ParticipationFilter
from survey_app.rounds.service import BadField
from survey_app.rounds.views.blueprint import bp, complain, form_page, get_decided_by
from survey_app.rounds.views.vetoes import veto_rows


@bp.get("/<uid>/participants")
@requires("rounds.read")
def participants(uid: str) -> ResponseReturnValue:
    """The units of a round the actor may see, narrowed by words, ward, stage and checking unit."""
    actor = acting()
    found = queries.get_visible_round(actor, uid)
    stage = request.args.get("stage", "")
    wanted = ParticipationFilter(
        text=request.args.get("q", "")[:120],
        ward_uid=request.args.get("ward", "")[:32],
        stage=stage if stage in STAGE_NAMES else "",
        reviewer_uid=request.args.get("reviewer", "")[:32],
        extended=request.args.get("extended") == "1",
    )
    page = queries.list_participations(actor, found.id, wanted, page_number())
    return render_template(
        "rounds/participants.html",
        round=found,
        page=page,
        wanted=wanted,
        wards=queries.wards_of(actor, found.id),
        reviewers=queries.reviewers_of(actor, found.id),
        forms=forms.get().states([row.id for row in page.rows]),
        may_read_vetoes=actor.may("vetoes.read"),
    )


@bp.get("/participations/<uid>")
@requires("rounds.read")
def participation(uid: str) -> ResponseReturnValue:
    """One unit in one round: what was frozen, its forms, its deadline, who checks, what was recorded."""
    actor = acting()
    part = queries.get_visible_participation(actor, uid)
    open_and_mine = part.round.state == OPEN and service.may_decide(part, actor)
    return render_template(
        "rounds/participation.html",
        part=part,
        round=part.round,
        deadline=queries.deadline_for(part.round, part),
        sets=queries.sets_of(part),
        forms=forms.get().states([part.id]).get(part.id, ()),
        vetoes=veto_rows(part, actor) if actor.may("vetoes.read") else None,
        ownership_names=OWNERSHIP_NAMES,
        may_read_forms=actor.may("assessments.read"),
        own=actor.unit_id == part.unit_id,  # a draft is the unit's alone
        may_extend=open_and_mine and actor.may("rounds.extend"),
        may_record=open_and_mine and actor.may("vetoes.record"),
        may_change_reviewer=part.round.state == OPEN and actor.may("rounds.manage"),
    )


@bp.route("/participations/<uid>/deadline", methods=["GET", "POST"])
@requires("rounds.extend")
def extend(uid: str) -> ResponseReturnValue:
    """Give one unit more time, with a reason."""
    actor = acting()
    part = get_decided_by(actor, uid)
    form = ExtensionForm(data={"until": part.extended_until, "reason": part.extension_reason})
    if form.validate_on_submit():
        try:
            service.extend_deadline(
                part, form.until.data, reason=form.reason.data, actor=actor, now=clock.now()
            )
        except BadField as error:
            complain(form, error)
        else:
            flash(gettext("Đã gia hạn. Đơn vị đã nhận thông báo."))
            return redirect(url_for(".participation", uid=uid))
    latest = queries.review_deadline_for(part.round, part.reviewing_unit.kind)
    return form_page("rounds/extend.html", form, part=part, round=part.round, latest=latest)


@bp.route("/participations/<uid>/reviewer", methods=["GET", "POST"])
@requires("rounds.manage")
def change_reviewer(uid: str) -> ResponseReturnValue:
    """Let another unit check this one, with a reason."""
    actor = acting()
    part = queries.get_visible_participation(actor, uid)
    form = ReviewerForm(data={"unit": part.reviewing_unit.uid})
    form.offer_units(queries.reviewing_units(part.round.department_id))
    if form.validate_on_submit():
        try:
            unit = get_visible_unit(actor, form.unit.data)
            service.set_reviewing_unit(part, unit, reason=form.reason.data, actor=actor, now=clock.now())
        except BadField as error:
            complain(form, error)
        else:
            flash(gettext("Đã đổi đơn vị kiểm tra. Các đơn vị liên quan đã nhận thông báo."))
            return redirect(url_for(".participation", uid=uid))
    return form_page("rounds/reviewer.html", form, part=part, round=part.round)
