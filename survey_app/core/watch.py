"""Watches every request from outside: how long it took, what became of it, one line in the log, the counts.

It stands around the whole Flask app, so that a failing commit and a page for the failure are counted as what
they are; the edge inside only leaves the facts that are known there. The time ends where the answer begins: a
file may go on being sent after that.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from survey_app.core import logs, measures
from survey_app.core.access import current_actor

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PLACE = "survey_app.facts"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_RULE = "-"
QUIET = measures.PROBES | {"/static/<path:filename>"}


@dataclass
class Facts:
    """What is told of one request. `rule` is the pattern of the address, so that no code or id is in it."""

    method: str
    rule: str = NO_RULE
    request_id: str = ""
    user: int | None = None
    role: str | None = None
    status: int = 500
    ms: float = 0.0


def note_id(request_id: str) -> None:
    """The edge has named this request: every line from here on carries its id."""
    facts: Facts = request.environ.setdefault(PLACE, Facts(_method(request.environ)))
    facts.request_id = request_id
    facts.rule = request.url_rule.rule if request.url_rule else NO_RULE
    logs.bind(request_id=request_id)


def _note_actor(response: Response) -> Response:
    facts, actor = request.environ.get(PLACE), current_actor()
    if facts is not None and actor is not None:
        facts.user, facts.role = actor.user_id, str(actor.role)
    return response


class Watch:
    """The app with an eye on it."""

    def __init__(self, app: "WSGIApplication") -> None:
        self.app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer as the app does, then count and write down how."""
        facts = environ[PLACE] = Facts(_method(environ))
        begun = time.monotonic()
        logs.bind()  # nothing of the request before, on this thread

        def started(status: str, headers: Any, error: Any = None) -> Callable[[bytes], object]:
            facts.status = int(status[:3])
            return start_response(status, headers, error)

        measures.began()
        try:
            return self.app(environ, started)
        finally:
            facts.ms = 1000 * (time.monotonic() - begun)
            measures.ended(facts.rule, facts.method, facts.status, facts.ms / 1000, facts.request_id)
            _write(facts)


def _method(environ: "WSGIEnvironment") -> str:
    method = str(environ.get("REQUEST_METHOD", ""))
    return method if method in METHODS else "OTHER"


def _write(facts: Facts) -> None:
    if facts.rule in QUIET and facts.status != 500:
        return
    write = logs.log.error if facts.status >= 500 else logs.log.info
    told = {"rule": facts.rule, "method": facts.method, "status": facts.status, "ms": round(facts.ms, 1)}
    who = {} if facts.user is None else {"user": facts.user, "role": facts.role}
    write("request", **told, **who)


def init_watch(app: Flask) -> None:
    """Set up the log and stand around the app; before any other `after_request`, so that ours runs last."""
    logs.configure(
        app.config["LOG_FORMAT"], app.config["LOG_LEVEL"], words=app.config["ENV"] == "development"
    )
    app.after_request(_note_actor)
    app.wsgi_app = Watch(app.wsgi_app)  # type: ignore[method-assign]
