"""The progress page of a job, and whether the service is ready."""

from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue

from survey_app.core import clock
from survey_app.core.access import acting, public, requires
from survey_app.core.edge import wants_json
from survey_app.core.files import ROOM, free_bytes
from survey_app.jobs import queries

bp = Blueprint("jobs", __name__, template_folder="templates")


@bp.get("/jobs/<uid>")
@requires("jobs.read")
def show(uid: str) -> ResponseReturnValue:
    """How far a job that one asked for is, and where its result lies; JSON for the page's own script."""
    job = queries.get_visible_job(acting(), uid)
    if wants_json():
        return jsonify(state=job.state, done=job.done, total=job.total)
    return render_template("jobs/show.html", job=job)


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Ready to serve: the database answers, a worker lives, the disk has room; 503 otherwise.

    Ages are in seconds. How much room there is exactly is for the administrator's page only.
    """
    state = queries.worker_state_if_any(clock.now())
    if state is None:
        return jsonify(database="away"), 503, {"Retry-After": "5"}
    room = free_bytes(current_app.config["DATA_DIR"]) >= ROOM
    answer = jsonify(
        database="ok",
        worker="ok" if state.alive else "silent",
        queued=state.queued,
        heartbeat_age=state.heartbeat_age,
        oldest_job_age=state.oldest_job_age,
        disk="ok" if room else "low",
    )
    return answer, 200 if state.alive and room else 503
