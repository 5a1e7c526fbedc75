"""The room's blueprint and what its pages share."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, current_app, render_template, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.certificates.service import Decision
from survey_app.core import clock
from survey_app.core.files import file_store
from survey_app.core.forms import Form
from survey_app.rounds.service import BadField
from survey_app.rules.errors import NotFound

bp = Blueprint("certificates", __name__, template_folder="../templates")
PDF = "application/pdf"


def today() -> date:
    """The present day in Vietnam."""
    return clock.local_date(clock.now())


def allow_draft() -> bool:
    """True where results of a draft set may be certified: only in a demo (decision 19)."""
    return bool(current_app.config["DEMO"])


def form_page(template: str, form: Form, **context: Any) -> ResponseReturnValue:
    """A page with a form: 422 when what was sent did not do."""
    return render_template(template, form=form, **context), 422 if form.is_submitted() else 200


def complain(form: Form, error: BadField) -> None:
    """Say at the field what the rule says of its value."""
    form[error.field].errors = [gettext(error.message) % error.params]


def decision_from(form: Any) -> Decision:
    """The Decision that was typed."""
    return Decision(
        form.decision_number.data,
        form.decision_date.data,
        form.signer_title.data,
        form.signer_name.data or "",
    )


def send_stored(digest: str | None, name: str, *, kind: str = PDF, inline: bool = True) -> Response:
    """The stored bytes, unchanged, under this name. Raises `NotFound` when they are not there."""
    store = file_store()
    if digest is None or not store.exists(digest):
        raise NotFound()
    return send_file(
        store.path(digest), mimetype=kind, as_attachment=not inline, download_name=name, etag=digest
    )
