"""Opening a round: its units are frozen as they are, and each gets its forms."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import insert

from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.clock import local_date
from survey_app.core.db import session
from survey_app.core.filters import write_deadline
from survey_app.notices.service import notify_units
from survey_app.organisations.models import OrganisationUnit
from survey_app.rounds import queries
from survey_app.rounds.models import OPEN, PLANNED, Participation, Round
from survey_app.rounds.ports import forms
from survey_app.rounds.service.states import move
from survey_app.rules.errors import N_, RuleError

CHUNK = 1000


class NoUnits(RuleError):
    """Nobody would take part (409)."""

    message = N_("Chưa có đơn vị nào đủ thông tin để vào đợt. Hãy xem lại phạm vi và danh sách cần bổ sung.")


class AlreadyOver(RuleError):
    """The round's first deadline has passed already (409)."""

    message = N_("Hạn nộp của trường đã qua. Hãy sửa lịch của đợt trước khi mở.")


class CannotTakePart(RuleError):
    """The unit cannot be added to this round (409)."""

    message = N_(
        "Không thêm được đơn vị này: đã có trong đợt, hoặc thiếu cấp học, cơ quan quản lý hay điểm trường."
    )


def open_round(round_: Round, *, actor: Actor, now: datetime) -> Round:
    """Open a planned round: freeze the chosen schools as they are today, make their forms, tell them.

    Raises `RoundMoved` when it is not planned any more (of two people only one opens it), `AlreadyOver`
    when the schools' deadline has passed, `NoUnits` when no chosen school can take part.
    """
    if now >= round_.closes_at:
        raise AlreadyOver()
    move(round_, start=PLANNED, state=OPEN, opened_at=now)
    on = local_date(now)
    units = _freeze(round_, queries.eligible_schools(round_, on), on)
    if not units:
        raise NoUnits()
    made = forms.get().create(round_.id, now=now)
    announce_opening(round_, units, forms_made=made, actor=actor, now=now)
    return round_


def announce_opening(
    round_: Round, unit_ids: Collection[int], *, forms_made: int, actor: Actor, now: datetime
) -> None:
    """Tell the units of a round that has just opened, and the audit trail."""
    _welcome(round_, unit_ids, actor, now)
    new = {"state": OPEN, "units": len(unit_ids), "forms": forms_made}
    audit.record(actor, "round.open", round_, old={"state": PLANNED}, new=new, now=now)


def add_late_unit(round_: Round, unit: OrganisationUnit, *, actor: Actor, now: datetime) -> Participation:
    """Take one more school into an open round, as it is today, with its forms.

    Raises `RoundMoved` unless the round is open, `CannotTakePart` when it is in already or incomplete.
    """
    move(round_, start=OPEN)
    on = local_date(now)
    frozen = _freeze(round_, queries.late_schools(round_, on).where(OrganisationUnit.id == unit.id), on)
    added = queries.participation_of(round_.id, unit.id)
    if not frozen or added is None:
        raise CannotTakePart()
    forms.get().create(round_.id, now=now)
    _welcome(round_, [unit.id], actor, now)
    new = {"unit": unit.code, "name": unit.name, "round": round_.uid}
    audit.record(actor, "participation.add", added, new=new, now=now)
    return added


def _freeze(round_: Round, schools: queries.Schools, on: date) -> list[int]:
    """Write the schools down in pieces, so that memory does not grow with their number; their ids."""
    done: list[int] = []
    while rows := queries.facts_to_freeze(schools, on, after=done[-1] if done else 0, limit=CHUNK):
        session.execute(insert(Participation), [facts | {"round_id": round_.id} for facts in rows])
        done += [facts["unit_id"] for facts in rows]
    return done


def _welcome(round_: Round, unit_ids: Iterable[int], actor: Actor, now: datetime) -> None:
    notify_units(
        unit_ids,
        kind="round.open",
        title=f"Đã mở {round_.title}",
        body=f"Hạn nộp phiếu tự đánh giá: {write_deadline(round_.closes_at)}.",
        url=f"/rounds/{round_.uid}",
        sender_id=round_.department_id,
        now=now,
    )
