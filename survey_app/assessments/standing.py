"""What every page of a form says of it: may it be changed, until when, which acts are open to the viewer."""

from typing import TypedDict

from flask import request, url_for

from survey_app.assessments import queries
from survey_app.assessments.following import in_time_to_withdraw, why_not_withdrawn
from survey_app.assessments.queries import Form, OpenReturn
from survey_app.core import clock
from survey_app.core.access import acting
from survey_app.core.clock import local_date
from survey_app.rules.deadlines import seconds_until
from survey_app.rules.workflow import EDITABLE, Action, State, actions_for

TO_DO = "viec"  # stands for the list of what is missing, on top of the check page


def came_from(form: Form) -> str | None:
    """The spot of the check page that a person left: an indicator's code or TO_DO; None for anything else.

    The address of a page carries such a code, never an address: it leads nowhere else.
    """
    asked = request.args.get("back", "")
    return asked if asked == TO_DO or asked in form.framework.by_code else None


def back_to_check(form: Form) -> str | None:
    """The address of that spot, None for a person who did not come from the check page."""
    spot, uid = came_from(form), form.assessment.uid
    if spot is None:
        return None
    if spot == TO_DO:
        return url_for("assessments.check", uid=uid, _anchor="left-title")
    return url_for("assessments.check", uid=uid, at=spot, _anchor=f"row-{spot}")


class Standing(TypedDict):
    """Values for the templates of the room."""

    editable: bool
    deadline: object
    days_left: int
    seconds_left: int
    may_submit: bool
    may_withdraw: bool
    why_not_withdrawn: str
    back: str | None
    back_url: str | None


def standing(form: Form, returned: OpenReturn | None = None) -> Standing:
    """How a form stands for who looks at it; `returned`: what was given back, where it is known already."""
    actor, now = acting(), clock.now()
    own = actor.unit_id == form.participation.unit_id and actor.may("assessments.edit")
    in_time = own and in_time_to_withdraw(form, now)
    given_back = form.assessment.state == State.RETURNED
    if given_back:
        returned = returned or queries.open_return(form.assessment.id)
    deadline = returned.row.deadline if given_back and returned else form.deadline
    actions = actions_for(form.assessment.state, actor.role, levels=form.round.checking_levels)
    return {
        "editable": own and form.assessment.state in EDITABLE,
        "deadline": deadline,
        "days_left": (local_date(deadline) - local_date(now)).days,
        "seconds_left": seconds_until(deadline, now),
        "may_submit": own and Action.SUBMIT in actions,
        "may_withdraw": in_time and Action.WITHDRAW in actions,
        "why_not_withdrawn": why_not_withdrawn(form, actor, in_time=in_time) if own else "",
        "back": came_from(form),
        "back_url": back_to_check(form),
    }
