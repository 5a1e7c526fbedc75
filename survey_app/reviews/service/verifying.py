"""Confirming values one indicator at a time: never over somebody else's, never without a reason.

Every row has its own version; a change names the version it was made on and is ONE conditional UPDATE.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, update

from survey_app.assessments.queries import Form, answers_of_indicator
from survey_app.assessments.saving import NotApplicable, UnknownPlace
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.db import session
from survey_app.reviews import queries
from survey_app.reviews.examination import Mark, examine
from survey_app.reviews.models import VerifiedScore
from survey_app.reviews.service.guards import LONGEST_REASON, checked_reason, fitting, held_review
from survey_app.rules.errors import N_, BadInput, RuleError
from survey_app.rules.framework import Indicator
from survey_app.rules.scoring import OutsideScale, unit_value, why_not_applicable


class NoValue(BadInput):
    """No level was chosen."""

    message = N_("Hãy chọn một mức ở Kết quả kiểm tra.")


class StaleScore(RuleError):
    """Somebody saved the row after the version this change was made on; `current` is what stands (409)."""

    message = N_("Tiêu chí %(code)s vừa được lưu ở nơi khác. Hãy xem hai bản rồi chọn.")

    def __init__(self, current: VerifiedScore | None, code: str) -> None:
        super().__init__(code=code)
        self.current = current


@dataclass(frozen=True)
class Verdict:
    """What an officer says of one indicator, on the version they saw."""

    indicator: str
    value: int | None
    reason: str
    base_version: int


def verify_score(form: Form, verdict: Verdict, *, actor: Actor, now: datetime) -> VerifiedScore:
    """Confirm one indicator of a locked form; where it differs from the school's value, with a reason.

    The same verdict sent twice is stored once. Raises `NoValue`, `OutsideScale`, `ReasonTooShort`,
    `ReasonTooLong`, `UnknownPlace`, `NotApplicable`, `StaleScore`, and as `held_review`.
    """
    held_review(form, actor)
    indicator = _applicable(form, verdict.indicator)
    if verdict.value is None:
        raise NoValue()
    if verdict.value not in indicator.scale.values:
        raise OutsideScale(code=indicator.code)
    reason = fitting(verdict.reason.strip(), LONGEST_REASON)
    if verdict.value != own_value(form, indicator):
        reason = checked_reason(reason)
    new = {"value": verdict.value, "reason": reason}
    return _write(form, indicator.code, verdict.base_version, new, "review.verify", actor=actor, now=now)


def own_value(form: Form, indicator: Indicator) -> int | None:
    """The school's value of one indicator, by the site rule of the set."""
    stored = answers_of_indicator(form.assessment.id, indicator.code)
    values = {(indicator.code, site): answer.value for site, answer in stored.items()}
    return unit_value(form.framework, indicator, form.facts, values)


def _applicable(form: Form, code: str) -> Indicator:
    indicator = form.framework.by_code.get(code)
    if indicator is None:
        raise UnknownPlace()
    if why_not_applicable(indicator, form.facts):
        raise NotApplicable(code=code)
    return indicator


def mark_for_return(
    form: Form, code: str, reason: str, *, base_version: int, actor: Actor, now: datetime
) -> VerifiedScore:
    """Note that the school is to deal with an indicator, and why; nothing goes out before `return_marked`.

    Raises `ReasonTooShort`, `ReasonTooLong`, `UnknownPlace`, `NotApplicable`, `StaleScore`, and as
    `held_review`.
    """
    held_review(form, actor)
    _applicable(form, code)
    new = {"to_return": True, "return_reason": checked_reason(reason)}
    return _write(form, code, base_version, new, "review.mark", actor=actor, now=now)


def unmark(form: Form, code: str, *, base_version: int, actor: Actor, now: datetime) -> VerifiedScore:
    """Take the note of `mark_for_return` back. Raises as it."""
    held_review(form, actor)
    _applicable(form, code)
    new = {"to_return": False, "return_reason": ""}
    return _write(form, code, base_version, new, "review.unmark", actor=actor, now=now)


def copy_self_scores(form: Form, *, actor: Actor, now: datetime) -> int:
    """Confirm the school's own value wherever nobody has looked yet; returns how many.

    What needs an officer's eye stays open: claims to look at twice, what was given back, what is marked.
    Raises as `held_review`.
    """
    held_review(form, actor)
    lines = [
        line
        for line in examine(form).lines
        if line.mark is Mark.UNSEEN and not line.flags and line.own is not None
    ]
    for line in lines:
        _store(form, line.code, line.row, line.version, {"value": line.own, "reason": ""}, actor, now)
    copied = {line.code: line.own for line in lines}
    audit.record(actor, "review.copy", form.assessment, now=now, new=copied)
    return len(copied)


def _write(
    form: Form,
    code: str,
    base_version: int,
    new: Mapping[str, Any],
    act: str,
    *,
    actor: Actor,
    now: datetime,
) -> VerifiedScore:
    stored = queries.find_verified(form.assessment.id, code)
    if stored is not None and _is_repeated(stored, base_version, new, actor):
        return stored
    old = {name: getattr(stored, name) for name in new} if stored else None
    row = _store(form, code, stored, base_version, new, actor, now)
    audit.record(actor, act, form.assessment, now=now, old=old, new={"indicator": code, **new})
    return row


def _is_repeated(stored: VerifiedScore, base_version: int, new: Mapping[str, Any], actor: Actor) -> bool:
    """The same change came twice: a double click, or an answer that was lost on the way."""
    written = all(getattr(stored, name) == value for name, value in new.items())
    return written and (stored.version, stored.updated_by_id) == (base_version + 1, actor.user_id)


def _store(
    form: Form,
    code: str,
    stored: VerifiedScore | None,
    base_version: int,
    new: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> VerifiedScore:
    """The row with `new` in it, made on `base_version` (0: there was none yet); raises `StaleScore`."""
    stamp = {"version": base_version + 1, "updated_at": now, "updated_by_id": actor.user_id}
    if stored is None:
        if base_version:
            raise StaleScore(None, code)
        stored = VerifiedScore(assessment_id=form.assessment.id, indicator=code, **new, **stamp)
        session.add(stored)
        session.flush()
        return stored
    done = session.execute(
        update(VerifiedScore)
        .where(VerifiedScore.assessment_id == form.assessment.id, VerifiedScore.indicator == code)
        .where(_unchanged(base_version))
        .values(**new, **stamp)
        .execution_options(synchronize_session=False)
    )
    session.refresh(stored)
    if not rows_changed(done):
        raise StaleScore(stored, code)
    return stored


def _unchanged(base_version: int) -> ColumnElement[bool]:
    return VerifiedScore.version == base_version
