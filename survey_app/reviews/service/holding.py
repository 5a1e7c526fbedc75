"""Who has a form: an officer takes it, passes it on, lays it aside and takes it up again."""

from datetime import datetime

from survey_app.accounts.queries import Person, officers_of
from survey_app.assessments.queries import Form, OpenReturn, open_return
from survey_app.assessments.service import change_state
from survey_app.assessments.telling import tell_unit
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.filters import write_deadline
from survey_app.reviews import queries
from survey_app.reviews.models import Review
from survey_app.reviews.service.guards import (
    HeldByOther,
    OwnSchool,
    check_may_act,
    check_step,
    checked_reason,
    give_to,
    held_review,
    name_of,
    review_of,
)
from survey_app.rules.deadlines import last_instant
from survey_app.rules.errors import N_, BadInput, RuleError
from survey_app.rules.workflow import STATE_NAMES, Action, State, WrongState

LONGEST_HOLD_REASON = 500
# A form may change hands until a leader has it to approve.
PASSED_ON_IN = frozenset({State.SUBMITTED, State.RESUBMITTED, State.IN_REVIEW, State.ON_HOLD, State.RETURNED})


class StillWithTheSchool(RuleError):
    """The school may still deal with what was given back (409)."""

    message = N_("Trường còn được bổ sung đến %(deadline)s. Hết hạn đó mới kiểm tra tiếp được.")


class UnknownOfficer(BadInput):
    """The person is not a checking officer of the reviewing unit."""

    message = N_("Hãy chọn một cán bộ kiểm tra của đơn vị.")


def start_review(form: Form, *, actor: Actor, now: datetime) -> Review:
    """Take a form that was handed in and begin to check it; of two who try at once one gets `WrongState`.

    A form that was given back is taken as it is once its deadline has passed without an answer. Raises
    `StillWithTheSchool` before that, `OnlyLooking`, `OwnSchool`, `NotAllowed`; `HeldByOther` when it was
    given to somebody else.
    """
    check_may_act(form, actor)
    check_step(form, Action.START_REVIEW, actor)
    if form.assessment.state == State.RETURNED:
        _end_return(form, now)
    review = review_of(form)
    if review.officer_id not in (None, actor.user_id):
        raise HeldByOther(name=name_of(review.officer_id))
    _give(form, review, actor.user_id, actor=actor, now=now)
    review.started_at = review.started_at or now
    change_state(form, Action.START_REVIEW, actor=actor, now=now)
    tell_unit(
        form,
        kind="review.started",
        title="Phiếu tự đánh giá đang được kiểm tra",
        body=f"{actor.unit_name} bắt đầu kiểm tra, đánh giá; từ lúc này trường không rút phiếu được nữa.",
        sender_id=actor.unit_id,
        now=now,
    )
    return review


def _end_return(form: Form, now: datetime) -> None:
    returned = open_return(form.assessment.id)
    if returned is None:
        return
    if not return_is_over(form, returned, now):
        raise StillWithTheSchool(deadline=write_deadline(returned.row.deadline))
    returned.row.answered_at = now


def return_is_over(form: Form, returned: OpenReturn, now: datetime) -> bool:
    """True when the school can no longer answer this return, its minutes of grace included."""
    return now >= last_instant(returned.row.deadline, grace_minutes=form.round.grace_minutes, begun=True)


def assign(form: Form, officer_uid: str, *, actor: Actor, now: datetime) -> Review:
    """Give a form to an officer of the reviewing unit.

    Raises `UnknownOfficer`, `OwnSchool` when the officer works at the school, `WrongState` once a leader has
    the form or it is concluded, `HeldMeanwhile`, and as `check_may_act`.
    """
    check_may_act(form, actor, "reviews.assign")
    officers = {person.uid: person for person in officers_of(actor.unit_id)}
    return _pass_on(form, officers.get(officer_uid), actor, now)


def take_over(form: Form, *, actor: Actor, now: datetime) -> Review:
    """Take a form that another officer of the unit has. Raises as `assign`."""
    check_may_act(form, actor)
    officers = {person.user_id: person for person in officers_of(actor.unit_id)}
    return _pass_on(form, officers.get(actor.user_id), actor, now)


def _pass_on(form: Form, officer: Person | None, actor: Actor, now: datetime) -> Review:
    if form.assessment.state not in PASSED_ON_IN:
        raise WrongState(state=STATE_NAMES[State(form.assessment.state)])
    if officer is None:
        raise UnknownOfficer()
    if queries.works_at_school(officer.user_id, form):
        raise OwnSchool(name=officer.name)
    review = review_of(form)
    _give(form, review, officer.user_id, actor=actor, now=now)
    return review


def _give(form: Form, review: Review, officer_id: int, *, actor: Actor, now: datetime) -> None:
    before = review.officer_id
    if before == officer_id:
        return
    give_to(review, officer_id)
    old, new = {"officer": before}, {"officer": officer_id}
    audit.record(actor, "review.assign", form.assessment, now=now, old=old, new=new)


def hold(form: Form, reason: str, *, actor: Actor, now: datetime) -> Review:
    """Lay a form aside for later ("Để xử lý sau"), with a reason.

    Raises `ReasonTooShort`, `ReasonTooLong`, and as `held_review`.
    """
    review = held_review(form, actor)
    review.hold_reason = checked_reason(reason, most=LONGEST_HOLD_REASON)
    change_state(form, Action.HOLD, actor=actor, now=now)
    new = {"reason": review.hold_reason}
    audit.record(actor, "review.hold", form.assessment, now=now, new=new)
    return review


def resume(form: Form, *, actor: Actor, now: datetime) -> Review:
    """Take up a form that was laid aside. Raises as `held_review`."""
    review = held_review(form, actor, {State.ON_HOLD})
    review.hold_reason = ""
    change_state(form, Action.RESUME, actor=actor, now=now)
    return review
