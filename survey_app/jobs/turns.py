"""Whose turn it is: one worker at a time does what is due, and another goes on where one has died."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from survey_app.core.changed import rows_changed
from survey_app.core.db import session
from survey_app.jobs.models import RegularTurn
from survey_app.jobs.timetable import TIMETABLE, Regular

LEASE = timedelta(seconds=60)  # a worker beats every 5 s: one that missed a dozen beats is dead
MOST_TRIES = 5


def list_unknown(regulars: Collection[Regular]) -> list[Regular]:
    """What the timetable names and the database has not seen yet."""
    known = set(session.scalars(select(RegularTurn.name)))
    return [regular for regular in regulars if regular.name not in known]


def note(regulars: Collection[Regular], *, now: datetime) -> None:
    """Give each its first moment; one that another worker noted meanwhile stays as it is."""
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[session.get_bind().dialect.name]
    for regular in regulars:
        row = {"name": regular.name, "due_at": regular.first_after(now)}
        session.execute(insert(RegularTurn).values(**row).on_conflict_do_nothing())


def list_due(now: datetime) -> Sequence[str]:
    """Names of what is due and in nobody's hands, the longest due first."""
    return session.scalars(
        select(RegularTurn.name)
        .where(RegularTurn.name.in_(TIMETABLE), RegularTurn.due_at <= now, _is_free(now))
        .order_by(RegularTurn.due_at)
    ).all()


def _is_free(now: datetime) -> Any:
    return or_(RegularTurn.lease_until.is_(None), RegularTurn.lease_until < now)


def claim(name: str, holder: str, *, now: datetime) -> bool:
    """Take the turn in one conditional UPDATE; False when another has it, or did it meanwhile.

    What cost five workers their life is put off until its next moment.
    """
    turn = session.get(RegularTurn, name, populate_existing=True)
    if turn is not None and turn.tries >= MOST_TRIES and turn.due_at <= now:
        _put_off(name, now)
        return False
    taken = session.execute(
        update(RegularTurn)
        .where(RegularTurn.name == name, RegularTurn.due_at <= now, _is_free(now))
        .values(holder=holder, lease_until=now + LEASE, started_at=now, tries=RegularTurn.tries + 1)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(taken) == 1


def _put_off(name: str, now: datetime) -> None:
    session.execute(
        update(RegularTurn)
        .where(RegularTurn.name == name, RegularTurn.due_at <= now, _is_free(now))
        .values(
            holder=None, lease_until=None, tries=0, due_at=TIMETABLE[name].next_after(now), error="given up"
        )
        .execution_options(synchronize_session=False)
    )


def keep(holder: str, names: Collection[str], *, now: datetime) -> None:
    """Move on the leases of what this worker is still at."""
    session.execute(
        update(RegularTurn)
        .where(RegularTurn.holder == holder, RegularTurn.name.in_(names))
        .values(lease_until=now + LEASE)
        .execution_options(synchronize_session=False)
    )


def release(holder: str) -> None:
    """Give back what a worker of this name held before it ended."""
    session.execute(
        update(RegularTurn)
        .where(RegularTurn.holder == holder)
        .values(holder=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )


def end(name: str, holder: str, error: str = "", *, now: datetime) -> None:
    """Note how it ended; nothing when the turn has passed to another worker meanwhile."""
    session.execute(
        update(RegularTurn)
        .where(RegularTurn.name == name, RegularTurn.holder == holder)
        .values(
            holder=None,
            lease_until=None,
            tries=0,
            finished_at=now,
            due_at=TIMETABLE[name].next_after(now),
            error=error[:255],
        )
        .execution_options(synchronize_session=False)
    )
