"""One-time codes sent by e-mail: to prove an address, to set a new password oneself (ASVS 5.0 V6.4).

A code is drawn by lot (140 bits), sent once, kept as a keyed hash, good for one use within an hour; it dies
with the address it was sent to and with the password. In the letter it stands behind "#", which browsers do
not send: no server, proxy or Referer keeps it.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from survey_app.accounts import codes, queries, sessions
from survey_app.accounts.models import CONFIRM, RESET, EmailLink, User
from survey_app.accounts.passwords import hashing
from survey_app.accounts.sessions import Caller
from survey_app.core import audit
from survey_app.core.changed import rows_changed
from survey_app.core.db import session
from survey_app.rules.errors import N_, BadInput

PAGES = {CONFIRM: "/account/email", RESET: "/account/reset"}
GROUPS, LETTERS = 4, 7  # 28 of 32 signs: 140 bits
VALID = timedelta(hours=1)
MOST_IN_AN_HOUR = 10  # letters of one kind to one person, tries in vain among them, whoever asks for them


class BadLink(BadInput):
    """The code does not exist, was used, is void or has expired: all are answered the same."""

    message = N_("Mã trong thư không đúng, đã dùng hoặc đã hết hạn (1 giờ). Hãy yêu cầu gửi thư mới.")


@dataclass(frozen=True)
class Draft:
    """What a letter needs: whom it greets, where it goes, and the code that stands in it alone."""

    name: str
    login: str
    email: str
    page: str
    code: str


def draw() -> str:
    """A new code as it stands in the letter: four groups of seven."""
    groups = ("".join(secrets.choice(codes.ALPHABET) for _ in range(LETTERS)) for _ in range(GROUPS))
    return "-".join(groups)


def issue(purpose: str, user_id: int, *, now: datetime) -> Draft | None:
    """A fresh code for a letter about to be sent; the person's earlier ones of this kind are void.

    None when there is nothing to send: the account is locked, has no address (or none that was proved, for a
    new password), has proved it already, or has had its letters of this hour.
    """
    user = queries.get_user(user_id)
    proved = user.email_confirmed_at is not None
    if not user.active or not user.email or proved == (purpose == CONFIRM):
        return None
    if _sent_lately(purpose, user_id, now) >= MOST_IN_AN_HOUR:
        return None
    void_all(user_id, now=now, purpose=purpose)
    code = draw()
    session.add(
        EmailLink(
            user_id=user_id,
            purpose=purpose,
            code_hash=hashing().digest(codes.tidy(code)),
            email=user.email,
            issued_at=now,
            expires_at=now + VALID,
        )
    )
    session.flush()
    sessions.place(audit.record(None, f"email.{purpose}_sent", user, now=now), user.id)
    return Draft(user.name, user.login, user.email, PAGES[purpose], code)


def _sent_lately(purpose: str, user_id: int, now: datetime) -> int:
    lately = select(func.count()).where(
        EmailLink.user_id == user_id, EmailLink.purpose == purpose, EmailLink.issued_at > now - VALID
    )
    return session.scalar(lately) or 0


def void_all(user_id: int, *, now: datetime, purpose: str = "") -> None:
    """Make the open links of a person void (those of one purpose)."""
    statement = update(EmailLink).where(
        EmailLink.user_id == user_id, EmailLink.used_at.is_(None), EmailLink.voided_at.is_(None)
    )
    if purpose:
        statement = statement.where(EmailLink.purpose == purpose)
    session.execute(statement.values(voided_at=now))


def check(purpose: str, typed: str, *, now: datetime) -> User:
    """The person an open link belongs to. Raises `BadLink`."""
    row = session.scalar(
        select(EmailLink).where(
            EmailLink.code_hash == hashing().digest(codes.tidy(typed)), EmailLink.purpose == purpose
        )
    )
    if row is None or row.used_at or row.voided_at or row.expires_at <= now:
        raise BadLink()
    user = row.user
    changed = user.password_changed_at is not None and user.password_changed_at > row.issued_at
    if not user.active or user.email != row.email or (purpose == RESET and changed):
        raise BadLink()
    return user


def _use(purpose: str, typed: str, now: datetime) -> User:
    """Use a link up; of two who use it at once the second gets `BadLink`."""
    user = check(purpose, typed, now=now)
    used = session.execute(
        update(EmailLink)
        .where(
            EmailLink.code_hash == hashing().digest(codes.tidy(typed)),
            EmailLink.used_at.is_(None),
            EmailLink.voided_at.is_(None),
        )
        .values(used_at=now)
    )
    if not rows_changed(used):
        raise BadLink()
    return user


def confirm(typed: str, *, caller: Caller, now: datetime) -> User:
    """The address is proved: notices may go there, and a new password may be asked for. Raises `BadLink`."""
    user = _use(CONFIRM, typed, now)
    user.email_confirmed_at = now
    void_all(user.id, now=now)
    session.flush()
    sessions.sign(audit.record(None, "email.confirm", user, now=now), user, caller)
    return user


def reset(typed: str, password_hash: str, *, caller: Caller, now: datetime) -> User:
    """A new password by a link: every session ends, open codes and links are void. Raises `BadLink`.

    Opens no session: the person signs in with what they have just chosen, by the same door as everybody.
    """
    user = _use(RESET, typed, now)
    user.password, user.password_changed_at, user.must_change_password = password_hash, now, False
    codes.void_all(user.id, now=now)
    void_all(user.id, now=now)
    sessions.end_all(user.id, sessions.PASSWORD, now=now)
    session.flush()
    sessions.sign(audit.record(None, "account.password_reset", user, now=now), user, caller)
    return user
