"""Reading the tree of units: what an actor may see, search and order, and the facts an import needs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, exists, false, func, or_, select, union_all
from sqlalchemy.orm import aliased, joinedload

from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.vietnamese import fold
from survey_app.organisations.models import (
    COMMUNE,
    DEPARTMENT,
    SCHOOL,
    OrganisationUnit,
    Site,
    UnitAlias,
    UnitStage,
)
from survey_app.rules.errors import NotFound

PER_PAGE = 50


@dataclass(frozen=True)
class SchoolRow:
    """A school as lists show it: never without its ward."""

    id: int
    uid: str
    code: str
    name: str
    unit_type: str
    ward_name: str
    ward_uid: str
    authority_name: str
    stages: tuple[str, ...]
    satellites: int
    closed: bool


@dataclass(frozen=True)
class SchoolPage:
    """One page of a list of schools and how many there are in all."""

    rows: Sequence[SchoolRow]
    number: int
    total: int
    per_page: int = PER_PAGE

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.per_page))


@dataclass(frozen=True)
class SchoolFilter:
    """What a list of schools is narrowed to; empty values narrow nothing."""

    text: str = ""
    ward_uid: str = ""
    stage: str = ""
    unit_type: str = ""


def visible_units(actor: Actor) -> ColumnElement[bool]:
    """The WHERE of what an actor may see of the tree: its department's, its commune's or its own unit."""
    unit = OrganisationUnit
    if actor.unit_kind == SCHOOL:
        return unit.id == actor.unit_id
    if actor.unit_kind == COMMUNE:
        return or_(
            unit.id == actor.unit_id,
            unit.parent_id == actor.unit_id,
            unit.managing_authority_id == actor.unit_id,
        )
    if actor.unit_kind == DEPARTMENT:
        return in_department(actor.department_id)
    return false()


def in_department(department_id: int) -> ColumnElement[bool]:
    """The WHERE of the department itself, its communes and their schools.

    Said as one list of keys: PostgreSQL then begins with it, where three conditions joined by OR made it
    look at every school of the country.
    """
    itself, commune, above, school = (aliased(OrganisationUnit) for _ in range(4))
    keys = union_all(
        select(itself.id).where(itself.id == department_id),
        select(commune.id).where(commune.parent_id == department_id),
        select(school.id).join(above, above.id == school.parent_id).where(above.parent_id == department_id),
    )
    return OrganisationUnit.id.in_(keys)


def get_visible_unit(actor: Actor, uid: str) -> OrganisationUnit:
    """The unit with this public id. Raises `NotFound` when there is none or it is not the actor's to see."""
    unit = session.scalar(select(OrganisationUnit).where(OrganisationUnit.uid == uid, visible_units(actor)))
    if unit is None:
        raise NotFound()
    return unit


def find_visible_unit(actor: Actor, code: str) -> OrganisationUnit | None:
    """The unit with this code when the actor may see it."""
    return session.scalar(select(OrganisationUnit).where(OrganisationUnit.code == code, visible_units(actor)))


def department_of(unit: OrganisationUnit) -> int:
    """The id of the department at the top of a unit's branch."""
    while unit.parent is not None:
        unit = unit.parent
    return unit.id


def get_unit(unit_id: int) -> OrganisationUnit:
    """The unit with this key, for services that got it from a row. Raises `NotFound`."""
    unit = session.get(OrganisationUnit, unit_id)
    if unit is None:
        raise NotFound()
    return unit


def unit_with_place(unit_id: int) -> OrganisationUnit:
    """The unit with the one it lies in and the one it stands under, in one statement. Raises `NotFound`."""
    around = joinedload(OrganisationUnit.parent), joinedload(OrganisationUnit.managing_authority)
    unit = session.get(OrganisationUnit, unit_id, options=around)
    if unit is None:
        raise NotFound()
    return unit


def unit_by_code(code: str) -> OrganisationUnit | None:
    """The unit with this code, or None."""
    return session.scalar(select(OrganisationUnit).where(OrganisationUnit.code == code))


def open_sites(unit_id: int) -> Sequence[Site]:
    """The sites of a school that have not ended, the main one first."""
    return session.scalars(
        select(Site)
        .where(Site.unit_id == unit_id, Site.valid_to.is_(None))
        .order_by(Site.is_main.desc(), Site.code)
    ).all()


def all_sites(unit_id: int) -> Sequence[Site]:
    """Every site a school has or had, the main one first."""
    return session.scalars(
        select(Site)
        .where(Site.unit_id == unit_id)
        .order_by(Site.is_main.desc(), Site.valid_to.isnot(None), Site.code)
    ).all()


def stages_of(unit_id: int) -> tuple[str, ...]:
    """The stages of one unit in teaching order."""
    return stages_by_unit([unit_id])[unit_id]


def stages_by_unit(unit_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """The stages of several units in teaching order, by unit id (missing: no stage)."""
    found: dict[int, tuple[str, ...]] = defaultdict(tuple)
    rows = session.execute(
        select(UnitStage.unit_id, UnitStage.stage).where(UnitStage.unit_id.in_(list(unit_ids)))
    )
    for unit_id, stage in sorted(rows, key=lambda row: _STAGE_ORDER.index(row.stage)):
        found[unit_id] += (stage,)
    return found


_STAGE_ORDER = ("mam_non", "tieu_hoc", "thcs", "thpt", "gdtx")


def aliases_of(unit_id: int) -> Sequence[UnitAlias]:
    """Old codes and names of a unit, newest first."""
    return session.scalars(
        select(UnitAlias)
        .where(UnitAlias.unit_id == unit_id)
        .order_by(UnitAlias.valid_to.desc(), UnitAlias.id.desc())
    ).all()


def successors_of(unit_id: int) -> Sequence[OrganisationUnit]:
    """The units that came out of this one (split, merge, change of kind)."""
    return session.scalars(
        select(OrganisationUnit)
        .where(OrganisationUnit.predecessor_id == unit_id)
        .order_by(OrganisationUnit.sort_key)
    ).all()


def list_wards(actor: Actor) -> Sequence[OrganisationUnit]:
    """The communes and wards an actor may see, in Vietnamese order of their bare names."""
    return session.scalars(
        select(OrganisationUnit)
        .where(OrganisationUnit.kind == COMMUNE, visible_units(actor))
        .order_by(OrganisationUnit.sort_key, OrganisationUnit.code)
    ).all()


def list_schools(actor: Actor, wanted: SchoolFilter, number: int = 1) -> SchoolPage:
    """One page of the schools an actor may see, in Vietnamese order, 50 a page."""
    where = [OrganisationUnit.kind == SCHOOL, visible_units(actor), *_narrow(wanted)]
    total = session.scalar(select(func.count()).select_from(OrganisationUnit).where(*where)) or 0
    statement = _school_rows().where(*where).limit(PER_PAGE).offset((number - 1) * PER_PAGE)
    return SchoolPage(_as_rows(statement), number, total)


def _narrow(wanted: SchoolFilter) -> list[ColumnElement[bool]]:
    clauses = [
        OrganisationUnit.search_text.contains(word, autoescape=True) for word in fold(wanted.text).split()
    ]
    if wanted.ward_uid:
        ward = aliased(OrganisationUnit)
        ward_id = select(ward.id).where(ward.uid == wanted.ward_uid).scalar_subquery()
        clauses.append(OrganisationUnit.parent_id == ward_id)
    if wanted.stage:
        clauses.append(
            exists().where(UnitStage.unit_id == OrganisationUnit.id, UnitStage.stage == wanted.stage)
        )
    if wanted.unit_type:
        clauses.append(OrganisationUnit.unit_type == wanted.unit_type)
    return clauses


def _school_rows() -> Select[OrganisationUnit, OrganisationUnit, str, int]:
    ward, authority = aliased(OrganisationUnit), aliased(OrganisationUnit)
    satellites = (
        select(func.count())
        .where(Site.unit_id == OrganisationUnit.id, Site.is_main.is_(False), Site.valid_to.is_(None))
        .scalar_subquery()
    )
    return (
        select(OrganisationUnit, ward, authority.name, satellites)
        .join(ward, ward.id == OrganisationUnit.parent_id)
        .outerjoin(authority, authority.id == OrganisationUnit.managing_authority_id)
        .order_by(OrganisationUnit.sort_key, ward.sort_key, OrganisationUnit.code)
    )


def _as_rows(statement: Select[OrganisationUnit, OrganisationUnit, str, int]) -> list[SchoolRow]:
    found = session.execute(statement).all()
    stages = stages_by_unit(unit.id for unit, *_ in found)
    return [
        SchoolRow(
            unit.id,
            unit.uid,
            unit.code,
            unit.name,
            unit.unit_type,
            ward.name,
            ward.uid,
            authority or "",
            stages[unit.id],
            satellites,
            unit.valid_to is not None,
        )
        for unit, ward, authority, satellites in found
    ]


def schools_under(department_id: int, on: date) -> Select[OrganisationUnit]:
    """The schools of a department that exist on a day, as a statement for rooms that choose participants."""
    return (
        select(OrganisationUnit)
        .where(
            OrganisationUnit.kind == SCHOOL,
            in_department(department_id),
            OrganisationUnit.valid_from <= on,
            or_(OrganisationUnit.valid_to.is_(None), OrganisationUnit.valid_to > on),
        )
        .order_by(OrganisationUnit.sort_key, OrganisationUnit.code)
    )
