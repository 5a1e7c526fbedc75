"""The outbox of e-mail: what is to be sent, in the acting transaction, and how each try ended.

A batch is one job. A try that the server answers with "later", or that finds no server, is made again after
1, 5, 15 minutes, 1, 3 and 12 hours, then given up; a request never waits for any of it (decision 7).
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnExpressionArgument, String, cast, exists, insert, literal, or_, select, update

from survey_app.accounts import email_links
from survey_app.accounts.email_links import Draft
from survey_app.accounts.models import Membership, User
from survey_app.core.changed import rows_changed
from survey_app.core.db import UtcDateTime, session
from survey_app.core.mail import mail_is_on
from survey_app.jobs.service import enqueue
from survey_app.notices.mail_words import MAILED
from survey_app.notices.models import Mail

NOTICES, LINK = "notices.mail", "notices.link"  # kinds of jobs
LATER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 720))
# A link is good for an hour and somebody waits for it: a letter of tomorrow helps nobody.
LINK_LATER = tuple(timedelta(seconds=seconds) for seconds in (20, 60, 300, 900))
CHUNK, AT_ONCE = 1000, 50
LABEL = "Gửi thư điện tử"
_ALWAYS = [kind for kind, words in MAILED.items() if words.always]


@dataclass(frozen=True)
class Due:
    """One e-mail to send now: to whom, of what kind, leading where."""

    id: int
    name: str
    email: str
    kind: str
    url: str


def queue_for_units(unit_ids: Sequence[int], kind: str, url: str, *, now: datetime) -> int:
    """Ask for an e-mail to everybody at these units who wants them and whose address is proved.

    Does nothing for a kind that is not mailed or while e-mail is off. Returns to how many people it goes.
    """
    if kind not in MAILED or not mail_is_on():
        return 0
    batch, people = uuid.uuid4().hex, 0
    for start in range(0, len(unit_ids), CHUNK):
        works_there = exists().where(
            Membership.user_id == User.id,
            Membership.unit_id.in_(unit_ids[start : start + CHUNK]),
            Membership.ends_at.is_(None),
        )
        again = exists().where(Mail.batch == batch, Mail.user_id == User.id)  # somebody at two of the units
        people += _add(batch, kind, url, now, User.active, User.wants_mail, works_there, ~again)
    _ask(batch, people, now)
    return people


def queue_for_people(user_ids: Collection[int], kind: str, url: str, *, now: datetime) -> int:
    """Ask for an e-mail to these people, whatever their switch says. As `queue_for_units`."""
    if kind not in MAILED or not mail_is_on():
        return 0
    batch = uuid.uuid4().hex
    people = _add(batch, kind, url, now, User.id.in_(user_ids))
    _ask(batch, people, now)
    return people


def _add(batch: str, kind: str, url: str, now: datetime, *where: ColumnExpressionArgument[bool]) -> int:
    words = (cast(literal(text), String) for text in (batch, kind, url))
    people = select(User.id, *words, literal(now, UtcDateTime())).where(
        User.email_confirmed_at.is_not(None), User.email.is_not(None), *where
    )
    added = session.execute(
        insert(Mail).from_select(["user_id", "batch", "kind", "url", "created_at"], people)
    )
    return rows_changed(added)


def _ask(batch: str, people: int, now: datetime) -> None:
    if people:
        enqueue(NOTICES, {"batch": batch, "failed": 0}, label=LABEL, actor=None, now=now)


def next_due(batch: str, *, after: int) -> list[Due]:
    """The next e-mails of a batch that are not sent yet; whoever has no proved address any more gets none."""
    rows = session.execute(
        select(Mail.id, User.name, User.email, Mail.kind, Mail.url)
        .join(User, User.id == Mail.user_id)
        .where(
            Mail.batch == batch,
            Mail.id > after,
            Mail.sent_at.is_(None),
            Mail.given_up_at.is_(None),
            User.email_confirmed_at.is_not(None),
            User.email.is_not(None),
            or_(User.wants_mail, Mail.kind.in_(_ALWAYS)),
        )
        .order_by(Mail.id)
        .limit(AT_ONCE)
    )
    return [Due(mail_id, name, email or "", kind, url) for mail_id, name, email, kind, url in rows]


def mark_sent(mail_id: int, *, now: datetime) -> None:
    """The server has taken this one."""
    session.execute(update(Mail).where(Mail.id == mail_id).values(sent_at=now, fault=""))


def give_up(mail_id: int, fault: str, *, now: datetime) -> None:
    """The server will not have this one."""
    session.execute(update(Mail).where(Mail.id == mail_id).values(given_up_at=now, fault=fault[:64]))


def try_again(batch: str, failed: int, fault: str, *, now: datetime) -> bool:
    """After the `failed`-th try in vain (1, 2, …) ask for the next one; False when that was the last."""
    waiting = update(Mail).where(Mail.batch == batch, Mail.sent_at.is_(None), Mail.given_up_at.is_(None))
    if failed > len(LATER):
        session.execute(waiting.values(given_up_at=now, fault=fault[:64]))
        return False
    session.execute(waiting.values(fault=fault[:64]))
    params = {"batch": batch, "failed": failed}
    enqueue(NOTICES, params, label=LABEL, actor=None, now=now, wait=LATER[failed - 1])
    return True


def ask_link(purpose: str, user_id: int | None, *, now: datetime, failed: int = 0) -> bool:
    """Ask for a letter with a code to somebody, or for nothing in the same way; False after too many."""
    if failed > len(LINK_LATER):
        return False
    params = {"purpose": purpose, "user": user_id, "failed": failed}
    wait = LINK_LATER[failed - 1] if failed else None
    enqueue(LINK, params, label=LABEL, actor=None, now=now, wait=wait)
    return True


def draft_link(purpose: str, user_id: int | None, *, now: datetime) -> Draft | None:
    """The code to send, fresh for every try; None when there is nobody to send it to."""
    return email_links.issue(purpose, user_id, now=now) if user_id is not None else None
