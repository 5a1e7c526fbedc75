"""The second factor: an authenticator app's code or a recovery code, each taken once; on, off, reset."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from survey_app.accounts import authenticator, codes, scope, sessions
from survey_app.accounts.authenticator import UsedCode
from survey_app.accounts.models import RecoveryCode, SecondFactor, User
from survey_app.accounts.passwords import hashing
from survey_app.accounts.ports import messenger
from survey_app.accounts.sessions import Caller
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.db import savepoint, session
from survey_app.core.filters import write_minute
from survey_app.rules.errors import N_, BadInput, RuleError

HOW_MANY = 10  # recovery codes at once
WRONG, USED, WRONG_RECOVERY = "wrong_code", "used_code", "wrong_recovery_code"
UNREADABLE = "unreadable_secret"  # sealed under another SECRET_KEY, or tampered with: only a reset helps


class BadSecondFactor(BadInput):
    """The code is wrong, old or was used: all are answered the same; `reason` is for the audit trail."""

    message = N_(
        "Mã chưa đúng hoặc đã dùng. Hãy nhập mã đang hiện trong ứng dụng, hoặc một mã dự phòng khác."
    )

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class AlreadyOn(RuleError):
    """The account has a second factor; it is not replaced by another without a reset."""

    message = N_("Xác nhận hai bước đã được bật cho tài khoản này.")


class NotOn(RuleError):
    """There is nothing to switch off or reset."""

    message = N_("Tài khoản này chưa bật xác nhận hai bước.")


class StillAsked(RuleError):
    """The setting and a role of the person ask for a second factor."""

    message = N_("Vai trò của tài khoản phải dùng xác nhận hai bước nên không tắt được.")


@dataclass(frozen=True)
class State:
    """Since when signing in asks a person for a code, and how many recovery codes they have left."""

    enabled_at: datetime
    codes_left: int


@dataclass(frozen=True)
class Fitting:
    """A code that fits and is still to be taken: a step of the app's, or a recovery code by its hash."""

    user_id: int
    counter: int = 0
    recovery_hash: str = ""


def state_of(user_id: int) -> State | None:
    """A person's second factor, or None while signing in asks for a password only."""
    unused = RecoveryCode.user_id == SecondFactor.user_id, RecoveryCode.used_at.is_(None)
    left = select(func.count()).where(*unused).correlate(SecondFactor).scalar_subquery()
    row = session.execute(
        select(SecondFactor.enabled_at, left).where(SecondFactor.user_id == user_id)
    ).first()
    return State(row[0], row[1]) if row else None


def find_fitting(user_id: int, uid: str, typed: str, *, now: datetime) -> Fitting:
    """What a typed code is, blanks, dashes and case aside. Raises `BadSecondFactor`.

    Only reads, so that nothing is locked while an attacker guesses; `take` decides.
    """
    code = codes.tidy(typed)
    if authenticator.is_shaped_like_one(code):
        return _of_app(user_id, uid, code, now)
    hashed = _hash(uid, code)
    unused = RecoveryCode.code_hash == hashed, RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    if session.scalar(select(RecoveryCode.id).where(*unused)) is None:
        raise BadSecondFactor(WRONG_RECOVERY)
    return Fitting(user_id, recovery_hash=hashed)


def _of_app(user_id: int, uid: str, code: str, now: datetime) -> Fitting:
    row = session.execute(
        select(SecondFactor.secret, SecondFactor.last_counter).where(SecondFactor.user_id == user_id)
    ).first()
    if row is None:
        raise BadSecondFactor(WRONG)
    secret = hashing().unseal(row.secret, uid)
    if secret is None:
        raise BadSecondFactor(UNREADABLE)
    try:
        counter = authenticator.counter_of(secret, code, now=now, after=row.last_counter)
    except UsedCode as error:
        raise BadSecondFactor(USED) from error
    if counter is None:
        raise BadSecondFactor(WRONG)
    return Fitting(user_id, counter=counter)


def take(fitting: Fitting, *, now: datetime) -> None:
    """Use a code up, under the write lock: of two who send the same at once the second is refused.

    Raises `BadSecondFactor`.
    """
    taken = _take_recovery(fitting, now) if fitting.recovery_hash else _advance(fitting)
    if not taken:
        raise BadSecondFactor(USED)


def _advance(fitting: Fitting) -> bool:
    """Move the counter on; False when somebody else was there first."""
    before = SecondFactor.user_id == fitting.user_id, SecondFactor.last_counter < fitting.counter
    done = session.execute(update(SecondFactor).where(*before).values(last_counter=fitting.counter))
    return bool(rows_changed(done))


def _take_recovery(fitting: Fitting, now: datetime) -> bool:
    unused = (
        RecoveryCode.code_hash == fitting.recovery_hash,
        RecoveryCode.user_id == fitting.user_id,
        RecoveryCode.used_at.is_(None),
    )
    done = session.execute(update(RecoveryCode).where(*unused).values(used_at=now))
    return bool(rows_changed(done))


def switch_on(
    user: User, secret: bytes, counter: int, *, actor: Actor | None, caller: Caller, now: datetime
) -> list[str]:
    """Ask this person for a code from now on; returns the recovery codes, which exist nowhere else.

    `counter` is the step of the code that showed that the app holds `secret`: that code is used up. Ends
    every session of the account; open a fresh one for the person afterwards. `actor` is None for somebody who
    must do this before they may do anything else. Raises `AlreadyOn`.
    """
    row = SecondFactor(
        user_id=user.id, secret=hashing().seal(secret, user.uid), last_counter=counter, enabled_at=now
    )
    try:
        with savepoint():
            session.add(row)
    except IntegrityError as error:
        raise AlreadyOn() from error
    drawn = _draw_codes(user, now)
    sessions.end_all(user.id, sessions.FACTOR, now=now)
    sessions.sign(audit.record(actor, "second_factor.switch_on", user, now=now), user, caller)
    return drawn


def renew_codes(user: User, *, actor: Actor, now: datetime) -> list[str]:
    """Ten new recovery codes; the old ones are worth nothing from now on. Raises `NotOn`."""
    if state_of(user.id) is None:
        raise NotOn()
    drawn = _draw_codes(user, now)
    audit.record(actor, "second_factor.renew_codes", user, now=now)
    return drawn


def _draw_codes(user: User, now: datetime) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    drawn = [codes.draw() for _ in range(HOW_MANY)]
    for code in drawn:
        session.add(RecoveryCode(user_id=user.id, code_hash=_hash(user.uid, codes.tidy(code)), issued_at=now))
    session.flush()
    return drawn


def _hash(uid: str, code: str) -> str:
    return hashing().digest(f"recovery:{uid}:{code}")


def switch_off(user: User, *, asked_of_role: bool, actor: Actor, now: datetime) -> None:
    """Ask for a password only from now on, and end every session: open a fresh one for the person afterwards.

    `asked_of_role`: the setting and a role ask for the second factor. Raises `StillAsked`, `NotOn`.
    """
    if asked_of_role:
        raise StillAsked()
    _remove(user, now)
    audit.record(actor, "second_factor.switch_off", user, now=now)


def reset(user: User, *, actor: Actor | None, now: datetime) -> None:
    """Take away the second factor of somebody who lost it: their sessions end and they are told.

    Signing in asks for the password only; whose role needs a second factor must set one up at once.
    Raises `NotAllowed` unless the actor stands above (None: the command line), `NotOn`.
    """
    scope.check_stands_above(actor, user.id)
    _remove(user, now)
    sessions.place(audit.record(actor, "second_factor.reset", user, now=now), user.id)
    by = f"{actor.name}, {actor.unit_name}" if actor else "Người vận hành hệ thống"
    messenger.get().tell(
        user.id,
        kind="account.second_factor",
        title=f"Xác nhận hai bước của {user.name} đã được đặt lại",
        body=f"Người đặt lại: {by}, lúc {write_minute(now)}. Lần đăng nhập sau chỉ hỏi mật khẩu cho đến khi "
        "thiết lập lại. Nếu không ai đề nghị việc này, hãy đổi mật khẩu và báo ngay cho cơ quan quản lý.",
        now=now,
    )


def _remove(user: User, now: datetime) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    done = session.execute(delete(SecondFactor).where(SecondFactor.user_id == user.id))
    if not rows_changed(done):
        raise NotOn()
    sessions.end_all(user.id, sessions.FACTOR, now=now)
