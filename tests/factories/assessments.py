"""Forms with answers for tests, written straight into the tables; the counts are computed by the rules."""

import itertools
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from survey_app.assessments.models import Answer, Assessment, SchoolProfile
from survey_app.core.db import session
from survey_app.frameworks.models import FrameworkVersion
from survey_app.rounds.models import Participation, Round, RoundFramework
from survey_app.rules.plain import read_framework
from survey_app.rules.scoring import Scorecard, UnitFacts, score
from survey_app.rules.workflow import State
from tests.factories.rounds import OPENS

_numbers = itertools.count(1)
LATER = OPENS + timedelta(days=3)


def make_assessment(
    participation: Participation,
    values: Mapping[str, int | None] | None = None,
    *,
    profile: Mapping[str, bool] | None = None,
    version: FrameworkVersion | None = None,
    **columns: Any,
) -> Assessment:
    """A form with `values` ({indicator: value}, at every site where the set asks per site)."""
    version = version or _version_of(participation.round_id)
    framework = read_framework(version.content)
    facts = dict(profile if profile is not None else {q.code: True for q in framework.profile})
    session.merge(SchoolProfile(participation_id=participation.id, facts=facts, version=1))
    sites = tuple(site["id"] for site in participation.sites)
    answers = {
        (code, site): value
        for code, value in (values or {}).items()
        for site in (sites if framework.by_code[code].per_site else (0,))
    }
    unit = UnitFacts(frozenset(participation.stages), participation.unit_type, facts, sites)
    form = Assessment(**(_start(participation, version, score(framework, unit, answers)) | columns))
    session.add(form)
    session.flush()
    for (code, site), value in answers.items():
        session.add(
            Answer(
                assessment_id=form.id, indicator=code, site_id=site, value=value, version=1, updated_at=LATER
            )
        )
    session.flush()
    return form


def make_submitted(
    participation: Participation, values: Mapping[str, int | None], **columns: Any
) -> Assessment:
    """A form that was handed in."""
    start = {
        "state": State.SUBMITTED,
        "submitted_at": LATER,
        "receipt_number": f"T-{next(_numbers):06d}",
        "veto_answer": "xac_nhan",
        "veto_confirmed_at": LATER,
    }
    return make_assessment(participation, values, **(start | columns))


def all_at(version: FrameworkVersion, value: int) -> dict[str, int | None]:
    """{indicator: value} for a whole set, capped by each scale."""
    framework = read_framework(version.content)
    return {code: min(value, item.scale.highest) for code, item in framework.by_code.items()}


def _version_of(round_id: int) -> FrameworkVersion:
    found = session.scalars(
        select(FrameworkVersion)
        .join(RoundFramework, RoundFramework.framework_version_id == FrameworkVersion.id)
        .where(RoundFramework.round_id == round_id)
        .order_by(FrameworkVersion.id)
    ).first()
    assert found is not None
    return found


def _start(participation: Participation, version: FrameworkVersion, card: Scorecard) -> dict[str, Any]:
    round_ = session.get_one(Round, participation.round_id)
    return {
        "participation_id": participation.id,
        "round_id": round_.id,
        "framework_version_id": version.id,
        "state_since": round_.opens_at,
        "answered": card.tally.answered,
        "applicable": card.tally.applicable,
        "met": card.tally.met,
        "mandatory": card.tally.mandatory,
        "mandatory_met": card.tally.mandatory_met,
    }
