"""Signing in, and sessions on the server's side: a row begins, ends, and never changes in between."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, update

from survey_app.accounts import queries
from survey_app.accounts.models import User, UserSession
from survey_app.accounts.passwords import hashing
from survey_app.accounts.queries import Credentials
from survey_app.accounts.throttling import Fence, address_key, check_fences, record_failure
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.audit import AuditEvent
from survey_app.core.changed import rows_changed
from survey_app.core.db import begin_write, session
from survey_app.rules.errors import NotFound, RuleError

WINDOW = timedelta(minutes=15)
PAIR_LIMIT = 10  # wrong tries at one account from one address
ADDRESS_LIMIT = 100  # wrong tries at any account from one address
PAIR, ADDRESS = "sign_in", "sign_in_address"

# Why a session ended.
SIGNED_OUT, BY_PERSON, PASSWORD, ROLE = "sign_out", "by_person", "password", "role"
LOCKED, WORKPLACE, HAND_OVER, FACTOR = "locked", "workplace", "hand_over", "second_factor"


@dataclass(frozen=True)
class Opened:
    """A new session: its id, which only the cookie knows, and the workplace, unless one is to be chosen."""

    sid: str
    membership_id: int | None


@dataclass(frozen=True)
class Caller:
    """Where a request comes from."""

    address: str = ""
    agent: str = ""


def check_credentials(identity: str, password: str, *, caller: Caller, now: datetime) -> Credentials | None:
    """The account that `identity` (unit code, login or e-mail) and `password` open, or None.

    Reads, closes the read, then hashes; `sign_in` writes. An unknown, a locked and a never activated account
    take as long as a wrong password. Wrong tries are counted by account **and** address, so nobody can lock
    another person out from elsewhere. Tries under way at the same instant get no answer beyond the limit,
    not even the right one. Raises `TooManyTries`.
    """
    fences = fences_of(PAIR, identity.lower(), caller)
    check_fences(fences, now)
    found = queries.find_credentials(identity, now)
    begin_write()  # ends the read; nothing is locked before the next statement
    usable = found is not None and found.active
    if hashing().verify(found.password if found and usable else None, password):
        check_fences(fences, now)
        return found
    _note_failure(found, fences, caller, now)
    return None


def fences_of(action: str, account: str, caller: Caller) -> tuple[Fence, Fence]:
    """What limits wrong tries at an account: those from this address at it, and at any account."""
    address = address_key(caller.address)
    return (
        Fence(action, f"{account}|{address}", PAIR_LIMIT, WINDOW),
        Fence(ADDRESS, address, ADDRESS_LIMIT, WINDOW),
    )


def _reason(found: Credentials | None) -> str:
    if found is None:
        return "unknown"
    if not found.active:
        return "locked"
    return "wrong_password" if found.password else "not_activated"


def _note_failure(found: Credentials | None, fences: Sequence[Fence], caller: Caller, now: datetime) -> None:
    """Count and audit a wrong try, whatever becomes of the request."""
    subject = ("User", found.uid if found else "unknown")

    def note(spent: bool) -> None:
        said = {"reason": _reason(found), "limit_reached": spent}
        place = queries.workplace_of(found.user_id if found else 0)
        event = audit.record(
            None, "account.sign_in", subject, now=now, new=said, outcome="denied", unit_id=place
        )
        event.address = caller.address

    record_failure(fences, now, note)


def sign_in(
    checked: Credentials,
    *,
    membership_id: int | None,
    caller: Caller,
    now: datetime,
    unless_since: datetime | None = None,
) -> Opened:
    """Open a session for checked credentials: three short statements under the write lock.

    Refuses (409) when the account was locked, its password or its second factor changed since it was checked,
    or the person has signed in at or after `unless_since`. The workplace is `membership_id` when it is one of
    the person's, else the only one they have, else none yet.
    """
    unchanged = [User.id == checked.user_id, User.active, User.password == checked.password]
    unchanged.append(queries.has_second_factor() == checked.has_second_factor)
    if unless_since is not None:
        unchanged.append(or_(User.last_login_at.is_(None), User.last_login_at < unless_since))
    done = session.execute(update(User).where(*unchanged).values(last_login_at=now))
    if not rows_changed(done):
        raise RuleError()
    membership_id = _workplace(membership_id, checked.membership_ids)
    sid = start(checked.user_id, membership_id, caller=caller, now=now)
    event = audit.record(None, "account.sign_in", ("User", checked.uid), now=now)
    sign_as(event, checked, caller, membership_id)
    return Opened(sid, membership_id)


def open_for(user: User, *, membership_id: int | None = None, caller: Caller, now: datetime) -> Opened:
    """Open a session for a person who has just chosen a password; the workplace as in `sign_in`."""
    membership_id = _workplace(membership_id, queries.open_membership_ids(user.id, now))
    user.last_login_at = now
    sid = start(user.id, membership_id, caller=caller, now=now)
    sign(audit.record(None, "account.sign_in", user, now=now), user, caller, membership_id)
    return Opened(sid, membership_id)


def _workplace(wanted: int | None, places: Sequence[int]) -> int | None:
    if wanted in places:
        return wanted
    return places[0] if len(places) == 1 else None


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
    event = audit.record(None, "account.sign_out", row.user, now=now)
    sign(event, row.user, caller, row.membership_id)


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
    return rows_changed(done)


def sign(event: AuditEvent, user: User, caller: Caller, membership_id: int | None = None) -> None:
    """Name the person, their workplace and the address of an act done before there was an actor."""
    event.actor_id, event.actor_name, event.address = user.id, user.name, caller.address
    place(event, user.id, membership_id)


def sign_as(event: AuditEvent, who: Credentials, caller: Caller, membership_id: int | None = None) -> None:
    """The same for somebody who is still coming in."""
    event.actor_id, event.actor_name, event.address = who.user_id, who.name, caller.address
    place(event, who.user_id, membership_id)


def place(event: AuditEvent, user_id: int, membership_id: int | None = None) -> None:
    """Let an event that nobody's actor brought a unit belong to the workplace of the person it is about."""
    if event.unit_id is None:
        event.unit_id = queries.workplace_of(user_id, membership_id)


def hash_sid(sid: str) -> str:
    """What the database keeps of a session id (256 random bits need no key and no salt)."""
    return hashlib.sha256(sid.encode()).hexdigest()
