"""The schools that one school may fairly be compared with, and what they reached together.

Peers have the same set in the same round, the same stages, the same kind of area and the same facts that
make schools alike, one site or several, and half to twice the pupils where the school has said how many it
has. They are counted over the whole round: only sums leave this module, never a school.
"""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import ColumnElement, Text, cast, func, select
from sqlalchemy.orm import aliased

from survey_app.assessments.models import Assessment, SchoolProfile
from survey_app.assessments.queries import Form
from survey_app.core.db import session
from survey_app.results.content import MICRO
from survey_app.results.models import Result
from survey_app.results.queries.scope import is_current
from survey_app.reviews.models import VerifiedScore
from survey_app.rounds.models import Participation
from survey_app.rules.aggregation import LEAST_PEERS, place_among, similar_size
from survey_app.rules.framework import Framework

# Facts that make schools alike whatever the set asks about them.
BOARDING = frozenset({"ban_tru", "noi_tru"})


@dataclass(frozen=True)
class Part:
    """Indicators met of those that apply, over one school or many."""

    met: int
    of: int

    @property
    def share(self) -> Fraction | None:
        """The share that is met, None of nothing."""
        return Fraction(self.met, self.of) if self.of else None

    def __add__(self, other: "Part") -> "Part":
        return Part(self.met + other.met, self.of + other.of)


@dataclass(frozen=True)
class Peers:
    """What `n` similar schools reached together; `place` is the third in which the school stands.

    `areas` go by area code. `quality` is their mean quality score (0–100).
    """

    n: int
    place: str | None
    whole: Part
    areas: dict[str, Part]
    quality: Fraction | None

    @property
    def enough(self) -> bool:
        """False when so few schools could be recognised in a mean."""
        return self.n >= LEAST_PEERS


def peers_of(form: Form, framework: Framework, result: Result) -> Peers:
    """The published peers of a form with a result, in two statements."""
    where = _alike(form, framework)
    rows = session.execute(
        select(Result.met, Result.applicable, Result.quality_micro)
        .join(Assessment, Assessment.id == Result.assessment_id)
        .join(Participation, Participation.id == Assessment.participation_id)
        .join(SchoolProfile, SchoolProfile.participation_id == Participation.id)
        .where(*where)
    ).all()
    shares = [_share(row.met, row.applicable) for row in rows]
    quality = Fraction(sum(row.quality_micro for row in rows), MICRO * len(rows)) if rows else None
    return Peers(
        len(rows),
        place_among(_share(result.met, result.applicable), shares),
        Part(sum(row.met for row in rows), sum(row.applicable for row in rows)),
        _by_area(framework, where),
        quality,
    )


def _share(met: int, of: int) -> int:
    return MICRO * met // of if of else 0


def matched_facts(framework: Framework) -> list[str]:
    """The profile questions whose answers peers share: boarding, and those the set asks only to compare."""
    return [item.code for item in framework.profile if item.comparison_only or item.code in BOARDING]


def _alike(form: Form, framework: Framework) -> list[ColumnElement[bool]]:
    own, part, known = aliased(Participation), form.participation, form.profile.facts if form.profile else {}
    stages = select(cast(own.stages, Text)).where(own.id == part.id).scalar_subquery()
    return [
        Assessment.round_id == form.assessment.round_id,
        Assessment.framework_version_id == form.assessment.framework_version_id,
        is_current(),
        Participation.id != part.id,
        cast(Participation.stages, Text) == stages,
        Participation.area_type == part.area_type,
        (func.json_array_length(Participation.sites) > 1) == (len(part.sites) > 1),
        *_of_similar_size(form),
        *(
            SchoolProfile.facts[code].as_boolean() == known[code]
            for code in matched_facts(framework)
            if code in known
        ),
    ]


def _of_similar_size(form: Form) -> list[ColumnElement[bool]]:
    pupils = form.profile.pupils if form.profile else None
    return [SchoolProfile.pupils.between(*similar_size(pupils))] if pupils else []


def _by_area(framework: Framework, where: list[ColumnElement[bool]]) -> dict[str, Part]:
    score = VerifiedScore
    rows = session.execute(
        select(score.indicator, score.value, func.count())
        .join(Assessment, Assessment.id == score.assessment_id)
        .join(Result, Result.assessment_id == Assessment.id)
        .join(Participation, Participation.id == Assessment.participation_id)
        .join(SchoolProfile, SchoolProfile.participation_id == Participation.id)
        .where(*where)
        .group_by(score.indicator, score.value)
    )
    areas: dict[str, Part] = defaultdict(lambda: Part(0, 0))
    for code, value, schools in rows:
        indicator = framework.by_code[code]
        met = schools if value is not None and indicator.scale.is_met(value) else 0
        areas[framework.area_of[code].code] += Part(met, schools)
    return dict(areas)
