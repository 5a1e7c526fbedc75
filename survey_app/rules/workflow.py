"""The life of a self-assessment: the whole table (state, action, role) → state, as data.

Two-level checking: the officer proposes, the leader of the same authority approves or sends back.
One-level checking: the officer approves directly. `publish` freezes the verified result. From `returned` the
officer goes on only once the unit's deadline has passed: without that an unanswered return would never end.
"""

from dataclasses import dataclass
from enum import StrEnum

from survey_app.rules.errors import N_, NotAllowed, RuleError
from survey_app.rules.permissions import ADMIN, HEAD, LEADERS, OFFICERS, Role


class State(StrEnum):
    """Where a form is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    ON_HOLD = "on_hold"
    RETURNED = "returned"
    RESUBMITTED = "resubmitted"
    PROPOSED = "proposed"
    APPROVED = "approved"
    PUBLISHED = "published"


class Action(StrEnum):
    """What a person does to a form."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    START_REVIEW = "start_review"
    HOLD = "hold"
    RESUME = "resume"
    RETURN = "return"
    PROPOSE = "propose"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    REOPEN = "reopen"
    PUBLISH = "publish"
    UNPUBLISH = "unpublish"


STATE_NAMES: dict[State, str] = {
    State.DRAFT: N_("Nháp"),
    State.SUBMITTED: N_("Đã nộp"),
    State.IN_REVIEW: N_("Đang kiểm tra"),
    State.ON_HOLD: N_("Để xử lý sau"),
    State.RETURNED: N_("Yêu cầu bổ sung"),
    State.RESUBMITTED: N_("Đã nộp lại"),
    State.PROPOSED: N_("Chờ lãnh đạo duyệt"),
    State.APPROVED: N_("Đã xác nhận"),
    State.PUBLISHED: N_("Đã công bố"),
}


class WrongState(RuleError):
    """The action does not start from the state the form is in (409)."""

    message = N_("Phiếu đang ở trạng thái “%(state)s” nên không thực hiện được việc này. Hãy tải lại trang.")


@dataclass(frozen=True)
class Transition:
    """One row of the table. `levels` tells for which depth of checking the row holds (1, 2)."""

    state: State
    action: Action
    roles: frozenset[Role]
    to: State
    levels: frozenset[int] = frozenset({1, 2})


_HEAD = frozenset({HEAD})
_ONE, _TWO = frozenset({1}), frozenset({2})
S, A = State, Action

TRANSITIONS: tuple[Transition, ...] = (
    Transition(S.DRAFT, A.SUBMIT, _HEAD, S.SUBMITTED),
    Transition(S.RETURNED, A.SUBMIT, _HEAD, S.RESUBMITTED),
    Transition(S.SUBMITTED, A.WITHDRAW, _HEAD, S.DRAFT),
    Transition(S.RESUBMITTED, A.WITHDRAW, _HEAD, S.RETURNED),
    Transition(S.SUBMITTED, A.START_REVIEW, OFFICERS, S.IN_REVIEW),
    Transition(S.RESUBMITTED, A.START_REVIEW, OFFICERS, S.IN_REVIEW),
    Transition(S.RETURNED, A.START_REVIEW, OFFICERS, S.IN_REVIEW),
    Transition(S.IN_REVIEW, A.HOLD, OFFICERS, S.ON_HOLD),
    Transition(S.ON_HOLD, A.RESUME, OFFICERS, S.IN_REVIEW),
    Transition(S.IN_REVIEW, A.RETURN, OFFICERS, S.RETURNED),
    Transition(S.IN_REVIEW, A.PROPOSE, OFFICERS, S.PROPOSED, _TWO),
    Transition(S.PROPOSED, A.APPROVE, LEADERS, S.APPROVED, _TWO),
    Transition(S.PROPOSED, A.SEND_BACK, LEADERS, S.IN_REVIEW, _TWO),
    Transition(S.IN_REVIEW, A.APPROVE, OFFICERS, S.APPROVED, _ONE),
    Transition(S.APPROVED, A.REOPEN, LEADERS | ADMIN, S.IN_REVIEW),
    Transition(S.APPROVED, A.PUBLISH, ADMIN, S.PUBLISHED),
    Transition(S.PUBLISHED, A.UNPUBLISH, ADMIN, S.APPROVED),
)

# The unit may type only in these; in RETURNED only the returned indicators are open.
EDITABLE = frozenset({S.DRAFT, S.RETURNED})
# What an overview counts as handed in; the rest is "chưa nộp", so that counts add up.
HANDED_IN = frozenset(State) - {S.DRAFT}
# The checking officer may set verified values only here.
REVIEWABLE = frozenset({S.IN_REVIEW})


def next_state(state: State | str, action: Action | str, role: Role | str, *, levels: int) -> State:
    """The state after `action` by `role` from `state`, with checking of `levels` (1 or 2) levels.

    Raises `WrongState` when no row starts here, `NotAllowed` when a row does but not for this role.
    """
    rows = [t for t in TRANSITIONS if t.state == state and t.action == action and levels in t.levels]
    if not rows:
        raise WrongState(state=STATE_NAMES[State(state)])
    for row in rows:
        if Role(role) in row.roles:
            return row.to
    raise NotAllowed()


def actions_for(state: State | str, role: Role | str, *, levels: int) -> tuple[Action, ...]:
    """The actions open to `role` in `state`: what the page offers as buttons."""
    return tuple(
        t.action for t in TRANSITIONS if t.state == state and levels in t.levels and Role(role) in t.roles
    )
