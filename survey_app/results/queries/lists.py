"""The list behind every number of an overview: 50 schools a page, each with its ward and its forms."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, func, select

from survey_app.assessments.models import Assessment
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.vietnamese import fold
from survey_app.core.web import PER_PAGE, Page
from survey_app.results.models import Result
from survey_app.results.queries.counts import PARTS, slowest_part
from survey_app.results.queries.scope import CONFIRMED, OverviewFilter, forms_in, is_current
from survey_app.reviews.models import VerifiedScore
from survey_app.rounds.models import Participation


@dataclass(frozen=True)
class ListFilter:
    """Which schools of an overview are listed; empty values narrow nothing.

    `part` is one of `PARTS`, `level` a band of the set. `indicators` and `values` ask for a confirmed value
    among these of one of these indicators. `published`: with a result; `unfinished`: not confirmed yet.
    """

    text: str = ""
    part: str = ""
    level: str = ""
    indicators: tuple[str, ...] = ()
    values: tuple[int, ...] = ()
    published: bool = False
    unfinished: bool = False


@dataclass(frozen=True)
class FormRow:
    """One form of a listed school. Counts and level are of its current result, None before publication."""

    id: int
    uid: str
    version_id: int
    state: str
    level: str | None
    met: int | None
    applicable: int | None


@dataclass(frozen=True)
class SchoolRow:
    """A school as lists show it: never without its ward."""

    uid: str
    name: str
    ward_name: str
    stages: tuple[str, ...]
    forms: tuple[FormRow, ...]


def list_schools(
    actor: Actor, round_id: int, wanted: OverviewFilter, listed: ListFilter, number: int = 1
) -> Page[SchoolRow]:
    """One page of the schools of a round that a number counts, in Vietnamese order."""
    schools = _schools(actor, round_id, wanted, listed)
    total = session.scalar(select(func.count()).select_from(schools.subquery())) or 0
    page = (
        schools.order_by(Participation.sort_key, Participation.ward_name, Participation.id)
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    )
    found = session.execute(page).all()
    forms = _forms_of([row.id for row in found], forms_in(actor, round_id, wanted))
    rows = [
        SchoolRow(row.uid, row.unit_name, row.ward_name, tuple(row.stages), tuple(forms[row.id]))
        for row in found
    ]
    return Page(rows, number, total)


def _schools(
    actor: Actor, round_id: int, wanted: OverviewFilter, listed: ListFilter
) -> Select[int, str, str, str, list[str]]:
    part = Participation
    statement = (
        select(part.id, part.uid, part.unit_name, part.ward_name, part.stages)
        .join(Assessment, Assessment.participation_id == part.id)
        .where(*forms_in(actor, round_id, wanted), *_listed(listed))
        .group_by(part.id)
    )
    if listed.part:
        statement = statement.having(slowest_part() == PARTS.index(listed.part))
    return statement


def _listed(listed: ListFilter) -> list[ColumnElement[bool]]:
    where = [Participation.search_text.contains(word, autoescape=True) for word in fold(listed.text).split()]
    result = exists().where(Result.assessment_id == Assessment.id, is_current())
    if listed.level:
        where.append(result.where(Result.level == listed.level))
    if listed.published:
        where.append(result)
    if listed.unfinished:
        where.append(Assessment.state.not_in(CONFIRMED))
    if listed.indicators:
        score = VerifiedScore
        found = exists().where(
            score.assessment_id == Assessment.id,
            score.indicator.in_(listed.indicators),
            score.value.in_(listed.values),
        )
        where.append(and_(Assessment.state.in_(CONFIRMED), found))
    return where


def _forms_of(participation_ids: Sequence[int], where: list[ColumnElement[bool]]) -> dict[int, list[FormRow]]:
    found: dict[int, list[FormRow]] = defaultdict(list)
    form = Assessment
    rows = session.execute(
        select(
            form.participation_id,
            form.id,
            form.uid,
            form.framework_version_id,
            form.state,
            Result.level,
            Result.met,
            Result.applicable,
        )
        .join(Participation, Participation.id == form.participation_id)
        .outerjoin(Result, and_(Result.assessment_id == form.id, is_current()))
        .where(form.participation_id.in_(participation_ids), *where)
        .order_by(form.participation_id, form.framework_version_id)
    )
    for row in rows:
        found[row.participation_id].append(FormRow(*row[1:]))
    return found


def confirmed_values(form_ids: Collection[int], indicators: Collection[str]) -> dict[int, dict[str, int]]:
    """The confirmed values of these indicators in one page of forms: {form: {indicator: value}}."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    score = VerifiedScore
    rows = session.execute(
        select(score.assessment_id, score.indicator, score.value).where(
            score.assessment_id.in_(form_ids), score.indicator.in_(indicators)
        )
    )
    for form_id, indicator, value in rows:
        # Asked here: "value IS NOT NULL" would lead SQLite to the index over every round's values.
        if value is not None:
            found[form_id][indicator] = value
    return found
