"""The first page of a school: where each form stands, what to do next, what was reached before."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext, ngettext

from survey_app.assessments.cards import Sources, unconfirmed_codes
from survey_app.assessments.checks import unanswered_questions
from survey_app.assessments.queries import Form, OpenReturn, answers_of, open_return
from survey_app.assessments.service import veto_is_confirmed
from survey_app.core.clock import local_date
from survey_app.plans.items import LATE, shown_status
from survey_app.plans.queries import list_items
from survey_app.rounds.models import OPEN, PRACTICE
from survey_app.rules.deadlines import seconds_until
from survey_app.rules.scoring import Scorecard, score
from survey_app.rules.workflow import EDITABLE, State


@dataclass(frozen=True)
class Task:
    """One thing to do: words, address, whether it comes before the others, whether it was given back."""

    words: str
    url: str
    urgent: bool = False
    returned: bool = False


@dataclass(frozen=True)
class FormCard:
    """One form on the first page; `done` of `parts` nội dung are answered."""

    form: Form
    card: Scorecard
    returned: OpenReturn | None
    deadline: datetime
    now: datetime
    questions_left: int
    veto_read: bool
    unconfirmed: int = 0

    @property
    def days_left(self) -> int:
        """Whole days until the deadline; negative when it is over."""
        return (local_date(self.deadline) - local_date(self.now)).days

    @property
    def seconds_left(self) -> int:
        """Whole seconds until the deadline; -1 when it is over."""
        return seconds_until(self.deadline, self.now)

    @property
    def editable(self) -> bool:
        """True while the school types."""
        return self.form.assessment.state in EDITABLE

    @property
    def parts(self) -> int:
        """How many nội dung apply."""
        return sum(1 for part in self.card.criteria if part.tally.applicable)

    @property
    def done(self) -> int:
        """How many of them are answered whole."""
        return sum(1 for part in self.card.criteria if part.tally.applicable and part.tally.complete)

    @property
    def ready(self) -> bool:
        """True when nothing is left but to look through and hand in."""
        waiting = self.returned.open_count if self.returned else 0
        left = waiting or self.questions_left or self.unconfirmed
        return self.card.tally.complete and self.veto_read and not left


def forms_to_show(forms: Sequence[Form]) -> list[Form]:
    """Of forms, the newest round first: those of the newest round that counts, then open practice."""
    practice = [form for form in forms if form.round.purpose == PRACTICE]
    counting = [form for form in forms if form.round.purpose != PRACTICE]
    first = counting or practice
    shown = [form for form in first if form.round.id == first[0].round.id]
    return shown + [form for form in practice if form.round.state == OPEN and form not in shown]


def form_card(form: Form, now: datetime) -> FormCard:
    """Where a form stands for its own school: four statements at the most."""
    returned = open_return(form.assessment.id) if form.assessment.state == State.RETURNED else None
    deadline = returned.row.deadline if returned else form.deadline
    sources = Sources(answers_of(form.assessment.id))
    card = score(form.framework, form.facts, sources.values())
    return FormCard(
        form,
        card,
        returned,
        deadline,
        now,
        len(unanswered_questions(form)),
        veto_is_confirmed(form),
        len(unconfirmed_codes(sources.answers, card)),
    )


def tasks_of(found: FormCard) -> Iterator[Task]:
    """What the school has to do with a form, in the order in which it should."""
    yield from _improving(found)
    if not found.editable:
        return
    uid = found.form.assessment.uid
    if found.returned and found.returned.open_count:
        words = ngettext(
            "Bổ sung theo yêu cầu của cơ quan kiểm tra: còn %(num)d tiêu chí",
            "Bổ sung theo yêu cầu của cơ quan kiểm tra: còn %(num)d tiêu chí",
            found.returned.open_count,
        )
        yield Task(words, url_for("assessments.continue_form", uid=uid), urgent=True, returned=True)
    if found.questions_left:
        words = ngettext(
            "Trả lời thông tin nhà trường: còn %(num)d câu",
            "Trả lời thông tin nhà trường: còn %(num)d câu",
            found.questions_left,
        )
        yield Task(words, url_for("assessments.profile", uid=uid))
    left = found.card.tally.applicable - found.card.tally.answered
    if left:
        words = ngettext("Tự đánh giá: còn %(num)d tiêu chí", "Tự đánh giá: còn %(num)d tiêu chí", left)
        yield Task(words, url_for("assessments.continue_form", uid=uid))
    if found.unconfirmed:
        words = ngettext(
            "Xác nhận câu trả lời chép từ năm trước: còn %(num)d tiêu chí",
            "Xác nhận câu trả lời chép từ năm trước: còn %(num)d tiêu chí",
            found.unconfirmed,
        )
        yield Task(words, url_for("assessments.continue_form", uid=uid))
    if not found.veto_read:
        words = gettext("Đọc và xác nhận ghi nhận của cơ quan quản lý")
        yield Task(words, url_for("assessments.veto", uid=uid))
    if found.ready:
        yield Task(gettext("Kiểm tra và nộp phiếu"), url_for("assessments.check", uid=uid))


def in_turn(current: Iterable[FormCard]) -> list[Task]:
    """The tasks of several forms as they should be done: what was given back, then what is late."""
    tasks = (task for found in current for task in tasks_of(found))
    return sorted(tasks, key=lambda task: (not task.returned, not task.urgent))


def given_back_first(current: Iterable[FormCard]) -> list[FormCard]:
    """Those that count and wait for an answer of the school before the others; practice stays last."""
    return sorted(
        current,
        key=lambda found: (
            found.form.round.purpose == PRACTICE,
            not (found.returned and found.returned.open_count),
        ),
    )


def _improving(found: FormCard) -> Iterator[Task]:
    url = url_for("plans.show", uid=found.form.assessment.uid)
    items = list_items(found.form.assessment.id)
    late = sum(shown_status(item.status, item.due_on, local_date(found.now)) == LATE for item in items)
    if late:
        words = ngettext(
            "Kế hoạch cải thiện: %(num)d việc quá hạn", "Kế hoạch cải thiện: %(num)d việc quá hạn", late
        )
        yield Task(words, url, urgent=True)
    elif not items and found.form.assessment.state == State.PUBLISHED:
        yield Task(gettext("Lập kế hoạch cải thiện từ kết quả"), url)
