"""Pages of the forms to check: the list with its views, and handing several forms to an officer."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts.queries import officers_of
from survey_app.core import clock
from survey_app.core.access import Actor, acting, requires
from survey_app.core.web import PER_PAGE, back_to, page_number
from survey_app.organisations.stages import STAGE_NAMES
from survey_app.reviews import queries, service
from survey_app.reviews.listing import list_lines
from survey_app.reviews.queries import VIEW_NAMES, QueueFilter, View
from survey_app.reviews.views.blueprint import bp
from survey_app.rounds import queries as rounds
from survey_app.rounds.models import Round
from survey_app.rules.permissions import DEPARTMENT, LEADERS, OFFICERS


@bp.get("")
@requires("reviews.read")
def queue() -> ResponseReturnValue:
    """The forms that were handed in; which ones is said in the address."""
    actor, now = acting(), clock.now()
    round_ = _chosen_round(actor, now)
    if round_ is None:
        return render_template("reviews/no_round.html")
    wanted = _wanted()
    counts = queries.view_counts(actor, round_, wanted, now=now)
    wanted = QueueFilter(**(vars(wanted) | {"view": _chosen_view(actor, counts)}))
    page = queries.queue(actor, round_, wanted, page_number(), now=now)
    return render_template(
        "reviews/queue.html",
        round=round_,
        rounds=[row.round for row in rounds.list_rounds(actor).rows],
        page=page,
        lines=list_lines(page.rows, now=now),
        wanted=wanted,
        views=[(view, gettext(name), counts[view]) for view, name in VIEW_NAMES.items()],
        wards=rounds.wards_of(actor, round_.id),
        stages=rounds.stages_of_round(round_.id),
        officers=officers_of(actor.unit_id),
        checkers=rounds.reviewers_of(actor, round_.id) if actor.role in DEPARTMENT else [],
        deadline=rounds.review_deadline_for(round_, actor.unit_kind),
        may_assign=actor.may("reviews.assign") and not wanted.checker_uid,
    )


def _chosen_round(actor: Actor, now: datetime) -> Round | None:
    uid = request.args.get("round", "")
    return rounds.get_visible_round(actor, uid) if uid else rounds.latest_round(actor, now)


def _wanted() -> QueueFilter:
    stage = request.args.get("stage", "")
    return QueueFilter(
        text=request.args.get("q", "")[:120],
        ward_uid=request.args.get("ward", "")[:32],
        stage=stage if stage in STAGE_NAMES else "",
        officer_uid=request.args.get("officer", "")[:32],
        checker_uid=request.args.get("checker", "")[:32],
    )


def _chosen_view(actor: Actor, counts: dict[View, int]) -> View:
    """The view of the address; else what waits for this person first."""
    asked = request.args.get("view", "")
    if asked in set(View):
        return View(asked)
    if actor.role in LEADERS:
        return View.PROPOSED
    if actor.role in OFFICERS:
        return View.MINE if counts[View.MINE] else View.WAITING
    return View.ALL


@bp.post("/assign")
@requires("reviews.assign")
def assign_many() -> ResponseReturnValue:
    """Hand the ticked forms to one officer: all of them or none."""
    actor, now = acting(), clock.now()
    uids = list(dict.fromkeys(request.form.getlist("form")))[:PER_PAGE]
    for uid in uids:
        form = queries.get_file(actor, uid, lock=True)
        service.assign(form, request.form.get("officer", ""), actor=actor, now=now)
    if uids:
        flash(gettext("Đã giao %(count)s hồ sơ.", count=len(uids)))
    else:
        flash(gettext("Hãy đánh dấu hồ sơ cần giao."), "warning")
    return redirect(back_to(url_for(".queue")))
