"""Answers of the last round of the same purpose, taken over one by one.

Copying the whole form only proposes: a copied answer waits until somebody of the school has looked at it, and
a form with a waiting answer is not handed in. Nothing that was typed this year is touched.
"""

from collections.abc import Iterator
from datetime import datetime

from survey_app.assessments import queries
from survey_app.assessments.models import WHOLE_UNIT, Answer
from survey_app.assessments.ports import Prior, PriorValues, memory
from survey_app.assessments.queries import Form
from survey_app.assessments.saving import (
    Edit,
    NotApplicable,
    UnknownPlace,
    check_editable,
    recount,
    settle,
    write_answer,
)
from survey_app.core.access import Actor
from survey_app.rules.errors import N_, RuleError
from survey_app.rules.framework import Indicator
from survey_app.rules.scoring import site_values, why_not_applicable
from survey_app.rules.workflow import STATE_NAMES, State, WrongState


class NothingToKeep(RuleError):
    """No earlier round has an answer that fits this indicator."""

    message = N_("Năm trước không có câu trả lời của tiêu chí %(code)s. Hãy chọn mức.")


def copy_all(form: Form, *, actor: Actor, now: datetime) -> int:
    """Propose last year's answer wherever nothing is answered yet; how many indicators got one.

    Copied answers are not confirmed. A second call finds nothing left to copy. Raises `WrongState` when the
    form is not a draft, `DeadlinePassed`.
    """
    if form.assessment.state != State.DRAFT:
        raise WrongState(state=STATE_NAMES[State(form.assessment.state)])
    check_editable(form, None, now=now)
    before = memory.get().prior_values(form.assessment.id)
    if before is None:
        return 0
    stored, earlier = queries.answers_of(form.assessment.id), queries.answers_of(before.assessment_id)
    copied = 0
    for indicator in form.framework.by_code.values():
        edits = list(_proposals(form, indicator, before, stored, earlier))
        for edit in edits:
            answer = stored.get((indicator.code, edit.site_id))
            write_answer(form, answer, edit, _key(form, edit), actor=actor, now=now, confirmed=False)
        copied += bool(edits)
    recount(form)
    return copied


def keep_as_before(form: Form, code: str, *, actor: Actor, now: datetime) -> None:
    """Confirm the copied answer of one indicator, and take last year's where a place has none.

    What the school answered this year stays. A second call changes nothing. Raises `UnknownPlace`,
    `NotApplicable`, `NothingToKeep`, and what `check_editable` raises.
    """
    indicator = form.framework.by_code.get(code)
    if indicator is None:
        raise UnknownPlace()
    if why_not_applicable(indicator, form.facts):
        raise NotApplicable(code=code)
    check_editable(form, code, now=now)
    stored = _by_place(form.assessment.id, code)
    edits = [_confirmation(row) for row in stored.values() if not row.confirmed]
    before = memory.get().prior_values(form.assessment.id)
    if before is not None:
        edits += _proposals(form, indicator, before, stored, _by_place(before.assessment_id, code))
    places = site_values(indicator, form.facts, {place: row.value for place, row in stored.items()})
    if not edits and None in places.values():
        raise NothingToKeep(code=code)
    for edit in edits:
        write_answer(form, stored.get((code, edit.site_id)), edit, _key(form, edit), actor=actor, now=now)
    recount(form)
    settle(form, code, now=now)


def _by_place(assessment_id: int, code: str) -> dict[tuple[str, int], Answer]:
    return {(code, site): row for site, row in queries.answers_of_indicator(assessment_id, code).items()}


def _proposals(
    form: Form,
    indicator: Indicator,
    before: PriorValues,
    stored: dict[tuple[str, int], Answer],
    earlier: dict[tuple[str, int], Answer],
) -> Iterator[Edit]:
    """Last year's answer for each place of an indicator that applies and where no value stands yet."""
    prior = before.by_code.get(indicator.code)
    if prior is None or why_not_applicable(indicator, form.facts):
        return
    for site in site_values(indicator, form.facts, {}):
        here = stored.get((indicator.code, site))
        last = earlier.get((indicator.code, site)) or earlier.get((indicator.code, WHOLE_UNIT))
        value = _kept_value(last.value, prior) if last else None
        if value is None or value not in indicator.scale.values or (here and here.value is not None):
            continue
        comment = (here.comment if here else "") or (last.comment if last else "")
        yield Edit(indicator.code, site, value, comment, here.version if here else 0, "copy")


def _kept_value(own: int | None, prior: Prior) -> int | None:
    """What is worth keeping of an answer: never more than the authority confirmed of the indicator."""
    return own if own is None or prior.verified is None else min(own, prior.verified)


def _confirmation(row: Answer) -> Edit:
    return Edit(row.indicator, row.site_id, row.value, row.comment, row.version, "keep")


def _key(form: Form, edit: Edit) -> str:
    """One change of one version of one answer has one key: it cannot be stored twice."""
    return f"{form.assessment.id}:{edit.key}-{edit.indicator}-{edit.site_id}-{edit.base_version}"
