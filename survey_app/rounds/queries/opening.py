"""What opening a round would freeze: the preview for the person, and the rows themselves."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from survey_app.core.db import session
from survey_app.organisations.models import DEPARTMENT, OrganisationUnit, Site, UnitStage
from survey_app.organisations.queries import schools_under, stages_by_unit
from survey_app.rounds.models import Round
from survey_app.rounds.queries.candidates import (
    Schools,
    choice_of,
    count_schools,
    eligible_schools,
    excluded_schools,
    has_authority,
    has_rule,
    has_site,
    in_area,
    site_open,
    teaches,
)
from survey_app.rounds.queries.sets import round_frameworks
from survey_app.rules.errors import N_

NO_STAGE, NO_AUTHORITY, NO_SITE, NO_RULE = "no_stage", "no_authority", "no_site", "no_rule"
PROBLEM_NAMES: dict[str, str] = {
    NO_STAGE: N_("Chưa ghi cấp học"),
    NO_AUTHORITY: N_("Chưa có cơ quan quản lý trực tiếp đang hoạt động"),
    NO_SITE: N_("Chưa có điểm trường đang hoạt động"),
    NO_RULE: N_("Bộ tiêu chí của đợt không có điều kiện Đạt cho loại hình này"),
}
SHOWN_PROBLEMS = 50


@dataclass(frozen=True)
class Problem:
    """A school that cannot take part as it is described now, and why (a key of `PROBLEM_NAMES`)."""

    uid: str
    name: str
    ward_name: str
    reason: str


@dataclass(frozen=True)
class Opening:
    """What opening a round today would freeze. `forms` goes by framework version id."""

    units: int
    excluded: int
    forms: dict[int, int]
    by_department: int
    by_communes: int
    communes: int
    problems: Sequence[Problem]
    problem_count: int


def preview_opening(round_: Round, on: date) -> Opening:
    """What opening the round on this day would freeze, and which schools it would have to leave out."""
    statement, sets = eligible_schools(round_, on), round_frameworks(round_.id)
    by_kind = _reviewers_by_kind(statement)
    by_department, _one = by_kind.pop(DEPARTMENT, (0, 0))
    by_communes = sum(schools for schools, _ in by_kind.values())
    problems = _incomplete(round_, on, {stage for used in sets for stage in used.stages})
    return Opening(
        units=by_department + by_communes,
        excluded=count_schools(excluded_schools(round_, on)),
        forms={used.version_id: count_schools(statement.where(teaches(used.stages))) for used in sets},
        by_department=by_department,
        by_communes=by_communes,
        communes=sum(units for _, units in by_kind.values()),
        problems=_problem_rows(problems, on),
        problem_count=count_schools(problems),
    )


def _reviewers_by_kind(statement: Schools) -> dict[str, tuple[int, int]]:
    authority = aliased(OrganisationUnit)
    rows = session.execute(
        statement.join(authority, authority.id == OrganisationUnit.managing_authority_id)
        .with_only_columns(authority.kind, func.count(), func.count(authority.id.distinct()))
        .order_by(None)
        .group_by(authority.kind)
    )
    return {kind: (schools, units) for kind, schools, units in rows}


def _incomplete(round_: Round, on: date, stages: set[str]) -> Schools:
    """Schools of the choice that would take part if their description were complete."""
    choice = choice_of(round_)
    wanted = stages & set(choice.stages or stages)
    complete = and_(has_authority(on), has_site(on), has_rule(round_))
    return schools_under(round_.department_id, on).where(
        *in_area(choice),
        OrganisationUnit.id.not_in(choice.excluded),
        or_(_has_no_stage(), and_(teaches(wanted), ~complete)),
    )


def _has_no_stage() -> ColumnElement[bool]:
    return ~exists().where(UnitStage.unit_id == OrganisationUnit.id)


def _problem_rows(statement: Schools, on: date) -> list[Problem]:
    unit, ward = OrganisationUnit, aliased(OrganisationUnit)
    reasons = (_has_no_stage(), NO_STAGE), (~has_authority(on), NO_AUTHORITY), (~has_site(on), NO_SITE)
    reason = case(*reasons, else_=NO_RULE)
    rows = session.execute(
        statement.join(ward, ward.id == unit.parent_id)
        .with_only_columns(unit.uid, unit.name, ward.name, reason)
        .limit(SHOWN_PROBLEMS)
    )
    return [Problem(*row) for row in rows]


def facts_to_freeze(statement: Schools, on: date, *, after: int, limit: int) -> list[dict[str, Any]]:
    """The next schools of `statement` by id as rows of `Participation` without round and public id.

    `after` is the id of the last school of the piece before (0 at first): a fixed amount of memory.
    """
    unit, ward = OrganisationUnit, aliased(OrganisationUnit)
    rows = session.execute(
        statement.join(ward, ward.id == unit.parent_id)
        .with_only_columns(
            unit.id.label("unit_id"),
            unit.parent_id.label("ward_id"),
            unit.managing_authority_id.label("reviewing_unit_id"),
            unit.code.label("unit_code"),
            unit.name.label("unit_name"),
            ward.name.label("ward_name"),
            unit.unit_type,
            func.coalesce(ward.area_type, "").label("area_type"),
            func.coalesce(unit.ownership, "").label("ownership"),
            unit.search_text,
            unit.sort_key,
        )
        .where(unit.id > after)
        .order_by(None)
        .order_by(unit.id)
        .limit(limit)
    ).mappings()
    found = [dict(row) for row in rows]
    ids = [row["unit_id"] for row in found]
    stages, sites = stages_by_unit(ids), _sites_by_unit(ids, on)
    return [row | {"stages": list(stages[row["unit_id"]]), "sites": sites[row["unit_id"]]} for row in found]


def _sites_by_unit(unit_ids: Collection[int], on: date) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = session.execute(
        select(Site.unit_id, Site.id, Site.code, Site.name, Site.is_main)
        .where(Site.unit_id.in_(unit_ids), *site_open(on))
        .order_by(Site.is_main.desc(), Site.code)
    )
    for unit_id, site_id, code, name, main in rows:
        found[unit_id].append({"id": site_id, "code": code, "name": name, "main": main})
    return found
