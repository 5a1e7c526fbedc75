"""The room's blueprint and what its pages share."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.core.access import Actor
from survey_app.core.forms import Form
from survey_app.rounds import queries, service
from survey_app.rounds.models import (
    OPEN,
    PLANNED,
    PUBLISHED,
    PURPOSE_NAMES,
    ROUND_STATE_NAMES,
    Participation,
    Round,
)
from survey_app.rules.errors import N_, NotAllowed

bp = Blueprint("rounds", __name__, template_folder="../templates", url_prefix="/rounds")

ELSEWHERE = {
    PLANNED: N_("Trang vừa mở chỉ dùng khi đợt đang mở; đợt này còn đang chuẩn bị."),
    OPEN: N_("Trang vừa mở chỉ dùng khi đợt đang chuẩn bị; đợt này đã mở."),
    PUBLISHED: N_("Trang vừa mở không dùng được nữa; đợt này đã công bố kết quả."),
}


@bp.app_context_processor
def words() -> dict[str, Any]:
    """The words of purposes and states, for every template that names a round."""
    return {"purpose_names": PURPOSE_NAMES, "round_state_names": ROUND_STATE_NAMES}


def form_page(template: str, form: Form, **context: Any) -> ResponseReturnValue:
    """A page with a form: 422 when what was sent did not do."""
    return render_template(template, form=form, **context), 422 if form.is_submitted() else 200


def complain(form: Form, error: service.BadField, field: str = "") -> None:
    """Say at the field what the rule says of its value."""
    form[field or error.field].errors = [gettext(error.message) % error.params]


def get_round_in(actor: Actor, uid: str, *states: str) -> Round:
    """A visible round in one of these states.

    In another state a page leads to the round itself with a sentence (an old tab, the way back), and what is
    sent raises `RoundMoved` (409). Raises `NotFound`.
    """
    found = queries.get_visible_round(actor, uid)
    if found.state in (states or (OPEN,)):
        return found
    if request.method != "GET":
        raise service.RoundMoved()
    flash(gettext(ELSEWHERE[found.state]), "warning")
    abort(redirect(url_for("rounds.show", uid=uid)))


def get_decided_by(actor: Actor, uid: str) -> Participation:
    """A visible unit in a round that the actor decides about. Raises `NotFound`, `NotAllowed`."""
    found = queries.get_visible_participation(actor, uid)
    if not service.may_decide(found, actor):
        raise NotAllowed()
    return found
