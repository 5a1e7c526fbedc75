"""Saving what a school types: one answer at a time, never over somebody else's, never twice.

Every answer has its own version. A change names the version it was made on and carries a key of its own:
a key seen before answers what it answered then, an older version is refused with the other text beside it
(decision 10). The form's counts move in the same transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Result, bindparam, insert, update
from sqlalchemy.orm.attributes import set_committed_value

from survey_app.assessments import queries
from survey_app.assessments.models import WHOLE_UNIT, Answer
from survey_app.assessments.queries import Form
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.db import Base, session
from survey_app.rounds.service import check_accepting
from survey_app.rules.errors import N_, BadInput, RuleError
from survey_app.rules.framework import Indicator
from survey_app.rules.scoring import Answers, OutsideScale, score_indicator, why_not_applicable
from survey_app.rules.workflow import EDITABLE, STATE_NAMES, State, WrongState

LONGEST_COMMENT = 1000


class UnknownPlace(BadInput):
    """The form has no such indicator, or the indicator is not judged at that site."""

    message = N_("Phiếu này không có tiêu chí hoặc điểm trường đó. Hãy tải lại trang.")


class NotApplicable(RuleError):
    """The profile says that the indicator does not apply."""

    message = N_("Tiêu chí %(code)s không áp dụng cho trường theo thông tin đã khai. Hãy tải lại trang.")


class NotReturned(RuleError):
    """The form was given back, but not this indicator."""

    message = N_("Chỉ sửa được các tiêu chí được yêu cầu bổ sung; tiêu chí %(code)s đã khóa.")


class CommentTooLong(BadInput):
    """More than `LONGEST_COMMENT` characters."""

    message = N_("Mô tả dài quá %(most)s ký tự nên chưa lưu. Hãy rút gọn.")


class KeyReused(RuleError):
    """The key of an earlier change came again with another content."""

    message = N_("Lần lưu này trùng mã với một lần lưu khác. Hãy tải lại trang rồi lưu lại.")


class StaleAnswer(RuleError):
    """Somebody saved the answer after the version this change was made on; `current` is what stands."""

    message = N_("Có người đã lưu một bản khác của tiêu chí %(code)s. Hãy xem hai bản rồi chọn.")

    def __init__(self, current: Answer | None, code: str) -> None:
        super().__init__(code=code)
        self.current = current


@dataclass(frozen=True)
class Edit:
    """One change as the browser sends it: `site_id` 0 for the whole unit, `value` None for no choice."""

    indicator: str
    site_id: int
    value: int | None
    comment: str
    base_version: int
    key: str


@dataclass(frozen=True)
class Saved:
    """What a change led to: the answer's new version and when it was stored."""

    version: int
    at: datetime


def save_answer(form: Form, edit: Edit, *, actor: Actor, now: datetime) -> Saved:
    """Store one change of one answer of a locked form.

    A known key with the same content answers what it answered before. Raises `StaleAnswer`, `KeyReused`,
    `WrongState`, `DeadlinePassed`, `NotReturned`, `NotApplicable`, `UnknownPlace`, `OutsideScale`,
    `CommentTooLong`.
    """
    key = f"{form.assessment.id}:{edit.key}"
    if repeated := _repeated(key, edit):
        return repeated
    indicator = _place(form, edit)
    check_editable(form, edit.indicator, now=now)
    _check_content(indicator, edit)
    stored = queries.answers_of_indicator(form.assessment.id, indicator.code)
    before = {(indicator.code, site): answer.value for site, answer in stored.items()}
    answer = stored.get(edit.site_id)
    if edit.base_version != (answer.version if answer else 0):
        raise StaleAnswer(answer, indicator.code)
    version = write_answer(form, answer, edit, key, actor=actor, now=now)
    after = before | {(indicator.code, edit.site_id): edit.value}
    asks = indicator.evidence_required_from is not None
    has = asks and indicator.code in queries.indicators_with_evidence(form.assessment.id)
    move_counts(form, indicator, (before, has), (after, has))
    settle(form, indicator.code, now=now)
    return Saved(version, now)


def save_at_other_sites(form: Form, edit: Edit, *, actor: Actor, now: datetime) -> int:
    """Give the value just saved at one site to every other site of the unit; returns how many changed.

    Comments stay as they are at each site. Raises as `save_answer`.
    """
    stored = queries.answers_of_indicator(form.assessment.id, edit.indicator)
    others = [site for site in form.facts.sites if site != edit.site_id and edit.value is not None]
    open_sites = [site for site in others if site not in stored or stored[site].value != edit.value]
    for site in open_sites:
        comment, base = (stored[site].comment, stored[site].version) if site in stored else ("", 0)
        change = Edit(edit.indicator, site, edit.value, comment, base, f"{site}-{edit.key}"[:48])
        save_answer(form, change, actor=actor, now=now)
    return len(open_sites)


def _repeated(key: str, edit: Edit) -> Saved | None:
    found = queries.find_change(key)
    if found is None:
        return None
    change, answer = found
    same = (change.new_value, change.new_comment, change.base_version) == (
        edit.value,
        edit.comment,
        edit.base_version,
    )
    if not same or (answer.indicator, answer.site_id) != (edit.indicator, edit.site_id):
        raise KeyReused()
    return Saved(change.version, change.at)


def _place(form: Form, edit: Edit) -> Indicator:
    indicator, facts = form.framework.by_code.get(edit.indicator), form.facts
    if indicator is None:
        raise UnknownPlace()
    sites = facts.sites if indicator.per_site and facts.sites else (WHOLE_UNIT,)
    if edit.site_id not in sites:
        raise UnknownPlace()
    if why_not_applicable(indicator, facts):
        raise NotApplicable(code=indicator.code)
    return indicator


def check_editable(form: Form, code: str | None, *, now: datetime) -> None:
    """Raise unless the unit may change the form now; with `code`, that indicator of it."""
    if form.assessment.state not in EDITABLE:
        raise WrongState(state=STATE_NAMES[State(form.assessment.state)])
    if form.assessment.state == State.DRAFT:
        _check_deadline(form, form.deadline, now)
        return
    returned = queries.open_return(form.assessment.id)
    if returned is None or (code is not None and code not in returned.items):
        raise NotReturned(code=code or "")
    _check_deadline(form, returned.row.deadline, now)


def _check_deadline(form: Form, closes_at: datetime, now: datetime) -> None:
    check_accepting(form.round, closes_at, begun=form.assessment.answered > 0, now=now)


def _check_content(indicator: Indicator, edit: Edit) -> None:
    if edit.value is not None and edit.value not in indicator.scale.values:
        raise OutsideScale(code=indicator.code)
    if len(edit.comment) > LONGEST_COMMENT:
        raise CommentTooLong(most=LONGEST_COMMENT)


# Built once: building them anew took a tenth of every save.
_ANSWERS, _CHANGES = Base.metadata.tables["answer"], Base.metadata.tables["answer_change"]
_NEW_ANSWER, _NEW_CHANGE = insert(_ANSWERS), insert(_CHANGES)
_FORMS = Base.metadata.tables["assessment"]
_NEW_COUNTS = update(_FORMS).where(_FORMS.c.id == bindparam("form"))
_UPDATE_IF_UNCHANGED = update(_ANSWERS).where(
    _ANSWERS.c.id == bindparam("stored_id"), _ANSWERS.c.version == bindparam("seen_version")
)


def write_answer(
    form: Form,
    answer: Answer | None,
    edit: Edit,
    key: str,
    *,
    actor: Actor,
    now: datetime,
    confirmed: bool = True,
) -> int:
    """Store a change that was checked, and its history; the answer's new version.

    `confirmed` False: copied from an earlier round, nobody has looked at it yet. Raises `StaleAnswer`.
    """
    old = (answer.value, answer.comment) if answer else (None, "")
    version = edit.base_version + 1
    new: dict[str, Any] = {
        "value": edit.value,
        "comment": edit.comment,
        "version": version,
        "confirmed": confirmed,
        "updated_at": now,
        "updated_by_id": actor.user_id,
    }
    if answer is None:
        place = {"assessment_id": form.assessment.id, "indicator": edit.indicator, "site_id": edit.site_id}
        answer_id = _inserted_id(session.execute(_NEW_ANSWER, place | new))
    else:
        answer_id = answer.id
        _update_if_unchanged(answer, edit, new)
    change = {"answer_id": answer_id, "key": key, "base_version": edit.base_version, "version": version}
    change |= {"old_value": old[0], "new_value": edit.value, "old_comment": old[1]}
    change |= {"new_comment": edit.comment, "actor_id": actor.user_id, "at": now}
    session.execute(_NEW_CHANGE, change)
    return version


def _inserted_id(done: Result[Any]) -> int:
    assert isinstance(done, CursorResult)
    key = done.inserted_primary_key
    assert key is not None
    return int(key[0])


def _update_if_unchanged(answer: Answer, edit: Edit, new: dict[str, Any]) -> None:
    done = session.execute(
        _UPDATE_IF_UNCHANGED, new | {"stored_id": answer.id, "seen_version": edit.base_version}
    )
    session.expire(answer)
    if not rows_changed(done):
        raise StaleAnswer(answer, edit.indicator)


COUNTED = ("answered", "applicable", "met", "mandatory", "mandatory_met", "evidence_needed", "evidence_had")


def count_indicator(form: Form, indicator: Indicator, values: Answers, has_evidence: bool) -> dict[str, int]:
    """What one indicator adds to the counts of its form, by the names of the columns in `COUNTED`."""
    line = score_indicator(form.framework, indicator, form.facts, values)
    needed = line.applicable and indicator.needs_evidence(line.value)
    counts = dict(vars(line.tally()))
    counts |= {"evidence_needed": int(needed), "evidence_had": int(needed and has_evidence)}
    return {name: counts[name] for name in COUNTED}


def move_counts(
    form: Form, indicator: Indicator, before: tuple[Answers, bool], after: tuple[Answers, bool]
) -> None:
    """Move the form's counts by what one indicator adds now and added before: its values, has it a file."""
    old, new = count_indicator(form, indicator, *before), count_indicator(form, indicator, *after)
    row = form.assessment
    moved = {name: getattr(row, name) + new[name] - old[name] for name in COUNTED if new[name] != old[name]}
    if moved:
        session.execute(_NEW_COUNTS, moved | {"form": row.id})
        for name, count in moved.items():
            set_committed_value(row, name, count)


def recount(form: Form) -> None:
    """Set the form's counts from all its answers, after what applies or what is attached has changed."""
    values = queries.values_of(form.assessment.id)
    with_evidence = queries.indicators_with_evidence(form.assessment.id)
    totals = dict.fromkeys(COUNTED, 0)
    for code, indicator in form.framework.by_code.items():
        for name, count in count_indicator(form, indicator, values, code in with_evidence).items():
            totals[name] += count
    for name, count in totals.items():
        setattr(form.assessment, name, count)
    session.flush()


def settle(form: Form, code: str, *, now: datetime) -> None:
    """A returned indicator that was changed, or answered in another way, counts as dealt with."""
    if form.assessment.state != State.RETURNED:
        return
    returned = queries.open_return(form.assessment.id)
    item = returned.items.get(code) if returned else None
    if item is not None and item.settled_at is None:
        item.settled_at = now
        session.flush()
