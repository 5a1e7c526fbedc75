"""Hand-over of a role: one act ends the old holder's role and sessions and seats the successor (decision 6).

What was done stays under the name of who did it. A school's code goes on being the login of whoever heads it:
a new person's account takes the code as its login; a person with an account keeps their own login, and the
code leads to that account (`queries.find_credentials`). Work on the old holder's desk goes to the successor.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from survey_app.accounts import codes, queries, scope, sessions
from survey_app.accounts.models import Membership, User
from survey_app.accounts.ports import duties, messenger
from survey_app.accounts.service import create_user, index_person
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.db import session
from survey_app.organisations.models import SCHOOL, OrganisationUnit
from survey_app.rules.errors import N_, BadInput, NotAllowed, RuleError
from survey_app.rules.permissions import GRANTABLE, ROLE_NAMES, Role

# Who may name their own successor: the head of a unit of each kind.
HEADS = frozenset({Role.UNIT_HEAD, Role.COMMUNE_LEADER, Role.DEPARTMENT_LEADER})


class SamePerson(BadInput):
    """The successor is the person who hands over."""

    message = N_("Người nhận bàn giao chính là người đang giữ vai trò này. Hãy chọn người khác.")


class LockedSuccessor(BadInput):
    """The successor's account is locked."""

    message = N_("Tài khoản của người nhận đang bị khóa. Hãy mở khóa tài khoản đó trước.")


class HandedOverMeanwhile(RuleError):
    """Somebody else handed the role over, or ended it, a moment ago (409)."""

    message = N_("Vai trò này vừa được bàn giao hoặc kết thúc. Hãy tải lại trang.")


class RoleEnded(NotAllowed):
    """The actor's role ended between the beginning of the request and now."""

    message = N_("Vai trò của Thầy/Cô ở đơn vị vừa kết thúc hoặc bàn giao nên việc này chưa được ghi.")


@dataclass(frozen=True)
class NewPerson:
    """A successor without an account. `login` is not asked for a head: it is the school's code."""

    name: str
    phone: str = ""
    position: str = ""
    login: str = ""


@dataclass(frozen=True)
class HandedOver:
    """Who holds the role now, the code to give them (None: they have a password), how much work moved."""

    user: User
    code: str | None
    expires_at: datetime | None
    moved: int


def may_hand_over(actor: Actor, membership: Membership) -> bool:
    """True for somebody above in whose area the unit lies, and for the head of the unit themselves."""
    role = Role(membership.role)
    if membership.id == actor.membership_id:
        return role in HEADS
    return role in GRANTABLE[actor.role] and scope.manages_unit(actor, membership.unit_id)


def hand_over(
    membership: Membership,
    successor: NewPerson | User,
    *,
    position: str = "",
    actor: Actor,
    now: datetime,
) -> HandedOver:
    """End an open membership at once and give its role to the successor; everybody concerned is told.

    The old holder's sessions end, their codes and links are void, their account is locked unless they work
    elsewhere too. Forms they were checking go to the successor. A successor who has no password gets a code.
    Raises `NotAllowed`, `HandedOverMeanwhile`, `SamePerson`, `LockedSuccessor`, and as `create_user`.
    """
    if not may_hand_over(actor, membership):
        raise NotAllowed()
    unit, role, old = membership.unit, Role(membership.role), membership.user
    if isinstance(successor, User):
        _check_successor(successor, old, actor)
    _end(membership, now)
    _retire(old, unit, actor=actor, now=now)
    if isinstance(successor, NewPerson):
        login = unit.code if unit.kind == SCHOOL and role is Role.UNIT_HEAD else successor.login
        user = create_user(login, successor.name, phone=successor.phone, of_unit=unit, actor=actor, now=now)
        position = successor.position
    else:
        user = successor
    _appoint(user, unit, role, position, actor=actor, now=now)
    code, expires_at = _code_for(user, unit, actor=actor, now=now)
    moved = duties.get().pass_on(unit.id, old.id, user.id, actor=actor, now=now)
    new = {"user_id": user.id, "role": role, "moved": moved}
    audit.record(actor, "unit.hand_over", unit, old={"user_id": old.id}, new=new, now=now)
    words = ROLE_NAMES[role][0].lower() + ROLE_NAMES[role][1:]
    messenger.get().tell_hand_over(unit.id, words, old_id=old.id, new_id=user.id, actor=actor, now=now)
    return HandedOver(user, code, expires_at, moved)


def _check_successor(successor: User, old: User, actor: Actor) -> None:
    if successor.id == old.id:
        raise SamePerson()
    if successor.id == actor.user_id:
        raise NotAllowed()  # nobody gives themselves a second part in checking
    if not successor.active:
        raise LockedSuccessor()


def hold_office(actor: Actor) -> None:
    """Keep the actor's role from ending before this transaction does; raises `RoleEnded` when it has ended.

    On PostgreSQL a hand-over that comes at the same moment waits for it, or has come first. On SQLite the
    write transaction has the whole database.
    """
    held = session.scalar(
        select(Membership.id)
        .where(Membership.id == actor.membership_id, Membership.ends_at.is_(None))
        .with_for_update(read=True)
    )
    if held is None:
        raise RoleEnded()


def _end(membership: Membership, now: datetime) -> None:
    """End it if it is still open; of two who hand over at once the second gets `HandedOverMeanwhile`."""
    done = session.execute(
        update(Membership)
        .where(Membership.id == membership.id, Membership.ends_at.is_(None))
        .values(ends_at=now)
        .execution_options(synchronize_session=False)
    )
    if not rows_changed(done):
        raise HandedOverMeanwhile()
    session.refresh(membership)


def _retire(old: User, unit: OrganisationUnit, *, actor: Actor | None, now: datetime) -> None:
    """Nothing the old holder has opens the role any more; without another place the account is locked."""
    codes.void_all(old.id, now=now)
    sessions.end_all(old.id, sessions.HAND_OVER, now=now)
    if old.login.upper() == unit.code.upper():
        old.login = f"{old.login}.{old.id}"
        index_person(old)
    if not queries.workplaces_of([old.id]):
        old.active = False
    session.flush()
    change = {"login": old.login, "active": old.active}
    audit.record(actor, "membership.end", old, new=change, now=now)


def _appoint(
    user: User, unit: OrganisationUnit, role: Role, position: str, *, actor: Actor, now: datetime
) -> None:
    """The successor holds the role; a member who becomes the head of the same school is a member no more."""
    if unit.kind == SCHOOL and role is Role.UNIT_HEAD:
        session.execute(
            update(Membership)
            .where(
                Membership.user_id == user.id,
                Membership.unit_id == unit.id,
                Membership.ends_at.is_(None),
            )
            .values(ends_at=now)
            .execution_options(synchronize_session=False)
        )
    if not queries.has_role(user.id, unit.id, role):
        session.add(Membership(user_id=user.id, unit_id=unit.id, role=role, position=position, starts_at=now))
    codes.void_all(user.id, now=now)
    sessions.end_all(user.id, sessions.ROLE, now=now)
    session.flush()
    audit.record(actor, "membership.add", user, new={"unit_id": unit.id, "role": role}, now=now)


def _code_for(
    user: User, unit: OrganisationUnit, *, actor: Actor, now: datetime
) -> tuple[str | None, datetime | None]:
    """A code for somebody without a password, unless they hold a role elsewhere that is not the actor's to
    open: whoever manages that place gives them theirs."""
    if user.password is not None:
        return None, None
    only_here = all(place.unit_id == unit.id for place in queries.workplaces_of([user.id])[user.id])
    if not only_here and not scope.stands_above(actor, user.id):
        return None, None
    code = codes.draw()
    row = codes.hand_out(user, code, actor=actor, now=now)
    return code, row.expires_at
