"""The administrator's page on the system, and the numbers for the monitoring."""

import hmac

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from survey_app.core import clock, measures
from survey_app.core.access import acting, public, requires
from survey_app.operations import health

bp = Blueprint("operations", __name__, template_folder="templates")
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


@bp.get("/operations")
@requires("operations.see")
def status() -> ResponseReturnValue:
    """Jobs, failures, storage, worker, refused sign-ins, last backup and last check of the audit trail."""
    now = clock.now()
    return render_template(
        "operations/status.html",
        now=now,
        health=health.health(acting(), current_app.config["DATA_DIR"], now),
        failures=measures.last_failures(),
        failed=measures.failures_since_start(),
        started=measures.STARTED,
        several=current_app.config["WEB_PROCESSES"] > 1,
    )


@bp.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """For Prometheus: with METRICS_TOKEN, or from this very machine without a proxy in front; else 404."""
    if not (_has_token() or _is_local()):
        abort(404)
    more = health.as_metrics(current_app.config["DATA_DIR"], clock.now())
    return Response(measures.exposition(more), content_type="text/plain; version=0.0.4; charset=utf-8")


def _has_token() -> bool:
    token, given = current_app.config["METRICS_TOKEN"], request.authorization
    if not token or given is None or given.type != "bearer":
        return False
    return hmac.compare_digest(token.encode(), (given.token or "").encode())


def _is_local() -> bool:
    """A proxy that nobody told us of would make every caller local; most proxies leave a trace."""
    if current_app.config["PROXIES"] or any(name in request.headers for name in FORWARDED):
        return False
    return request.remote_addr in ("127.0.0.1", "::1")
