"""Who may see which rounds and which units in them: the one scope that higher rooms join with."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, false, select
from sqlalchemy.orm import aliased

from survey_app.core.access import Actor
from survey_app.rounds.models import PLANNED, Participation, Round
from survey_app.rules.permissions import COMMUNE, DEPARTMENT, SCHOOL, Role


class Scope(StrEnum):
    """The kinds of reach a role has over the units of rounds."""

    SCHOOL = "school"
    COMMUNE = "commune"
    DEPARTMENT = "department"
    NOTHING = "nothing"


def scope_of(actor: Actor) -> Scope:
    """A school sees itself, a commune the units it checks, the department and its viewers their rounds."""
    if actor.role in SCHOOL:
        return Scope.SCHOOL
    if actor.role in COMMUNE:
        return Scope.COMMUNE
    return Scope.DEPARTMENT if _of_department(actor) else Scope.NOTHING


def visible_participations(actor: Actor) -> ColumnElement[bool]:
    """The WHERE on `Participation` of what an actor may see; safe in a statement that joins `Round`."""
    return _clause(scope_of(actor), actor.unit_id, actor.department_id)


def visible_within(scope: Scope) -> ColumnElement[bool]:
    """The same for statements that are built once and run with `scope_values(actor)`."""
    return _clause(scope, bindparam("scope_unit"), bindparam("scope_department"))


def scope_values(actor: Actor) -> dict[str, int]:
    """What `visible_within` is run with."""
    return {"scope_unit": actor.unit_id, "scope_department": actor.department_id}


def _clause(scope: Scope, unit: Any, department: Any) -> ColumnElement[bool]:
    if scope in (Scope.SCHOOL, Scope.COMMUNE):
        column = Participation.unit_id if scope is Scope.SCHOOL else Participation.reviewing_unit_id
        own_units: ColumnElement[bool] = column == unit
        return own_units
    if scope is Scope.DEPARTMENT:
        own = aliased(Round)
        return Participation.round_id.in_(
            select(own.id).where(own.department_id == department).scalar_subquery()
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
