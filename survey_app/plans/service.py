"""The improvement plan of one form: what the result suggests, and the items a school keeps."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import update

from survey_app.assessments.attaching import EvidenceElsewhere
from survey_app.assessments.queries import Form, lock_forms, own_scorecard
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.db import session
from survey_app.evidence.models import EvidenceFile
from survey_app.plans import queries
from survey_app.plans.items import (
    HIGHEST_COST,
    HIGHEST_MARK,
    LONGEST_ACTION,
    LOWEST_MARK,
    MARK_NAMES,
    PRIORITY_NAMES,
    STATUS_NAMES,
    ItemValues,
)
from survey_app.plans.models import PlanEvidence, PlanItem
from survey_app.results.content import read_scorecard
from survey_app.results.queries import current_result, way_of
from survey_app.rules.errors import N_, BadInput, NotAllowed, RuleError
from survey_app.rules.framework import Indicator
from survey_app.rules.scoring import Scorecard
from survey_app.rules.shortest_path import Raise


class BadItem(BadInput):
    """An item that does not fit: unknown indicator, no action, a value outside its range."""

    message = N_(
        "Việc trong kế hoạch chưa đúng. Hãy xem lại tiêu chí, nội dung việc, kinh phí và mức ưu tiên."
    )


class StaleItem(RuleError):
    """Somebody else saved or deleted the item meanwhile (409)."""

    message = N_("Có người vừa sửa hoặc xóa việc này. Hãy xem bản đang lưu rồi lưu lại.")


@dataclass(frozen=True)
class Suggestion:
    """An applicable indicator that is not met: its value and what raises it, as the set says."""

    indicator: Indicator
    value: int
    mandatory: bool
    action: str


def suggest(form: Form) -> list[Suggestion]:
    """What a plan should begin with, mandatory indicators first, then the lowest values.

    By the published result, else by the school's own answers; what is planned already is left out.
    """
    planned = {item.indicator for item in queries.list_items(form.assessment.id)}
    found = [
        Suggestion(form.framework.by_code[line.code], line.value, line.mandatory, action)
        for line in _scorecard(form).indicators
        if line.value is not None and not line.met and line.code not in planned
        if (action := steps_to_met(form.framework.by_code[line.code], line.value))
    ]
    return sorted(found, key=lambda row: (not row.mandatory, row.value))


def _scorecard(form: Form) -> Scorecard:
    result = current_result(form.assessment.id)
    return read_scorecard(form.framework, result.content) if result else own_scorecard(form)


def steps_to_met(indicator: Indicator, value: int) -> str:
    """The set's next steps from a value up to the lowest one that is met, a line each; "" for none."""
    return steps_between(indicator, value, indicator.scale.lowest_met)


def steps_between(indicator: Indicator, value: int, target: int) -> str:
    """The set's next steps from one value up to another, a line each; "" for none."""
    steps = [
        level.next_step.vi for level in indicator.levels if value <= level.value < target and level.next_step
    ]
    return "\n".join(map(_as_action, steps))


def _as_action(step: str) -> str:
    """ "Để đạt mức 2 cần: sửa hàng rào." → "Sửa hàng rào."."""
    head, colon, rest = step.partition(": ")
    words = rest if colon and head.startswith("Để đạt") else step
    return words[:1].upper() + words[1:]


def add_item(form: Form, values: ItemValues, *, actor: Actor, now: datetime) -> PlanItem:
    """Put an item into the plan of the actor's own school. Raises `BadItem`, `NotAllowed`."""
    _check(form, values, actor)
    item = PlanItem(
        assessment_id=form.assessment.id,
        created_at=now,
        updated_at=now,
        updated_by_id=actor.user_id,
        version=1,
        **asdict(values),
    )
    session.add(item)
    session.flush()
    audit.record(actor, "plan.add", item, now=now, new={"indicator": values.indicator})
    return item


def add_suggestion(form: Form, code: str, *, actor: Actor, now: datetime) -> PlanItem | None:
    """Take over one suggestion as it stands; None when the plan has the indicator already.

    Raises `BadItem` for an indicator that is not suggested at all, `NotAllowed`.
    """
    _check_own(form, actor)
    _hold(form)
    if code in queries.planned_indicators(form.assessment.id):
        return None
    found = next((row for row in suggest(form) if row.indicator.code == code), None)
    if found is None:
        raise BadItem()
    values = ItemValues(code, found.action, priority=1 if found.mandatory else 2)
    return add_item(form, values, actor=actor, now=now)


def add_way(form: Form, code: str | None, *, actor: Actor, now: datetime) -> list[PlanItem]:
    """Take over the shortest way to the next level: all of it, or one indicator; what is planned is left out.

    Raises `BadItem` for an indicator that is not on the way, `NotAllowed`.
    """
    _check_own(form, actor)
    _hold(form)
    way = way_of(form, current_result(form.assessment.id))
    raises = [one for one in way.raises if code in (None, one.code)] if way else []
    if code is not None and not raises:
        raise BadItem()
    planned = queries.planned_indicators(form.assessment.id)
    return [
        add_item(form, _values_of_raise(form, one), actor=actor, now=now)
        for one in raises
        if one.code not in planned
    ]


def _hold(form: Form) -> None:
    """Two presses at once: the second reads the plan when the first is in it."""
    lock_forms({form.assessment.id})


def _values_of_raise(form: Form, one: Raise) -> ItemValues:
    indicator = form.framework.by_code[one.code]
    scale = indicator.scale
    plain = f"Từ “{scale.name_of(one.value)}” lên “{scale.name_of(one.target)}”."
    action = steps_between(indicator, one.value, one.target) or plain
    return ItemValues(one.code, action[:LONGEST_ACTION], priority=1 if one.mandatory else 2)


def set_evidence(
    form: Form, item: PlanItem, files: Collection[EvidenceFile], *, actor: Actor, now: datetime
) -> None:
    """Say which files of the unit's store show what was done; others are taken off the item.

    Raises `EvidenceElsewhere` for a file of another unit or one that is hidden, `NotAllowed`.
    """
    _check_own(form, actor)
    if any(file.unit_id != actor.unit_id or file.hidden_at is not None for file in files):
        raise EvidenceElsewhere()
    links, wanted = queries.links_of_item(item.id), {file.id for file in files}
    for evidence_id in links.keys() - wanted:
        session.delete(links[evidence_id])
    for evidence_id in sorted(wanted - links.keys()):
        session.add(
            PlanEvidence(item_id=item.id, evidence_id=evidence_id, added_by_id=actor.user_id, added_at=now)
        )
    session.flush()
    if links.keys() != wanted:
        audit.record(actor, "plan.evidence", item, now=now, new={"count": len(wanted)})


def change_item(
    form: Form, item: PlanItem, values: ItemValues, *, version: int, actor: Actor, now: datetime
) -> PlanItem:
    """Save an item that still is at `version`. Raises `StaleItem`, `BadItem`, `NotAllowed`."""
    _check(form, values, actor)
    old = values_of(item)
    _update(item, version, asdict(values), actor, now)
    before, after = asdict(old), asdict(values)
    changed = [name for name in after if after[name] != before[name]]
    audit.record(actor, "plan.change", item, now=now, old=_plain(before, changed), new=_plain(after, changed))
    return item


def set_status(
    form: Form, item: PlanItem, status: str, *, version: int, actor: Actor, now: datetime
) -> PlanItem:
    """Say how far an item is. Raises what `change_item` raises."""
    values = replace(values_of(item), status=status)
    return change_item(form, item, values, version=version, actor=actor, now=now)


def delete_item(form: Form, item: PlanItem, *, version: int, actor: Actor, now: datetime) -> None:
    """Take an item out of the plan; the row stays. Raises `StaleItem`, `NotAllowed`."""
    _check_own(form, actor)
    _update(item, version, {"deleted_at": now}, actor, now)
    audit.record(actor, "plan.delete", item, now=now, old={"indicator": item.indicator})


def values_of(item: PlanItem) -> ItemValues:
    """What is stored of an item."""
    return ItemValues(
        item.indicator,
        item.action,
        item.person,
        item.due_on,
        item.cost,
        item.priority,
        item.status,
        dict(item.marks),
    )


def _update(item: PlanItem, version: int, values: dict[str, Any], actor: Actor, now: datetime) -> None:
    done = session.execute(
        update(PlanItem)
        .where(PlanItem.id == item.id, PlanItem.version == version, PlanItem.deleted_at.is_(None))
        .values(version=version + 1, updated_at=now, updated_by_id=actor.user_id, **values)
        .execution_options(synchronize_session=False)
    )
    session.refresh(item)
    if not rows_changed(done):
        raise StaleItem()


def _check(form: Form, values: ItemValues, actor: Actor) -> None:
    _check_own(form, actor)
    if (
        values.indicator not in form.framework.by_code
        or not 0 < len(values.action.strip()) <= LONGEST_ACTION
        or values.priority not in PRIORITY_NAMES
        or values.status not in STATUS_NAMES
        or not 0 <= (values.cost or 0) <= HIGHEST_COST
        or not values.marks.keys() <= MARK_NAMES.keys()
        or not all(LOWEST_MARK <= mark <= HIGHEST_MARK for mark in values.marks.values())
    ):
        raise BadItem()


def _check_own(form: Form, actor: Actor) -> None:
    if form.participation.unit_id != actor.unit_id or not actor.may("plans.edit"):
        raise NotAllowed()


def _plain(values: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: _said(values[name]) for name in names}


def _said(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):  # the marks in the order of `MARK_NAMES`
        return ", ".join(str(value.get(code, "–")) for code in MARK_NAMES)
    return value
