"""Changing people: accounts, roles at units, passwords, locking (`handing_over` is beside)."""

import re
import uuid
from datetime import datetime

from survey_app.accounts import codes, email_links, queries, scope, sessions
from survey_app.accounts.models import CONFIRM, Membership, User
from survey_app.accounts.passwords import hash_password
from survey_app.accounts.ports import messenger
from survey_app.accounts.sessions import Caller
from survey_app.accounts.throttling import TooManyTries, throttle
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.vietnamese import fold
from survey_app.organisations import queries as organisations
from survey_app.organisations.models import COMMUNE, DEPARTMENT, SCHOOL, OrganisationUnit
from survey_app.rules.errors import N_, BadInput, NotAllowed, NotFound, RuleError
from survey_app.rules.permissions import GRANTABLE, Role

__all__ = [
    "TooManyTries",
    "add_membership",
    "change_details",
    "change_email",
    "create_user",
    "deactivate",
    "end_membership",
    "ensure_head",
    "hash_password",
    "issue_to_head",
    "reactivate",
    "set_password",
    "set_wants_mail",
    "throttle",
]

_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,63}\Z")
ROLES_AT: dict[str, tuple[Role, ...]] = {
    SCHOOL: (Role.UNIT_HEAD, Role.UNIT_MEMBER),
    COMMUNE: (Role.COMMUNE_OFFICER, Role.COMMUNE_LEADER),
    DEPARTMENT: (
        Role.DEPARTMENT_OFFICER,
        Role.DEPARTMENT_LEADER,
        Role.DEPARTMENT_ADMIN,
        Role.VIEWER,
    ),
}


class BadLogin(BadInput):
    """A login with characters that a unit code or a login may not have."""

    message = N_("Tên đăng nhập gồm 3 đến 64 chữ cái không dấu, chữ số, dấu chấm, gạch ngang hoặc gạch dưới.")


class NoName(BadInput):
    """An account of nobody: lists would have nothing to show and nothing to click."""

    message = N_("Hãy ghi họ và tên.")


class LoginTaken(BadInput):
    """Another account has this login."""

    message = N_("Tên đăng nhập này đã có người dùng.")


class EmailTaken(BadInput):
    """Another account has this e-mail address."""

    message = N_("Thư điện tử này đã dùng cho tài khoản khác.")


class WrongKindOfUnit(BadInput):
    """A role that does not exist at this kind of unit."""

    message = N_("Vai trò này không có ở loại đơn vị đó.")


class HasHead(RuleError):
    """A school has one head; the next one takes over."""

    message = N_("Đơn vị đã có thủ trưởng. Hãy dùng nút “Bàn giao” ở danh sách người của đơn vị.")


class HasRole(RuleError):
    """The person already holds this role here."""

    message = N_("Người này đã có vai trò đó ở đơn vị.")


class ListChanged(RuleError):
    """Between making a file of codes and writing them somebody else changed one of the accounts."""

    message = N_("Danh sách tài khoản vừa thay đổi nên chưa cấp mã. Hãy tải lại trang rồi làm lại.")


def create_user(
    login: str,
    name: str,
    *,
    email: str | None = None,
    phone: str = "",
    password_hash: str | None = None,
    must_change_password: bool = False,
    of_unit: OrganisationUnit | None = None,
    actor: Actor | None,
    now: datetime,
) -> User:
    """A new account, without any role yet and without a password unless `password_hash` is given.

    A unit code in capitals stays as it is, any other login is stored in small letters; signing in does not
    care. The code of a unit is a login only for somebody of that unit (`of_unit`). Raises `BadLogin`,
    `NoName`, `LoginTaken`, `EmailTaken`.
    """
    if not _LOGIN.match(login):
        raise BadLogin()
    own_code = of_unit is not None and of_unit.code.upper() == login.upper()
    if queries.login_taken(login) or not (own_code or organisations.unit_by_code(login.upper()) is None):
        raise LoginTaken()
    user = User(
        login=login if login == login.upper() else login.lower(),
        fs_uniquifier=uuid.uuid4().hex,
        password=password_hash,
        password_changed_at=now if password_hash else None,
        must_change_password=must_change_password,
        created_at=now,
    )
    _fill(user, name, phone, email)
    session.add(user)
    session.flush()
    new, place = {"login": user.login, "name": user.name}, of_unit.id if of_unit else None
    audit.record(actor, "account.create", user, new=new, now=now, unit_id=place)
    return user


def _fill(user: User, name: str, phone: str, email: str | None) -> None:
    email = email.lower() if email else None
    if email and queries.email_taken(email, but=user.id):
        raise EmailTaken()
    if not name.strip():
        raise NoName()
    user.name, user.phone, user.email = name.strip(), phone, email
    index_person(user)


def index_person(user: User) -> None:
    """Keep the search text and the Vietnamese order beside the row."""
    user.search_text, user.sort_key = index_words(user.name, user.login, user.email)


def index_words(name: str, login: str, email: str | None = None) -> tuple[str, str]:
    """The search text and the Vietnamese order of a person."""
    return fold(" ".join((name, login, email or "")))[:500], queries.person_sort_key(name)


def change_details(user: User, *, name: str, phone: str, actor: Actor | None, now: datetime) -> User:
    """Change one's own name and phone. Raises `NoName`."""
    old = {"name": user.name, "phone": user.phone}
    _fill(user, name, phone, user.email)
    session.flush()
    new = {"name": user.name, "phone": user.phone}
    if new != old:
        sessions.place(audit.record(actor, "account.change", user, old=old, new=new, now=now), user.id)
    return user


def change_email(user: User, email: str | None, *, actor: Actor | None, now: datetime) -> User:
    """Change one's own e-mail address; it counts as proved only once a link sent there was used.

    Links sent to the address before are void, and so are activation codes: whoever reads the old mailbox may
    hold one (ASVS V6.4.3). Raises `EmailTaken`.
    """
    old = user.email
    _fill(user, user.name, user.phone, email)
    if user.email != old:
        user.email_confirmed_at = None
        email_links.void_all(user.id, now=now)
        codes.void_all(user.id, now=now)
        session.flush()
        audit.record(actor, "account.change", user, old={"email": old}, new={"email": user.email}, now=now)
        if user.email:
            messenger.get().send_link(CONFIRM, user.id, now=now)
    return user


def set_wants_mail(user: User, wanted: bool, *, actor: Actor | None, now: datetime) -> User:
    """Turn e-mail about notices on or off; letters a person asks for themselves always come."""
    if user.wants_mail != wanted:
        user.wants_mail = wanted
        session.flush()
        old = {"wants_mail": not wanted}
        audit.record(actor, "account.change", user, old=old, new={"wants_mail": wanted}, now=now)
    return user


def set_password(
    user: User, password_hash: str, *, actor: Actor | None, caller: Caller | None = None, now: datetime
) -> User:
    """Store a new password (hashed before the write lock) and end every session of the account.

    Open activation codes are void from now on; open a fresh session for the person afterwards. `caller` is
    the person themselves before they are an actor: a first password.
    """
    user.password, user.password_changed_at, user.must_change_password = password_hash, now, False
    codes.void_all(user.id, now=now)
    sessions.end_all(user.id, sessions.PASSWORD, now=now)
    session.flush()
    event = audit.record(actor, "account.password", user, now=now)
    if caller is not None:
        sessions.sign(event, user, caller)
    return user


def add_membership(
    user: User,
    unit: OrganisationUnit,
    role: Role,
    *,
    position: str = "",
    actor: Actor | None,
    now: datetime,
) -> Membership:
    """Give a person a role at a unit. `actor` None is the command line, which may give any role.

    Raises `NotFound` for a unit that is not the actor's, `NotAllowed` for a role not below the actor's own
    and for a person who holds such a role or works elsewhere too, `WrongKindOfUnit`, `HasHead`,
    `HasRole`. Ends the person's sessions; codes that others issued are void, for whoever holds one could take
    over the account with its new role.
    """
    role = Role(role)
    _check_may_grant(actor, unit, role)
    if actor is not None and actor.user_id == user.id:
        raise NotAllowed()  # nobody gives themselves a second part in checking
    # A role at a school keeps a person from checking it, and a new role ends every session: neither is done
    # to somebody of one's own height or above.
    scope.check_stands_above(actor, user.id)
    if role not in ROLES_AT[unit.kind]:
        raise WrongKindOfUnit()
    if role is Role.UNIT_HEAD:
        queries.hold_unit(unit.id)  # a school has one head: whoever comes second must see the first
        if queries.head_membership(unit.id) is not None:
            raise HasHead()
    if queries.has_role(user.id, unit.id, role):
        raise HasRole()
    membership = Membership(user_id=user.id, unit_id=unit.id, role=role, position=position, starts_at=now)
    session.add(membership)
    codes.void_all(user.id, now=now, but_issued_by=actor.user_id if actor else None)
    sessions.end_all(user.id, sessions.ROLE, now=now)
    session.flush()
    new = {"unit_id": unit.id, "role": role}
    audit.record(actor, "membership.add", user, new=new, now=now, unit_id=unit.id)
    return membership


def _check_may_grant(actor: Actor | None, unit: OrganisationUnit, role: Role) -> None:
    if actor is None:
        return
    if not scope.manages_unit(actor, unit.id):
        raise NotFound()
    if role not in GRANTABLE[actor.role]:
        raise NotAllowed()


def end_membership(membership: Membership, *, actor: Actor | None, now: datetime) -> Membership:
    """End a person's role at a unit, and their sessions.

    Raises `NotFound` for a unit that is not the actor's, `NotAllowed` for a role not below the actor's own.
    """
    _check_may_grant(actor, membership.unit, Role(membership.role))
    if membership.ends_at is None:
        membership.ends_at = now
        sessions.end_all(membership.user_id, sessions.ROLE, now=now)
        old = {"unit_id": membership.unit_id, "role": membership.role}
        audit.record(actor, "membership.end", membership.user, old=old, now=now)
    session.flush()
    return membership


def deactivate(user: User, *, actor: Actor | None, now: datetime) -> User:
    """Lock an account: sessions end, codes are void. Raises `NotAllowed` unless the actor stands above."""
    scope.check_stands_above(actor, user.id)
    if user.active:
        user.active = False
        codes.void_all(user.id, now=now)
        sessions.end_all(user.id, sessions.LOCKED, now=now)
        audit.record(actor, "account.deactivate", user, now=now)
    session.flush()
    return user


def reactivate(user: User, *, actor: Actor | None, now: datetime) -> User:
    """Unlock an account. Raises `NotAllowed` unless the actor stands above."""
    scope.check_stands_above(actor, user.id)
    if not user.active:
        user.active = True
        audit.record(actor, "account.reactivate", user, now=now)
    session.flush()
    return user


def ensure_head(unit: OrganisationUnit, *, actor: Actor | None, now: datetime) -> User:
    """The head's account of a school, made when there is none: it signs in with the unit's code.

    Raises as `add_membership` and `create_user` do.
    """
    held = queries.head_membership(unit.id)
    if held is not None:
        return held.user
    name = unit.contact_name or unit.name[:120]
    user = create_user(unit.code, name, phone=unit.contact_phone, of_unit=unit, actor=actor, now=now)
    add_membership(user, unit, Role.UNIT_HEAD, actor=actor, now=now)
    return user


def issue_to_head(unit_id: int, login: str, code: str, *, actor: Actor | None, now: datetime) -> None:
    """Make `code` the activation code of a school's head, whose account is made when there is none.

    `login` is what was printed beside the code. Raises `ListChanged` when the head signs in otherwise by now,
    or has a password already.
    """
    user = ensure_head(organisations.get_unit(unit_id), actor=actor, now=now)
    if user.login != login or user.password is not None:
        raise ListChanged()
    codes.issue(user, code, actor=actor, now=now)
