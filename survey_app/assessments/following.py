"""Where a form is, as a line of five steps with dates and units; and why it cannot be taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from survey_app.assessments import service
from survey_app.assessments.models import AssessmentEvent
from survey_app.assessments.queries import Form, OpenReturn
from survey_app.core.access import Actor
from survey_app.core.filters import write_deadline, write_minute
from survey_app.rounds.queries import review_deadline_for
from survey_app.rules.permissions import HEAD
from survey_app.rules.workflow import Action, State

DONE, NOW, TODO = "done", "now", "todo"
BEGUN = frozenset({State.IN_REVIEW, State.ON_HOLD, State.PROPOSED})
WITH_REVIEWER = BEGUN | {State.SUBMITTED, State.RESUBMITTED}
CONFIRMED = frozenset({State.APPROVED, State.PUBLISHED})


@dataclass(frozen=True)
class Step:
    """One step: its name, when and by whom (or until when), and whether it is done, now or to come."""

    name: str
    detail: str
    state: str


def steps_of(form: Form, events: Sequence[AssessmentEvent], returned: OpenReturn | None) -> list[Step]:
    """Nộp → Kiểm tra → Yêu cầu bổ sung → Xác nhận → Công bố, as this form has gone through them so far."""
    life = _Life(form, events)
    return [
        _handing_in(form, life),
        _checking(form, life),
        _giving_back(form, life, returned),
        _confirming(form, life),
        _publishing(form, life),
    ]


class _Life:
    """The events that still count: those after the form was last a draft."""

    def __init__(self, form: Form, events: Sequence[AssessmentEvent]) -> None:
        drafts = [at for at, event in enumerate(events) if event.to_state == State.DRAFT]
        self.events = events[drafts[-1] + 1 :] if drafts else events
        self.reviewer = form.participation.reviewing_unit
        self.state = State(form.assessment.state)

    def first(self, action: Action) -> AssessmentEvent | None:
        return next((event for event in self.events if event.action == action), None)

    def last(self, action: Action) -> AssessmentEvent | None:
        return next((event for event in reversed(self.events) if event.action == action), None)


def _at(event: AssessmentEvent | None) -> str:
    return f"{write_minute(event.at)}, {event.unit_name}" if event else ""


def _handing_in(form: Form, life: _Life) -> Step:
    if life.state == State.DRAFT:
        until = gettext("hạn nộp %(at)s", at=write_deadline(form.deadline))
        return Step(gettext("Nộp"), until, NOW)
    first = life.first(Action.SUBMIT)
    at = first.at if first else form.assessment.submitted_at
    return Step(gettext("Nộp"), write_minute(at), DONE)


def _checking(form: Form, life: _Life) -> Step:
    name, started = gettext("Kiểm tra"), life.last(Action.START_REVIEW)
    if life.state in BEGUN:
        return Step(name, _at(started), NOW)
    if life.state in WITH_REVIEWER:
        limit = write_deadline(review_deadline_for(form.round, life.reviewer.kind))
        waiting = gettext("chờ %(unit)s kiểm tra, hạn %(at)s", unit=life.reviewer.name, at=limit)
        return Step(name, waiting, NOW)
    return Step(name, _at(started), TODO if life.state == State.DRAFT else DONE)


def _giving_back(form: Form, life: _Life, returned: OpenReturn | None) -> Step:
    name, asked = gettext("Yêu cầu bổ sung"), life.last(Action.RETURN)
    if life.state == State.RETURNED:
        until = gettext("hạn bổ sung %(at)s", at=write_deadline(returned.row.deadline)) if returned else ""
        return Step(name, "; ".join(filter(None, (_at(asked), until))), NOW)
    if asked is None:
        none = gettext("không có") if life.state in CONFIRMED else gettext("nếu có")
        return Step(name, none, DONE if life.state in CONFIRMED else TODO)
    answered = life.last(Action.SUBMIT)
    again = ""
    if answered and answered.at >= asked.at:
        again = gettext("trường nộp lại %(at)s", at=write_minute(answered.at))
    return Step(name, "; ".join(filter(None, (_at(asked), again))), DONE)


def _confirming(form: Form, life: _Life) -> Step:
    done = life.state in CONFIRMED
    return Step(gettext("Xác nhận"), _at(life.last(Action.APPROVE)) if done else "", DONE if done else TODO)


def _publishing(form: Form, life: _Life) -> Step:
    if life.state == State.PUBLISHED:
        return Step(gettext("Công bố"), _at(life.last(Action.PUBLISH)), DONE)
    waiting = life.state == State.APPROVED
    return Step(gettext("Công bố"), gettext("chờ công bố") if waiting else "", NOW if waiting else TODO)


def why_not_withdrawn(form: Form, actor: Actor, *, now: datetime) -> str:
    """Why a person of the unit cannot take a form back; "" when they can, or nothing is to be taken back."""
    state = State(form.assessment.state)
    if state in BEGUN:
        return str(gettext("Cơ quan kiểm tra đã bắt đầu xem nên không rút phiếu được nữa."))
    if state == State.APPROVED:
        return str(gettext("Kết quả kiểm tra đã được xác nhận nên không rút phiếu được nữa."))
    if state not in WITH_REVIEWER:
        return ""
    if not service.can_withdraw(form, now):
        return str(gettext(service.TooLateToWithdraw.message))
    return "" if actor.role == HEAD else gettext("Thủ trưởng đơn vị là người rút phiếu.")
