"""What schools claim, for one page of forms at once: values, dates of files, values of the round before."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from survey_app.assessments.models import Answer, Assessment, EvidenceUse
from survey_app.core.db import session
from survey_app.evidence.models import EvidenceFile
from survey_app.frameworks.models import FrameworkVersion
from survey_app.reviews.queries.files import verified_values_of
from survey_app.rounds.models import Participation, Round
from survey_app.rules.scoring import Answers
from survey_app.rules.workflow import State


def own_values_of(assessment_ids: Collection[int]) -> dict[int, Answers]:
    """{form: {(indicator, site): value}} as the schools answered."""
    rows = session.execute(
        select(Answer.assessment_id, Answer.indicator, Answer.site_id, Answer.value).where(
            Answer.assessment_id.in_(assessment_ids)
        )
    )
    found: dict[int, dict[tuple[str, int], int | None]] = defaultdict(dict)
    for assessment_id, indicator, site, value in rows:
        found[assessment_id][indicator, site] = value
    return dict(found)


def file_dates_of(assessment_ids: Collection[int]) -> dict[int, dict[str, tuple[date | None, ...]]]:
    """{form: {indicator: dates of its files}}: the camera's day or the day of issue, None when not known.

    Files that were removed or hidden are left out.
    """
    rows = session.execute(
        select(
            EvidenceUse.assessment_id,
            EvidenceUse.indicator,
            func.coalesce(EvidenceFile.captured_on, EvidenceFile.issued_on),
        )
        .join(EvidenceFile, EvidenceFile.id == EvidenceUse.evidence_id)
        .where(
            EvidenceUse.assessment_id.in_(assessment_ids),
            EvidenceUse.removed_at.is_(None),
            EvidenceFile.hidden_at.is_(None),
        )
    )
    found: dict[int, dict[str, tuple[date | None, ...]]] = defaultdict(dict)
    for assessment_id, indicator, day in rows:
        found[assessment_id][indicator] = (*found[assessment_id].get(indicator, ()), day)
    return dict(found)


def prior_values_of(assessment_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """{form: {indicator: value confirmed in the unit's last published form of the same purpose and set}}."""
    earlier, part, round_, version = (
        aliased(Assessment),
        aliased(Participation),
        aliased(Round),
        aliased(FrameworkVersion),
    )
    last = (
        select(earlier.id)
        .join(part, part.id == earlier.participation_id)
        .join(round_, round_.id == earlier.round_id)
        .join(version, version.id == earlier.framework_version_id)
        .where(
            part.unit_id == Participation.unit_id,
            round_.purpose == Round.purpose,
            round_.opens_at < Round.opens_at,
            version.framework_id == FrameworkVersion.framework_id,
            earlier.state == State.PUBLISHED,
        )
        .order_by(round_.opens_at.desc(), earlier.id.desc())
        .limit(1)
        .correlate(Participation, Round, FrameworkVersion)
        .scalar_subquery()
    )
    pairs = session.execute(
        select(Assessment.id, last)
        .join(Participation, Participation.id == Assessment.participation_id)
        .join(Round, Round.id == Assessment.round_id)
        .join(FrameworkVersion, FrameworkVersion.id == Assessment.framework_version_id)
        .where(Assessment.id.in_(assessment_ids))
    )
    before = {assessment_id: earlier_id for assessment_id, earlier_id in pairs if earlier_id is not None}
    values = verified_values_of(set(before.values()))
    return {assessment_id: values.get(earlier_id, {}) for assessment_id, earlier_id in before.items()}
