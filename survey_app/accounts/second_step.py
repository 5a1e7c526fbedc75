"""The second step of signing in: between the right password and the right code there is no session.

All there is is a marker in the signed cookie: who, when, and a keyed seal over both and over the stored
password. It opens nothing but this step, for five minutes, until the password changes or the person signs in.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from survey_app.accounts import queries, second_factor, sessions
from survey_app.accounts.passwords import hashing
from survey_app.accounts.queries import Credentials
from survey_app.accounts.second_factor import BadSecondFactor
from survey_app.accounts.sessions import Caller, Opened, fences_of
from survey_app.accounts.throttling import Fence, check_fences, record_failure
from survey_app.core import audit
from survey_app.core.db import begin_write

VALID = timedelta(minutes=5)
STEP = "second_step"  # wrong codes for one account from one address
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Waiting:
    """Somebody who gave the right password at `since` and still owes a code."""

    who: Credentials
    since: datetime


def marker_for(user_id: int, password_hash: str | None, now: datetime) -> str:
    """The marker of a person whose password is right."""
    at = (now - _EPOCH) // timedelta(microseconds=1)
    return f"{user_id}.{at}.{_seal(user_id, at, password_hash)}"


def _seal(user_id: int, at: int, password_hash: str | None) -> str:
    return hashing().digest(f"second step:{user_id}:{at}:{password_hash}")


def waiting(marker: object, now: datetime) -> Waiting | None:
    """Who a marker lets take the second step; None when it is forged, older than five minutes or used.

    A marker is used when the person has signed in since, from wherever. It dies with the password, with the
    account and with the second factor it was made for.
    """
    user_id, at, seal = _parts(marker)
    since = _EPOCH + timedelta(microseconds=at)
    if not since <= now < since + VALID:
        return None
    who = queries.credentials_of(user_id, now)
    if who is None or not (who.active and who.has_second_factor):
        return None
    fresh = who.last_login_at is None or who.last_login_at < since
    whole = hmac.compare_digest(seal.encode(), _seal(user_id, at, who.password).encode())
    return Waiting(who, since) if fresh and whole else None


def _parts(marker: object) -> tuple[int, int, str]:
    parts = marker.split(".") if isinstance(marker, str) and marker.isascii() else []
    if len(parts) != 3 or not all(part.isdigit() and len(part) < 19 for part in parts[:2]):
        return 0, 0, ""
    return int(parts[0]), min(int(parts[1]), 10**17), parts[2]


def sign_in(
    owing: Waiting, typed: str, *, membership_id: int | None, caller: Caller, now: datetime
) -> Opened | None:
    """Open the session when the code is right; None when it is not, whatever is wrong with it.

    Wrong codes are counted like wrong passwords: ten for the account from this address, a hundred with the
    wrong passwords from this address, in 15 minutes; nobody is locked out from elsewhere. Reads first, then
    writes. Raises `TooManyTries`; refuses (409) when the marker was used by another request meanwhile.
    """
    who = owing.who
    fences = fences_of(STEP, who.uid, caller)
    check_fences(fences, now)
    try:
        fitting = second_factor.find_fitting(who.user_id, who.uid, typed, now=now)
        begin_write()
        second_factor.take(fitting, now=now)
    except BadSecondFactor as error:
        _note_failure(who, error.reason, fences, caller, now)
        return None
    check_fences(fences, now)
    if fitting.recovery_hash:
        event = audit.record(None, "second_factor.recovery_code", ("User", who.uid), now=now)
        sessions.sign_as(event, who, caller)
    return sessions.sign_in(
        who, membership_id=membership_id, caller=caller, now=now, unless_since=owing.since
    )


def _note_failure(
    who: Credentials, reason: str, fences: Sequence[Fence], caller: Caller, now: datetime
) -> None:
    """Count and audit a wrong code, whatever becomes of the request."""

    def note(spent: bool) -> None:
        said = {"reason": reason, "limit_reached": spent}
        event = audit.record(
            None, "account.second_step", ("User", who.uid), now=now, new=said, outcome="denied"
        )
        sessions.sign_as(event, who, caller)

    record_failure(fences, now, note)
