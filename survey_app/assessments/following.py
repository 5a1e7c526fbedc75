"""Where a form is, as a line of steps with dates and units; and why it cannot be taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from survey_app.assessments import service
from survey_app.assessments.models import AssessmentEvent
from survey_app.assessments.ports import Recognition, decisions
from survey_app.assessments.queries import Form, OpenReturn
from survey_app.core.access import Actor
from survey_app.core.filters import write_date, write_deadline, write_minute
from survey_app.rounds.models import PRACTICE
from survey_app.rounds.queries import review_deadline_for
from survey_app.rules.errors import N_
from survey_app.rules.permissions import HEAD
from survey_app.rules.workflow import Action, State

DONE, NOW, TODO = "done", "now", "todo"
BEGUN = frozenset({State.IN_REVIEW, State.ON_HOLD, State.PROPOSED})
WITH_REVIEWER = BEGUN | {State.SUBMITTED, State.RESUBMITTED}
CONFIRMED = frozenset({State.APPROVED, State.PUBLISHED})


@dataclass(frozen=True)
class Step:
    """One step: its name, when and by whom, what else is to be said of it, and where it stands.

    `name` and `words` (with `params`) are message ids, `at` is ready to be read.
    """

    name: str
    at: str
    state: str
    words: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


def steps_of(
    form: Form,
    events: Sequence[AssessmentEvent],
    returned: OpenReturn | None,
    recognised: Recognition | None = None,
) -> list[Step]:
    """Nộp → Kiểm tra → Yêu cầu bổ sung → Xác nhận → Công bố, as this form has gone through them so far.

    Công nhận follows only where it has come: not every published result earns it.
    """
    life = _Life(form, events)
    return [
        _handing_in(form, life),
        _checking(form, life),
        _giving_back(form, life, returned),
        _confirming(form, life),
        _publishing(form, life),
        *([_recognising(recognised)] if recognised else ()),
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
    name = N_("Nộp")
    if life.state == State.DRAFT:
        return Step(name, "", NOW, N_("hạn nộp %(at)s"), {"at": write_deadline(form.deadline)})
    first = life.first(Action.SUBMIT)
    return Step(name, write_minute(first.at if first else form.assessment.submitted_at), DONE)


def _checking(form: Form, life: _Life) -> Step:
    name, started = N_("Kiểm tra"), life.last(Action.START_REVIEW)
    if life.state in BEGUN:
        return Step(name, _at(started), NOW)
    if life.state in WITH_REVIEWER:
        limit = write_deadline(review_deadline_for(form.round, life.reviewer.kind))
        waiting = {"unit": life.reviewer.name, "at": limit}
        return Step(name, "", NOW, N_("chờ %(unit)s kiểm tra, hạn %(at)s"), waiting)
    return Step(name, _at(started), TODO if life.state == State.DRAFT else DONE)


def _giving_back(form: Form, life: _Life, returned: OpenReturn | None) -> Step:
    name, asked = N_("Yêu cầu bổ sung"), life.last(Action.RETURN)
    if life.state == State.RETURNED:
        until = {"at": write_deadline(returned.row.deadline if returned else None)}
        return Step(name, _at(asked), NOW, N_("hạn bổ sung %(at)s"), until)
    if asked is None and life.state in CONFIRMED:
        return Step(name, "", DONE, N_("không có"))
    if asked is None:
        return Step(name, "", TODO, N_("nếu có"))
    answered = life.last(Action.SUBMIT)
    if answered is None or answered.at < asked.at:
        return Step(name, _at(asked), DONE)
    return Step(name, _at(asked), DONE, N_("trường nộp lại %(at)s"), {"at": write_minute(answered.at)})


def _confirming(form: Form, life: _Life) -> Step:
    done = life.state in CONFIRMED
    return Step(N_("Xác nhận"), _at(life.last(Action.APPROVE)) if done else "", DONE if done else TODO)


def _publishing(form: Form, life: _Life) -> Step:
    name = N_("Công bố")
    if form.round.purpose == PRACTICE:
        return Step(name, "", TODO, N_("đợt thử nghiệm không công bố"))
    if life.state == State.PUBLISHED:
        return Step(name, _at(life.last(Action.PUBLISH)), DONE)
    if life.state == State.APPROVED:
        return Step(name, "", NOW, N_("chờ công bố"))
    return Step(name, "", TODO)


def _recognising(found: Recognition) -> Step:
    words = N_("Đã công nhận (QĐ số %(number)s, ngày %(day)s)")
    if found.trial:
        words = N_("Đã công nhận (QĐ số %(number)s, ngày %(day)s), bản thử nghiệm")
    return Step(N_("Công nhận"), "", DONE, words, {"number": found.number, "day": write_date(found.day)})


def recognition_of(form: Form) -> Recognition | None:
    """The Decision that recognised a published form; nothing is asked of the database before that."""
    return recognitions([form]).get(form.assessment.id)


def recognitions(forms: Sequence[Form]) -> Mapping[int, Recognition]:
    """The same for several forms, by form, in one statement."""
    published = [form.assessment.id for form in forms if form.assessment.state == State.PUBLISHED]
    return decisions.get().of_forms(published) if published else {}


def in_time_to_withdraw(form: Form, now: datetime) -> bool:
    """True when a form that waits for its reviewer could still be handed in again."""
    return form.assessment.state in WITH_REVIEWER - BEGUN and service.can_withdraw(form, now)


def why_not_withdrawn(form: Form, actor: Actor, *, in_time: bool) -> str:
    """Why a person of the unit cannot take a form back, as a message id; "" when they can, or never could."""
    state = State(form.assessment.state)
    if state in BEGUN:
        return N_("Cơ quan kiểm tra đã bắt đầu xem nên không rút phiếu được nữa.")
    if state == State.APPROVED:
        return N_("Kết quả kiểm tra đã được xác nhận nên không rút phiếu được nữa.")
    if state not in WITH_REVIEWER:
        return ""
    if not in_time:
        return service.TooLateToWithdraw.message
    return "" if actor.role == HEAD else N_("Thủ trưởng đơn vị là người rút phiếu.")
