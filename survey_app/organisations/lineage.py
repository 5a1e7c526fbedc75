"""Changing one unit by hand: its name and contact, its end, and the unit that goes on in its place."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.clock import local_date
from survey_app.core.db import session
from survey_app.organisations import queries
from survey_app.organisations.models import DEPARTMENT, OrganisationUnit, UnitAlias
from survey_app.organisations.naming import index_unit, rename
from survey_app.rules.errors import N_, BadInput, RuleError


@dataclass(frozen=True)
class UnitFacts:
    """What is changed by hand; a list of schools changes the rest."""

    name: str
    address: str
    contact_name: str
    contact_phone: str
    contact_email: str


class UnitEnded(RuleError):
    """The unit has ended already (409)."""

    message = N_("Đơn vị này đã kết thúc. Hãy tải lại trang.")


class BadEnd(BadInput):
    """A day or a successor that does not fit (422); `field` names where it was typed."""

    def __init__(self, field: str, message: str, **params: Any) -> None:
        self.field, self.message = field, message
        super().__init__(**params)


def change_unit(unit: OrganisationUnit, facts: UnitFacts, *, actor: Actor, now: datetime) -> None:
    """Write the facts of a unit; a new name keeps the old one in its history."""
    before = {name: getattr(unit, name) for name in asdict(facts)}
    changed = {name: value for name, value in asdict(facts).items() if value != before[name]}
    if not changed:
        return
    if "name" in changed:
        rename(unit, facts.name, "Sửa trên hệ thống", local_date(now))
    for name, value in changed.items():
        setattr(unit, name, value)
    session.flush()
    old = {name: before[name] for name in changed}
    audit.record(actor, "organisation.change", unit, old=old, new=changed, now=now)


def end_unit(
    unit: OrganisationUnit,
    *,
    on: date,
    successor: OrganisationUnit | None,
    document: str,
    actor: Actor,
    now: datetime,
) -> None:
    """End a unit on day `on`: it takes part in no later round; what it has done stays.

    `successor` goes on in its place and keeps the old code and name as aliases: both still lead to it.
    `document` names the decision. Raises `UnitEnded`, and `BadEnd` for a department, a day before the unit
    began, and a successor that is another kind of unit, of another department, ended or the unit itself.
    """
    if unit.valid_to is not None:
        raise UnitEnded()
    if unit.kind == DEPARTMENT:
        raise BadEnd("on", N_("Sở là đơn vị gốc của cả cây nên không ghi kết thúc ở đây được."))
    if on <= unit.valid_from:
        raise BadEnd("on", N_("Ngày kết thúc phải sau ngày đơn vị có hiệu lực."))
    if successor is not None:
        _check_successor(unit, successor)
        _take_over(unit, successor, on, document)
    unit.valid_to = on
    session.flush()
    new = {"valid_to": on.isoformat(), "document": document}
    if successor is not None:
        new |= {"successor": successor.code}
    audit.record(actor, "organisation.end", unit, new=new, now=now)


def _check_successor(unit: OrganisationUnit, successor: OrganisationUnit) -> None:
    fits = successor.kind == unit.kind != DEPARTMENT and successor.valid_to is None
    if not fits or successor.id == unit.id or queries.department_of(successor) != queries.department_of(unit):
        raise BadEnd(
            "successor", N_("Đơn vị tiếp nối phải cùng loại, cùng Sở, đang hoạt động và là đơn vị khác.")
        )


def _take_over(unit: OrganisationUnit, successor: OrganisationUnit, on: date, document: str) -> None:
    session.add(
        UnitAlias(
            unit_id=successor.id,
            code=unit.code,
            name=unit.name,
            source=document[:120],
            valid_from=unit.valid_from,
            valid_to=on,
        )
    )
    if successor.predecessor_id is None:
        successor.predecessor_id = unit.id
    session.flush()
    ward = successor.parent if successor.kind == "school" else None
    index_unit(successor, ward.name if ward else "")


def restore_unit(unit: OrganisationUnit, *, actor: Actor, now: datetime) -> None:
    """Take back the end of a unit that was ended in error. Raises `UnitGoesOn`."""
    if unit.valid_to is None:
        raise UnitGoesOn()
    old = {"valid_to": unit.valid_to.isoformat()}
    unit.valid_to = None
    session.flush()
    audit.record(actor, "organisation.restore", unit, old=old, now=now)


class UnitGoesOn(RuleError):
    """The unit has not ended (409)."""

    message = N_("Đơn vị này chưa kết thúc. Hãy tải lại trang.")
