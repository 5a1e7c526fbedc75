"""Rounds and their participants for tests, written straight into the tables."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from survey_app.core.db import session
from survey_app.core.vietnamese import fold, sort_key
from survey_app.frameworks.models import Framework as FrameworkRow
from survey_app.frameworks.models import FrameworkVersion
from survey_app.organisations.models import OrganisationUnit
from survey_app.organisations.queries import open_sites, stages_of
from survey_app.rounds.models import OPEN, Participation, Round, RoundFramework
from survey_app.rules.canonical import canonical_json, sha256_of
from survey_app.rules.framework import Framework
from survey_app.rules.plain import plain_framework as write_plain
from tests.factories.frameworks import plain_framework
from tests.factories.organisations import root_department

_numbers = itertools.count(1)
LOADED = datetime(2026, 8, 1, tzinfo=UTC)
OPENS = datetime(2027, 5, 1, tzinfo=UTC)
CLOSES = datetime(2027, 5, 20, 10, tzinfo=UTC)  # 17g00 in Vietnam


def make_framework_version(framework: Framework | None = None, **values: Any) -> FrameworkVersion:
    """A stored edition of a criteria set (a small published one when none is given)."""
    framework = framework or plain_framework()
    row = FrameworkRow(code=f"{framework.code}-{next(_numbers)}", title=framework.title.vi)
    session.add(row)
    session.flush()
    content = write_plain(framework)
    start: dict[str, Any] = {
        "framework_id": row.id,
        "version": framework.version,
        "status": framework.status,
        "content": content,
        "sha256": sha256_of(canonical_json(content)),
        "loaded_at": LOADED,
    }
    version = FrameworkVersion(**(start | values))
    session.add(version)
    session.flush()
    return version


def make_round(
    department: OrganisationUnit, versions: Sequence[FrameworkVersion] = (), **values: Any
) -> Round:
    """An open end-of-year round of a department using these editions (one small set when none is given)."""
    start: dict[str, Any] = {
        "department_id": department.id,
        "title": f"Đợt thử {next(_numbers)}",
        "purpose": "end_of_year",
        "school_year": "2026-2027",
        "state": OPEN,
        "opens_at": OPENS,
        "closes_at": CLOSES,
        "commune_closes_at": CLOSES + timedelta(days=20),
        "department_closes_at": CLOSES + timedelta(days=30),
        "created_at": LOADED,
        "opened_at": OPENS,
    }
    made = Round(**(start | values))
    session.add(made)
    session.flush()
    for version in versions or [make_framework_version()]:
        stages = [stage["code"] for stage in version.content["stages"]]
        session.add(RoundFramework(round_id=made.id, framework_version_id=version.id, stages=stages))
    session.flush()
    return made


def make_participation(round_: Round, school: OrganisationUnit, **values: Any) -> Participation:
    """A school in a round as it is now, checked by its managing authority."""
    assert school.parent is not None and school.managing_authority_id is not None
    sites = [
        {"id": site.id, "code": site.code, "name": site.name, "main": site.is_main}
        for site in open_sites(school.id)
    ]
    start: dict[str, Any] = {
        "round_id": round_.id,
        "unit_id": school.id,
        "ward_id": school.parent.id,
        "reviewing_unit_id": school.managing_authority_id,
        "unit_code": school.code,
        "unit_name": school.name,
        "ward_name": school.parent.name,
        "unit_type": school.unit_type,
        "area_type": school.parent.area_type or "",
        "ownership": school.ownership or "",
        "stages": list(stages_of(school.id)),
        "sites": sites,
        "search_text": fold(f"{school.name} {school.code} {school.parent.name}"),
        "sort_key": sort_key(school.name),
    }
    participation = Participation(**(start | values))
    session.add(participation)
    session.flush()
    return participation


def make_open_round(school: OrganisationUnit, **values: Any) -> tuple[Round, Participation]:
    """An open round of the school's department with the school in it."""
    round_ = make_round(root_department(school), **values)
    return round_, make_participation(round_, school)
