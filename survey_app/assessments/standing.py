"""What every page of a form says of it: may it be changed, until when, which acts are open to the viewer."""

from typing import TypedDict

from survey_app.assessments import queries, service
from survey_app.assessments.queries import Form
from survey_app.core import clock
from survey_app.core.access import acting
from survey_app.core.clock import local_date
from survey_app.rules.workflow import EDITABLE, Action, State, actions_for


class Standing(TypedDict):
    """Values for the templates of the room."""

    editable: bool
    deadline: object
    days_left: int
    may_submit: bool
    may_withdraw: bool


def standing(form: Form) -> Standing:
    """How a form stands for the person who looks at it."""
    actor = acting()
    own = actor.unit_id == form.participation.unit_id and actor.may("assessments.edit")
    returned = queries.open_return(form.assessment.id) if form.assessment.state == State.RETURNED else None
    deadline = returned.row.deadline if returned else form.deadline
    actions = actions_for(form.assessment.state, actor.role, levels=form.round.checking_levels)
    return {
        "editable": own and form.assessment.state in EDITABLE,
        "deadline": deadline,
        "days_left": (local_date(deadline) - local_date(clock.now())).days,
        "may_submit": own and Action.SUBMIT in actions,
        "may_withdraw": own and Action.WITHDRAW in actions and service.can_withdraw(form, clock.now()),
    }
