"""Until when something is accepted: the server's clock against a minute written down beforehand."""

from datetime import datetime, timedelta

from survey_app.rules.errors import N_, RuleError


class NotOpenYet(RuleError):
    """The round has not opened."""

    message = N_("Đợt đánh giá chưa mở nên chưa nhận được phiếu.")


class DeadlinePassed(RuleError):
    """The deadline and its grace are over."""

    message = N_("Đã hết hạn nhận phiếu. Nội dung đã lưu vẫn còn; hãy xin cơ quan quản lý trực tiếp gia hạn.")


def last_instant(closes_at: datetime, *, grace_minutes: int, begun: bool) -> datetime:
    """The instant from which nothing is taken any more: grace is for work begun before the deadline."""
    return closes_at + timedelta(minutes=grace_minutes) if begun else closes_at


def seconds_until(deadline: datetime, now: datetime) -> int:
    """Whole seconds left, 0 within the last one; -1 from the deadline itself on."""
    return (deadline - now) // timedelta(seconds=1) if now < deadline else -1


def check_open(
    now: datetime, *, opens_at: datetime, closes_at: datetime, grace_minutes: int, begun: bool
) -> None:
    """Raise `NotOpenYet` or `DeadlinePassed` unless opens_at ≤ now < closing instant (half-open)."""
    if now < opens_at:
        raise NotOpenYet()
    if now >= last_instant(closes_at, grace_minutes=grace_minutes, begun=begun):
        raise DeadlinePassed()
