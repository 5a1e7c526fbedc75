"""Facts that exclude a level: recorded by the managing authority with the concluding document."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import update

from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.clock import local_date
from survey_app.core.db import session
from survey_app.core.filters import write_date
from survey_app.frameworks.queries import get_framework
from survey_app.notices.service import notify_units
from survey_app.rounds import queries
from survey_app.rounds.models import Participation, VetoEvent
from survey_app.rounds.school_years import days_of
from survey_app.rounds.service.deadlines import may_decide
from survey_app.rounds.service.persons import names_person
from survey_app.rounds.service.states import BadField, check_round_open, need_reason
from survey_app.rules.errors import N_, NotAllowed, RuleError


class AlreadyWithdrawn(RuleError):
    """The record was withdrawn before (409)."""

    message = N_("Ghi nhận này đã được rút trước đó. Hãy tải lại trang.")


@dataclass(frozen=True)
class VetoFacts:
    """What the authority writes down: the kind of fact in a set, when and where, and who concluded it."""

    version_id: int
    code: str
    event_date: date
    place: str
    document_number: str
    document_date: date
    concluding_authority: str


def record_veto(participation: Participation, facts: VetoFacts, *, actor: Actor, now: datetime) -> VetoEvent:
    """Record a concluded fact against one form of a unit; the unit is asked to read and confirm.

    Raises `NotAllowed` unless `may_decide`, `RoundNotOpen`, `BadField` for what does not fit or names a
    person.
    """
    if not may_decide(participation, actor):
        raise NotAllowed()
    check_round_open(participation.round)
    _check_kind(participation, facts)
    _check_dates(participation.round.school_year, facts, local_date(now))
    _check_words(facts)
    event = VetoEvent(
        participation_id=participation.id,
        framework_version_id=facts.version_id,
        code=facts.code,
        event_date=facts.event_date,
        place=facts.place,
        document_number=facts.document_number,
        document_date=facts.document_date,
        concluding_authority=facts.concluding_authority,
        recorded_by_id=actor.user_id,
        recorded_at=now,
    )
    session.add(event)
    session.flush()
    _tell_unit(participation, "Có ghi nhận mới cần đọc và xác nhận", actor, now)
    new = {"code": facts.code, "participation": participation.uid, "document": facts.document_number}
    audit.record(actor, "veto.record", event, new=new, now=now)
    return event


def withdraw_veto(event: VetoEvent, *, reason: str, actor: Actor, now: datetime) -> VetoEvent:
    """Withdraw a record made in error; the row stays, it no longer counts.

    Raises `NotAllowed`, `RoundNotOpen`, `BadField` for no reason or one that names a person,
    `AlreadyWithdrawn`.
    """
    if not may_decide(event.participation, actor):
        raise NotAllowed()
    check_round_open(event.participation.round)
    reason = need_reason(reason)
    _refuse_person("reason", reason)
    done = session.execute(
        update(VetoEvent)
        .where(VetoEvent.id == event.id, VetoEvent.withdrawn_at.is_(None))
        .values(withdrawn_at=now, withdrawn_reason=reason)
        .execution_options(synchronize_session=False)
    )
    if rows_changed(done) != 1:
        raise AlreadyWithdrawn()
    session.refresh(event)
    _tell_unit(event.participation, "Đã rút một ghi nhận của cơ quan quản lý", actor, now)
    audit.record(actor, "veto.withdraw", event, old={"code": event.code}, new={"reason": reason}, now=now)
    return event


def _check_kind(participation: Participation, facts: VetoFacts) -> None:
    sets = {used.version_id for used in queries.sets_of(participation)}
    if facts.version_id not in sets or facts.code not in {
        kind.code for kind in get_framework(facts.version_id).veto_kinds
    }:
        raise BadField("kind", N_("Hãy chọn loại sự việc trong bộ tiêu chí của đơn vị."))


def _check_dates(school_year: str, facts: VetoFacts, today: date) -> None:
    first, last = days_of(school_year)
    if not first <= facts.event_date <= last:
        raise BadField(
            "event_date",
            N_("Ngày xảy ra phải trong năm học của đợt (từ %(first)s đến %(last)s)."),
            first=write_date(first),
            last=write_date(last),
        )
    if facts.document_date < facts.event_date:
        raise BadField("document_date", N_("Ngày văn bản không được trước ngày xảy ra sự việc."))
    for name in ("event_date", "document_date"):
        if getattr(facts, name) > today:
            raise BadField(name, N_("Ngày này chưa đến. Hãy xem lại."))


def _check_words(facts: VetoFacts) -> None:
    for name in ("place", "document_number", "concluding_authority"):
        if not getattr(facts, name).strip():
            raise BadField(name, N_("Hãy điền ô này."))
        _refuse_person(name, getattr(facts, name))


def _refuse_person(field: str, text: str) -> None:
    if names_person(text):
        raise BadField(
            field, N_("Không ghi tên, ngày sinh hay số giấy tờ của học sinh. Chỉ ghi nơi xảy ra và văn bản.")
        )


def _tell_unit(participation: Participation, title: str, actor: Actor, now: datetime) -> None:
    notify_units(
        [participation.unit_id],
        kind="veto",
        title=title,
        body=f"{participation.round.title}. Nội dung ghi nhận có ở trang của đơn vị trong đợt.",
        url=f"/rounds/participations/{participation.uid}",
        sender_id=actor.unit_id,
        now=now,
    )
