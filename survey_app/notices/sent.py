"""Reading what an authority sent: how many schools have read it, which have not, and whom to ring up."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import aliased

from survey_app.accounts.models import Membership, User
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.web import PER_PAGE, Page
from survey_app.notices.models import Message, Notice, NoticeReceipt
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.errors import NotFound
from survey_app.rules.permissions import Role


@dataclass(frozen=True)
class SentRow:
    """One message of the list and how many of its schools have read it."""

    message: Message
    author: str
    read: int


@dataclass(frozen=True)
class ReceiverRow:
    """One school a message went to. `read_at`, `reader`: who opened it first; `others`: how many more did.

    `head` and `phone` are of the school's head, to ring up where nobody reads.
    """

    name: str
    ward_name: str
    read_at: datetime | None
    reader: str
    others: int
    head: str
    phone: str


def get_sent(actor: Actor, uid: str) -> Message:
    """A message of the actor's own unit. Raises `NotFound` for any other."""
    found = session.scalar(select(Message).where(Message.uid == uid, Message.sender_id == actor.unit_id))
    if found is None:
        raise NotFound()
    return found


def list_sent(actor: Actor, number: int = 1) -> Page[SentRow]:
    """One page of what the actor's unit has sent, newest first, 50 a page."""
    mine = Message.sender_id == actor.unit_id
    total = session.scalar(select(func.count()).select_from(Message).where(mine)) or 0
    found = session.execute(
        select(Message, User.name)
        .join(User, User.id == Message.author_id)
        .where(mine)
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    ).all()
    read = _read_counts([message.id for message, _ in found])
    return Page(
        [SentRow(message, author, read.get(message.id, 0)) for message, author in found], number, total
    )


def _read_counts(message_ids: Collection[int]) -> dict[int, int]:
    rows = session.execute(
        select(Notice.message_id, func.count())
        .where(Notice.message_id.in_(message_ids), _is_read())
        .group_by(Notice.message_id)
    )
    return {int(message_id or 0): count for message_id, count in rows}


def count_read(message: Message) -> int:
    """How many schools have read a message: somebody there has opened it."""
    return _read_counts([message.id]).get(message.id, 0)


def _is_read() -> ColumnElement[bool]:
    return exists().where(NoticeReceipt.notice_id == Notice.id).correlate(Notice)


def unread_unit_ids(message: Message) -> Sequence[int]:
    """The schools where nobody has opened it."""
    waiting = select(Notice.unit_id).where(Notice.message_id == message.id, ~_is_read())
    return sorted(session.scalars(waiting))


def list_receivers(message: Message, *, unread: bool, number: int = 1) -> Page[ReceiverRow]:
    """One page of the schools of a message that have read it, or have not, in Vietnamese order."""
    where = [Notice.message_id == message.id, ~_is_read() if unread else _is_read()]
    total = session.scalar(select(func.count()).select_from(Notice).where(*where)) or 0
    unit, ward, head = OrganisationUnit, aliased(OrganisationUnit), aliased(User)
    heads = and_(
        Membership.unit_id == unit.id, Membership.role == Role.UNIT_HEAD, Membership.ends_at.is_(None)
    )
    found = session.execute(
        select(
            Notice.id,
            unit.name,
            func.coalesce(ward.name, ""),
            func.coalesce(head.name, ""),
            func.coalesce(head.phone, unit.contact_phone, ""),
        )
        .join(unit, unit.id == Notice.unit_id)
        .outerjoin(ward, ward.id == unit.parent_id)
        .outerjoin(Membership, heads)
        .outerjoin(head, head.id == Membership.user_id)
        .where(*where)
        .order_by(unit.sort_key, unit.code, Notice.id)
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    ).all()
    readers = {} if unread else _readers([row[0] for row in found])
    rows = [
        ReceiverRow(name, ward_name, *readers.get(notice_id, (None, "", 0)), head_name, phone)
        for notice_id, name, ward_name, head_name, phone in found
    ]
    return Page(rows, number, total)


def _readers(notice_ids: Collection[int]) -> dict[int, tuple[datetime | None, str, int]]:
    """(when, who, how many more) of the first opening of each notice."""
    found: dict[int, tuple[datetime | None, str, int]] = {}
    rows = session.execute(
        select(NoticeReceipt.notice_id, NoticeReceipt.read_at, User.name)
        .join(User, User.id == NoticeReceipt.user_id)
        .where(NoticeReceipt.notice_id.in_(notice_ids))
        .order_by(NoticeReceipt.read_at, NoticeReceipt.user_id)
    )
    for notice_id, read_at, name in rows:
        first = found.get(notice_id)
        found[notice_id] = (read_at, name, 0) if first is None else (first[0], first[1], first[2] + 1)
    return found
