"""What an import compares with: wards, schools and codes of a department as plain values."""

from collections import defaultdict

from sqlalchemy import select

from survey_app.core.db import session
from survey_app.organisations.intake import Stored
from survey_app.organisations.models import COMMUNE, SCHOOL, OrganisationUnit, Site, UnitAlias
from survey_app.organisations.places import Ward, WardBook
from survey_app.organisations.queries import in_department, stages_by_unit
from survey_app.organisations.row_checks import School
from survey_app.rules.authority import Authority


def read_stored(department_id: int) -> Stored:
    """The stored facts for planning an import into this department: few queries, whatever the size."""
    units = session.scalars(select(OrganisationUnit).where(in_department(department_id))).all()
    wards = {unit.id: unit for unit in units if unit.kind == COMMUNE}
    schools = [unit for unit in units if unit.kind == SCHOOL]
    book = _ward_book(list(wards.values()))
    known = {ward.unit_id: ward for ward in book.by_code.values()}
    stages, sites = stages_by_unit(unit.id for unit in schools), _satellites(department_id)
    here = {
        unit.code: _school(unit, known[unit.parent_id], stages[unit.id], tuple(sites[unit.id]))
        for unit in schools
        if unit.parent_id in known
    }
    rows = session.execute(select(OrganisationUnit.code, OrganisationUnit.name)).all()
    others = {code: name for code, name in rows if code not in here}
    return Stored(book, here, others, _old_codes({unit.id: unit for unit in schools}))


def read_wards(department_id: int) -> WardBook:
    """The wards of a department, for checking one row by itself."""
    wards = select(OrganisationUnit).where(
        OrganisationUnit.parent_id == department_id, OrganisationUnit.kind == COMMUNE
    )
    return _ward_book(list(session.scalars(wards)))


def _ward_book(wards: list[OrganisationUnit]) -> WardBook:
    names: dict[int, list[str]] = defaultdict(list)
    statement = (
        select(UnitAlias.unit_id, UnitAlias.name)
        .join(OrganisationUnit)
        .where(OrganisationUnit.kind == COMMUNE, UnitAlias.name.is_not(None))
    )
    for unit_id, name in session.execute(statement):
        names[unit_id].append(name or "")
    return WardBook.of(Ward(ward.id, ward.code, ward.name, tuple(names[ward.id])) for ward in wards)


def _satellites(department_id: int) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    statement = (
        select(Site)
        .join(OrganisationUnit)
        .where(in_department(department_id), Site.is_main.is_(False), Site.valid_to.is_(None))
        .order_by(Site.code)
    )
    for site in session.scalars(statement):
        found[site.unit_id].append((site.name, site.address))
    return found


def _old_codes(schools: dict[int, OrganisationUnit]) -> dict[str, tuple[str, str]]:
    rows = session.execute(select(UnitAlias.code, UnitAlias.unit_id).where(UnitAlias.code.is_not(None)))
    return {
        code: (schools[unit_id].code, schools[unit_id].name)
        for code, unit_id in rows
        if code and unit_id in schools and schools[unit_id].code != code
    }


def _school(
    unit: OrganisationUnit, ward: Ward, stages: tuple[str, ...], sites: tuple[tuple[str, str], ...]
) -> School:
    of_commune = unit.managing_authority_id == unit.parent_id
    return School(
        code=unit.code,
        name=unit.name,
        stages=stages,
        ward=ward,
        address=unit.address,
        unit_type=unit.unit_type,
        ownership=unit.ownership or "",
        specialised=unit.specialised,
        sites=sites,
        authority=Authority.COMMUNE if of_commune else Authority.DEPARTMENT,
        by_hand=unit.authority_by_hand,
        contact_name=unit.contact_name,
        contact_phone=unit.contact_phone,
        contact_email=unit.contact_email,
    )
