"""The way back to a spot of the check page: a code in the address, never an address of its own."""

from flask import request, url_for

from survey_app.assessments.queries import Form

TO_DO = "viec"  # the list of what is missing, on top of the page


def came_from(form: Form) -> str | None:
    """The spot of the check page that a person left: an indicator's code or TO_DO; None for anything else."""
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
