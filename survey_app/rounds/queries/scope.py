"""Who may see which rounds and which units in them: the one scope that higher rooms join with."""

from sqlalchemy import ColumnElement, and_, exists, false, select
from sqlalchemy.orm import aliased

from survey_app.core.access import Actor
from survey_app.rounds.models import PLANNED, Participation, Round
from survey_app.rules.permissions import COMMUNE, DEPARTMENT, SCHOOL, Role


def visible_participations(actor: Actor) -> ColumnElement[bool]:
    """The WHERE on `Participation` of what an actor may see.

    A school sees itself, a commune the units it checks, the department and its viewers every unit of the
    department's rounds. Safe in a statement that joins `Round` itself.
    """
    if actor.role in SCHOOL:
        return Participation.unit_id == actor.unit_id
    if actor.role in COMMUNE:
        return Participation.reviewing_unit_id == actor.unit_id
    if _of_department(actor):
        own = aliased(Round)
        return Participation.round_id.in_(
            select(own.id).where(own.department_id == actor.department_id).scalar_subquery()
        )
    return false()


def visible_rounds(actor: Actor) -> ColumnElement[bool]:
    """The WHERE on `Round`: schools and communes see a round once it is open and has a unit of theirs."""
    own = Round.department_id == actor.department_id
    if _of_department(actor):
        return own
    takes_part = exists().where(Participation.round_id == Round.id, visible_participations(actor))
    return and_(own, Round.state != PLANNED, takes_part)


def _of_department(actor: Actor) -> bool:
    return actor.role in DEPARTMENT or actor.role == Role.VIEWER
