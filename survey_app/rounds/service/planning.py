"""Planning a round: what for, by which sets, until when, for which schools. Nothing is frozen yet."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.organisations.stages import STAGE_NAMES, UNIT_TYPE_NAMES
from survey_app.rounds import queries
from survey_app.rounds.models import PLANNED, PURPOSE_NAMES, Round, RoundFramework
from survey_app.rounds.queries import UnitChoice
from survey_app.rounds.school_years import is_school_year
from survey_app.rounds.service.states import BadField, move
from survey_app.rules.errors import N_, BadInput

MOST_GRACE = 60
MOST_EXCLUDED = 5000


@dataclass(frozen=True)
class RoundPlan:
    """Everything an administrator says about a round.

    Instants are aware; `sets` names for each framework version id the stages it is used for;
    `checking_levels` is 1 (the officer confirms) or 2 (the officer proposes, the leader approves).
    `signed_copy_required`: a form is handed in only with its signed print, scanned or photographed.
    """

    title: str
    purpose: str
    school_year: str
    opens_at: datetime
    closes_at: datetime
    commune_closes_at: datetime
    department_closes_at: datetime
    sets: Mapping[int, Collection[str]]
    grace_minutes: int = 10
    checking_levels: int = 2
    signed_copy_required: bool = False
    note: str = ""

    def values(self) -> dict[str, Any]:
        """The columns of `Round` that the plan fills."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name != "sets"}

    def plain(self) -> dict[str, Any]:
        """The plan as plain JSON, for the audit."""
        words = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in self.values().items()
        }
        return words | {"sets": {str(version): sorted(stages) for version, stages in self.sets.items()}}


def create_round(plan: RoundPlan, *, actor: Actor, now: datetime) -> Round:
    """A planned round of the actor's department. Raises `BadField` for what does not fit together."""
    _check(plan)
    made = Round(department_id=actor.department_id, state=PLANNED, created_at=now, **plan.values())
    session.add(made)
    session.flush()
    _set_frameworks(made, plan)
    audit.record(actor, "round.create", made, new=plan.plain(), now=now)
    return made


def change_round(round_: Round, plan: RoundPlan, *, version: int, actor: Actor, now: datetime) -> Round:
    """Replace the plan of a round that has not opened; `version` is the one the person saw.

    Raises `BadField`, and `RoundMoved` when the round opened or somebody else changed it meanwhile.
    """
    _check(plan)
    old = plan_of(round_).plain()
    move(round_, start=PLANNED, version=version, **plan.values())
    _set_frameworks(round_, plan)
    new = plan.plain()
    changed = [name for name in new if new[name] != old[name]]
    audit.record(
        actor,
        "round.change",
        round_,
        old={name: old[name] for name in changed},
        new={name: new[name] for name in changed},
        now=now,
    )
    return round_


def delete_round(round_: Round, *, actor: Actor, now: datetime) -> None:
    """Delete a round that has not opened: nothing hangs on it yet. Raises `RoundMoved` once it has."""
    title, uid = round_.title, round_.uid
    move(round_, start=PLANNED)
    session.execute(delete(RoundFramework).where(RoundFramework.round_id == round_.id))
    session.execute(delete(Round).where(Round.id == round_.id))
    audit.record(actor, "round.delete", ("Round", uid), old={"title": title}, now=now)


def plan_of(round_: Round) -> RoundPlan:
    """The plan a round holds now."""
    names = [item.name for item in fields(RoundPlan) if item.name != "sets"]
    sets = {used.version_id: used.stages for used in queries.round_frameworks(round_.id)}
    return RoundPlan(sets=sets, **{name: getattr(round_, name) for name in names})


def choose_units(round_: Round, choice: UnitChoice, *, actor: Actor, now: datetime) -> Round:
    """Say which schools a planned round will take in; schools already left out by hand stay out.

    Raises `BadInput` for a stage, ward or type that does not exist, `RoundMoved` once it has opened.
    """
    wards = {unit.id for unit in queries.reviewing_units(round_.department_id)} - {round_.department_id}
    if (
        set(choice.stages) - set(STAGE_NAMES)
        or set(choice.unit_types) - set(UNIT_TYPE_NAMES)
        or set(choice.ward_ids) - wards
    ):
        raise BadInput()
    return _store(round_, replace(choice, excluded=queries.choice_of(round_).excluded), actor, now)


def exclude_units(
    round_: Round, *, shown: Collection[int], kept: Collection[int], actor: Actor, now: datetime
) -> Round:
    """Of the schools on one page of the list, leave out those not in `kept`; others stay as they are.

    Raises `BadInput` when too many are left out one by one, `RoundMoved` once the round has opened.
    """
    before = queries.choice_of(round_)
    excluded = (set(before.excluded) - set(shown)) | (set(shown) - set(kept))
    if len(excluded) > MOST_EXCLUDED:
        raise BadField(
            "shown",
            N_("Đã bỏ từng trường quá %(most)s trường. Hãy thu hẹp theo cấp học hoặc xã, phường."),
            most=MOST_EXCLUDED,
        )
    return _store(round_, replace(before, excluded=tuple(sorted(excluded))), actor, now)


def _store(round_: Round, choice: UnitChoice, actor: Actor, now: datetime) -> Round:
    old = round_.choice
    move(round_, start=PLANNED, version=round_.version, choice=choice.plain())
    audit.record(actor, "round.choose", round_, old=old, new=round_.choice, now=now)
    return round_


def _check(plan: RoundPlan) -> None:
    if not plan.title.strip():
        raise BadField("title", N_("Hãy đặt tên đợt."))
    if plan.purpose not in PURPOSE_NAMES:
        raise BadField("purpose", N_("Hãy chọn loại đợt."))
    if not is_school_year(plan.school_year):
        raise BadField("school_year", N_("Năm học ghi hai năm liền nhau, ví dụ 2026-2027."))
    check_calendar(plan.opens_at, plan.closes_at, plan.commune_closes_at, plan.department_closes_at)
    if not 0 <= plan.grace_minutes <= MOST_GRACE:
        raise BadField("grace_minutes", N_("Số phút chờ thêm phải từ 0 đến %(most)s."), most=MOST_GRACE)
    if plan.checking_levels not in (1, 2):
        raise BadField("checking_levels", N_("Hãy chọn một hoặc hai cấp kiểm tra."))
    _check_sets(plan.sets)


def check_calendar(
    opens_at: datetime, closes_at: datetime, commune_closes_at: datetime, department_closes_at: datetime
) -> None:
    """Raise `BadField` unless opening < school's < commune's ≤ department's deadline."""
    if closes_at <= opens_at:
        raise BadField("closes_at", N_("Hạn nộp của trường phải sau thời điểm mở đợt."))
    if commune_closes_at <= closes_at:
        raise BadField("commune_closes_at", N_("Hạn kiểm tra của xã, phường phải sau hạn nộp của trường."))
    if department_closes_at < commune_closes_at:
        raise BadField("department_closes_at", N_("Hạn của Sở không được trước hạn của xã, phường."))


def _check_sets(sets: Mapping[int, Collection[str]]) -> None:
    used = [stage for stages in sets.values() for stage in stages]
    if not used or not all(sets.values()):
        raise BadField("sets", N_("Hãy chọn bộ tiêu chí cho ít nhất một cấp học."))
    if len(used) != len(set(used)):
        raise BadField("sets", N_("Mỗi cấp học chỉ dùng một bộ tiêu chí trong một đợt."))
    offered = {edition.version_id: set(edition.stages) for edition in queries.list_editions()}
    if any(set(stages) - offered.get(version, set()) for version, stages in sets.items()):
        raise BadField("sets", N_("Bộ tiêu chí đã chọn không có hoặc không dành cho cấp học đó."))


def _set_frameworks(round_: Round, plan: RoundPlan) -> None:
    session.execute(delete(RoundFramework).where(RoundFramework.round_id == round_.id))
    session.add_all(
        RoundFramework(round_id=round_.id, framework_version_id=version, stages=sorted(stages))
        for version, stages in plan.sets.items()
    )
    session.flush()
