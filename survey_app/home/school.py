"""The first page of a school: where each form stands, what to do next, what was reached before."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext, ngettext

from survey_app.assessments.cards import Sources, next_open, unconfirmed_codes
from survey_app.assessments.checks import unanswered_questions
from survey_app.assessments.models import TeamMember
from survey_app.assessments.queries import (
    Form,
    OpenReturn,
    answers_of_forms,
    members_of_forms,
    open_returns,
)
from survey_app.assessments.service import veto_still_stands
from survey_app.assessments.team import own_parts
from survey_app.core.access import Actor
from survey_app.core.clock import local_date
from survey_app.plans.items import LATE, shown_status
from survey_app.plans.queries import statuses_of_forms
from survey_app.rounds.models import OPEN, PRACTICE
from survey_app.rounds.queries import latest_veto_changes
from survey_app.rules.deadlines import seconds_until
from survey_app.rules.framework import Criterion
from survey_app.rules.permissions import HEAD
from survey_app.rules.scoring import Scorecard, score
from survey_app.rules.workflow import EDITABLE, State


@dataclass(frozen=True)
class Task:
    """One thing to do: words, address, whether it comes before the others, whether it was given back.

    `form` is what it belongs to, for a school that fills in several.
    """

    words: str
    url: str
    form: Form | None = None
    urgent: bool = False
    returned: bool = False


@dataclass(frozen=True)
class Share:
    """One person's part ("" for what nobody has): codes of nội dung, indicators left to answer there."""

    name: str
    codes: tuple[str, ...]
    left: int


@dataclass(frozen=True)
class FormCard:
    """One form on the first page; `done` of `parts` nội dung are done, `goes_on` is the next of them.

    `waiting`: answered indicators that are not done all the same, copied from last year and not confirmed or
    given back and not dealt with. `mine`: the reader's own nội dung; `head`: the reader leads the school.
    """

    form: Form
    card: Scorecard
    returned: OpenReturn | None
    deadline: datetime
    now: datetime
    questions_left: int
    veto_read: bool
    unconfirmed: int = 0
    waiting: frozenset[str] = frozenset()
    goes_on: Criterion | None = None
    mine: frozenset[str] = frozenset()
    head: bool = True
    members: Sequence[TeamMember] = ()
    plan: Sequence[tuple[str, date | None]] = ()

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
        """How many of them are done whole."""
        open_parts = {self.form.framework.criterion_of[code].code for code in self.waiting}
        return sum(
            1
            for part in self.card.criteria
            if part.tally.applicable and part.tally.complete and part.code not in open_parts
        )

    @property
    def settled(self) -> int:
        """How many indicators are done."""
        return self.card.tally.answered - len(self.waiting)

    @property
    def own_left(self) -> int:
        """How many indicators are left to answer in the reader's own nội dung."""
        return sum(
            part.tally.applicable - part.tally.answered
            for part in self.card.criteria
            if part.code in self.mine
        )

    @property
    def shares(self) -> list[Share]:
        """Who has which nội dung and how much is left there; nothing where nothing was shared out."""
        left = {
            part.code: part.tally.applicable - part.tally.answered
            for part in self.card.criteria
            if part.tally.applicable
        }
        given = [
            (member.name, tuple(code for code in left if code in member.criteria)) for member in self.members
        ]
        given = [(name, codes) for name, codes in given if codes]
        nobody = tuple(code for code in left if all(code not in codes for _, codes in given))
        if given and nobody:
            given.append(("", nobody))
        return [Share(name, codes, sum(left[code] for code in codes)) for name, codes in given]

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


class _Rows:
    """What is known of several forms, read by at most five statements."""

    def __init__(self, forms: Sequence[Form]) -> None:
        ids = [form.assessment.id for form in forms]
        given_back = [form.assessment.id for form in forms if form.assessment.state == State.RETURNED]
        confirmed = [form.participation.id for form in forms if form.assessment.veto_confirmed_at]
        self.answers = answers_of_forms(ids)
        self.members = members_of_forms(ids)
        self.plans = statuses_of_forms(ids)
        self.returns = open_returns(given_back) if given_back else {}
        self.vetoes = latest_veto_changes(confirmed) if confirmed else {}


def form_cards(forms: Sequence[Form], actor: Actor, now: datetime) -> list[FormCard]:
    """Where forms stand for their own school: as many statements for three forms as for one."""
    rows = _Rows(forms)
    return [_card(form, rows, actor, now) for form in forms]


def _card(form: Form, rows: _Rows, actor: Actor, now: datetime) -> FormCard:
    row = form.assessment
    returned, members = rows.returns.get(row.id), rows.members.get(row.id, [])
    sources = Sources(rows.answers[row.id], returned=returned)
    card = score(form.framework, form.facts, sources.values())
    mine = own_parts(form, members, actor)
    code, unconfirmed = next_open(form, sources, card, mine), unconfirmed_codes(sources.answers, card)
    given_back = [one.indicator for one in returned.items.values() if not one.settled_at] if returned else []
    recorded = rows.vetoes.get((form.participation.id, row.framework_version_id))
    return FormCard(
        form,
        card,
        returned,
        returned.row.deadline if returned else form.deadline,
        now,
        len(unanswered_questions(form)),
        veto_still_stands(form, recorded),
        len(unconfirmed),
        frozenset({*unconfirmed, *given_back} & {line.code for line in card.indicators if line.applicable}),
        form.framework.criterion_of[code] if code else None,
        mine,
        actor.role == HEAD,
        members,
        rows.plans.get(row.id, ()),
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
        yield Task(
            words, url_for("assessments.continue_form", uid=uid), found.form, urgent=True, returned=True
        )
    if found.questions_left:
        words = ngettext(
            "Trả lời thông tin nhà trường: còn %(num)d câu",
            "Trả lời thông tin nhà trường: còn %(num)d câu",
            found.questions_left,
        )
        yield Task(words, url_for("assessments.profile", uid=uid), found.form)
    yield from _answering(found)
    if found.unconfirmed:
        words = ngettext(
            "Xác nhận câu trả lời chép từ năm trước: còn %(num)d tiêu chí",
            "Xác nhận câu trả lời chép từ năm trước: còn %(num)d tiêu chí",
            found.unconfirmed,
        )
        yield Task(words, url_for("assessments.continue_form", uid=uid), found.form)
    if not found.veto_read and found.head:
        words = gettext("Đọc và xác nhận ghi nhận của cơ quan quản lý")
        yield Task(words, url_for("assessments.veto", uid=uid), found.form)
    if found.ready and found.head:
        yield Task(gettext("Kiểm tra và nộp phiếu"), url_for("assessments.check", uid=uid), found.form)


def _answering(found: FormCard) -> Iterator[Task]:
    """What is left to answer: in the own part for a member who was given one, else in the whole form."""
    url = url_for("assessments.continue_form", uid=found.form.assessment.uid)
    left = found.card.tally.applicable - found.card.tally.answered
    if found.own_left:
        words = ngettext(
            "Phần của tôi (%(codes)s): còn %(num)d tiêu chí",
            "Phần của tôi (%(codes)s): còn %(num)d tiêu chí",
            found.own_left,
            codes=", ".join(code for code in found.form.framework.criteria if code in found.mine),
        )
        yield Task(words, url, found.form)
    if left and (found.head or not found.mine):
        words = ngettext("Tự đánh giá: còn %(num)d tiêu chí", "Tự đánh giá: còn %(num)d tiêu chí", left)
        yield Task(words, url, found.form)


def _is_practice(task: Task) -> bool:
    return task.form is not None and task.form.round.purpose == PRACTICE


def in_turn(current: Iterable[FormCard]) -> list[Task]:
    """The tasks of several forms as they should be done: what was given back, what is late, practice last."""
    tasks = (task for found in current for task in tasks_of(found))
    return sorted(tasks, key=lambda task: (_is_practice(task), not task.returned, not task.urgent))


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
    today = local_date(found.now)
    late = sum(shown_status(status, due_on, today) == LATE for status, due_on in found.plan)
    if late:
        words = ngettext(
            "Kế hoạch cải thiện: %(num)d việc quá hạn", "Kế hoạch cải thiện: %(num)d việc quá hạn", late
        )
        yield Task(words, url, found.form, urgent=True)
    elif not found.plan and found.form.assessment.state == State.PUBLISHED:
        yield Task(gettext("Lập kế hoạch cải thiện từ kết quả"), url, found.form)
