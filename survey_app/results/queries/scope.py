"""What every number of an overview is counted over: the actor's scope, one round, the chosen filters."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from survey_app.assessments.models import Assessment
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.results.models import Result
from survey_app.rounds.models import PLANNED, Participation, Round
from survey_app.rounds.queries import ParticipationFilter, narrowed, visible_participations, visible_rounds
from survey_app.rules.workflow import State

# Only what the authority has confirmed counts as "theo kết quả kiểm tra".
CONFIRMED = (State.APPROVED, State.PUBLISHED)


@dataclass(frozen=True)
class OverviewFilter:
    """What an overview is narrowed to; empty values narrow nothing."""

    stage: str = ""
    ward_uid: str = ""
    ownership: str = ""
    version_id: int | None = None


def forms_in(actor: Actor, round_id: int, wanted: OverviewFilter) -> list[ColumnElement[bool]]:
    """The WHERE on `Participation` and `Assessment`, joined by the caller."""
    where = [
        Assessment.round_id == round_id,
        Participation.round_id == round_id,
        visible_participations(actor),
        *narrowed(ParticipationFilter(stage=wanted.stage, ward_uid=wanted.ward_uid)),
    ]
    if wanted.ownership:
        where.append(Participation.ownership == wanted.ownership)
    if wanted.version_id is not None:
        where.append(Assessment.framework_version_id == wanted.version_id)
    return where


def confirmed_in(actor: Actor, round_id: int, wanted: OverviewFilter) -> list[ColumnElement[bool]]:
    """The same, only forms with confirmed values."""
    return [*forms_in(actor, round_id, wanted), Assessment.state.in_(CONFIRMED)]


def rounds_to_pick(actor: Actor, limit: int = 20) -> list[tuple[str, str, str]]:
    """(public id, title, school year) of the latest rounds the actor may see, the newest first."""
    rows = session.execute(
        select(Round.uid, Round.title, Round.school_year)
        .where(visible_rounds(actor), Round.state != PLANNED)
        .order_by(Round.opens_at.desc(), Round.id.desc())
        .limit(limit)
    )
    return [(uid, title, school_year) for uid, title, school_year in rows]


def is_current() -> ColumnElement[bool]:
    """True for the result that counts: neither withdrawn from publication nor replaced."""
    return Result.superseded_at.is_(None)
