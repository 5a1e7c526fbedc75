"""Changing the tree of units: loading the shipped communes and writing a checked list of schools."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select

from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.clock import local_date
from survey_app.core.db import session
from survey_app.organisations import intake
from survey_app.organisations.loader import DEPARTMENT_CODE, DEPARTMENT_NAME, CommuneRow, read_communes
from survey_app.organisations.models import (
    COMMUNE,
    DEPARTMENT,
    SCHOOL,
    OrganisationUnit,
    Site,
    UnitStage,
)
from survey_app.organisations.naming import index_unit, rename
from survey_app.organisations.row_checks import School
from survey_app.organisations.spreadsheet import Table
from survey_app.organisations.stock import read_stored
from survey_app.rules.authority import Authority
from survey_app.rules.errors import N_, BadInput

TWO_LEVELS_SINCE = date(2025, 7, 1)  # the commune codes of QĐ 19/2025/QĐ-TTg are in force since then
MAIN_SITE = "Điểm chính"


class NoDepartment(BadInput):
    """The communes were not loaded yet."""

    message = N_("Chưa có Sở nào trong hệ thống. Hãy chạy “flask organisations load-communes” trước.")


class NoSuchDepartment(BadInput):
    """There are departments, but none with this code."""

    message = N_("Không có Sở nào mang mã %(code)s; mã đang có: %(known)s.")


@dataclass(frozen=True)
class LoadCount:
    """How many communes of the shipped list were added, changed and already right."""

    added: int
    changed: int
    same: int


@dataclass(frozen=True)
class ImportCount:
    """How many schools an import created and changed."""

    created: int
    changed: int


def load_communes(*, now: datetime) -> LoadCount:
    """Make the department of Cần Thơ and its 103 communes and wards as the shipped list has them.

    May run at every start: what is right already is not touched; a new name keeps the old one as an alias.
    """
    return load_department(DEPARTMENT_CODE, DEPARTMENT_NAME, read_communes(), now=now)


def load_department(code: str, name: str, communes: Iterable[CommuneRow], *, now: datetime) -> LoadCount:
    """Make a department and bring its communes to what a list of them says, as `load_communes` does."""
    department = ensure_department(code, name)
    known = {
        unit.code: unit
        for unit in session.scalars(
            select(OrganisationUnit).where(OrganisationUnit.parent_id == department.id)
        )
    }
    added = changed = 0
    for row in communes:
        unit = known.get(row.code)
        if unit is None:
            _add_commune(row, department)
            added += 1
        elif unit.name != row.name:
            rename(unit, row.name, "Danh mục xã, phường", local_date(now))
            unit.area_type = row.area_type
            changed += 1
    session.flush()
    return LoadCount(added, changed, len(known) - changed)


def ensure_department(code: str, name: str) -> OrganisationUnit:
    """The department with this code, made when it is missing."""
    found = session.scalar(select(OrganisationUnit).where(OrganisationUnit.code == code))
    if found is not None:
        return found
    unit = OrganisationUnit(
        code=code, kind=DEPARTMENT, unit_type="so", name=name, valid_from=TWO_LEVELS_SINCE
    )
    index_unit(unit, "")
    session.add(unit)
    session.flush()
    return unit


def _add_commune(row: CommuneRow, department: OrganisationUnit) -> None:
    unit = OrganisationUnit(
        code=row.code,
        kind=COMMUNE,
        unit_type=row.area_type,
        name=row.name,
        area_type=row.area_type,
        parent_id=department.id,
        managing_authority_id=department.id,
        valid_from=TWO_LEVELS_SINCE,
    )
    index_unit(unit, "")
    session.add(unit)


def plan_import(table: Table, *, department_id: int) -> intake.ImportPlan:
    """Check a list against a department's units; writes nothing. Raises `intake.BadHeadings`."""
    return intake.make_plan(table, read_stored(department_id))


def apply_import(
    plan: intake.ImportPlan, *, department_id: int, source: str, actor: Actor | None, now: datetime
) -> ImportCount:
    """Write every good row of a plan made in this transaction, by code; wrong rows are left out.

    `source` names the file in the history. All of it commits or none of it does.
    """
    units = _units_by_code([row.code for row in plan.of(intake.CHANGED)])
    for row in plan.of(intake.NEW, intake.CHANGED):
        assert row.school is not None
        unit = units.get(row.code)
        if unit is None:
            unit = create_school(row.school, department_id=department_id, on=local_date(now))
        else:
            _change_school(unit, row.school, department_id, source, local_date(now))
            old = {heading: before for heading, before, _ in row.changes}
            new = {heading: after for heading, _, after in row.changes}
            audit.record(actor, "organisation.change", unit, old=old, new=new, now=now, unit_id=unit.id)
    counted = plan.count()
    done = ImportCount(counted[intake.NEW], counted[intake.CHANGED])
    session.flush()
    audit.record(
        actor,
        "organisation.import",
        ("OrganisationUnit", str(department_id)),
        now=now,
        new={"source": source, "created": done.created, "changed": done.changed},
        unit_id=department_id,
    )
    return done


def create_school(school: School, *, department_id: int, on: date) -> OrganisationUnit:
    """A new school with its stages, its main site and its satellite sites, existing from day `on`."""
    unit = OrganisationUnit(code=school.code, kind=SCHOOL, valid_from=on)
    _fill(unit, school, department_id)
    session.add(unit)
    session.flush()
    _set_stages(unit, school.stages)
    session.add(
        Site(unit_id=unit.id, code="00", name=MAIN_SITE, is_main=True, address=school.address, valid_from=on)
    )
    _set_sites(unit, school, on)
    return unit


def _change_school(unit: OrganisationUnit, school: School, department_id: int, source: str, on: date) -> None:
    if unit.name != school.name:
        rename(unit, school.name, source, on)
    _fill(unit, school, department_id)
    _set_stages(unit, school.stages)
    _set_sites(unit, school, on)
    main = session.scalar(select(Site).where(Site.unit_id == unit.id, Site.is_main))
    if main is not None:
        main.address = school.address


def _fill(unit: OrganisationUnit, school: School, department_id: int) -> None:
    unit.name, unit.unit_type, unit.address = school.name, school.unit_type, school.address
    unit.ownership, unit.specialised = school.ownership or None, school.specialised
    unit.parent_id = school.ward.unit_id
    of_commune = school.authority is Authority.COMMUNE
    unit.managing_authority_id = school.ward.unit_id if of_commune else department_id
    unit.authority_by_hand = school.by_hand
    unit.contact_name, unit.contact_phone = school.contact_name, school.contact_phone
    unit.contact_email = school.contact_email
    index_unit(unit, school.ward.name)


def _set_stages(unit: OrganisationUnit, stages: Collection[str]) -> None:
    session.execute(delete(UnitStage).where(UnitStage.unit_id == unit.id))
    session.add_all(UnitStage(unit_id=unit.id, stage=stage) for stage in stages)


def _set_sites(unit: OrganisationUnit, school: School, on: date) -> None:
    """Open the satellites the list names and end those it no longer names; ended ones stay in history."""
    rows = session.scalars(select(Site).where(Site.unit_id == unit.id, Site.is_main.is_(False))).all()
    known = {site.name: site for site in rows}
    for name, address in school.sites:
        if site := known.get(name):
            site.address, site.valid_to = address, None
            continue
        number = max([int(site.code) for site in known.values() if site.code.isdigit()], default=0) + 1
        known[name] = Site(unit_id=unit.id, code=f"{number:02d}", name=name, address=address, valid_from=on)
        session.add(known[name])
    kept = dict(school.sites)
    for site in rows:
        if site.name not in kept and site.valid_to is None:
            site.valid_to = on


def _units_by_code(codes: list[str]) -> dict[str, OrganisationUnit]:
    found: dict[str, OrganisationUnit] = {}
    for start in range(0, len(codes), 500):
        part = select(OrganisationUnit).where(OrganisationUnit.code.in_(codes[start : start + 500]))
        found |= {unit.code: unit for unit in session.scalars(part)}
    return found


def the_department(code: str = DEPARTMENT_CODE) -> OrganisationUnit:
    """The department an import from the command line goes to. Raises `NoDepartment`, `NoSuchDepartment`."""
    found = session.scalar(
        select(OrganisationUnit).where(OrganisationUnit.code == code, OrganisationUnit.kind == DEPARTMENT)
    )
    if found is None:
        known = session.scalars(
            select(OrganisationUnit.code).where(OrganisationUnit.kind == DEPARTMENT).order_by("code")
        ).all()
        if known:
            raise NoSuchDepartment(code=code, known=", ".join(known))
        raise NoDepartment()
    return found
