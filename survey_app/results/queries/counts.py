"""The numbers of an overview: the database counts, `rules.aggregation` adds up.

Each function is one statement over one round, whatever is stored of others.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Function, Text, case, cast, func, select

from survey_app.assessments.models import Assessment
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.organisations.models import OrganisationUnit
from survey_app.results.content import MICRO
from survey_app.results.models import Result
from survey_app.results.queries.scope import OverviewFilter, confirmed_in, forms_in, is_current
from survey_app.reviews.models import VerifiedScore
from survey_app.rounds.models import Participation
from survey_app.rules.aggregation import Completion, completion_by, states_of
from survey_app.rules.workflow import State

# A school with several forms stands where its slowest form stands.
PARTS = ("not_submitted", "returned", "waiting", "in_review", "confirmed")
_LEADING: dict[int, State] = {place: min(states_of(part)) for place, part in enumerate(PARTS)}


@dataclass(frozen=True)
class Ward:
    """A ward of the round."""

    uid: str
    name: str


def total_of(parts: Iterable[Completion]) -> Completion:
    """The parts of several groups together."""
    found = list(parts)
    return Completion(**{name: sum(getattr(part, name) for part in found) for name in PARTS})


def slowest_part() -> Function[int]:
    """The place in `PARTS` of the slowest of a school's forms, for a statement grouped by school."""
    places = {state: place for place, part in enumerate(PARTS) for state in states_of(part)}
    return func.min(case(places, value=Assessment.state))


def completion_by_ward(actor: Actor, round_id: int, wanted: OverviewFilter) -> dict[Ward, Completion]:
    """How many schools of each ward stand where, in Vietnamese order of the wards."""
    schools = (
        select(Participation.ward_id, slowest_part().label("place"))
        .join(Assessment, Assessment.participation_id == Participation.id)
        .where(*forms_in(actor, round_id, wanted))
        .group_by(Participation.id, Participation.ward_id)
        .subquery()
    )
    ward = OrganisationUnit
    rows = session.execute(
        select(ward.uid, ward.name, schools.c.place, func.count())
        .join(schools, schools.c.ward_id == ward.id)
        .group_by(ward.id, ward.uid, ward.name, ward.sort_key, schools.c.place)
        .order_by(ward.sort_key, ward.id)
    )
    return completion_by((Ward(uid, name), _LEADING[place], count) for uid, name, place, count in rows)


@dataclass(frozen=True)
class LevelCount:
    """How many published forms of schools with these stages reached a level, by tenths of quality."""

    stages: tuple[str, ...]
    level: str
    tenth: int
    schools: int


def level_counts(actor: Actor, round_id: int, wanted: OverviewFilter) -> list[LevelCount]:
    """The published results by stages, level and tenth of the quality score (0–9; 100 points: 9)."""
    stages, tenth = cast(Participation.stages, Text), Result.quality_micro // (10 * MICRO)
    rows = session.execute(
        select(func.min(stages), Result.level, tenth, func.count())
        .join(Assessment, Assessment.id == Result.assessment_id)
        .join(Participation, Participation.id == Assessment.participation_id)
        .where(*forms_in(actor, round_id, wanted), Result.round_id == round_id, is_current())
        .group_by(stages, Result.level, tenth)
    )
    return [
        LevelCount(tuple(json.loads(text)), level, min(int(place), 9), count)
        for text, level, place, count in rows
    ]


def value_counts(actor: Actor, round_id: int, wanted: OverviewFilter) -> list[tuple[str, str, int, int]]:
    """(ward's public id, indicator, confirmed value, schools) over the confirmed forms of one set."""
    ward, score = OrganisationUnit, VerifiedScore
    counted = (
        select(Participation.ward_id, score.indicator, score.value, func.count().label("schools"))
        .join(Assessment, Assessment.id == score.assessment_id)
        .join(Participation, Participation.id == Assessment.participation_id)
        .where(*confirmed_in(actor, round_id, wanted), score.value.is_not(None))
        .group_by(Participation.ward_id, score.indicator, score.value)
        .subquery()
    )
    rows = session.execute(
        select(ward.uid, counted.c.indicator, counted.c.value, counted.c.schools).join(
            counted, counted.c.ward_id == ward.id
        )
    )
    return [(uid, indicator, value, schools) for uid, indicator, value, schools in rows]


@dataclass(frozen=True)
class OwnClaim:
    """What the schools of a ward claim: indicators met of those that apply, over `forms` forms."""

    met: int
    applicable: int
    forms: int


def own_claims(actor: Actor, round_id: int, wanted: OverviewFilter) -> dict[Ward, OwnClaim]:
    """The self-assessment of the confirmed forms by ward, in Vietnamese order of the wards."""
    ward = OrganisationUnit
    rows = session.execute(
        select(ward.uid, ward.name, func.sum(Assessment.met), func.sum(Assessment.applicable), func.count())
        .join(Participation, Participation.ward_id == ward.id)
        .join(Assessment, Assessment.participation_id == Participation.id)
        .where(*confirmed_in(actor, round_id, wanted))
        .group_by(ward.id, ward.uid, ward.name, ward.sort_key)
        .order_by(ward.sort_key, ward.id)
    )
    return {Ward(uid, name): OwnClaim(met, applicable, forms) for uid, name, met, applicable, forms in rows}


def by_all(rows: Sequence[tuple[str, str, int, int]]) -> list[tuple[str, int, int]]:
    """`value_counts` of all wards together: (indicator, value, schools)."""
    total: dict[tuple[str, int], int] = defaultdict(int)
    for _ward, indicator, value, schools in rows:
        total[indicator, value] += schools
    return [(indicator, value, schools) for (indicator, value), schools in total.items()]
