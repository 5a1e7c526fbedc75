"""Reading facts that exclude a level: counts and sentences, never names (decision 20)."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select

from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.rounds.models import Participation, VetoEvent
from survey_app.rounds.queries.scope import visible_participations
from survey_app.rules.errors import NotFound


def active_vetoes(participation_id: int, framework_version_id: int) -> Sequence[VetoEvent]:
    """The facts in force against one form of a unit, the earliest event first."""
    return session.scalars(
        select(VetoEvent)
        .where(
            VetoEvent.participation_id == participation_id,
            VetoEvent.framework_version_id == framework_version_id,
            VetoEvent.withdrawn_at.is_(None),
        )
        .order_by(VetoEvent.event_date, VetoEvent.id)
    ).all()


def veto_counts(round_id: int) -> dict[tuple[int, int], int]:
    """{(participation id, framework version id): facts in force} of a round; only where there is one."""
    rows = session.execute(
        select(VetoEvent.participation_id, VetoEvent.framework_version_id, func.count())
        .join(Participation, Participation.id == VetoEvent.participation_id)
        .where(Participation.round_id == round_id, VetoEvent.withdrawn_at.is_(None))
        .group_by(VetoEvent.participation_id, VetoEvent.framework_version_id)
    )
    return {(participation_id, version_id): count for participation_id, version_id, count in rows}


def latest_veto_change(participation_id: int, framework_version_id: int) -> datetime | None:
    """When a fact against this form was last recorded or withdrawn, or None."""
    row = session.execute(
        select(func.max(VetoEvent.recorded_at), func.max(VetoEvent.withdrawn_at)).where(
            VetoEvent.participation_id == participation_id,
            VetoEvent.framework_version_id == framework_version_id,
        )
    ).one()
    return max((at for at in row if at is not None), default=None)


def latest_veto_changes(participation_ids: Collection[int]) -> dict[tuple[int, int], datetime]:
    """The same for several units, by (participation, framework version); one statement."""
    rows = session.execute(
        select(
            VetoEvent.participation_id,
            VetoEvent.framework_version_id,
            func.max(VetoEvent.recorded_at),
            func.max(VetoEvent.withdrawn_at),
        )
        .where(VetoEvent.participation_id.in_(participation_ids))
        .group_by(VetoEvent.participation_id, VetoEvent.framework_version_id)
    )
    return {(part, version): max(at for at in times if at is not None) for part, version, *times in rows}


def list_vetoes(participation_id: int) -> Sequence[VetoEvent]:
    """Every fact ever recorded of a unit in a round, withdrawn ones too, the latest record first."""
    return session.scalars(
        select(VetoEvent)
        .where(VetoEvent.participation_id == participation_id)
        .order_by(VetoEvent.recorded_at.desc(), VetoEvent.id.desc())
    ).all()


def get_visible_veto(actor: Actor, uid: str) -> VetoEvent:
    """The recorded fact with this public id. Raises `NotFound` when it is not the actor's to see."""
    found = session.scalar(
        select(VetoEvent)
        .join(Participation, Participation.id == VetoEvent.participation_id)
        .where(VetoEvent.uid == uid, visible_participations(actor))
    )
    if found is None:
        raise NotFound()
    return found
