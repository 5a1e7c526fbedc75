"""Rows of a round for workbooks, streamed within the actor's scope; and the made files."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from survey_app.assessments.models import Answer, Assessment, SchoolProfile
from survey_app.assessments.queries import unit_facts
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.web import PER_PAGE, Page
from survey_app.exports.models import ExportFile
from survey_app.organisations.models import OrganisationUnit
from survey_app.results.models import Result
from survey_app.results.queries import OverviewFilter, is_current
from survey_app.results.queries.scope import CONFIRMED, forms_in
from survey_app.reviews.models import VerifiedScore
from survey_app.rounds.models import Participation
from survey_app.rounds.queries import veto_counts
from survey_app.rules.canonical import read_fraction
from survey_app.rules.errors import NotFound
from survey_app.rules.framework import Framework
from survey_app.rules.scoring import Why, score_indicator
from survey_app.rules.workflow import State

CHUNK = 200


@dataclass(frozen=True)
class FormRow:
    """One form of a school: counts of its own claim, and its published result (None before publication).

    The own claim of a form that was never handed in is None: it is still the school's alone. `signatory` is
    for the department only.
    """

    code: str
    name: str
    ward: str
    unit_type: str
    area_type: str
    ownership: str
    stages: tuple[str, ...]
    reviewer: str
    version_id: int
    state: str
    submitted_at: datetime | None
    signatory: str
    own: tuple[int, int, int, int] | None
    result: tuple[int, int, int, int] | None
    quality: Fraction | None
    level: str | None
    award: str | None
    vetoes: int


@dataclass(frozen=True)
class ValueRow:
    """The values of one form by indicator, in the order of the set.

    An own value is an int, None (not answered) or a `Why` (does not apply); `own` is None before the form is
    handed in. `verified` is None until the authority has confirmed the form.
    """

    code: str
    name: str
    ward: str
    stages: tuple[str, ...]
    state: str
    own: tuple[int | Why | None, ...] | None
    verified: tuple[int | Why | None, ...] | None


def count_schools(actor: Actor, round_id: int, wanted: OverviewFilter) -> tuple[int, int]:
    """(schools, forms) that an export with this filter covers."""
    row = session.execute(
        select(func.count(func.distinct(Participation.id)), func.count(Assessment.id))
        .join(Assessment, Assessment.participation_id == Participation.id)
        .where(*forms_in(actor, round_id, wanted))
    ).one()
    return int(row[0]), int(row[1])


def ward_name(uid: str) -> str:
    """The name of the ward with this public id, "" for none."""
    if not uid:
        return ""
    return session.scalar(select(OrganisationUnit.name).where(OrganisationUnit.uid == uid)) or ""


def levels_by_ward(actor: Actor, round_id: int, wanted: OverviewFilter) -> dict[str, dict[str, int]]:
    """{ward's public id: {level: published forms}}."""
    ward = OrganisationUnit
    rows = session.execute(
        select(ward.uid, Result.level, func.count())
        .join(Assessment, Assessment.id == Result.assessment_id)
        .join(Participation, Participation.id == Assessment.participation_id)
        .join(ward, ward.id == Participation.ward_id)
        .where(*forms_in(actor, round_id, wanted), Result.round_id == round_id, is_current())
        .group_by(ward.uid, Result.level)
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for uid, level, count in rows:
        found[uid][level] = count
    return found


def stream_forms(actor: Actor, round_id: int, wanted: OverviewFilter) -> Iterator[FormRow]:
    """Every form of the filter, a chunk of rows in memory at a time."""
    vetoes = veto_counts(round_id)
    for row in session.execute(_forms(actor, round_id, wanted).execution_options(yield_per=CHUNK)):
        part, form, reviewer, result_id, quality, level, award, *counts = row
        handed_in = form.state != State.DRAFT
        yield FormRow(
            part.unit_code,
            part.unit_name,
            part.ward_name,
            part.unit_type,
            part.area_type,
            part.ownership,
            tuple(part.stages),
            reviewer,
            form.framework_version_id,
            form.state,
            form.submitted_at,
            form.signatory,
            (form.met, form.applicable, form.mandatory_met, form.mandatory) if handed_in else None,
            tuple(counts) if result_id else None,
            read_fraction(quality),
            level,
            award,
            vetoes.get((part.id, form.framework_version_id), 0),
        )


def _forms(actor: Actor, round_id: int, wanted: OverviewFilter) -> Select[Any]:
    reviewer = OrganisationUnit
    return (
        select(
            Participation,
            Assessment,
            reviewer.name,
            Result.id,
            Result.content["quality"],
            Result.level,
            Result.award,
            Result.met,
            Result.applicable,
            Result.mandatory_met,
            Result.mandatory,
        )
        .join(Assessment, Assessment.participation_id == Participation.id)
        .join(reviewer, reviewer.id == Participation.reviewing_unit_id)
        .outerjoin(Result, and_(Result.assessment_id == Assessment.id, is_current()))
        .where(*forms_in(actor, round_id, wanted))
        .order_by(*_ORDER)
    )


_ORDER = (Participation.sort_key, Participation.ward_name, Participation.id, Assessment.id)


def stream_values(
    actor: Actor, round_id: int, wanted: OverviewFilter, framework: Framework
) -> Iterator[ValueRow]:
    """The values of every form of the filter judged by one set (`wanted.version_id`), chunk by chunk."""
    statement = (
        select(Participation, Assessment, SchoolProfile)
        .join(Assessment, Assessment.participation_id == Participation.id)
        .outerjoin(SchoolProfile, SchoolProfile.participation_id == Participation.id)
        .where(*forms_in(actor, round_id, wanted))
        .order_by(*_ORDER)
    )
    for chunk in session.execute(statement.execution_options(yield_per=CHUNK)).partitions():
        own = _own_values([form.id for _, form, _ in chunk])
        verified = _confirmed_values([form.id for _, form, _ in chunk if form.state in CONFIRMED])
        for part, form, profile in chunk:
            facts = unit_facts(framework, part, profile)
            lines = [
                score_indicator(framework, indicator, facts, own.get(form.id, {}))
                for indicator in framework.by_code.values()
            ]
            values = verified.get(form.id, {})
            yield ValueRow(
                part.unit_code,
                part.unit_name,
                part.ward_name,
                tuple(part.stages),
                form.state,
                None if form.state == State.DRAFT else tuple(line.why_not or line.value for line in lines),
                tuple(line.why_not or values.get(line.code) for line in lines)
                if form.state in CONFIRMED
                else None,
            )


def _own_values(form_ids: Collection[int]) -> dict[int, dict[tuple[str, int], int | None]]:
    """What the schools of a chunk answered: {form: {(indicator, site): value}}."""
    rows = session.execute(
        select(Answer.assessment_id, Answer.indicator, Answer.site_id, Answer.value).where(
            Answer.assessment_id.in_(form_ids)
        )
    )
    found: dict[int, dict[tuple[str, int], int | None]] = defaultdict(dict)
    for form_id, indicator, site_id, value in rows:
        found[form_id][indicator, site_id] = value
    return found


def _confirmed_values(form_ids: Collection[int]) -> dict[int, dict[str, int | None]]:
    """The confirmed values of a chunk of forms: {form: {indicator: value}}."""
    score = VerifiedScore
    rows = session.execute(
        select(score.assessment_id, score.indicator, score.value).where(score.assessment_id.in_(form_ids))
    )
    found: dict[int, dict[str, int | None]] = defaultdict(dict)
    for form_id, indicator, value in rows:
        found[form_id][indicator] = value
    return found


# ---- the made files ----


def _own(actor: Actor) -> ColumnElement[bool]:
    """Asked for by this very person at this workplace: a file holds what they could see then."""
    return and_(ExportFile.unit_id == actor.unit_id, ExportFile.requested_by_id == actor.user_id)


def list_files(actor: Actor, number: int = 1) -> Page[ExportFile]:
    """One page of the files that the actor asked for, the latest first."""
    total = session.scalar(select(func.count()).select_from(ExportFile).where(_own(actor))) or 0
    page = select(ExportFile).where(_own(actor)).order_by(ExportFile.id.desc())
    rows = session.scalars(page.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return Page(rows, number, total)


def get_visible_file(actor: Actor, uid: str) -> ExportFile:
    """A file that the actor asked for. Raises `NotFound` for anybody else's."""
    found = session.scalar(select(ExportFile).where(ExportFile.uid == uid, _own(actor)))
    if found is None:
        raise NotFound()
    return found


def get_file(file_id: int) -> ExportFile:
    """The file with this key, for the worker. Raises `NotFound`."""
    found = session.get(ExportFile, file_id)
    if found is None:
        raise NotFound()
    return found


def wanted_digests(now: datetime) -> set[str]:
    """The stored workbooks that may still be fetched."""
    rows = session.scalars(
        select(ExportFile.sha256).where(ExportFile.sha256.is_not(None), ExportFile.expires_at > now)
    )
    return {digest for digest in rows if digest}


def expired_files(now: datetime) -> Sequence[ExportFile]:
    """The files that have run out and still name their bytes."""
    return session.scalars(
        select(ExportFile).where(ExportFile.sha256.is_not(None), ExportFile.expires_at <= now)
    ).all()
