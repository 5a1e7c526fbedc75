"""What filling in without a network needs of the server: pages without answers, the session's token."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import current_app, jsonify, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf

from survey_app.assessments import queries
from survey_app.assessments.blueprint import bp
from survey_app.assessments.queries import Form
from survey_app.core.access import acting, requires
from survey_app.core.offline import NOBODY, version
from survey_app.rules.errors import NotFound


@bp.get("/token")
@requires("assessments.edit")
def token() -> ResponseReturnValue:
    """Whose session this is, and its token: asked for before a browser sends what it kept (decision 11)."""
    return jsonify(owner=str(acting().user_id), token=generate_csrf())


@bp.get("/<uid>/outline/<code>")
@requires("assessments.edit")
def outline(uid: str, code: str) -> ResponseReturnValue:
    """The criteria of one nội dung without answers, names or token: the same for everybody (decision 11)."""
    form = queries.get_visible_form(acting(), uid)
    criterion = form.framework.criteria.get(code)
    if criterion is None:
        raise NotFound()
    page = render_template(
        "assessments/outline.html", criterion=criterion, framework=form.framework, **NOBODY
    )
    answer = make_response(page)
    answer.set_etag(outline_tag(form))
    return answer


def outline_tag(form: Form) -> str:
    """Changes when the outline of a form's pages would: with the edition, the language or the program."""
    static = Path(current_app.static_folder or "")
    edition = f"{form.assessment.framework_version_id} {form.framework.status} {get_locale()}"
    return _tag(f"{edition} {version(static)} {_template()}")


@lru_cache(maxsize=64)
def _tag(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _template() -> str:
    file = Path(__file__).parent / "templates" / "assessments" / "outline.html"
    return hashlib.sha256(file.read_bytes()).hexdigest()
