"""The progress page of a job, and whether the service is ready."""

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from survey_app.core import clock
from survey_app.core.access import acting, public, requires
from survey_app.core.edge import wants_json
from survey_app.jobs import queries

bp = Blueprint("jobs", __name__, template_folder="templates")


@bp.get("/jobs/<uid>")
@requires("jobs.read")
def show(uid: str) -> ResponseReturnValue:
    """How far a job of one's own unit is, and where its result lies; JSON for the page's own script."""
    job = queries.get_visible_job(acting(), uid)
    if wants_json():
        return jsonify(state=job.state, done=job.done, total=job.total)
    return render_template("jobs/show.html", job=job)


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Ready to serve: the database answers and a worker lives (503 otherwise); ages in seconds."""
    state = queries.worker_state(clock.now())
    answer = jsonify(
        database="ok",
        worker="ok" if state.alive else "silent",
        queued=state.queued,
        heartbeat_age=state.heartbeat_age,
        oldest_job_age=state.oldest_job_age,
    )
    return answer, 200 if state.alive else 503
