"""What is done again and again, and how often: a room says so in its `tasks.py`.

    @every("audit.seal", minutes=1)
    def seal() -> None: ...

    @every("audit.check", hour=3)
    def check() -> None: ...

The worker calls it without arguments inside an app context; it opens its own units of work and must bear
being begun again after it was cut off half-way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from survey_app.core.clock import from_local, to_local

Act = Callable[[], object]


@dataclass(frozen=True)
class Regular:
    """One thing that is done every so many minutes, or daily from this hour on (wall clock of Vietnam)."""

    name: str
    act: Act
    minutes: int | None
    hour: int | None

    def next_after(self, now: datetime) -> datetime:
        """When it is due again if it was done now."""
        if self.minutes is not None:
            return now + timedelta(minutes=self.minutes)
        today = to_local(now).date()
        due = from_local(today, self.hour or 0)
        return due if due > now else from_local(today + timedelta(days=1), self.hour or 0)

    def first_after(self, now: datetime) -> datetime:
        """When it is due for the first time: at once, or at its hour."""
        return now if self.minutes is not None else self.next_after(now)


TIMETABLE: dict[str, Regular] = {}


def every(name: str, *, minutes: int | None = None, hour: int | None = None) -> Callable[[Act], Act]:
    """Declare a function that the worker calls every `minutes`, or once a day at `hour` o'clock.

    Raises ValueError when both or none are given, or when another function has this name already.
    """
    if (minutes is None) == (hour is None):
        raise ValueError("say minutes=… or hour=…")

    def declare(act: Act) -> Act:
        known = TIMETABLE.get(name)
        if known is not None and known.act.__qualname__ != act.__qualname__:
            raise ValueError(f"two functions for {name!r} in the timetable")
        TIMETABLE[name] = Regular(name, act, minutes, hour)
        return act

    return declare
