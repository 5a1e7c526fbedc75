"""Reading notices: those of one's own unit, what is unread, and who has read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, exists, func, or_, select

from survey_app.accounts.models import Membership, User
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.web import PER_PAGE, Page
from survey_app.notices.models import Notice, NoticeReceipt
from survey_app.rules.errors import NotFound


@dataclass(frozen=True)
class NoticeRow:
    """One notice of a list, and whether the reader still has to read it."""

    notice: Notice
    unread: bool


@dataclass(frozen=True)
class Reader:
    """Somebody of the unit a notice went to; `read_at` None: not yet."""

    name: str
    read_at: datetime | None


def get_visible_notice(actor: Actor, uid: str) -> Notice:
    """A notice to or from the actor's unit. Raises `NotFound` for any other."""
    mine = or_(Notice.unit_id == actor.unit_id, Notice.sender_id == actor.unit_id)
    notice = session.scalar(select(Notice).where(Notice.uid == uid, mine))
    if notice is None:
        raise NotFound()
    return notice


def list_notices(actor: Actor, number: int = 1) -> Page[NoticeRow]:
    """One page of the notices to the actor's unit, newest first, 50 a page."""
    here = Notice.unit_id == actor.unit_id
    total = session.scalar(select(func.count()).select_from(Notice).where(here)) or 0
    rows = session.execute(
        select(Notice, _unread(actor))
        .where(here)
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    )
    return Page([NoticeRow(notice, bool(unread)) for notice, unread in rows], number, total)


def latest_notices(actor: Actor, most: int) -> Sequence[NoticeRow]:
    """The newest notices to the actor's unit, for a page that shows a few of them."""
    rows = session.execute(
        select(Notice, _unread(actor))
        .where(Notice.unit_id == actor.unit_id)
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(most)
    )
    return [NoticeRow(notice, bool(unread)) for notice, unread in rows]


@cache
def _unread_count() -> Select[int]:
    """Built once: every page asks for it."""
    waiting = _unread_by(bindparam("user"), bindparam("membership"))
    return select(func.count()).select_from(Notice).where(Notice.unit_id == bindparam("unit"), waiting)


def unread_count(actor: Actor) -> int:
    """How many notices to their unit a person has not read."""
    values = {"unit": actor.unit_id, "user": actor.user_id, "membership": actor.membership_id}
    return session.scalar(_unread_count(), values) or 0


def is_unread(actor: Actor, notice: Notice) -> bool:
    """True when the notice went to the actor's unit and they have not read it."""
    waiting = select(Notice.id).where(Notice.id == notice.id, Notice.unit_id == actor.unit_id, _unread(actor))
    return session.scalar(waiting) is not None


def _unread(actor: Actor) -> ColumnElement[bool]:
    return _unread_by(actor.user_id, actor.membership_id)


def _unread_by(
    user_id: int | BindParameter[int], membership_id: int | BindParameter[int]
) -> ColumnElement[bool]:
    """Not opened yet; what came before a person joined the unit is theirs to look up, not to catch up on."""
    opened = exists().where(NoticeReceipt.notice_id == Notice.id, NoticeReceipt.user_id == user_id)
    joined = select(Membership.starts_at).where(Membership.id == membership_id).scalar_subquery()
    return and_(~opened.correlate(Notice), Notice.created_at >= joined)


def readers_of(notice: Notice) -> Sequence[Reader]:
    """Everybody who works at the unit the notice went to, those who have read it first."""
    works_there = exists().where(
        Membership.user_id == User.id,
        Membership.unit_id == notice.unit_id,
        Membership.ends_at.is_(None),
    )
    rows = session.execute(
        select(User.name, NoticeReceipt.read_at)
        .outerjoin(
            NoticeReceipt,
            and_(NoticeReceipt.user_id == User.id, NoticeReceipt.notice_id == notice.id),
        )
        .where(User.active, works_there)
        .order_by(NoticeReceipt.read_at.is_(None), NoticeReceipt.read_at, User.sort_key, User.id)
    )
    return [Reader(name, read_at) for name, read_at in rows]


def find_receipt(notice_id: int, user_id: int) -> NoticeReceipt | None:
    """The mark that a person has read a notice, or None."""
    return session.get(NoticeReceipt, (notice_id, user_id))
