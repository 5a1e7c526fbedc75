"""Reading people: accounts, workplaces, who works at a unit and whom to ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    select,
)
from sqlalchemy.orm import aliased

from survey_app.accounts.models import ActivationCode, Membership, User
from survey_app.core.db import hold, session
from survey_app.core.vietnamese import sort_key
from survey_app.organisations.models import SCHOOL, OrganisationUnit
from survey_app.rules.errors import NotFound
from survey_app.rules.permissions import OFFICERS, ROLE_NAMES, Role

_RANK = {role: place for place, role in enumerate(ROLE_NAMES)}


@dataclass(frozen=True)
class Workplace:
    """A membership as a person sees it, with the ward beside the school's name."""

    membership_id: int
    user_id: int
    unit_id: int
    unit_uid: str
    unit_name: str
    ward_name: str
    role: Role
    position: str
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True)
class Person:
    """Somebody who works at a unit, as other rooms list them."""

    user_id: int
    uid: str
    membership_id: int
    name: str
    login: str
    phone: str
    email: str | None
    role: Role
    position: str
    active: bool
    activated: bool


def login_taken(login: str) -> bool:
    """True when an account has this login, in any case of letters."""
    taken = select(User.id).where(User.login.in_({login.lower(), login.upper()}))
    return session.scalar(taken) is not None


def email_taken(email: str, *, but: int | None = None) -> bool:
    """True when an account other than `but` has this e-mail address."""
    taken = select(User.id).where(User.email == email.lower(), User.id != (but or 0))
    return session.scalar(taken) is not None


def anybody() -> bool:
    """True when at least one account exists."""
    return session.scalar(select(User.id).limit(1)) is not None


def get_user(user_id: int) -> User:
    """The person with this key, for services that got it from a row. Raises `NotFound`."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound()
    return user


def user_by_login(login: str) -> User | None:
    """The person with this login, or None."""
    return session.scalar(select(User).where(User.login.in_({login.lower(), login.upper()})))


def find_code(code_hash: str) -> ActivationCode | None:
    """The activation code with this keyed hash, whatever became of it."""
    return session.scalar(select(ActivationCode).where(ActivationCode.code_hash == code_hash))


def workplaces_of(
    user_ids: Iterable[int], *within: ColumnElement[bool], ended: bool = False
) -> dict[int, list[Workplace]]:
    """The open memberships of several people by user id (with `ended`, the past ones behind them).

    `within` narrows to some units (a WHERE on `OrganisationUnit`).
    """
    statement = _workplaces().where(Membership.user_id.in_(list(user_ids)), *within)
    if not ended:
        statement = statement.where(Membership.ends_at.is_(None))
    found: dict[int, list[Workplace]] = {}
    for row in session.execute(statement):
        place = Workplace(*row[:6], Role(row.role), *row[7:])
        found.setdefault(place.user_id, []).append(place)
    return found


def _workplaces() -> Select[int, int, int, str, str, str, str, str, datetime, datetime | None]:
    parent = aliased(OrganisationUnit)
    ward = func.coalesce(parent.name, "")
    return (
        select(
            Membership.id,
            Membership.user_id,
            OrganisationUnit.id,
            OrganisationUnit.uid,
            OrganisationUnit.name,
            ward,
            Membership.role,
            Membership.position,
            Membership.starts_at,
            Membership.ends_at,
        )
        .join(OrganisationUnit, OrganisationUnit.id == Membership.unit_id)
        .outerjoin(parent, and_(parent.id == OrganisationUnit.parent_id, OrganisationUnit.kind == SCHOOL))
        .order_by(Membership.ends_at.isnot(None), OrganisationUnit.sort_key, Membership.id)
    )


def get_membership(membership_id: int, user_id: int) -> Membership:
    """A membership of this person. Raises `NotFound`."""
    found = session.scalar(
        select(Membership).where(Membership.id == membership_id, Membership.user_id == user_id)
    )
    if found is None:
        raise NotFound()
    return found


def open_membership_of(unit_id: int, membership_id: int) -> Membership:
    """A role at this unit that has not ended. Raises `NotFound`."""
    found = session.scalar(
        select(Membership).where(
            Membership.id == membership_id, Membership.unit_id == unit_id, Membership.ends_at.is_(None)
        )
    )
    if found is None:
        raise NotFound()
    return found


def names_of(user_ids: Iterable[int]) -> dict[int, str]:
    """Names by user id, of every id that exists."""
    wanted = list(set(user_ids))
    if not wanted:
        return {}
    return {
        row.id: row.name for row in session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    }


def people_of(unit_id: int, *, locked: bool = False) -> list[Person]:
    """Everybody who works at a unit now, by role, then by given name; `locked` adds locked accounts."""
    rows = session.execute(
        select(User, Membership)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.unit_id == unit_id, Membership.ends_at.is_(None))
        .order_by(User.sort_key, User.id)
    ).all()
    people = [
        Person(
            user.id,
            user.uid,
            membership.id,
            user.name,
            user.login,
            user.phone,
            user.email,
            Role(membership.role),
            membership.position,
            user.active,
            user.password is not None,
        )
        for user, membership in rows
        if user.active or locked
    ]
    return sorted(people, key=lambda person: _RANK[person.role])


def officers_of(unit_id: int) -> list[Person]:
    """The checking officers of an authority."""
    return [person for person in people_of(unit_id) if person.role in OFFICERS]


@dataclass(frozen=True)
class Contact:
    """Whom to ask at an authority; `of_office`: the number is the office's, not the person's own."""

    name: str
    phone: str
    of_office: bool


def contact_of(unit: OrganisationUnit) -> Contact:
    """The person an authority names, with its number; else its first checking officer."""
    return _contact(unit, None if unit.contact_name else next(iter(officers_of(unit.id)), None))


def _contact(unit: OrganisationUnit, officer: Person | User | None) -> Contact:
    if not unit.contact_name and officer is not None and officer.phone:
        return Contact(officer.name, officer.phone, False)
    return Contact(unit.contact_name or (officer.name if officer else ""), unit.contact_phone, True)


@dataclass(frozen=True)
class Office(Contact):
    """Whom a school asks, with the authority it stands under."""

    unit: OrganisationUnit

    @property
    def unit_name(self) -> str:
        """What the authority is called."""
        return self.unit.name


def office_above(unit_id: int) -> Office | None:
    """Who answers the questions of a school: its managing authority; None without one. One statement."""
    above = select(OrganisationUnit.managing_authority_id).where(OrganisationUnit.id == unit_id)
    return _office(OrganisationUnit.id == above.scalar_subquery())


def office_at(unit_id: int) -> Office:
    """Whom to ask at this authority, as `contact_of`; one statement, which reads the unit as well."""
    found = _office(OrganisationUnit.id == unit_id)
    if found is None:
        raise NotFound()
    return found


def _office(where: ColumnElement[bool]) -> Office | None:
    checks = and_(
        Membership.unit_id == OrganisationUnit.id,
        Membership.ends_at.is_(None),
        Membership.role.in_(OFFICERS),
    )
    row = session.execute(
        select(OrganisationUnit, User)
        .outerjoin(Membership, checks)
        .outerjoin(User, and_(User.id == Membership.user_id, User.active))
        .where(where)
        .order_by(User.id.is_(None), User.sort_key, User.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    unit, officer = row
    found = _contact(unit, officer)
    return Office(found.name, found.phone, found.of_office, unit)


def head_of(unit_id: int) -> Person | None:
    """The head of a school, or None when it has none yet."""
    return next((person for person in people_of(unit_id) if person.role is Role.UNIT_HEAD), None)


def hold_unit(unit_id: int) -> None:
    """Hold a unit: nobody else changes who leads it before the transaction ends."""
    hold(select(OrganisationUnit.id).where(OrganisationUnit.id == unit_id))


def head_membership(unit_id: int) -> Membership | None:
    """The open membership of a school's head, locked or not."""
    return session.scalar(
        select(Membership).where(
            Membership.unit_id == unit_id, Membership.role == Role.UNIT_HEAD, Membership.ends_at.is_(None)
        )
    )


def has_role(user_id: int, unit_id: int, role: Role) -> bool:
    """True when the person holds this role at this unit now."""
    held = select(Membership.id).where(
        Membership.user_id == user_id,
        Membership.unit_id == unit_id,
        Membership.role == role,
        Membership.ends_at.is_(None),
    )
    return session.scalar(held) is not None


def person_sort_key(name: str) -> str:
    """Order of people in Vietnamese lists: by given name (the last word), then by the whole name."""
    return sort_key(f"{name.rpartition(' ')[2]} {name}")[:500]
