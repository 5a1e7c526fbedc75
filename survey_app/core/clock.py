"""The only clock: everything else takes the time as an argument."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def to_local(instant: datetime) -> datetime:
    """The same instant on the wall clock of Vietnam."""
    return instant.astimezone(LOCAL_ZONE)


def local_date(instant: datetime) -> date:
    """The calendar day in Vietnam at this instant."""
    return to_local(instant).date()


def from_local(day: date, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """A wall-clock moment of Vietnam as an aware UTC instant."""
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=LOCAL_ZONE).astimezone(UTC)
