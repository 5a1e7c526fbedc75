"""Guards of the program, switched off from outside for the canaries: the same run must then lose or double.

The program has no such switch; a copy that a scenario starts is changed here, after it was put together.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

from flask import Flask, request
from werkzeug.wsgi import ClosingIterator

from survey_app.assessments import fill_views, queries
from survey_app.assessments.queries import Form
from survey_app.assessments.saving import Edit, Saved
from survey_app.core import db as core_db
from survey_app.core import edge, files
from survey_app.jobs import worker

LATE_SECONDS = 0.2
Off = Callable[[Flask], None]


def switch_off(app: Flask, names: Iterable[str]) -> None:
    """Switch the named guards off in this process."""
    for name in names:
        GUARDS[name](app)


def _answer_before_commit(app: Flask) -> None:
    """The answer goes out first, the commit follows a moment later, as with a write-behind cache."""
    inner, end = app.wsgi_app, core_db.end_request

    def end_later(*, success: bool) -> None:
        if not success or not core_db._writing.get() or core_db._refused.get():
            return end(success=success)
        session = core_db.session()
        session.flush()
        core_db.session.registry.clear()
        request.environ["faults.late"] = session
        return None

    def wrapped(environ: Any, start_response: Any) -> Iterator[bytes]:
        return ClosingIterator(inner(environ, start_response), lambda: _commit(environ))

    core_db.end_request = end_later
    app.wsgi_app = wrapped  # type: ignore[method-assign]


def _commit(environ: Any) -> None:
    session = environ.pop("faults.late", None)
    if session is not None:
        time.sleep(LATE_SECONDS)
        session.commit()
        session.close()


def _no_version(_app: Flask) -> None:
    """The last writer wins: whatever version the browser names, the stored one is taken."""

    def onto_the_stored_one(form: Form, edit: Edit) -> Edit:
        stored = queries.answers_of_indicator(form.assessment.id, edit.indicator).get(edit.site_id)
        return replace(edit, base_version=stored.version if stored else 0)

    _change_edits(onto_the_stored_one)


def _no_key(_app: Flask) -> None:
    """A change that comes again is not known again."""
    _change_edits(lambda _form, edit: replace(edit, key=uuid4().hex))


def _change_edits(change: Callable[[Form, Edit], Edit]) -> None:
    inner: Callable[..., Saved] = fill_views.save_answer

    def save(form: Form, edit: Edit, **who_and_when: Any) -> Saved:
        return inner(form, change(form, edit), **who_and_when)

    fill_views.save_answer = save


def _no_outage(_app: Flask) -> None:
    """A database or a disk that fails is taken for a crash of the program."""
    edge.is_outage = files.is_disk_full = lambda _error: False  # type: ignore[assignment]


def _no_recovery(_app: Flask) -> None:
    """Nobody takes over what a worker had begun that is gone."""
    worker.reap = lambda *_: []  # type: ignore[assignment]


GUARDS: dict[str, Off] = {
    "commit_before_answer": _answer_before_commit,
    "version": _no_version,
    "key": _no_key,
    "outage": _no_outage,
    "recovery": _no_recovery,
}
