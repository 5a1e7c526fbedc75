"""Until when: the round's calendar, one unit's extension, and whether a form is taken now."""

from datetime import datetime

from sqlalchemy import select

from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.filters import write_deadline
from survey_app.notices.service import notify_units
from survey_app.rounds import queries
from survey_app.rounds.models import OPEN, PLANNED, PUBLISHED, Participation, Round
from survey_app.rounds.service.planning import check_calendar
from survey_app.rounds.service.states import BadField, RoundMoved, check_round_open, move, need_reason
from survey_app.rules.deadlines import NotOpenYet, check_open
from survey_app.rules.errors import N_, NotAllowed, RuleError
from survey_app.rules.permissions import ADMIN, LEADERS

CALENDAR = ("closes_at", "commune_closes_at", "department_closes_at")


class RoundClosed(RuleError):
    """The results are published (409)."""

    message = N_("Đợt đánh giá đã công bố kết quả nên không nhận phiếu nữa.")


def change_deadlines(
    round_: Round,
    *,
    closes_at: datetime,
    commune_closes_at: datetime,
    department_closes_at: datetime,
    reason: str,
    version: int,
    actor: Actor,
    now: datetime,
) -> Round:
    """Move the deadlines of an open round for everybody, with a reason; its units and checkers are told.

    Raises `BadField` for a wrong order, a new instant that has passed or no reason; `RoundMoved`.
    """
    if version != round_.version:
        raise RoundMoved()
    reason = need_reason(reason)
    wanted = dict(zip(CALENDAR, (closes_at, commune_closes_at, department_closes_at), strict=True))
    check_calendar(round_.opens_at, *wanted.values())
    old = {name: getattr(round_, name) for name in CALENDAR}
    changed = [name for name in CALENDAR if wanted[name] != old[name]]
    for name in changed:
        if wanted[name] <= now:
            raise BadField(name, N_("Hạn mới phải sau thời điểm hiện tại."))
    if not changed:
        raise BadField("closes_at", N_("Chưa có hạn nào thay đổi."))
    move(round_, start=OPEN, version=version, **wanted)
    _tell_everybody(round_, reason, now)
    audit.record(
        actor,
        "round.deadlines",
        round_,
        old={name: old[name].isoformat() for name in changed},
        new={name: wanted[name].isoformat() for name in changed} | {"reason": reason},
        now=now,
    )
    return round_


def _tell_everybody(round_: Round, reason: str, now: datetime) -> None:
    members = session.execute(
        select(Participation.unit_id, Participation.reviewing_unit_id).where(
            Participation.round_id == round_.id
        )
    ).all()
    notify_units(
        {unit for pair in members for unit in pair},
        kind="round.deadlines",
        title=f"Đổi hạn của {round_.title}",
        body=(
            f"Trường nộp trước {write_deadline(round_.closes_at)}; xã, phường kiểm tra xong trước "
            f"{write_deadline(round_.commune_closes_at)}; Sở trước "
            f"{write_deadline(round_.department_closes_at)}. Lý do: {reason}"
        ),
        url=f"/rounds/{round_.uid}",
        sender_id=round_.department_id,
        now=now,
    )


def may_decide(participation: Participation, actor: Actor) -> bool:
    """True for the administrator and for leaders of the unit that checks this one."""
    return actor.role in ADMIN or (actor.role in LEADERS and participation.reviewing_unit_id == actor.unit_id)


def extend_deadline(
    participation: Participation, until: datetime, *, reason: str, actor: Actor, now: datetime
) -> Participation:
    """Give one unit until `until`, later than the round's own closing instant, with a reason; it is told.

    Raises `NotAllowed` unless `may_decide`, `RoundNotOpen`, and `BadField` for an instant that has passed, is
    no later than the round's, or leaves nothing of the checking unit's own time.
    """
    round_ = participation.round
    if not may_decide(participation, actor):
        raise NotAllowed()
    check_round_open(round_)
    reason = need_reason(reason)
    _check_extension(participation, until, now)
    old = participation.extended_until
    participation.extended_until, participation.extension_reason = until, reason
    session.flush()
    notify_units(
        [participation.unit_id],
        kind="deadline.extended",
        title=f"Gia hạn nộp phiếu đến {write_deadline(until)}",
        body=f"{round_.title}. Lý do: {reason}",
        url=f"/rounds/participations/{participation.uid}",
        sender_id=actor.unit_id,
        now=now,
    )
    audit.record(
        actor,
        "participation.extend",
        participation,
        old={"until": old.isoformat() if old else None},
        new={"until": until.isoformat(), "reason": reason},
        now=now,
    )
    return participation


def _check_extension(participation: Participation, until: datetime, now: datetime) -> None:
    round_ = participation.round
    latest = queries.review_deadline_for(round_, participation.reviewing_unit.kind)
    if until <= now:
        raise BadField("until", N_("Hạn mới phải sau thời điểm hiện tại."))
    if until <= round_.closes_at:
        raise BadField(
            "until",
            N_("Hạn mới phải sau hạn chung của đợt (%(common)s)."),
            common=write_deadline(round_.closes_at),
        )
    if until > latest:
        raise BadField(
            "until",
            N_("Hạn mới không được sau hạn kiểm tra (%(latest)s)."),
            latest=write_deadline(latest),
        )


def check_accepting(round_: Round, closes_at: datetime, *, begun: bool, now: datetime) -> None:
    """Raise unless a unit whose deadline is `closes_at` may write or hand in at `now`.

    `begun`: work begun before the deadline has the round's minutes of grace. Raises `NotOpenYet`,
    `DeadlinePassed`, `RoundClosed`.
    """
    if round_.state == PLANNED:
        raise NotOpenYet()
    if round_.state == PUBLISHED:
        raise RoundClosed()
    check_open(
        now,
        opens_at=round_.opens_at,
        closes_at=closes_at,
        grace_minutes=round_.grace_minutes,
        begun=begun,
    )
