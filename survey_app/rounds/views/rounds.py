"""Pages of rounds: the list, one round, its deadlines, a school that comes late."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.filters import write_deadline, write_minute
from survey_app.core.web import page_number
from survey_app.organisations.queries import get_visible_unit
from survey_app.rounds import queries, service
from survey_app.rounds.forms import DeadlinesForm, ReopenForm, whole_number
from survey_app.rounds.models import PLANNED, PUBLISHED, Round
from survey_app.rounds.service import BadField
from survey_app.rounds.views.blueprint import bp, complain, form_page, get_round_in

DONE, NOW, TODO = "done", "now", "todo"


@bp.get("")
@requires("rounds.read")
def index() -> ResponseReturnValue:
    """The rounds the actor may see."""
    actor = acting()
    return render_template(
        "rounds/list.html",
        page=queries.list_rounds(actor, page_number()),
        may_manage=actor.may("rounds.manage"),
    )


@bp.get("/<uid>")
@requires("rounds.read")
def show(uid: str) -> ResponseReturnValue:
    """One round: its calendar, its sets, who checks how many."""
    actor, now = acting(), clock.now()
    found = queries.get_visible_round(actor, uid)
    reviewers = queries.reviewers_of(actor, found.id)
    own = queries.participation_of(found.id, actor.unit_id) if actor.unit_kind == "school" else None
    return render_template(
        "rounds/show.html",
        round=found,
        calendar=calendar_steps(found, now),
        sets=queries.round_frameworks(found.id),
        reviewers=reviewers,
        units=sum(reviewer.units for reviewer in reviewers),
        own=own,
        may_manage=actor.may("rounds.manage"),
    )


def calendar_steps(round_: Round, now: datetime) -> list[tuple[str, str, str]]:
    """The round's deadlines as (words, until when, done | now | todo), for the line of steps."""
    ends = [
        (gettext("Mở đợt"), round_.opens_at, gettext("từ %(at)s")),
        (gettext("Trường tự đánh giá và nộp phiếu"), round_.closes_at, gettext("đến %(at)s")),
        (gettext("Xã, phường kiểm tra, đánh giá"), round_.commune_closes_at, gettext("đến %(at)s")),
        (gettext("Sở kiểm tra, xác nhận"), round_.department_closes_at, gettext("đến %(at)s")),
    ]
    steps, reached = [], round_.state == PLANNED
    for label, at, words in ends:
        over = round_.state == PUBLISHED or (round_.state != PLANNED and now >= at)
        state = DONE if over else TODO if reached else NOW
        reached = reached or not over
        steps.append((label, words % {"at": write_deadline(at)}, state))
    last = DONE if round_.state == PUBLISHED else TODO if reached else NOW
    return [*steps, (gettext("Công bố kết quả"), write_minute(round_.published_at), last)]


@bp.route("/<uid>/deadlines", methods=["GET", "POST"])
@requires("rounds.manage")
def deadlines(uid: str) -> ResponseReturnValue:
    """Move the deadlines of an open round for everybody."""
    found = get_round_in(acting(), uid)
    names = ("closes_at", "commune_closes_at", "department_closes_at", "version")
    form = DeadlinesForm(data={name: getattr(found, name) for name in names})
    if form.validate_on_submit():
        try:
            service.change_deadlines(
                found,
                closes_at=form.closes_at.data,
                commune_closes_at=form.commune_closes_at.data,
                department_closes_at=form.department_closes_at.data,
                reason=form.reason.data,
                version=whole_number(form.version.data),
                actor=acting(),
                now=clock.now(),
            )
        except BadField as error:
            complain(form, error)
        else:
            flash(gettext("Đã đổi hạn. Các đơn vị trong đợt đã nhận thông báo."))
            return redirect(url_for(".show", uid=uid))
    return form_page("rounds/deadlines.html", form, round=found)


@bp.route("/<uid>/end", methods=["GET", "POST"])
@requires("rounds.manage")
def end(uid: str) -> ResponseReturnValue:
    """End an open round: forms that are not published stay as they are and are not taken any more."""
    found = get_round_in(acting(), uid)
    if request.method != "POST":  # HEAD comes here as well
        return render_template("rounds/end.html", round=found)
    service.mark_published(found, actor=acting(), now=clock.now())
    flash(gettext("Đã kết thúc đợt. Phiếu chưa công bố được giữ nguyên và không nộp được nữa."))
    return redirect(url_for(".show", uid=uid))


@bp.route("/<uid>/reopen", methods=["GET", "POST"])
@requires("rounds.manage")
def reopen(uid: str) -> ResponseReturnValue:
    """Open an ended round again, with a reason: results that are published stay published."""
    found, form = get_round_in(acting(), uid, PUBLISHED), ReopenForm()
    if form.validate_on_submit():
        service.reopen_round(found, reason=form.reason.data, actor=acting(), now=clock.now())
        flash(gettext("Đã mở lại đợt. Hạn nộp không đổi; gia hạn cho từng trường nếu cần."))
        return redirect(url_for(".show", uid=uid))
    return form_page("rounds/reopen.html", form, round=found)


@bp.get("/<uid>/add")
@requires("rounds.manage")
def find_late_unit(uid: str) -> ResponseReturnValue:
    """Schools that are not in an open round yet, by name."""
    found, text = get_round_in(acting(), uid), request.args.get("q", "")[:120]
    on = clock.local_date(clock.now())
    schools = queries.search_late_schools(found, on, text) if text.strip() else []
    return render_template("rounds/add.html", round=found, text=text, schools=schools)


@bp.post("/<uid>/add/<unit_uid>")
@requires("rounds.manage")
def add_late_unit(uid: str, unit_uid: str) -> ResponseReturnValue:
    """Take one more school into an open round."""
    actor = acting()
    found, unit = queries.get_visible_round(actor, uid), get_visible_unit(actor, unit_uid)
    added = service.add_late_unit(found, unit, actor=actor, now=clock.now())
    flash(gettext("Đã thêm %(name)s vào đợt.", name=added.unit_name))
    return redirect(url_for(".participation", uid=added.uid))
