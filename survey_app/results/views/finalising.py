"""Concluding a round, and taking one result back: the administrator's pages."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.web import page_number
from survey_app.frameworks.queries import get_framework
from survey_app.results import queries, service
from survey_app.results.blueprint import bp
from survey_app.results.forms import UnpublishForm
from survey_app.results.views.frame import PART_NAMES, read_overview
from survey_app.rounds.queries import get_visible_round
from survey_app.rules.aggregation import distribution


@bp.get("/<uid>/finalise")
@requires("results.finalise")
def finalise(uid: str) -> ResponseReturnValue:
    """What would be published now, by level, and which schools are not ready."""
    actor, view = acting(), read_overview(uid)
    preview = queries.preview_round(view.round.id)
    everything = queries.OverviewFilter()
    waiting = queries.ListFilter(unfinished=True)
    return render_template(
        "results/finalise.html",
        view=view,
        preview=preview,
        levels=[
            (found, [(code, n) for code, n in distribution(get_framework(found.version_id), counts)])
            for found in view.sets
            if (counts := preview.levels.get(found.version_id))
        ],
        frameworks={found.version_id: get_framework(found.version_id) for found in view.sets},
        page=queries.list_schools(actor, view.round.id, everything, waiting, page_number()),
        part_names=PART_NAMES,
        at=clock.now(),
    )


@bp.post("/<uid>/finalise")
@requires("results.finalise")
def start_finalising(uid: str) -> ResponseReturnValue:
    """Ask for the job and show how far it is."""
    actor = acting()
    job = service.ask_to_finalise(get_visible_round(actor, uid), actor=actor, now=clock.now())
    return redirect(url_for("jobs.show", uid=job.uid))


@bp.route("/forms/<uid>/unpublish", methods=["GET", "POST"])
@requires("results.finalise")
def unpublish(uid: str) -> ResponseReturnValue:
    """Withdraw one result from publication, with the reason that the school will read."""
    actor = acting()
    result = queries.get_visible_result(actor, uid)
    form = UnpublishForm()
    if service.certificate_stands(result):
        page = render_template("results/unpublish.html", form=form, result=result, blocked=True)
        return page, service.CertificateStands.status if form.is_submitted() else 200
    if form.validate_on_submit():
        service.unpublish_result(result, reason=form.reason.data, actor=actor, now=clock.now())
        flash(gettext("Đã hủy công bố. Phiếu trở lại trạng thái Đã xác nhận."))
        return redirect(url_for(".schools", uid=result.assessment.participation.round.uid, part="confirmed"))
    status = 422 if form.is_submitted() else 200
    return render_template("results/unpublish.html", form=form, result=result), status
