"""The room's blueprint and what its pages share."""

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.core.access import Actor
from survey_app.core.forms import Form
from survey_app.rounds import queries, service
from survey_app.rounds.models import OPEN, PURPOSE_NAMES, ROUND_STATE_NAMES, Participation, Round
from survey_app.rules.errors import NotAllowed

bp = Blueprint("rounds", __name__, template_folder="../templates", url_prefix="/rounds")


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
    """A visible round in one of these states. Raises `NotFound`, or `RoundMoved` (409) for another state."""
    found = queries.get_visible_round(actor, uid)
    if found.state not in (states or (OPEN,)):
        raise service.RoundMoved()
    return found


def get_decided_by(actor: Actor, uid: str) -> Participation:
    """A visible unit in a round that the actor decides about. Raises `NotFound`, `NotAllowed`."""
    found = queries.get_visible_participation(actor, uid)
    if not service.may_decide(found, actor):
        raise NotAllowed()
    return found
