"""Writing to many schools from the page: once, to a group, and again to those who have not read it."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.db import savepoint, session
from survey_app.notices import audience, sent
from survey_app.notices.models import Message
from survey_app.notices.ports import Offer
from survey_app.notices.service import notify_units
from survey_app.rules.errors import N_, BadInput, RuleError

MESSAGE = "message"
_KEY = re.compile(r"[0-9a-f]{32}\Z")


class NoReceivers(BadInput):
    """Nobody is in the group."""

    message = N_("Không có trường nào trong nhóm đã chọn nên chưa gửi.")


class AllHaveRead(RuleError):
    """There is nobody left to remind (409)."""

    message = N_("Mọi trường đã đọc thông báo này nên không còn ai để nhắc.")


def send_message(
    key: str,
    offer: Offer,
    *,
    title: str,
    body: str,
    url: str,
    ward_uid: str = "",
    ward_name: str = "",
    actor: Actor,
    now: datetime,
) -> Message:
    """Send a message to the schools of a group, each once; the same `key` (32 hex digits) again: no more.

    `url` is a local address. Raises `NoReceivers`, `audience.UnknownAudience`, `BadInput` for a strange key.
    """
    if not _KEY.match(key):
        raise BadInput()
    known = _known(key, actor)
    if known is not None:
        return known
    units = audience.ids(audience.receivers(actor, offer.code, ward_uid))
    words = offer.words % offer.params if offer.params else offer.words
    whom = f"{words}, {ward_name}" if ward_name else words
    message = Message(
        key=key,
        sender_id=actor.unit_id,
        author_id=actor.user_id,
        title=title,
        body=body,
        url=url,
        audience=offer.code,
        whom=whom[:255],
        created_at=now,
    )
    return _send(message, units, offer.kind, actor, now)


def remind_unread(message: Message, key: str, *, actor: Actor, now: datetime) -> Message:
    """Send a message again, as a reminder, to the schools where nobody has read it. Raises `AllHaveRead`."""
    if not _KEY.match(key):
        raise BadInput()
    known = _known(key, actor)
    if known is not None:
        return known
    units = sent.unread_unit_ids(message)
    if not units:
        raise AllHaveRead()
    again = Message(
        key=key,
        sender_id=actor.unit_id,
        author_id=actor.user_id,
        title=f"Nhắc lại: {message.title.removeprefix('Nhắc lại: ')}"[:255],
        body=message.body,
        url=message.url,
        audience=message.audience,
        whom=f"Các trường chưa đọc thông báo “{message.title}”"[:255],
        reminds_id=message.id,
        created_at=now,
    )
    return _send(again, units, MESSAGE, actor, now)


def _known(key: str, actor: Actor) -> Message | None:
    return session.scalar(
        select(Message).where(
            Message.key == key, Message.sender_id == actor.unit_id, Message.author_id == actor.user_id
        )
    )


def _send(message: Message, units: Sequence[int], kind: str, actor: Actor, now: datetime) -> Message:
    if not units:
        raise NoReceivers()
    message.units = len(units)
    with suppress(IntegrityError), savepoint():
        session.add(message)
        session.flush()
        notify_units(
            units,
            kind=kind,
            title=message.title,
            body=message.body,
            url=message.url,
            sender_id=actor.unit_id,
            message_id=message.id,
            now=now,
        )
        new = {"title": message.title, "whom": message.whom, "units": len(units)}
        audit.record(actor, "notice.send", message, new=new, now=now)
        return message
    known = _known(message.key, actor)  # another tab was a moment earlier
    if known is None:
        raise BadInput()
    return known
