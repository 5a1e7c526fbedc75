"""Reading people: names, who works where, and the session behind a request."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from survey_app.accounts.models import ActivationCode, Membership, User, UserSession
from survey_app.core.db import UtcDateTime, hold, session
from survey_app.core.vietnamese import sort_key
from survey_app.organisations.models import SCHOOL, OrganisationUnit
from survey_app.rules.errors import NotFound
from survey_app.rules.permissions import OFFICERS, ROLE_NAMES, Role

_RANK = {role: place for place, role in enumerate(ROLE_NAMES)}


@dataclass(frozen=True)
class SessionFacts:
    """Who a session belongs to and where they work; no membership until a workplace is chosen."""

    session_id: int
    user_id: int
    uniquifier: str
    name: str
    must_change_password: bool
    membership_id: int | None
    role: Role | None
    unit_id: int | None
    unit_kind: str | None
    unit_name: str | None
    department_id: int | None


@dataclass(frozen=True)
class Credentials:
    """An account somebody wants to sign in to: what checking the password and opening a session need."""

    user_id: int
    uid: str
    uniquifier: str
    name: str
    password: str | None
    active: bool
    must_change_password: bool
    membership_ids: Sequence[int]


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


@cache
def _session_statement(lock: bool) -> Select[*tuple[Any, ...]]:
    """Session, person, membership, unit and the top of its branch. Built once: every request runs it."""
    statement = _sessions()
    # NO KEY UPDATE: two requests of one browser take turns, and none has to raise its lock to sign out.
    return statement.with_for_update(of=UserSession, key_share=True) if lock else statement


def _sessions() -> Select[*tuple[Any, ...]]:
    parent, grandparent = aliased(OrganisationUnit), aliased(OrganisationUnit)
    at = bindparam("at", type_=UtcDateTime())
    open_now = and_(Membership.starts_at <= at, or_(Membership.ends_at.is_(None), Membership.ends_at > at))
    return (
        select(
            UserSession.id.label("session_id"),
            User.id.label("user_id"),
            User.fs_uniquifier.label("uniquifier"),
            User.name.label("name"),
            User.must_change_password.label("must_change_password"),
            Membership.id.label("membership_id"),
            Membership.role.label("role"),
            OrganisationUnit.id.label("unit_id"),
            OrganisationUnit.kind.label("unit_kind"),
            OrganisationUnit.name.label("unit_name"),
            func.coalesce(grandparent.id, parent.id, OrganisationUnit.id).label("department_id"),
        )
        .join(User, User.id == UserSession.user_id)
        .outerjoin(Membership, and_(Membership.id == UserSession.membership_id, open_now))
        .outerjoin(OrganisationUnit, OrganisationUnit.id == Membership.unit_id)
        .outerjoin(parent, parent.id == OrganisationUnit.parent_id)
        .outerjoin(grandparent, grandparent.id == parent.parent_id)
        .where(
            UserSession.sid_hash == bindparam("sid_hash"),
            UserSession.ended_at.is_(None),
            UserSession.created_at > bindparam("oldest", type_=UtcDateTime()),
            User.active,
        )
    )


def find_session(
    sid_hash: str, *, now: datetime, oldest: datetime, lock: bool = False
) -> SessionFacts | None:
    """The session with this hash, unless it was ended, began before `oldest` or its person is locked.

    With `lock` its row is held until the transaction ends: who takes a role away ends the sessions, so that
    waits for an act that has begun, and the act that comes after sees a session that is over (PostgreSQL; on
    SQLite the write transaction has the whole database).
    """
    values = {"sid_hash": sid_hash, "at": now, "oldest": oldest}
    row = session.execute(_session_statement(lock), values).mappings().first()
    if row is None:
        return None
    return SessionFacts(**{**row, "role": Role(row["role"]) if row["role"] else None})


def _open_at(now: datetime) -> ColumnElement[bool]:
    return and_(Membership.starts_at <= now, or_(Membership.ends_at.is_(None), Membership.ends_at > now))


def owner_of_session(sid_hash: str) -> tuple[int, int | None] | None:
    """(user id, membership id) of a session, ended or not; None when there never was one."""
    row = session.execute(
        select(UserSession.user_id, UserSession.membership_id).where(UserSession.sid_hash == sid_hash)
    ).first()
    return None if row is None else (row.user_id, row.membership_id)


def get_session(session_id: int, user_id: int) -> UserSession:
    """A session of one's own. Raises `NotFound`."""
    found = session.scalar(
        select(UserSession).where(UserSession.id == session_id, UserSession.user_id == user_id)
    )
    if found is None:
        raise NotFound()
    return found


def open_sessions(user_id: int, oldest: datetime) -> Sequence[UserSession]:
    """The sessions of a person that can still be used, newest first."""
    return session.scalars(
        select(UserSession)
        .where(
            UserSession.user_id == user_id, UserSession.ended_at.is_(None), UserSession.created_at > oldest
        )
        .order_by(UserSession.created_at.desc(), UserSession.id.desc())
    ).all()


def find_credentials(identity: str, now: datetime) -> Credentials | None:
    """The account a person means by a unit code, a login or an e-mail address, in any case of letters."""
    lower = identity.lower()
    known = or_(User.login.in_({lower, identity.upper()}), User.email == lower)
    user = session.scalar(select(User).where(known))
    places = open_membership_ids(user.id if user else 0, now)
    if user is None:
        return None
    return Credentials(
        user.id,
        user.uid,
        user.fs_uniquifier,
        user.name,
        user.password,
        user.active,
        user.must_change_password,
        places,
    )


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


def open_membership_ids(user_id: int, now: datetime) -> list[int]:
    """The memberships a person may work under now."""
    return list(
        session.scalars(
            select(Membership.id).where(Membership.user_id == user_id, _open_at(now)).order_by(Membership.id)
        )
    )


def get_membership(membership_id: int, user_id: int) -> Membership:
    """A membership of this person. Raises `NotFound`."""
    found = session.scalar(
        select(Membership).where(Membership.id == membership_id, Membership.user_id == user_id)
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
