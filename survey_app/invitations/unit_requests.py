"""Schools that are not on the list: what is asked, who sees it, and how it ends.

The asker hears the same whatever we know already. Officers of the ward and the department's administrators
see it; the administrator makes a unit of it, says which school it is, or refuses with a reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import aliased

from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.clock import local_date
from survey_app.core.db import session
from survey_app.core.vietnamese import fold
from survey_app.core.web import PER_PAGE, Page
from survey_app.invitations.models import DONE, NEW, REFUSED, REQUEST_STATE_NAMES, UnitRequest
from survey_app.organisations.models import COMMUNE, SCHOOL, OrganisationUnit
from survey_app.organisations.queries import in_department, unit_by_code
from survey_app.organisations.row_checks import School
from survey_app.organisations.service import create_school
from survey_app.rules.errors import N_, BadInput, NotFound, RuleError

KEPT = timedelta(days=90)
SUGGESTED = 8
# Words that half the schools of a place have in their names say nothing about which school is meant.
COMMON_WORDS = frozenset("truong mam non mau giao tieu hoc thcs thpt th trung co so pho thong va".split())


class CodeTaken(BadInput):
    """Another unit has this code."""

    message = N_("Mã này đã thuộc về %(name)s. Hãy chọn trường đó ở danh sách gợi ý, hoặc sửa mã.")


class ClosedMeanwhile(RuleError):
    """Somebody else has dealt with it a moment ago (409)."""

    message = N_("Đề nghị này vừa được xử lý. Hãy tải lại trang.")


@dataclass(frozen=True)
class Wish:
    """What somebody asks: a school, where it lies, and how to reach them."""

    name: str
    ward_uid: str
    asker: str
    code: str = ""
    phone: str = ""
    email: str = ""
    note: str = ""


@dataclass(frozen=True)
class Suggestion:
    """A school that may be meant, the likeliest first; `same_ward`: it lies where the asker says."""

    uid: str
    code: str
    name: str
    ward_name: str
    same_ward: bool


def list_wards() -> Sequence[OrganisationUnit]:
    """Every ward and commune, for people who have no account: names of places are no secret."""
    unit = OrganisationUnit
    return session.scalars(
        select(unit).where(unit.kind == COMMUNE, unit.valid_to.is_(None)).order_by(unit.sort_key, unit.code)
    ).all()


def ask(wish: Wish, *, now: datetime) -> UnitRequest:
    """Note a request. Raises `NotFound` for a ward that does not exist."""
    ward = session.scalar(
        select(OrganisationUnit).where(
            OrganisationUnit.uid == wish.ward_uid, OrganisationUnit.kind == COMMUNE
        )
    )
    if ward is None:
        raise NotFound()
    found = UnitRequest(
        name=wish.name,
        ward_id=ward.id,
        code=wish.code.upper(),
        note=wish.note,
        asker_name=wish.asker,
        asker_phone=wish.phone,
        asker_email=wish.email,
        asked_at=now,
    )
    session.add(found)
    session.flush()
    audit.record(None, "unit_request.ask", found, new={"name": wish.name}, now=now, unit_id=ward.id)
    return found


def _visible(actor: Actor) -> ColumnElement[bool]:
    if actor.unit_kind == COMMUNE:
        return UnitRequest.ward_id == actor.unit_id
    ward = aliased(OrganisationUnit)
    wards = select(ward.id).where(ward.kind == COMMUNE, ward.parent_id == actor.department_id)
    return UnitRequest.ward_id.in_(wards)


def get_request(actor: Actor, uid: str, *, lock: bool = False) -> UnitRequest:
    """A request of the actor's area. Raises `NotFound`."""
    statement = select(UnitRequest).where(UnitRequest.uid == uid, _visible(actor))
    found = session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound()
    return found


def list_requests(actor: Actor, state: str, number: int = 1) -> Page[UnitRequest]:
    """One page of the requests of the actor's area in a state ("" for any), the newest first."""
    where = [_visible(actor)] + ([UnitRequest.state == state] if state in REQUEST_STATE_NAMES else [])
    total = session.scalar(select(func.count()).select_from(UnitRequest).where(*where)) or 0
    rows = session.scalars(
        select(UnitRequest)
        .where(*where)
        .order_by(UnitRequest.asked_at.desc(), UnitRequest.id.desc())
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    ).all()
    return Page(rows, number, total)


def count_new(actor: Actor) -> int:
    """How many requests of the actor's area nobody has dealt with."""
    waiting = select(func.count()).select_from(UnitRequest).where(_visible(actor), UnitRequest.state == NEW)
    return session.scalar(waiting) or 0


def suggestions(found: UnitRequest, actor: Actor) -> list[Suggestion]:
    """Schools of the department that may be meant: by code, or with the name's telling words, marks aside."""
    unit, ward = OrganisationUnit, aliased(OrganisationUnit)
    words = [word for word in fold(found.name).split() if word not in COMMON_WORDS]
    by_name = [unit.search_text.contains(word, autoescape=True) for word in words or fold(found.name).split()]
    by_code = [unit.code == found.code] if found.code else []
    rows = session.execute(
        select(unit.uid, unit.code, unit.name, func.coalesce(ward.name, ""), unit.parent_id == found.ward_id)
        .outerjoin(ward, ward.id == unit.parent_id)
        .where(
            unit.kind == SCHOOL,
            unit.valid_to.is_(None),
            in_department(actor.department_id),
            or_(*by_code, *([_all(by_name)] if by_name else [])),
        )
        .order_by((unit.parent_id != found.ward_id), unit.sort_key, unit.code)
        .limit(SUGGESTED)
    )
    return [Suggestion(uid, code, name, ward_name, bool(same)) for uid, code, name, ward_name, same in rows]


def _all(clauses: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    whole = clauses[0]
    for clause in clauses[1:]:
        whole = whole & clause
    return whole


def make_unit(found: UnitRequest, school: School, *, actor: Actor, now: datetime) -> OrganisationUnit:
    """Make a school of a request, as the administrator checked it. Raises `CodeTaken`, `ClosedMeanwhile`."""
    taken = unit_by_code(school.code)
    if taken is not None:
        raise CodeTaken(name=taken.name)
    unit = create_school(school, department_id=actor.department_id, on=local_date(now))
    new = {"code": unit.code, "name": unit.name}
    audit.record(actor, "organisation.create", unit, new=new, now=now)
    _close(found, DONE, unit_id=unit.id, actor=actor, now=now)
    return unit


def link(found: UnitRequest, unit_uid: str, *, actor: Actor, now: datetime) -> OrganisationUnit:
    """It is this school, which is on the list. Raises `NotFound`, `ClosedMeanwhile`."""
    unit = session.scalar(
        select(OrganisationUnit).where(
            OrganisationUnit.uid == unit_uid,
            OrganisationUnit.kind == SCHOOL,
            in_department(actor.department_id),
        )
    )
    if unit is None:
        raise NotFound()
    _close(found, DONE, unit_id=unit.id, actor=actor, now=now)
    return unit


def refuse(found: UnitRequest, reason: str, *, actor: Actor, now: datetime) -> None:
    """Say no, with a reason for whoever looks later. Raises `ClosedMeanwhile`."""
    _close(found, REFUSED, reason=reason, actor=actor, now=now)


def _close(
    found: UnitRequest,
    state: str,
    *,
    unit_id: int | None = None,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    done = session.execute(
        update(UnitRequest)
        .where(UnitRequest.id == found.id, UnitRequest.state == NEW)
        .values(state=state, unit_id=unit_id, reason=reason, closed_at=now, closed_by_id=actor.user_id)
        .execution_options(synchronize_session=False)
    )
    if not rows_changed(done):
        raise ClosedMeanwhile()
    session.refresh(found)
    new = {"state": state, "reason": reason} if reason else {"state": state}
    audit.record(actor, "unit_request.close", found, old={"state": NEW}, new=new, now=now)


def forget_askers(*, now: datetime) -> int:
    """Delete what askers said of themselves, and their notes, 90 days after the closing; how many."""
    done = session.execute(
        update(UnitRequest)
        .where(UnitRequest.closed_at <= now - KEPT, UnitRequest.forgotten_at.is_(None))
        .values(asker_name="", asker_phone="", asker_email="", note="", forgotten_at=now)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(done)
