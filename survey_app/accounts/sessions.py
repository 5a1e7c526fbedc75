"""Signing in, and sessions on the server's side: a row begins, ends, and never changes in between."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update

from survey_app.accounts import queries
from survey_app.accounts.models import User, UserSession
from survey_app.accounts.passwords import hashing
from survey_app.accounts.queries import Credentials
from survey_app.accounts.throttling import (
    TooManyTries,
    address_key,
    count_try,
    give_back,
    seconds_left,
)
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.audit import AuditEvent
from survey_app.core.db import session, survive, unit_of_work
from survey_app.rules.errors import NotFound, RuleError

WINDOW = timedelta(minutes=15)
PAIR_LIMIT = 10  # wrong tries at one account from one address
ADDRESS_LIMIT = 100  # wrong tries at any account from one address
PAIR, ADDRESS = "sign_in", "sign_in_address"

# Why a session ended.
SIGNED_OUT, BY_PERSON, PASSWORD, ROLE = "sign_out", "by_person", "password", "role"
LOCKED, WORKPLACE, HAND_OVER = "locked", "workplace", "hand_over"


@dataclass(frozen=True)
class Caller:
    """Where a request comes from."""

    address: str = ""
    agent: str = ""


def check_credentials(identity: str, password: str, *, caller: Caller, now: datetime) -> Credentials | None:
    """The account that `identity` (unit code, login or e-mail) and `password` open, or None.

    Counts the try and reads in one transaction, then hashes outside any; `sign_in` writes. An unknown, a
    locked and a never activated account take as long as a wrong password. The count is by account **and**
    address, so nobody can lock another person out from elsewhere. Raises `TooManyTries`.
    """
    with unit_of_work():
        used = count_try(PAIR, _pair(identity, caller), WINDOW, now)
        from_address = count_try(ADDRESS, address_key(caller.address), WINDOW, now)
        found = queries.find_credentials(identity)
    if used > PAIR_LIMIT or from_address > ADDRESS_LIMIT:
        if used == PAIR_LIMIT + 1 or from_address == ADDRESS_LIMIT + 1:
            _note_failure(found, "throttled", caller, now)
        raise TooManyTries(seconds_left(WINDOW, now))
    usable = found is not None and found.active
    right = hashing().verify(found.password if found and usable else None, password)
    if right:
        return found
    _note_failure(found, _reason(found), caller, now)
    return None


def _pair(identity: str, caller: Caller) -> str:
    return f"{identity.lower()}|{address_key(caller.address)}"


def _reason(found: Credentials | None) -> str:
    if found is None:
        return "unknown"
    if not found.active:
        return "locked"
    return "wrong_password" if found.password else "not_activated"


def _note_failure(found: Credentials | None, reason: str, caller: Caller, now: datetime) -> None:
    subject = ("User", str(found.user_id) if found else "unknown")

    def record() -> None:
        event = audit.record(
            None, "account.sign_in", subject, now=now, new={"reason": reason}, outcome="denied"
        )
        event.address = caller.address

    survive(record)


def sign_in(
    checked: Credentials, identity: str, *, membership_id: int | None, caller: Caller, now: datetime
) -> str:
    """Open a session for checked credentials; returns its id, which only the cookie knows.

    Under the write lock: refuses (409) when the account was changed since it was checked. The workplace is
    `membership_id` when it is one of the person's, else the only one they have, else none yet.
    """
    user = queries.get_user(checked.user_id)
    if not user.active or user.password != checked.password:
        raise RuleError()
    give_back(PAIR, _pair(identity, caller), WINDOW, now)
    give_back(ADDRESS, address_key(caller.address), WINDOW, now)
    return open_for(user, membership_id=membership_id, caller=caller, now=now)


def open_for(user: User, *, membership_id: int | None = None, caller: Caller, now: datetime) -> str:
    """Open a session for a person who has just proved who they are (password or activation code)."""
    places = queries.open_membership_ids(user.id, now)
    if membership_id not in places:
        membership_id = places[0] if len(places) == 1 else None
    user.last_login_at = now
    sid = start(user.id, membership_id, caller=caller, now=now)
    sign(audit.record(None, "account.sign_in", user, now=now), user, caller)
    return sid


def start(
    user_id: int, membership_id: int | None, *, caller: Caller, now: datetime, since: datetime | None = None
) -> str:
    """Write a new session row and return its id; `since` keeps the instant of an earlier sign-in."""
    sid = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            sid_hash=hash_sid(sid),
            user_id=user_id,
            membership_id=membership_id,
            created_at=since or now,
            address=caller.address[:64],
            agent=caller.agent[:200],
        )
    )
    session.flush()
    return sid


def move(session_id: int, user_id: int, membership_id: int, *, caller: Caller, now: datetime) -> str:
    """End a session and open another at the workplace chosen; the 12 hours go on counting.

    Raises `NotFound` when the membership is not one of the person's.
    """
    old = queries.get_session(session_id, user_id)
    membership = queries.get_membership(membership_id, user_id)
    if membership.id not in queries.open_membership_ids(user_id, now):
        raise NotFound()
    end(old, WORKPLACE, now=now)
    return start(user_id, membership.id, caller=caller, now=now, since=old.created_at)


def end(row: UserSession, why: str, *, now: datetime) -> None:
    """End one session; a cookie that still names it is signed out from the next request on."""
    row.ended_at, row.ended_why = now, why
    session.flush()


def sign_out(session_id: int, user_id: int, *, caller: Caller, now: datetime) -> None:
    """End the session a person signs out of."""
    row = queries.get_session(session_id, user_id)
    end(row, SIGNED_OUT, now=now)
    sign(audit.record(None, "account.sign_out", row.user, now=now), row.user, caller)


def end_own(session_id: int, *, actor: Actor, now: datetime) -> None:
    """End another session of one's own, on a device left somewhere. Raises `NotFound` for anybody else's."""
    row = queries.get_session(session_id, actor.user_id)
    if row.ended_at is None:
        end(row, BY_PERSON, now=now)
        audit.record(actor, "account.session_end", row, now=now)


def end_all(user_id: int, why: str, *, now: datetime) -> int:
    """End every open session of a person; returns how many there were."""
    done = session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .values(ended_at=now, ended_why=why)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def sign(event: AuditEvent, user: User, caller: Caller) -> None:
    """Name the person and the address of an act done before there was an actor."""
    event.actor_id, event.actor_name, event.address = user.id, user.name, caller.address


def hash_sid(sid: str) -> str:
    """What the database keeps of a session id (256 random bits need no key and no salt)."""
    return hashlib.sha256(sid.encode()).hexdigest()
