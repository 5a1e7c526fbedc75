"""Reading who signs in: the session of a request, the account that is meant, where its person works."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from survey_app.accounts.models import Membership, SecondFactor, User, UserSession
from survey_app.core.db import UtcDateTime, session
from survey_app.organisations.models import SCHOOL, OrganisationUnit
from survey_app.rules.errors import NotFound
from survey_app.rules.permissions import SECOND_FACTOR_ROLES, Role


@dataclass(frozen=True)
class SessionFacts:
    """Who a session belongs to and where they work; no membership until a workplace is chosen.

    `has_second_factor`: signing in asks for a code; `role_asks_second_factor`: one of the person's present
    roles, whichever they work under, is one of `SECOND_FACTOR_ROLES`.
    """

    session_id: int
    user_id: int
    uniquifier: str
    name: str
    must_change_password: bool
    has_second_factor: bool
    role_asks_second_factor: bool
    membership_id: int | None
    role: Role | None
    unit_id: int | None
    unit_kind: str | None
    unit_name: str | None
    department_id: int | None
    ward_name: str | None


@dataclass(frozen=True)
class Credentials:
    """An account somebody wants to sign in to: what checking the password and opening a session need."""

    user_id: int
    uid: str
    uniquifier: str
    login: str
    name: str
    password: str | None
    active: bool
    must_change_password: bool
    last_login_at: datetime | None
    has_second_factor: bool
    membership_ids: Sequence[int]


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
    any_role = aliased(Membership)
    asking = exists().where(
        any_role.user_id == User.id,
        # written out: an IN list of parameters would be spelled anew for every request
        or_(*(any_role.role == literal_column(f"'{role}'") for role in sorted(SECOND_FACTOR_ROLES))),
        any_role.starts_at <= at,
        or_(any_role.ends_at.is_(None), any_role.ends_at > at),
    )
    return (
        select(
            UserSession.id.label("session_id"),
            User.id.label("user_id"),
            User.fs_uniquifier.label("uniquifier"),
            User.name.label("name"),
            User.must_change_password.label("must_change_password"),
            has_second_factor().label("has_second_factor"),
            asking.label("role_asks_second_factor"),
            Membership.id.label("membership_id"),
            Membership.role.label("role"),
            OrganisationUnit.id.label("unit_id"),
            OrganisationUnit.kind.label("unit_kind"),
            OrganisationUnit.name.label("unit_name"),
            func.coalesce(grandparent.id, parent.id, OrganisationUnit.id).label("department_id"),
            case((OrganisationUnit.kind == SCHOOL, parent.name), else_="").label("ward_name"),
        )
        .join(User, User.id == UserSession.user_id)
        .outerjoin(Membership, and_(Membership.id == UserSession.membership_id, open_now))
        .outerjoin(OrganisationUnit, OrganisationUnit.id == Membership.unit_id)
        .outerjoin(parent, parent.id == OrganisationUnit.parent_id)
        .outerjoin(grandparent, grandparent.id == parent.parent_id)
        .where(*_usable())
    )


def _usable() -> list[ColumnElement[bool]]:
    return [
        UserSession.sid_hash == bindparam("sid_hash"),
        UserSession.ended_at.is_(None),
        UserSession.created_at > bindparam("oldest", type_=UtcDateTime()),
        User.active.is_(True),
    ]


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


def has_second_factor() -> ColumnElement[bool]:
    """The WHERE of people whose signing in asks for a code."""
    return exists().where(SecondFactor.user_id == User.id).correlate(User)


def _open_at(now: datetime) -> ColumnElement[bool]:
    return and_(Membership.starts_at <= now, or_(Membership.ends_at.is_(None), Membership.ends_at > now))


def owner_of_session(sid_hash: str) -> tuple[int, int | None] | None:
    """(user id, membership id) of a session, ended or not; None when there never was one."""
    row = session.execute(
        select(UserSession.user_id, UserSession.membership_id).where(UserSession.sid_hash == sid_hash)
    ).first()
    return None if row is None else (row.user_id, row.membership_id)


def why_ended(sid_hash: str) -> str:
    """Why a session ended; empty for one that goes on, or never was."""
    return session.scalar(select(UserSession.ended_why).where(UserSession.sid_hash == sid_hash)) or ""


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
    """The account a person means by a login, an e-mail address or a unit code, in any case of letters."""
    return _credentials(_known_as(identity), now)


def credentials_of(user_id: int, now: datetime) -> Credentials | None:
    """The same by the person's key."""
    return _credentials(select(User).where(User.id == user_id), now)


def _credentials(known: Select[User], now: datetime) -> Credentials | None:
    """Two statements whether or not there is such an account: the time does not tell."""
    row = session.execute(known.add_columns(has_second_factor())).first()
    places = open_membership_ids(row[0].id if row else 0, now)
    if row is None:
        return None
    user, asks_for_code = row
    return Credentials(
        user_id=user.id,
        uid=user.uid,
        uniquifier=user.fs_uniquifier,
        login=user.login,
        name=user.name,
        password=user.password,
        active=user.active,
        must_change_password=user.must_change_password,
        last_login_at=user.last_login_at,
        has_second_factor=asks_for_code,
        membership_ids=places,
    )


def find_reachable(identity: str) -> int | None:
    """The account meant, when a letter can reach its person: it is open and its address is proved."""
    statement = _known_as(identity).where(User.active, User.email_confirmed_at.is_not(None))
    user = session.scalar(statement)
    return user.id if user else None


def _known_as(identity: str) -> Select[User]:
    """One statement whoever is meant. A unit's code is its head's, whatever login the head has of their own:
    somebody with an account may take over a school (decision 6). Each part has its index."""
    lower, either = identity.lower(), (identity.lower(), identity.upper())
    heads = (
        select(Membership.user_id.label("id"), literal(2).label("rank"))
        .join(OrganisationUnit, OrganisationUnit.id == Membership.unit_id)
        .where(
            OrganisationUnit.code.in_(either),
            Membership.role == Role.UNIT_HEAD,
            Membership.ends_at.is_(None),
        )
    )
    found = union_all(
        select(User.id.label("id"), literal(0).label("rank")).where(User.login.in_(either)),
        select(User.id.label("id"), literal(1).label("rank")).where(User.email == lower),
        heads,
    ).subquery()
    return select(User).join(found, found.c.id == User.id).order_by(found.c.rank).limit(1)


def workplace_of(user_id: int, membership_id: int | None = None) -> int | None:
    """The unit a person works at: of this membership, else of their first open one, else of an ended one."""
    chosen = (Membership.id == membership_id).desc()
    places = select(Membership.unit_id).where(Membership.user_id == user_id)
    with session.no_autoflush:  # an audit event is written once: nothing may be flushed before it is whole
        return session.scalar(
            places.order_by(chosen, Membership.ends_at.is_(None).desc(), Membership.id).limit(1)
        )


def open_membership_ids(user_id: int, now: datetime) -> list[int]:
    """The memberships a person may work under now."""
    return list(
        session.scalars(
            select(Membership.id).where(Membership.user_id == user_id, _open_at(now)).order_by(Membership.id)
        )
    )
