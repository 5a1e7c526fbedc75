"""Whom an authority may write to: its schools, all or by what they still have to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import aliased

from survey_app.accounts.models import Membership, User
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.notices.ports import Offer, forms
from survey_app.organisations.models import COMMUNE, SCHOOL, OrganisationUnit
from survey_app.organisations.queries import in_department
from survey_app.rules.errors import N_, BadInput
from survey_app.rules.permissions import Role

ALL, NOT_ACTIVATED = "all", "not_activated"
OWN_OFFERS = (
    Offer(ALL, N_("Tất cả các trường")),
    Offer(NOT_ACTIVATED, N_("Các trường chưa kích hoạt tài khoản")),
)


class UnknownAudience(BadInput):
    """A group that does not exist, or not for this actor."""

    message = N_("Hãy chọn nhóm trường nhận thông báo.")


@dataclass(frozen=True)
class Receiver:
    """A school as a list of receivers shows it."""

    unit_id: int
    name: str
    ward_name: str


def offers(actor: Actor, *, now: datetime) -> list[Offer]:
    """The groups an actor may choose from."""
    return [*OWN_OFFERS, *forms.get().offers(actor, now=now)]


def receivers(actor: Actor, code: str, ward_uid: str = "") -> Select[int]:
    """The ids of the schools of a group (of one ward). Raises `UnknownAudience`."""
    unit = OrganisationUnit
    where = [unit.kind == SCHOOL, unit.valid_to.is_(None), _of_group(actor, code)]
    if ward_uid:
        ward = aliased(OrganisationUnit)
        where.append(exists().where(ward.id == unit.parent_id, ward.uid == ward_uid))
    return select(unit.id).where(*where)


def _of_group(actor: Actor, code: str) -> ColumnElement[bool]:
    if code == ALL:
        return _looked_after(actor)
    if code == NOT_ACTIVATED:
        return and_(_looked_after(actor), ~_has_active_head())
    found = forms.get().units(actor, code)
    if found is None:
        raise UnknownAudience()
    return OrganisationUnit.id.in_(found)


def _looked_after(actor: Actor) -> ColumnElement[bool]:
    """The department's people write to all its schools, a commune's to those it manages."""
    if actor.unit_kind == COMMUNE:
        return OrganisationUnit.managing_authority_id == actor.unit_id
    return in_department(actor.department_id)


def _has_active_head() -> ColumnElement[bool]:
    return (
        select(Membership.id)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.unit_id == OrganisationUnit.id,
            Membership.role == Role.UNIT_HEAD,
            Membership.ends_at.is_(None),
            User.active,
            User.password.is_not(None),
        )
        .correlate(OrganisationUnit)
        .exists()
    )


def count(chosen: Select[int]) -> int:
    """How many schools a choice holds."""
    return session.scalar(select(func.count()).select_from(chosen.subquery())) or 0


def first(chosen: Select[int], limit: int) -> Sequence[Receiver]:
    """The first schools of a choice in Vietnamese order."""
    unit, ward = OrganisationUnit, aliased(OrganisationUnit)
    rows = session.execute(
        select(unit.id, unit.name, func.coalesce(ward.name, ""))
        .outerjoin(ward, ward.id == unit.parent_id)
        .where(unit.id.in_(chosen))
        .order_by(unit.sort_key, unit.code)
        .limit(limit)
    )
    return [Receiver(*row) for row in rows]


def ids(chosen: Select[int]) -> list[int]:
    """The schools of a choice by key."""
    return sorted(session.scalars(chosen))
