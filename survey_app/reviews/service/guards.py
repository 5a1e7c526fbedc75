"""Who may act on a form that is being checked, and what a form must be like for it."""

from collections.abc import Collection

from sqlalchemy import update

from survey_app.accounts.queries import names_of
from survey_app.assessments.queries import Form
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.db import session
from survey_app.reviews import queries
from survey_app.reviews.models import Review
from survey_app.rules.errors import N_, BadInput, NotAllowed, RuleError
from survey_app.rules.workflow import REVIEWABLE, STATE_NAMES, Action, State, WrongState, next_state

LEAST_LETTERS = 5
LONGEST_REASON = 1000


class OnlyLooking(NotAllowed):
    """Another unit checks this form."""

    message = N_("Hồ sơ này do %(unit)s kiểm tra; tài khoản này chỉ được xem.")


class OwnSchool(NotAllowed):
    """Nobody checks the school they work at."""

    message = N_("%(name)s công tác tại trường này nên không được kiểm tra hồ sơ của trường.")


class HeldByOther(RuleError):
    """Another officer has the form (409)."""

    message = N_("Hồ sơ này đang do %(name)s kiểm tra. Hãy nhận hồ sơ rồi làm tiếp.")


class HeldMeanwhile(RuleError):
    """Somebody else took the form between the page and the button (409)."""

    message = N_("Hồ sơ vừa được giao cho người khác. Hãy tải lại trang.")


class ReasonTooShort(BadInput):
    """A reason of fewer than `LEAST_LETTERS` letters."""

    message = N_("Hãy ghi lý do, ít nhất %(least)s chữ cái.")


class ReasonTooLong(BadInput):
    """A reason of more characters than fit."""

    message = N_("Nội dung dài %(length)s ký tự, nhiều nhất là %(most)s ký tự. Hãy rút gọn.")


def check_may_act(form: Form, actor: Actor, permission: str = "reviews.edit") -> None:
    """Raise `OnlyLooking`, `OwnSchool` or `NotAllowed` unless the actor's unit checks this form."""
    if not actor.may(permission):
        raise NotAllowed()
    if form.participation.reviewing_unit_id != actor.unit_id:
        raise OnlyLooking(unit=form.participation.reviewing_unit.name)
    if queries.works_at_school(actor.user_id, form):
        raise OwnSchool(name=actor.name)


def check_step(form: Form, action: Action, actor: Actor) -> None:
    """Raise `WrongState` or `NotAllowed` unless the state table has this step for this role."""
    next_state(form.assessment.state, action, actor.role, levels=form.round.checking_levels)


def held_review(form: Form, actor: Actor, states: Collection[State] = REVIEWABLE) -> Review:
    """The examination of a locked form when the actor has it and the form is in one of `states`.

    Raises as `check_may_act`, `WrongState`, and `HeldByOther`.
    """
    check_may_act(form, actor)
    if form.assessment.state not in states:
        raise WrongState(state=STATE_NAMES[State(form.assessment.state)])
    review = review_of(form)
    if review.officer_id != actor.user_id:
        raise HeldByOther(name=name_of(review.officer_id))
    return review


def name_of(user_id: int | None) -> str:
    """A person's name, "–" for nobody."""
    return names_of([user_id]).get(user_id, "–") if user_id else "–"


def review_of(form: Form) -> Review:
    """The examination of a locked form, begun here when there was none."""
    review = queries.find_review(form.assessment.id)
    if review is None:
        review = Review(assessment_id=form.assessment.id)
        session.add(review)
        session.flush()
    return review


def give_to(review: Review, officer_id: int) -> None:
    """Let this officer have the form; raises `HeldMeanwhile` when somebody else took it meanwhile."""
    done = session.execute(
        update(Review)
        .where(
            Review.assessment_id == review.assessment_id,
            Review.officer_id.is_not_distinct_from(review.officer_id),
        )
        .values(officer_id=officer_id)
        .execution_options(synchronize_session=False)
    )
    session.refresh(review)
    if not rows_changed(done):
        raise HeldMeanwhile()


def checked_reason(text: str, *, most: int = LONGEST_REASON) -> str:
    """The reason without outer blanks; raises `ReasonTooShort`, `ReasonTooLong`."""
    reason = text.strip()
    if sum(char.isalpha() for char in reason) < LEAST_LETTERS:
        raise ReasonTooShort(least=LEAST_LETTERS)
    return fitting(reason, most)


def fitting(text: str, most: int) -> str:
    """The text when it fits; raises `ReasonTooLong`."""
    if len(text) > most:
        raise ReasonTooLong(length=len(text), most=most)
    return text
