"""How often something may be tried, counted in the database so that every process sees it (decision 8).

Counts lie in windows that begin at whole multiples of their length. Counting has a transaction of its own:
it outlives the refusal of the request it belongs to.
"""

import hashlib
import ipaddress
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from survey_app.accounts.models import Throttle
from survey_app.core.db import session, unit_of_work
from survey_app.rules.errors import N_, RuleError

KEPT = timedelta(days=1)


class TooManyTries(RuleError):
    """The limit of a window is used up; `params["retry_after"]` says for how many seconds."""

    status = 429
    message = N_("Thầy/Cô đã thử nhiều lần trong thời gian ngắn. Hãy chờ %(minutes)s phút rồi thử lại.")

    def __init__(self, retry_after: int) -> None:
        super().__init__(minutes=math.ceil(retry_after / 60), retry_after=retry_after)


def throttle(action: str, key: str, limit: int, window: timedelta, now: datetime) -> None:
    """Count one try of `action` by `key` (an address, a login …); at most `limit` in each `window`.

    Call it first: it ends the request's transaction, so unsaved changes would be lost. Raises `TooManyTries`
    from the try after the last allowed one, until the window ends.
    """
    with unit_of_work():
        used = count_try(action, key, window, now) or 0
    if used > limit:
        raise TooManyTries(seconds_left(window, now))


@dataclass(frozen=True)
class Fence:
    """At most `limit` failures of `action` by `key` (an account from an address, an address) in a window."""

    action: str
    key: str
    limit: int
    window: timedelta


def check_fences(fences: Iterable[Fence], now: datetime) -> None:
    """Raise `TooManyTries` when as many failures as one of them allows are counted in this window.

    Ask before the slow work and again after it: others may have failed meanwhile.
    """
    for fence in fences:
        if tries(fence.action, fence.key, fence.window, now) >= fence.limit:
            raise TooManyTries(seconds_left(fence.window, now))


def record_failure(
    fences: Iterable[Fence], now: datetime, note: Callable[[bool], None] = lambda spent: None
) -> None:
    """Count one failure under every fence at once, and `note(whether one is used up now)`, or nothing at all.

    Like `throttle` it ends the request's transaction and stays whatever becomes of the request. However many
    fail at the same instant, none goes uncounted and no count passes its limit: whoever comes too late gets
    `TooManyTries` instead of the answer to what they tried.
    """
    with unit_of_work():
        spent = False
        for fence in fences:
            used = count_try(fence.action, fence.key, fence.window, now, below=_below(fence))
            if used is None:
                raise TooManyTries(seconds_left(fence.window, now))
            spent = spent or used >= fence.limit
        note(spent)


def _below(fence: Fence) -> ColumnElement[bool]:
    return Throttle.count < fence.limit


def count_try(
    action: str, key: str, window: timedelta, now: datetime, *, below: ColumnElement[bool] | None = None
) -> int | None:
    """Count one try inside the acting transaction; returns how many there are in this window by now.

    One statement reads and writes, so of two at the same instant neither is lost. With `below` nothing is
    counted and the answer is None where the row is no longer so.
    """
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[session.get_bind().dialect.name]
    row = {"action": action, "key": _digest(key), "window_start": _start(window, now), "count": 1}
    statement = insert(Throttle).values(**row)
    statement = statement.on_conflict_do_update(
        index_elements=["action", "key", "window_start"], set_={"count": Throttle.count + 1}, where=below
    ).returning(Throttle.count)
    used: int | None = session.execute(statement).scalar_one_or_none()
    if used == 1:
        session.execute(delete(Throttle).where(Throttle.window_start < now - KEPT))
    return used


def tries(action: str, key: str, window: timedelta, now: datetime) -> int:
    """How many tries are counted in this window; counts nothing."""
    row = select(Throttle.count).where(
        Throttle.action == action, Throttle.key == _digest(key), Throttle.window_start == _start(window, now)
    )
    return session.scalar(row) or 0


def seconds_left(window: timedelta, now: datetime) -> int:
    """Whole seconds until the present window ends."""
    return max(1, math.ceil((_start(window, now) + window - now).total_seconds()))


def address_key(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 network of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


def _start(window: timedelta, now: datetime) -> datetime:
    length = int(window.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // length * length, UTC)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
