"""The audit trail for administrators: who did what, when, from what to what."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.core.access import acting, requires
from survey_app.core.vietnamese import sort_key
from survey_app.core.web import page_number
from survey_app.home import queries
from survey_app.home.audit_words import ACTION_NAMES, act_of, changes_of, subject_of
from survey_app.home.blueprint import bp
from survey_app.home.forms import AuditForm
from survey_app.rules.permissions import ROLE_NAMES


@bp.get("/audit")
@requires("audit.read")
def audit() -> ResponseReturnValue:
    """One page of the trail; a day that cannot be read is said (422) and narrows nothing."""
    form = AuditForm(request.args)
    names = sorted(
        ((code, gettext(name)) for code, name in ACTION_NAMES.items()), key=lambda row: sort_key(row[1])
    )
    form.action.choices = [("", gettext("Tất cả")), *names]
    sound = form.validate()
    wanted = queries.AuditFilter(
        person=(form.person.data or "")[:120],
        action=form.action.data if form.action.data in ACTION_NAMES else "",
        first=form.first.data,
        last=form.last.data,
        denied=form.denied.data,
    )
    page = queries.list_audit(acting(), wanted, page_number())
    rendered = render_template(
        "home/audit.html",
        form=form,
        page=page,
        subjects=queries.subjects_of(page.rows),
        act_of=act_of,
        subject_of=subject_of,
        changes_of=changes_of,
        names=queries.names_in(page.rows),
        role_names={str(role): name for role, name in ROLE_NAMES.items()},
    )
    return rendered, 200 if sound else 422
