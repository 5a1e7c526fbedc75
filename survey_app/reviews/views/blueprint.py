"""The room's blueprint, shared by its files of pages."""

from typing import Any

from flask import Blueprint

from survey_app.reviews.examination import GROUP_NAMES
from survey_app.reviews.flags import FLAG_NAMES
from survey_app.reviews.service import HeldByOther, HeldMeanwhile, StaleScore
from survey_app.rules.errors import BadInput
from survey_app.rules.workflow import WrongState

# Refusals after which the page comes back with what was typed: all but "not yours" and "not there".
KEPT = (BadInput, WrongState, StaleScore, HeldByOther, HeldMeanwhile)

bp = Blueprint("reviews", __name__, template_folder="../templates", url_prefix="/reviews")


@bp.context_processor
def words() -> dict[str, Any]:
    """The names of flags and of what an officer goes through, for the pages of this room."""
    return {"flag_names": FLAG_NAMES, "group_names": GROUP_NAMES}
