"""The edge of a job: find its function, run it, note how it ended."""

import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_babel import force_locale, gettext

from survey_app.core import clock, logs
from survey_app.core.access import Actor
from survey_app.core.db import abandon, session, unit_of_work
from survey_app.core.files import StoreFull
from survey_app.core.outage import is_disk_full, is_outage
from survey_app.jobs import engine, queries, service
from survey_app.jobs.models import DONE, FAILED
from survey_app.jobs.registry import HANDLERS, JobCall
from survey_app.rules.errors import RuleError

# While the database is away a job waits; ten minutes of that, and it is left to the worker that comes after.
PAUSES = (1, 2, 4, 8, 15, *[30] * 19)


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
            engine.forgive(session(), self.uid)
            return result

    def progress(self, done: int, total: int) -> None:
        """Commit how far the job is."""
        with unit_of_work():
            service.set_progress(queries.get_job(self.uid), done, total)
            engine.forgive(session(), self.uid)


def run_job(app: Flask, uid: str) -> None:
    """Do the job with this address and note its end.

    A job that raises is marked as failed with a sentence for the person; it is not tried again, except when
    the database was away: then it is begun again once it is back, and its steps see to it that nothing is
    done twice. A job that has ended already is left alone, so a second run of the same job changes nothing.
    """
    logs.bind(job=uid)
    begun = time.monotonic()
    end = _run_through_outages(app, uid)
    if end:
        logs.log.info("job", state=end, ms=round(1000 * (time.monotonic() - begun)))


def _run_through_outages(app: Flask, uid: str) -> str | None:
    for pause in (*PAUSES, None):
        try:
            with app.app_context():
                return _run(uid)
        except Exception as error:
            if pause is None or not is_outage(error):
                raise
            logs.log.warning("job waits for the database", seconds=pause, error=type(error).__name__)
        time.sleep(pause)
    return None


def _run(uid: str) -> str | None:
    """Run the job to its end; the state it ended in, None when it had ended before. Raises an outage."""
    try:
        call = _begin(uid)
        if call is None:
            return None
        _finish(uid, HANDLERS[call[0]](call[1]))
        return DONE
    except Exception as error:
        abandon()
        if is_outage(error) and not is_disk_full(error):
            raise
        _fail(uid, _sentence(error))
        return FAILED
    finally:
        session.remove()


def _sentence(error: Exception) -> str:
    """What the person who asked is told; what is not a refusal is logged."""
    with force_locale("vi"):
        if isinstance(error, StoreFull) or is_disk_full(error):
            logs.failure("job found no room", error)
            return str(gettext("Máy chủ hết chỗ lưu nên việc này chưa xong. Hãy báo quản trị rồi làm lại."))
        if isinstance(error, RuleError):
            return str(error)
        logs.failure("job failed", error)
        return str(gettext("Hệ thống gặp trục trặc nên việc này chưa xong. Hãy thử lại sau ít phút."))


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
