"""Which results earn a certificate now, which nearly do, and what becomes of a batch."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select

from survey_app.assessments.models import Assessment
from survey_app.certificates.models import Certificate, CertificateBatch
from survey_app.certificates.queries.scope import stands
from survey_app.core.access import Actor
from survey_app.core.db import hold, session
from survey_app.frameworks.models import DRAFT, FrameworkVersion
from survey_app.frameworks.queries import get_framework
from survey_app.results.content import read_outcome
from survey_app.results.models import Result
from survey_app.results.queries import is_current
from survey_app.rounds.models import Participation, Round
from survey_app.rounds.queries import ParticipationFilter, narrowed, round_frameworks, visible_rounds
from survey_app.rules.framework import Framework
from survey_app.rules.levels import Outcome, Term

EVERYONE = ParticipationFilter()
COLUMNS = (
    Result.id.label("result_id"),
    Result.uid.label("result_uid"),
    Result.sha256.label("result_sha256"),
    Result.assessment_id,
    Participation.unit_id,
    Participation.unit_name,
    Participation.ward_name,
    Participation.stages,
    Result.level,
    Result.award,
    FrameworkVersion.id.label("version_id"),
    FrameworkVersion.status,
)


@dataclass(frozen=True)
class Candidate:
    """A result that may be certified, with the words a list needs."""

    result_id: int
    result_uid: str
    result_sha256: str
    assessment_id: int
    unit_id: int
    unit_name: str
    ward_name: str
    stages: tuple[str, ...]
    level: str
    award: str
    version_id: int
    status: str
    framework: Framework = field(repr=False, compare=False)

    @property
    def is_draft(self) -> bool:
        """True when the set it was judged by is not in force."""
        return self.status == DRAFT


def current_results(round_id: int, *columns: Any) -> Select[Any]:
    """These columns of the published results of a round that count, in Vietnamese order of the schools.

    Result, assessment, participation and framework version are joined. Choose columns: the whole content of
    a result and of a set is large.
    """
    return (
        select(*columns)
        .select_from(Result)
        .join(Assessment, Assessment.id == Result.assessment_id)
        .join(Participation, Participation.id == Assessment.participation_id)
        .join(FrameworkVersion, FrameworkVersion.id == Assessment.framework_version_id)
        .where(Result.round_id == round_id, is_current())
        .order_by(Participation.sort_key, Participation.ward_name, Participation.id, Result.id)
    )


def certified() -> ColumnElement[bool]:
    """True for results whose form has a certificate that stands."""
    return exists().where(Certificate.assessment_id == Result.assessment_id, stands())


def has_standing(result_id: int) -> bool:
    """True when a certificate that was neither revoked nor replaced stands on the form of a result."""
    return bool(session.scalar(select(certified()).where(Result.id == result_id)))


def eligible(
    round_id: int,
    *,
    allow_draft: bool,
    wanted: ParticipationFilter = EVERYONE,
    result_ids: Collection[int] | None = None,
) -> list[Candidate]:
    """The results with a title whose form has no certificate that stands, in the order of the numbers.

    Results of a draft set are left out unless `allow_draft` (decision 19).
    """
    titled = current_results(round_id, *COLUMNS).where(Result.award.is_not(None))
    statement = titled.where(~certified(), *narrowed(wanted))
    if not allow_draft:
        statement = statement.where(FrameworkVersion.status != DRAFT)
    if result_ids is not None:
        statement = statement.where(Result.id.in_(result_ids))
    return candidates_of(statement)


def hold_forms_of(result_ids: Collection[int]) -> None:
    """Hold the forms of these results: none of them is taken back before the transaction ends."""
    forms = select(Result.assessment_id).where(Result.id.in_(result_ids))
    hold(select(Assessment.id).where(Assessment.id.in_(forms)).order_by(Assessment.id))


def candidate_of(assessment_id: int, round_id: int) -> Candidate | None:
    """The published result of a form if it has a title, whatever certificate stands; else None."""
    statement = current_results(round_id, *COLUMNS).where(
        Result.assessment_id == assessment_id, Result.award.is_not(None)
    )
    return next(iter(candidates_of(statement)), None)


def candidates_of(statement: Select[Any]) -> list[Candidate]:
    """The rows of a statement over `COLUMNS`, as plain values."""
    rows = session.execute(statement).all()
    sets = {version_id: get_framework(version_id) for version_id in {row.version_id for row in rows}}
    return [
        Candidate(**row._asdict() | {"stages": tuple(row.stages)}, framework=sets[row.version_id])
        for row in rows
    ]


def count_drafts(round_id: int) -> int:
    """How many results have a title but were judged by a set that is not in force."""
    statement = current_results(round_id, func.count()).where(Result.award.is_not(None))
    return session.scalar(statement.where(FrameworkVersion.status == DRAFT).order_by(None)) or 0


@dataclass(frozen=True)
class NearMiss:
    """A school without a title: the terms its result does not meet, its unmet mandatory indicators."""

    form_uid: str
    unit_name: str
    ward_name: str
    framework: Framework = field(repr=False)
    missing: tuple[Term, ...]
    mandatory: tuple[str, ...]


def nearly_eligible(round_id: int, wanted: ParticipationFilter = EVERYONE, limit: int = 20) -> list[NearMiss]:
    """The published results without a title that lack fewest indicators."""
    gap = Result.applicable - Result.met + Result.mandatory - Result.mandatory_met
    shown = (Assessment.uid, Participation.unit_name, Participation.ward_name, FrameworkVersion.id)
    statement = (
        current_results(round_id, Result.content, *shown)
        .where(Result.award.is_(None), *narrowed(wanted))
        .order_by(None)
        .order_by(gap, Participation.sort_key, Participation.id)
        .limit(limit)
    )
    rows = session.execute(statement).all()
    sets = {version_id: get_framework(version_id) for version_id in {row.id for row in rows}}
    return [
        _near_miss(row.content, row.uid, row.unit_name, row.ward_name, framework=sets[row.id]) for row in rows
    ]


def _near_miss(
    content: dict[str, Any], form_uid: str, unit_name: str, ward_name: str, *, framework: Framework
) -> NearMiss:
    unmet = [line[0] for line in content["indicators"] if line[3] and not line[2] and not line[4]]
    terms = _terms_of_title(framework, read_outcome(content))
    missing = tuple(term for term in terms if not term.holds)
    return NearMiss(form_uid, unit_name, ward_name, framework, missing, tuple(unmet))


def _terms_of_title(framework: Framework, outcome: Outcome) -> tuple[Term, ...]:
    """The pass rule and, where the lowest band with a title asks for more, what that band asks."""
    titled = {band for award in framework.awards for band in award.bands}
    lowest = next((band for band in outcome.bands if band.band in titled), None)
    return outcome.terms + (lowest.terms if lowest else ())


def rounds_with_results(actor: Actor) -> Sequence[Round]:
    """The rounds an actor may see that have published results, the latest first."""
    published = exists().where(Result.round_id == Round.id, is_current())
    return session.scalars(
        select(Round).where(visible_rounds(actor), published).order_by(Round.opens_at.desc(), Round.id.desc())
    ).all()


def sets_of_round(round_id: int) -> list[Framework]:
    """The sets a round judges by: their rules say who earns a title."""
    return [get_framework(used.version_id) for used in round_frameworks(round_id)]


def left_out(batch: CertificateBatch, issued: Collection[int]) -> list[tuple[str, str]]:
    """(school, ward) of the chosen results that got no certificate of a batch, in Vietnamese order.

    Somebody certified them meanwhile, or their result was withdrawn.
    """
    missing = set(batch.result_ids) - set(issued)
    rows = session.execute(
        select(Participation.unit_name, Participation.ward_name)
        .join(Assessment, Assessment.participation_id == Participation.id)
        .join(Result, Result.assessment_id == Assessment.id)
        .where(Result.id.in_(missing))
        .order_by(Participation.sort_key, Participation.ward_name)
    )
    return [(name, ward) for name, ward in rows]
