"""What an actor may manage: their units, the people there, and whom they stand above (decision 6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from survey_app.accounts.models import ActivationCode, Membership, User
from survey_app.accounts.queries import Workplace, workplaces_of
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.vietnamese import fold
from survey_app.core.web import PER_PAGE, Page
from survey_app.organisations.models import COMMUNE, DEPARTMENT, SCHOOL, OrganisationUnit
from survey_app.organisations.queries import in_department
from survey_app.rules.errors import NotAllowed, NotFound
from survey_app.rules.permissions import GRANTABLE, Role

NEW, READY, LOCKED, NO_HEAD = "new", "ready", "locked", "none"
KINDS = (SCHOOL, COMMUNE, DEPARTMENT)


@dataclass(frozen=True)
class AccountFilter:
    """What a list of people is narrowed to; empty values narrow nothing."""

    text: str = ""
    role: str = ""
    ward_uid: str = ""
    state: str = ""


@dataclass(frozen=True)
class AccountRow:
    """One person of a list, with the workplaces the actor may see."""

    user: User
    state: str
    workplaces: Sequence[Workplace]


@dataclass(frozen=True)
class UnitFilter:
    """What a list of units is narrowed to; `state` is about the head's account."""

    text: str = ""
    kind: str = SCHOOL
    ward_uid: str = ""
    state: str = ""


@dataclass(frozen=True)
class UnitRow:
    """One unit of a list: how many people it has and whether its head can sign in."""

    id: int
    uid: str
    code: str
    name: str
    ward_name: str
    people: int
    state: str
    login: str
    ward_id: int
    ward_key: str


def managed_units(actor: Actor) -> ColumnElement[bool]:
    """The WHERE of the units whose accounts an actor looks after.

    The department's leaders and administrators: the whole department. A commune: itself and the schools it
    manages (not those in its area that the department manages). A school: itself.
    """
    if not actor.may("accounts.manage"):
        return false()
    if actor.unit_kind == DEPARTMENT:
        return in_department(actor.department_id)
    if actor.unit_kind == COMMUNE:
        unit = OrganisationUnit
        return or_(unit.id == actor.unit_id, unit.managing_authority_id == actor.unit_id)
    return OrganisationUnit.id == actor.unit_id


def in_scope(actor: Actor) -> ColumnElement[bool]:
    """The WHERE of the people an actor looks after: who work in their units, or did and work nowhere.

    Begins with a list of those people, so that nobody else's accounts are looked at one by one, and asks
    only of those who have left whether they work anywhere: a department among 34 does not read them all.
    """
    other = aliased(Membership)
    works_somewhere = exists().where(other.user_id == Membership.user_id, other.ends_at.is_(None))
    here = (
        select(Membership.user_id)
        .join(OrganisationUnit, OrganisationUnit.id == Membership.unit_id)
        .where(managed_units(actor), or_(Membership.ends_at.is_(None), ~works_somewhere))
    )
    return User.id.in_(here)


def _works(*where: ColumnElement[bool]) -> Select[int]:
    """The people who have a role now, such as `where` says, at a unit such as it says."""
    return (
        select(Membership.user_id)
        .join(OrganisationUnit, OrganisationUnit.id == Membership.unit_id)
        .where(Membership.ends_at.is_(None), *where)
    )


def get_account(actor: Actor, uid: str) -> User:
    """The person with this public id. Raises `NotFound` when the actor does not look after them."""
    user = session.scalar(select(User).where(User.uid == uid, in_scope(actor)))
    if user is None:
        raise NotFound()
    return user


def get_account_by_login(actor: Actor, text: str) -> User:
    """The person with this login or e-mail address. Raises `NotFound` as `get_account` does."""
    either = User.login.in_((text.lower(), text.upper()))
    user = session.scalar(
        select(User).where(or_(either, User.email == text.lower()), in_scope(actor)).limit(1)
    )
    if user is None:
        raise NotFound()
    return user


def get_unit(actor: Actor, uid: str) -> OrganisationUnit:
    """The unit with this public id. Raises `NotFound` when it is not the actor's to manage."""
    return _unit(actor, OrganisationUnit.uid == uid)


def get_unit_by_code(actor: Actor, code: str) -> OrganisationUnit:
    """The unit with this code. Raises `NotFound` when it is not the actor's to manage."""
    return _unit(actor, OrganisationUnit.code == code)


def _unit(actor: Actor, which: ColumnElement[bool]) -> OrganisationUnit:
    unit = session.scalar(select(OrganisationUnit).where(which, managed_units(actor)))
    if unit is None:
        raise NotFound()
    return unit


def manages_unit(actor: Actor, unit_id: int) -> bool:
    """True when the actor looks after this unit."""
    held = select(OrganisationUnit.id).where(OrganisationUnit.id == unit_id, managed_units(actor))
    return session.scalar(held) is not None


def stands_above(actor: Actor, user_id: int) -> bool:
    """True when every present role of the person is in the actor's units and below the actor's role."""
    mine = exists().where(OrganisationUnit.id == Membership.unit_id, managed_units(actor))
    below = Membership.role.in_(GRANTABLE[actor.role])
    beyond = select(Membership.id).where(
        Membership.user_id == user_id, Membership.ends_at.is_(None), ~and_(mine.correlate(Membership), below)
    )
    return session.scalar(beyond.limit(1)) is None


def check_stands_above(actor: Actor | None, user_id: int) -> None:
    """Raise `NotAllowed` unless the actor stands above every role of this person (None: the command line)."""
    if actor is not None and not stands_above(actor, user_id):
        raise NotAllowed()


def account_state(user: User) -> str:
    """Whether an account is locked, waits for its first password, or is in use."""
    if not user.active:
        return LOCKED
    return READY if user.password else NEW


def list_accounts(actor: Actor, wanted: AccountFilter, number: int = 1) -> Page[AccountRow]:
    """One page of the people an actor looks after, by given name, 50 a page."""
    where = [in_scope(actor), *_narrow_people(wanted)]
    total = session.scalar(select(func.count()).select_from(User).where(*where)) or 0
    users = session.scalars(
        select(User)
        .where(*where)
        .order_by(User.sort_key, User.id)
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    ).all()
    places = workplaces_of((user.id for user in users), managed_units(actor))
    rows = [AccountRow(user, account_state(user), places.get(user.id, [])) for user in users]
    return Page(rows, number, total)


def _narrow_people(wanted: AccountFilter) -> list[ColumnElement[bool]]:
    clauses = [User.search_text.contains(word, autoescape=True) for word in fold(wanted.text).split()]
    if wanted.role:
        has_role = select(Membership.user_id).where(
            Membership.user_id == User.id, Membership.role == wanted.role, Membership.ends_at.is_(None)
        )
        clauses.append(has_role.correlate(User).exists())
    if wanted.ward_uid:
        clauses.append(User.id.in_(_works(_in_ward(wanted.ward_uid))))
    states = {
        LOCKED: User.active.is_(False),
        NEW: and_(User.active, User.password.is_(None)),
        READY: and_(User.active, User.password.isnot(None)),
    }
    return clauses + ([states[wanted.state]] if wanted.state in states else [])


def _in_ward(ward_uid: str) -> ColumnElement[bool]:
    """The WHERE of a ward and its schools: its key is found once, not beside every unit of the country."""
    ward = aliased(OrganisationUnit)
    ward_id = select(ward.id).where(ward.uid == ward_uid).scalar_subquery()
    return or_(OrganisationUnit.id == ward_id, OrganisationUnit.parent_id == ward_id)


def list_units(actor: Actor, wanted: UnitFilter, number: int = 1) -> Page[UnitRow]:
    """One page of the units an actor looks after, in Vietnamese order, 50 a page."""
    where = _narrow_units(actor, wanted)
    total = session.scalar(select(func.count()).select_from(OrganisationUnit).where(*where)) or 0
    return Page(_unit_rows(where, PER_PAGE, (number - 1) * PER_PAGE), number, total)


def units_without_access(actor: Actor, wanted: UnitFilter, limit: int) -> list[UnitRow]:
    """The schools of a filter whose head cannot sign in yet (no account, or never activated), by ward."""
    return _unit_rows(_without_access(actor, wanted), limit, 0, by_ward=True)


def count_without_access(actor: Actor, wanted: UnitFilter) -> int:
    """How many schools of a filter have a head who cannot sign in yet."""
    where = _without_access(actor, wanted)
    return session.scalar(select(func.count()).select_from(OrganisationUnit).where(*where)) or 0


def _without_access(actor: Actor, wanted: UnitFilter) -> list[ColumnElement[bool]]:
    lacking = _of_head(_STATE, NO_HEAD).in_((NO_HEAD, NEW))
    return [*_narrow_units(actor, wanted), OrganisationUnit.kind == SCHOOL, lacking]


def _narrow_units(actor: Actor, wanted: UnitFilter) -> list[ColumnElement[bool]]:
    clauses = [managed_units(actor), OrganisationUnit.valid_to.is_(None)]
    clauses += [
        OrganisationUnit.search_text.contains(word, autoescape=True) for word in fold(wanted.text).split()
    ]
    if wanted.kind:
        clauses.append(OrganisationUnit.kind == wanted.kind)
    if wanted.ward_uid:
        clauses.append(_in_ward(wanted.ward_uid))
    if wanted.state:
        clauses.append(_of_head(_STATE, NO_HEAD) == wanted.state)
    return clauses


_STATE = case((User.active.is_(False), LOCKED), (User.password.is_(None), NEW), else_=READY)


def _of_head(what: ColumnElement[str], otherwise: ColumnElement[str] | str) -> ColumnElement[str]:
    """A fact about the head of each unit, `otherwise` where there is none."""
    head = (
        select(what)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.unit_id == OrganisationUnit.id,
            Membership.role == Role.UNIT_HEAD,
            Membership.ends_at.is_(None),
        )
        .limit(1)
        .correlate(OrganisationUnit)
        .scalar_subquery()
    )
    return func.coalesce(head, otherwise)


def _unit_rows(
    where: list[ColumnElement[bool]], limit: int, offset: int, *, by_ward: bool = False
) -> list[UnitRow]:
    ward = aliased(OrganisationUnit)
    order = (ward.sort_key, ward.id) if by_ward else ()
    people = (
        select(func.count())
        .where(Membership.unit_id == OrganisationUnit.id, Membership.ends_at.is_(None))
        .correlate(OrganisationUnit)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            OrganisationUnit,
            func.coalesce(ward.name, ""),
            people,
            _of_head(_STATE, NO_HEAD),
            _of_head(User.login.expression, OrganisationUnit.code.expression),
            func.coalesce(ward.id, 0),
            func.coalesce(ward.sort_key, ""),
        )
        .outerjoin(ward, and_(ward.id == OrganisationUnit.parent_id, OrganisationUnit.kind == SCHOOL))
        .where(*where)
        .order_by(*order, OrganisationUnit.sort_key, OrganisationUnit.code)
        .limit(limit)
        .offset(offset)
    )
    return [
        UnitRow(unit.id, unit.uid, unit.code, unit.name, ward_name, *rest) for unit, ward_name, *rest in rows
    ]


def open_code(user_id: int) -> ActivationCode | None:
    """The code a person has been given and has not used, newest first; it may have expired."""
    return session.scalar(
        select(ActivationCode)
        .where(
            ActivationCode.user_id == user_id,
            ActivationCode.used_at.is_(None),
            ActivationCode.voided_at.is_(None),
        )
        .order_by(ActivationCode.issued_at.desc())
        .limit(1)
    )
