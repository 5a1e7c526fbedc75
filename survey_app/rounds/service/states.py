"""The life of a round: planned → open → published, each step one conditional UPDATE."""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.db import session
from survey_app.rounds.models import OPEN, PUBLISHED, Round
from survey_app.rules.errors import N_, BadInput, RuleError


class RoundMoved(RuleError):
    """The round is no longer as the page showed it (409)."""

    message = N_("Đợt đánh giá vừa được người khác sửa hoặc đã chuyển trạng thái. Hãy mở lại trang của đợt.")


class RoundNotOpen(RuleError):
    """The act needs an open round (409)."""

    message = N_("Việc này chỉ làm được khi đợt đánh giá đang mở.")


class BadField(BadInput):
    """A value that does not fit (422); `field` names where it was typed."""

    def __init__(self, field: str, message: str, **params: Any) -> None:
        self.field, self.message = field, message
        super().__init__(**params)


def need_reason(reason: str) -> str:
    """The reason without outer blanks. Raises `BadField` when there is none."""
    if not reason.strip():
        raise BadField("reason", N_("Hãy ghi lý do."))
    return reason.strip()


def check_round_open(round_: Round) -> None:
    """Raise `RoundNotOpen` unless the round is open."""
    if round_.state != OPEN:
        raise RoundNotOpen()


def move(round_: Round, *, start: str, version: int | None = None, **values: Any) -> None:
    """Change a round that is still in state `start` (and at `version`), else raise `RoundMoved`.

    The condition and the change are one statement, so of two people only one succeeds.
    """
    where = [Round.id == round_.id, Round.state == start]
    if version is not None:
        where.append(Round.version == version)
    statement = update(Round).where(*where).values(version=Round.version + 1, **values)
    done = session.execute(statement.execution_options(synchronize_session=False))
    if rows_changed(done) != 1:
        raise RoundMoved()
    session.refresh(round_)


def mark_published(round_: Round, *, actor: Actor | None, now: datetime) -> Round:
    """Note that the results of an open round are published. Raises `RoundMoved` unless it is open."""
    move(round_, start=OPEN, state=PUBLISHED, published_at=now)
    audit.record(actor, "round.publish", round_, old={"state": OPEN}, new={"state": PUBLISHED}, now=now)
    return round_


def reopen_round(round_: Round, *, reason: str, actor: Actor | None, now: datetime) -> Round:
    """Open a published round again. Raises `RoundMoved` unless it is published, `BadField` for no reason."""
    reason = need_reason(reason)
    move(round_, start=PUBLISHED, state=OPEN, published_at=None)
    new = {"state": OPEN, "reason": reason}
    audit.record(actor, "round.reopen", round_, old={"state": PUBLISHED}, new=new, now=now)
    return round_
