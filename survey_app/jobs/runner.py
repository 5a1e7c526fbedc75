"""The edge of a job: find its function, run it, note how it ended."""

import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_babel import force_locale, gettext

from survey_app.core import clock, logs
from survey_app.core.access import Actor
from survey_app.core.db import abandon, session, unit_of_work
from survey_app.jobs import queries, service
from survey_app.jobs.models import DONE, FAILED
from survey_app.jobs.registry import HANDLERS, JobCall
from survey_app.rules.errors import RuleError


class Carrier:
    """The engine behind a `JobCall`: every step and every progress mark is one transaction."""

    def __init__(self, uid: str) -> None:
        self.uid = uid

    def step(self, key: str, action: Callable[[], Any]) -> Any:
        """Run `action` and its mark in one transaction, or return the answer the mark remembers."""
        with unit_of_work():
            job = queries.get_job(self.uid)
            mark = queries.find_step(job.id, key)
            if mark is not None:
                return mark.result
            result = action()
            service.mark_step(job, key, result, now=clock.now())
            return result

    def progress(self, done: int, total: int) -> None:
        """Commit how far the job is."""
        with unit_of_work():
            service.set_progress(queries.get_job(self.uid), done, total)


def run_job(app: Flask, uid: str) -> None:
    """Do the job with this address and note its end.

    A job that raises is marked as failed with a sentence for the person; it is not tried again. A job
    that has ended already is left alone, so a second run of the same job changes nothing.
    """
    logs.bind(job=uid)
    with app.app_context():
        begun = time.monotonic()
        try:
            end = _run(uid)
        finally:
            session.remove()
        if end:
            logs.log.info("job", state=end, ms=round(1000 * (time.monotonic() - begun)))


def _run(uid: str) -> str | None:
    """Run the job to its end; the state it ended in, None when it had ended before."""
    try:
        call = _begin(uid)
        if call is None:
            return None
        _finish(uid, HANDLERS[call[0]](call[1]))
        return DONE
    except RuleError as refusal:
        abandon()
        _fail(uid, str(refusal))
    except Exception as error:
        abandon()
        logs.failure("job failed", error)
        with force_locale("vi"):
            _fail(uid, gettext("Hệ thống gặp trục trặc nên việc này chưa xong. Hãy thử lại sau ít phút."))
    return FAILED


def _begin(uid: str) -> tuple[str, JobCall] | None:
    with unit_of_work():
        job = queries.get_job(uid)
        if not service.start(job, now=clock.now()):
            return None
        actor = service.actor_of(job)
        logs.bind(job=uid, kind=job.kind, **_who(actor))
        return job.kind, JobCall(job.uid, dict(job.params), actor, Carrier(uid))


def _who(actor: Actor | None) -> dict[str, Any]:
    """Who asked, and in which request: so that a job's lines are found from the request's."""
    if actor is None:
        return {}
    return {"user": actor.user_id, "role": str(actor.role), "request_id": actor.request_id}


def _finish(uid: str, result: dict[str, Any] | None) -> None:
    with unit_of_work():
        service.finish(queries.get_job(uid), result, now=clock.now())


def _fail(uid: str, sentence: str) -> None:
    with unit_of_work():
        service.fail(queries.get_job(uid), sentence, now=clock.now())
