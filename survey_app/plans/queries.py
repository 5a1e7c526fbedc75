"""Reading plans: the items of one form, one item in the actor's scope."""

from collections.abc import Sequence

from sqlalchemy import select

from survey_app.assessments.models import Assessment
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.plans.models import DONE, PlanItem
from survey_app.rounds.models import Participation, Round
from survey_app.rounds.queries import visible_participations
from survey_app.rules.errors import NotFound


def list_items(assessment_id: int) -> Sequence[PlanItem]:
    """The items of a plan, what is done last, then by priority and day."""
    item = PlanItem
    return session.scalars(
        select(item)
        .where(item.assessment_id == assessment_id, item.deleted_at.is_(None))
        .order_by(item.status == DONE, item.priority, item.due_on.is_(None), item.due_on, item.id)
    ).all()


def get_visible_item(actor: Actor, uid: str) -> PlanItem:
    """The item with this address, not deleted and in the actor's scope. Raises `NotFound`."""
    found = session.scalar(
        select(PlanItem)
        .join(Assessment, Assessment.id == PlanItem.assessment_id)
        .join(Participation, Participation.id == Assessment.participation_id)
        .where(PlanItem.uid == uid, PlanItem.deleted_at.is_(None), visible_participations(actor))
    )
    if found is None:
        raise NotFound()
    return found


def latest_form_uid(actor: Actor) -> str | None:
    """The actor's own newest form, where its plan is; None before any round."""
    return session.scalar(
        select(Assessment.uid)
        .join(Participation, Participation.id == Assessment.participation_id)
        .join(Round, Round.id == Assessment.round_id)
        .where(Participation.unit_id == actor.unit_id, visible_participations(actor))
        .order_by(Round.opens_at.desc(), Assessment.framework_version_id)
        .limit(1)
    )


def plans_beside(form_id: int, participation_id: int) -> Sequence[Assessment]:
    """The other forms of the same unit in the same round: a multi-level unit has several plans."""
    return session.scalars(
        select(Assessment)
        .where(Assessment.participation_id == participation_id, Assessment.id != form_id)
        .order_by(Assessment.framework_version_id)
    ).all()
