"""Reading rounds: the list, one of them, the last one, the one before, who checks in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.web import Page
from survey_app.organisations.models import COMMUNE, DEPARTMENT, OrganisationUnit
from survey_app.rounds.models import OPEN, PLANNED, PRACTICE, PUBLISHED, Participation, Round
from survey_app.rounds.queries.scope import visible_participations, visible_rounds
from survey_app.rules.errors import NotFound

PER_PAGE = 20


@dataclass(frozen=True)
class RoundRow:
    """A round as the list shows it; `units` counts those the actor may see."""

    round: Round
    units: int


@dataclass(frozen=True)
class ReviewerCount:
    """A unit that checks in a round, and how many units it checks."""

    unit_id: int
    uid: str
    name: str
    kind: str
    units: int


def get_visible_round(actor: Actor, uid: str) -> Round:
    """The round with this public id. Raises `NotFound` when there is none or it is not the actor's to see."""
    found = session.scalar(select(Round).where(Round.uid == uid, visible_rounds(actor)))
    if found is None:
        raise NotFound()
    return found


def list_rounds(actor: Actor, number: int = 1) -> Page[RoundRow]:
    """One page of the rounds an actor may see, the latest first."""
    units = (
        select(func.count())
        .where(Participation.round_id == Round.id, visible_participations(actor))
        .correlate(Round)
        .scalar_subquery()
    )
    statement = (
        select(Round, units)
        .where(visible_rounds(actor))
        .order_by(Round.opens_at.desc(), Round.id.desc())
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    )
    rows = [RoundRow(found, count) for found, count in session.execute(statement)]
    total = session.scalar(select(func.count()).select_from(Round).where(visible_rounds(actor))) or 0
    return Page(rows, number, total, PER_PAGE)


def latest_round(actor: Actor, now: datetime) -> Round | None:
    """The round that matters now: one that is open and has begun, else open, else the last, else a plan.

    A practice round matters only where there is no other.
    """
    weight = case(
        ((Round.state == OPEN) & (Round.opens_at <= now), 0),
        (Round.state == OPEN, 1),
        (Round.state == PUBLISHED, 2),
        else_=3,
    )
    return session.scalar(
        select(Round)
        .where(visible_rounds(actor))
        .order_by(Round.purpose == PRACTICE, weight, Round.opens_at.desc(), Round.id.desc())
        .limit(1)
    )


def previous_round(round_: Round) -> Round | None:
    """The department's round of the same purpose before this one ("năm trước"), or None."""
    return session.scalar(
        select(Round)
        .where(
            Round.department_id == round_.department_id,
            Round.purpose == round_.purpose,
            Round.opens_at < round_.opens_at,
            Round.state != PLANNED,
        )
        .order_by(Round.opens_at.desc(), Round.id.desc())
        .limit(1)
    )


def twins_of(round_: Round) -> Sequence[Round]:
    """Other rounds of the department for the same purpose and school year, the latest first."""
    return session.scalars(
        select(Round)
        .where(
            Round.department_id == round_.department_id,
            Round.purpose == round_.purpose,
            Round.school_year == round_.school_year,
            Round.id != round_.id,
        )
        .order_by(Round.id.desc())
        .limit(5)
    ).all()


def reviewers_of(actor: Actor, round_id: int) -> list[ReviewerCount]:
    """Who checks how many of the units an actor may see: the department first, then communes by name."""
    unit = OrganisationUnit
    statement = (
        select(unit.id, unit.uid, unit.name, unit.kind, func.count())
        .join(Participation, Participation.reviewing_unit_id == unit.id)
        .where(Participation.round_id == round_id, visible_participations(actor))
        .group_by(unit.id, unit.uid, unit.name, unit.kind, unit.sort_key)
        .order_by(unit.kind != DEPARTMENT, unit.sort_key, unit.id)
    )
    return [ReviewerCount(*row) for row in session.execute(statement)]


def reviewing_units(department_id: int) -> Sequence[OrganisationUnit]:
    """The units that may check: the department, then its communes in Vietnamese order."""
    unit = OrganisationUnit
    return session.scalars(
        select(unit)
        .where(
            (unit.id == department_id) | ((unit.parent_id == department_id) & (unit.kind == COMMUNE)),
            unit.valid_to.is_(None),
        )
        .order_by(unit.kind != DEPARTMENT, unit.sort_key, unit.id)
    ).all()


def deadline_for(round_: Round, participation: Participation) -> datetime:
    """Until when this unit may hand in: the round's closing instant, or its own later one."""
    own = participation.extended_until
    return round_.closes_at if own is None else max(own, round_.closes_at)


def review_deadline_for(round_: Round, reviewer_kind: str) -> datetime:
    """Until when a reviewing unit of this kind should have checked."""
    return round_.commune_closes_at if reviewer_kind == COMMUNE else round_.department_closes_at
