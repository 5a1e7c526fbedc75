"""Departments, communes and schools for tests: invented names, codes that never repeat."""

import itertools
from collections.abc import Collection
from datetime import date
from typing import Any

from survey_app.core.db import session
from survey_app.core.vietnamese import fold, sort_key
from survey_app.organisations.models import OrganisationUnit, Site, UnitStage
from survey_app.rules.authority import Authority, managing_authority

_numbers = itertools.count(1)
FOUNDED = date(2025, 7, 1)


def make_department(**values: Any) -> OrganisationUnit:
    """A department at the root of a tree."""
    number = next(_numbers)
    return _make_unit(
        {"code": f"D{number:03d}", "kind": "department", "unit_type": "so", "name": f"Sở Mẫu số {number}"}
        | values
    )


def make_commune(department: OrganisationUnit | None = None, **values: Any) -> OrganisationUnit:
    """A commune or ward under a department (a new one when none is given)."""
    department = department or make_department()
    number = next(_numbers)
    start = {
        "code": f"C{number:05d}",
        "kind": "commune",
        "unit_type": "xa",
        "name": f"Phường Mẫu {number}",
        "area_type": "phuong",
        "parent_id": department.id,
        "managing_authority_id": department.id,
    }
    return _make_unit(start | values)


def make_school(
    commune: OrganisationUnit | None = None,
    stages: Collection[str] = ("thcs",),
    sites: int = 1,
    unit_type: str = "truong",
    **values: Any,
) -> OrganisationUnit:
    """A school in a commune with its stages, a main site and `sites` - 1 satellites."""
    commune = commune or make_commune()
    number = next(_numbers)
    of_department = managing_authority(stages) is Authority.DEPARTMENT
    start = {
        "code": f"S{number:07d}",
        "kind": "school",
        "unit_type": unit_type,
        "name": f"THCS Mẫu Số {number}",
        "parent_id": commune.id,
        "managing_authority_id": commune.parent_id if of_department else commune.id,
        "ownership": "cong_lap",
    }
    school = _make_unit(start | values)
    session.add_all(UnitStage(unit_id=school.id, stage=stage) for stage in stages)
    for index in range(sites):
        name = "Điểm chính" if index == 0 else f"Điểm lẻ {index}"
        session.add(
            Site(unit_id=school.id, code=f"{index:02d}", name=name, is_main=index == 0, valid_from=FOUNDED)
        )
    session.flush()
    return school


def _make_unit(values: dict[str, Any]) -> OrganisationUnit:
    words = {
        "valid_from": FOUNDED,
        "search_text": fold(f"{values['name']} {values['code']}"),
        "sort_key": sort_key(values["name"]),
    }
    unit = OrganisationUnit(**(words | values))
    session.add(unit)
    session.flush()
    return unit


def root_department(unit: OrganisationUnit) -> OrganisationUnit:
    """The department a unit belongs to: the top of its branch."""
    while unit.parent is not None:
        unit = unit.parent
    return unit
