"""Changing notices: send one to a unit, a person or the same to many, mark one as read."""

import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from survey_app.accounts.queries import workplaces_of
from survey_app.core.access import Actor
from survey_app.core.db import savepoint, session
from survey_app.notices import mailing, queries
from survey_app.notices.models import Notice, NoticeReceipt

CHUNK = 1000
ONCE_CHUNK = 500  # rows of one statement: SQLite takes 32,766 values


def notify(
    unit_id: int,
    *,
    kind: str,
    title: str,
    body: str = "",
    url: str = "",
    sender_id: int | None = None,
    now: datetime,
) -> Notice:
    """Send a notice to everybody of a unit, in the acting transaction.

    `kind` is a short code of the sending room ("assessment.returned"), `title` and `body` are Vietnamese
    sentences in plain text, `url` a local address to open, `sender_id` the unit that speaks. Raises
    ValueError for an address outside this site.
    """
    _check_address(url)
    notice = Notice(
        unit_id=unit_id,
        kind=kind,
        title=title[:255],
        body=body,
        url=url,
        sender_id=sender_id,
        created_at=now,
    )
    session.add(notice)
    session.flush()
    mailing.queue_for_units([unit_id], kind, url, now=now)
    return notice


def notify_units(
    unit_ids: Iterable[int],
    *,
    kind: str,
    title: str,
    body: str = "",
    url: str = "",
    sender_id: int | None = None,
    message_id: int | None = None,
    now: datetime,
) -> int:
    """Send the same notice to each of these units once, in pieces, loading none; returns to how many.

    The words are as in `notify`, `message_id` the message it belongs to. Some kinds go by e-mail too
    (`mail_words.MAILED`). Raises ValueError for an address outside this site.
    """
    _check_address(url)
    same: dict[str, Any] = {"kind": kind, "title": title[:255], "body": body, "url": url}
    same |= {"sender_id": sender_id, "created_at": now, "message_id": message_id}
    rows = [same | {"unit_id": unit_id} for unit_id in sorted(set(unit_ids))]
    for start in range(0, len(rows), CHUNK):
        session.execute(insert(Notice), rows[start : start + CHUNK])
    mailing.queue_for_units([row["unit_id"] for row in rows], kind, url, now=now)
    return len(rows)


def tell_person(user_id: int, *, kind: str, title: str, body: str = "", url: str = "", now: datetime) -> int:
    """Tell a person something about their account, at every unit they work for; returns at how many.

    Their colleagues there can read it too, and shall: somebody who took an account over is the one who would
    keep quiet. The words are as in `notify`.
    """
    units = [place.unit_id for place in workplaces_of([user_id]).get(user_id, [])]
    return notify_units(units, kind=kind, title=title, body=body, url=url, now=now)


def notify_once(
    unit_ids: Iterable[int],
    *,
    occasion: str,
    kind: str,
    title: str,
    body: str,
    url: str,
    sender_id: int | None,
    now: datetime,
) -> Sequence[int]:
    """Send the same notice to those of these units that have had none of this `occasion`; returns whom.

    Two that run at once tell nobody twice: the pair of unit and occasion is unique.
    """
    _check_address(url)
    same: dict[str, Any] = {"kind": kind, "title": title[:255], "body": body, "url": url}
    same |= {"occasion": occasion, "sender_id": sender_id, "created_at": now}
    rows = [same | {"unit_id": unit_id, "uid": uuid.uuid4().hex} for unit_id in sorted(set(unit_ids))]
    dialect = session.get_bind().dialect.name
    adding: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect]
    told: list[int] = []
    for start in range(0, len(rows), ONCE_CHUNK):
        statement = adding(Notice).values(rows[start : start + ONCE_CHUNK])
        statement = statement.on_conflict_do_nothing(index_elements=["unit_id", "occasion"])
        told += session.scalars(statement.returning(Notice.unit_id))
    mailing.queue_for_units(told, kind, url, now=now)
    return told


def _check_address(url: str) -> None:
    if url and (not url.startswith("/") or url.startswith(("//", "/\\"))):
        raise ValueError("a notice leads to a page of this site")


def mark_read(notice: Notice, *, actor: Actor, now: datetime) -> None:
    """Note that a person of the unit has read the notice; the first time counts, also of two at once."""
    if notice.unit_id != actor.unit_id or queries.find_receipt(notice.id, actor.user_id):
        return
    with suppress(IntegrityError), savepoint():
        session.add(NoticeReceipt(notice_id=notice.id, user_id=actor.user_id, read_at=now))
