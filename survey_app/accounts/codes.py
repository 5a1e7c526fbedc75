"""Activation codes: drawn by lot, shown once, kept as a keyed hash, good for one use within 30 days."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import update

from survey_app.accounts import queries, scope, sessions
from survey_app.accounts.models import RESET, ActivationCode, EmailLink, User
from survey_app.accounts.passwords import hashing
from survey_app.accounts.sessions import Caller
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.db import session
from survey_app.rules.errors import N_, BadInput, RuleError

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 letters and digits without 0, O, 1, I
LENGTH = 10  # 50 bits
VALID = timedelta(days=30)


class BadCode(BadInput):
    """The code does not exist, was used, is void or has expired: all are answered the same."""

    message = N_(
        "Mã kích hoạt không đúng, đã dùng hoặc đã hết hạn. Hãy xem lại phiếu, "
        "hoặc đề nghị cơ quan quản lý trực tiếp cấp mã mới."
    )


class NobodyThere(RuleError):
    """An account that works nowhere gets no code: whoever used to manage it could take it over."""

    message = N_("Tài khoản đang bị khóa hoặc chưa có vai trò ở đơn vị nào nên chưa cấp mã được.")


def draw() -> str:
    """A new code as it is printed: XXXXX-XXXXX."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{letters[:5]}-{letters[5:]}"


def tidy(typed: str) -> str:
    """A typed code as it is hashed: capitals, without blanks and dashes."""
    return "".join(char for char in typed.upper() if char.isalnum())


def issue(user: User, code: str, *, actor: Actor | None, now: datetime) -> ActivationCode:
    """Make a code just drawn the account's only open one; the earlier ones are void. The password stays.

    Raises `NotAllowed` unless the actor stands above all the person's roles, `NobodyThere`.
    """
    scope.check_stands_above(actor, user.id)
    return hand_out(user, code, actor=actor, now=now)


def hand_out(user: User, code: str, *, actor: Actor | None, now: datetime) -> ActivationCode:
    """As `issue`, for an act that has checked itself that the actor may open this account."""
    if not user.active or not queries.workplaces_of([user.id]):
        raise NobodyThere()
    void_all(user.id, now=now)
    row = ActivationCode(
        user_id=user.id,
        code_hash=hashing().digest(tidy(code)),
        issued_at=now,
        issued_by_id=actor.user_id if actor else None,
        expires_at=now + VALID,
    )
    session.add(row)
    session.flush()
    sessions.place(audit.record(actor, "code.issue", user, now=now), user.id)
    return row


def void_all(user_id: int, *, now: datetime, but_issued_by: int | None = None) -> None:
    """Make the open codes of an account void, those for a new password sent by e-mail too.

    `but_issued_by`: those of one issuer stay, and so do those that only the person's own mailbox holds.
    """
    statement = update(ActivationCode).where(
        ActivationCode.user_id == user_id,
        ActivationCode.used_at.is_(None),
        ActivationCode.voided_at.is_(None),
    )
    if but_issued_by is not None:
        statement = statement.where(ActivationCode.issued_by_id.is_distinct_from(but_issued_by))
    else:
        sent = EmailLink.user_id == user_id, EmailLink.purpose == RESET, EmailLink.used_at.is_(None)
        session.execute(update(EmailLink).where(*sent, EmailLink.voided_at.is_(None)).values(voided_at=now))
    session.execute(statement.values(voided_at=now))


def check_code(typed: str, *, now: datetime) -> User:
    """The person an open code belongs to. Raises `BadCode`."""
    row = queries.find_code(hashing().digest(tidy(typed)))
    if row is None or row.used_at or row.voided_at or row.expires_at <= now or not row.user.active:
        raise BadCode()
    return row.user


def activate(typed: str, password_hash: str, *, phone: str, caller: Caller, now: datetime) -> User:
    """Use a code once: the person gets this password and phone, and every earlier session ends.

    Under the write lock; of two who use the same code at once the second gets `BadCode`.
    """
    user = check_code(typed, now=now)
    used = session.execute(
        update(ActivationCode)
        .where(
            ActivationCode.code_hash == hashing().digest(tidy(typed)),
            ActivationCode.used_at.is_(None),
            ActivationCode.voided_at.is_(None),
        )
        .values(used_at=now)
    )
    if not rows_changed(used):
        raise BadCode()
    user.password, user.password_changed_at, user.must_change_password = password_hash, now, False
    user.phone = phone or user.phone
    void_all(user.id, now=now)
    sessions.end_all(user.id, sessions.PASSWORD, now=now)
    session.flush()
    sessions.sign(audit.record(None, "account.activate", user, now=now), user, caller)
    return user
