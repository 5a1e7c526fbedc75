"""Choosing who takes part: the schools that a round would take in on a day."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, true
from sqlalchemy.orm import aliased

from survey_app.core.db import session
from survey_app.core.vietnamese import fold
from survey_app.core.web import PER_PAGE, Page
from survey_app.organisations.models import OrganisationUnit, Site, UnitStage
from survey_app.organisations.queries import schools_under, stages_by_unit
from survey_app.rounds.models import Participation, Round
from survey_app.rounds.queries.sets import round_frameworks, stages_of_round

Schools = Select[OrganisationUnit]


@dataclass(frozen=True)
class UnitChoice:
    """Which schools a planned round will take in; an empty part narrows nothing.

    `excluded` holds ids of single schools that are left out although the rest would take them in.
    """

    stages: tuple[str, ...] = ()
    ward_ids: tuple[int, ...] = ()
    unit_types: tuple[str, ...] = ()
    excluded: tuple[int, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As plain JSON, for the round's row."""
        return asdict(self)


@dataclass(frozen=True)
class Candidate:
    """A school that a planned round would take in, or was left out of it by hand."""

    id: int
    uid: str
    name: str
    ward_name: str
    stages: tuple[str, ...]
    excluded: bool


def choice_of(round_: Round) -> UnitChoice:
    """The choice stored with a round."""
    stored: dict[str, list[Any]] = round_.choice or {}
    return UnitChoice(**{name: tuple(values) for name, values in stored.items()})


def taught_schools(round_: Round, on: date) -> Schools:
    """The schools of a choice that exist on a day and teach a stage that the round has a set for.

    Those left out by hand are among them.
    """
    choice, stages = choice_of(round_), stages_of_round(round_.id)
    wanted = set(stages) & set(choice.stages or stages)
    return schools_under(round_.department_id, on).where(teaches(wanted), *in_area(choice))


def chosen_schools(round_: Round, on: date) -> Schools:
    """The schools of a choice without those left out by hand."""
    return taught_schools(round_, on).where(OrganisationUnit.id.not_in(choice_of(round_).excluded))


def excluded_schools(round_: Round, on: date) -> Schools:
    """The schools that the choice would take in, had they not been left out by hand."""
    return taught_schools(round_, on).where(OrganisationUnit.id.in_(choice_of(round_).excluded))


def eligible_schools(round_: Round, on: date) -> Schools:
    """The chosen schools that can be frozen: with an authority, an open site and a type the sets know."""
    return chosen_schools(round_, on).where(has_authority(on), has_site(on), has_rule(round_))


def late_schools(round_: Round, on: date) -> Schools:
    """The schools that could still be added to an open round, whatever was chosen before."""
    there = exists().where(Participation.round_id == round_.id, Participation.unit_id == OrganisationUnit.id)
    return schools_under(round_.department_id, on).where(
        teaches(stages_of_round(round_.id)), ~there, has_authority(on), has_site(on), has_rule(round_)
    )


def teaches(stages: Collection[str]) -> ColumnElement[bool]:
    """True for schools with at least one of these stages."""
    return exists().where(UnitStage.unit_id == OrganisationUnit.id, UnitStage.stage.in_(sorted(stages)))


def in_area(choice: UnitChoice) -> list[ColumnElement[bool]]:
    """The conditions of a choice on ward and type of unit."""
    clauses: list[ColumnElement[bool]] = []
    if choice.ward_ids:
        clauses.append(OrganisationUnit.parent_id.in_(choice.ward_ids))
    if choice.unit_types:
        clauses.append(OrganisationUnit.unit_type.in_(choice.unit_types))
    return clauses


def has_authority(on: date) -> ColumnElement[bool]:
    """True for schools whose managing authority is known and exists on a day: it will check."""
    authority = aliased(OrganisationUnit)
    return exists().where(
        authority.id == OrganisationUnit.managing_authority_id,
        or_(authority.valid_to.is_(None), authority.valid_to > on),
    )


def has_site(on: date) -> ColumnElement[bool]:
    """True for schools with at least one site that is open on a day."""
    return exists().where(Site.unit_id == OrganisationUnit.id, *site_open(on))


def has_rule(round_: Round) -> ColumnElement[bool]:
    """True for schools whose type every set of theirs in this round has a pass rule for."""
    without = [
        and_(teaches(used.stages), OrganisationUnit.unit_type.not_in(used.counted_types))
        for used in round_frameworks(round_.id)
        if used.counted_types
    ]
    return not_(or_(*without)) if without else true()


def site_open(on: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The conditions on `Site` of being open on a day."""
    return Site.valid_from <= on, or_(Site.valid_to.is_(None), Site.valid_to > on)


def count_schools(statement: Schools) -> int:
    """How many schools a statement of this module finds."""
    return session.scalar(statement.with_only_columns(func.count()).order_by(None)) or 0


def list_candidates(
    round_: Round, on: date, *, text: str = "", only_excluded: bool = False, number: int = 1
) -> Page[Candidate]:
    """One page of the chosen schools, those left out by hand among them, in Vietnamese order."""
    statement = matching((excluded_schools if only_excluded else taught_schools)(round_, on), text)
    shown = statement.limit(PER_PAGE).offset((number - 1) * PER_PAGE)
    left_out = set(choice_of(round_).excluded)
    return Page(_candidates(shown, left_out), number, count_schools(statement))


def search_late_schools(round_: Round, on: date, text: str, limit: int = 20) -> list[Candidate]:
    """The first schools that could still be added and match `text`, marks aside."""
    return _candidates(matching(late_schools(round_, on), text).limit(limit), set())


def matching(statement: Schools, text: str) -> Schools:
    """Only the schools whose name, code or ward has every word of `text`."""
    words = fold(text).split()
    return statement.where(*(OrganisationUnit.search_text.contains(word, autoescape=True) for word in words))


def _candidates(statement: Schools, left_out: set[int]) -> list[Candidate]:
    unit, ward = OrganisationUnit, aliased(OrganisationUnit)
    rows = session.execute(
        statement.join(ward, ward.id == unit.parent_id).with_only_columns(
            unit.id, unit.uid, unit.name, ward.name.label("ward_name")
        )
    ).all()
    stages = stages_by_unit(row.id for row in rows)
    return [
        Candidate(row.id, row.uid, row.name, row.ward_name, stages[row.id], row.id in left_out)
        for row in rows
    ]
