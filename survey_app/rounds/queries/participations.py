"""Reading the units of a round, as they were frozen when it opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Text, cast, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.vietnamese import fold
from survey_app.core.web import PER_PAGE, Page
from survey_app.organisations.models import OrganisationUnit
from survey_app.rounds.models import Participation, VetoEvent
from survey_app.rounds.queries.scope import visible_participations
from survey_app.rules.errors import NotFound


@dataclass(frozen=True)
class ParticipationFilter:
    """What a list of units is narrowed to; empty values narrow nothing. `text` needs no marks."""

    text: str = ""
    ward_uid: str = ""
    stage: str = ""
    reviewer_uid: str = ""
    extended: bool = False


@dataclass(frozen=True)
class ParticipationRow:
    """A unit in a round as lists show it: never without its ward."""

    id: int
    uid: str
    code: str
    name: str
    ward_name: str
    stages: tuple[str, ...]
    sites: int
    reviewer_name: str
    reviewer_by_hand: bool
    extended_until: datetime | None
    vetoes: int


def get_visible_participation(actor: Actor, uid: str) -> Participation:
    """The unit in a round with this public id. Raises `NotFound` when it is not the actor's to see."""
    found = session.scalar(
        select(Participation).where(Participation.uid == uid, visible_participations(actor))
    )
    if found is None:
        raise NotFound()
    return found


def participation_of(round_id: int, unit_id: int) -> Participation | None:
    """A unit in a round, or None when it does not take part."""
    return session.scalar(
        select(Participation).where(Participation.round_id == round_id, Participation.unit_id == unit_id)
    )


def list_participations(
    actor: Actor, round_id: int, wanted: ParticipationFilter, number: int = 1
) -> Page[ParticipationRow]:
    """One page of the units of a round an actor may see, in Vietnamese order, 50 a page."""
    where = (Participation.round_id == round_id, visible_participations(actor), *narrowed(wanted))
    statement = (
        _rows()
        .where(*where)
        .order_by(Participation.sort_key, Participation.ward_name, Participation.id)
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    )
    rows = [
        ParticipationRow(
            part.id,
            part.uid,
            part.unit_code,
            part.unit_name,
            part.ward_name,
            tuple(part.stages),
            len(part.sites),
            reviewer_name,
            part.reviewer_by_hand,
            part.extended_until,
            vetoes,
        )
        for part, reviewer_name, vetoes in session.execute(statement)
    ]
    return Page(rows, number, count_participations(*where))


def _rows() -> Select[Participation, str, int]:
    reviewer = aliased(OrganisationUnit)
    vetoes = (
        select(func.count())
        .where(VetoEvent.participation_id == Participation.id, VetoEvent.withdrawn_at.is_(None))
        .scalar_subquery()
    )
    return select(Participation, reviewer.name, vetoes).join(
        reviewer, reviewer.id == Participation.reviewing_unit_id
    )


def count_participations(*where: ColumnElement[bool]) -> int:
    """How many units in rounds meet the conditions."""
    return session.scalar(select(func.count()).select_from(Participation).where(*where)) or 0


def narrowed(wanted: ParticipationFilter) -> list[ColumnElement[bool]]:
    """The conditions on `Participation` of a filter, for every list of units in a round."""
    clauses: list[ColumnElement[bool]] = [
        Participation.search_text.contains(word, autoescape=True) for word in fold(wanted.text).split()
    ]
    if wanted.ward_uid:
        clauses.append(_is_unit(Participation.ward_id, wanted.ward_uid))
    if wanted.reviewer_uid:
        clauses.append(_is_unit(Participation.reviewing_unit_id, wanted.reviewer_uid))
    if wanted.stage:
        clauses.append(has_stage(wanted.stage))
    if wanted.extended:
        clauses.append(Participation.extended_until.is_not(None))
    return clauses


def has_stage(stage: str) -> ColumnElement[bool]:
    """True for units with this stage when the round opened; works alike on both databases."""
    return cast(Participation.stages, Text).contains(f'"{stage}"', autoescape=True)


def _is_unit(column: InstrumentedAttribute[int], uid: str) -> ColumnElement[bool]:
    unit = aliased(OrganisationUnit)
    return column == select(unit.id).where(unit.uid == uid).scalar_subquery()


def wards_of(actor: Actor, round_id: int) -> Sequence[tuple[str, str]]:
    """(public id, name) of the wards in a round that the actor may see, in Vietnamese order."""
    ward = aliased(OrganisationUnit)
    here = exists().where(
        Participation.round_id == round_id, Participation.ward_id == ward.id, visible_participations(actor)
    )
    rows = session.execute(
        select(ward.uid, ward.name)
        .where(ward.parent_id == actor.department_id, here)
        .order_by(ward.sort_key, ward.code)
    )
    return [(uid, name) for uid, name in rows]
