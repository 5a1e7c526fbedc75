"""The forms to check ("Hồ sơ chờ kiểm tra"): views with their counts, and one page of a view."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, contains_eager

from survey_app.accounts.models import Membership, User
from survey_app.assessments.models import Assessment, SchoolProfile
from survey_app.assessments.queries import Form
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.web import PER_PAGE, Page
from survey_app.organisations.models import COMMUNE, DEPARTMENT, OrganisationUnit
from survey_app.reviews.models import Review
from survey_app.rounds.models import Participation, Round
from survey_app.rounds.queries import ParticipationFilter, narrowed, visible_participations
from survey_app.rules.errors import N_
from survey_app.rules.permissions import OFFICERS
from survey_app.rules.workflow import HANDED_IN, State

EVERYBODY = "all"
Columns = TypeVarTuple("Columns")


class View(StrEnum):
    """What the list is narrowed to by its tabs."""

    WAITING = "waiting"
    MINE = "mine"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    RESUBMITTED = "resubmitted"
    ON_HOLD = "on_hold"
    PROPOSED = "proposed"
    APPROVED = "approved"
    OVERDUE = "overdue"
    ALL = "all"


VIEW_NAMES: dict[View, str] = {
    View.WAITING: N_("Chờ nhận"),
    View.MINE: N_("Của tôi"),
    View.IN_REVIEW: N_("Đang kiểm tra"),
    View.RETURNED: N_("Yêu cầu bổ sung"),
    View.RESUBMITTED: N_("Đã nộp lại"),
    View.ON_HOLD: N_("Để xử lý sau"),
    View.PROPOSED: N_("Chờ lãnh đạo duyệt"),
    View.APPROVED: N_("Đã xác nhận"),
    View.OVERDUE: N_("Quá hạn"),
    View.ALL: N_("Tất cả"),
}
NEW = (State.SUBMITTED, State.RESUBMITTED)
OPEN = (*NEW, State.IN_REVIEW, State.ON_HOLD, State.PROPOSED)
DONE = (State.APPROVED, State.PUBLISHED)


@dataclass(frozen=True)
class QueueFilter:
    """What the list is narrowed to; empty values narrow nothing.

    `checker_uid` empty: what the actor's own unit checks; else a unit's public id, or `EVERYBODY`.
    """

    view: View = View.ALL
    text: str = ""
    ward_uid: str = ""
    stage: str = ""
    officer_uid: str = ""
    checker_uid: str = ""


@dataclass(frozen=True)
class QueueRow:
    """One form of the list: who has it and whether its checking is late."""

    form: Form
    officer_id: int | None
    officer_name: str
    checker_name: str
    overdue: bool


def queue(
    actor: Actor, round_: Round, wanted: QueueFilter, number: int = 1, *, now: datetime
) -> Page[QueueRow]:
    """One page of the forms of a round that were handed in, the longest waiting first, 50 a page."""
    where = [*_scope(actor, round_, wanted), _view(wanted.view, actor, round_, now)]
    who = (Review.officer_id, User.name, _checker.name)
    statement = (
        _joined(select(Assessment, Participation, Round, SchoolProfile, *who, _overdue(round_, now)))
        .join(Round, Round.id == Assessment.round_id)
        .outerjoin(SchoolProfile, SchoolProfile.participation_id == Participation.id)
        .outerjoin(User, User.id == Review.officer_id)
        .where(*where)
        .options(contains_eager(Assessment.participation))
        .order_by(Assessment.submitted_at, Assessment.id)
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    )
    rows = [
        QueueRow(Form(form, part, of_round, profile), officer_id, officer or "", checker, bool(late))
        for form, part, of_round, profile, officer_id, officer, checker, late in session.execute(statement)
    ]
    total = session.scalar(_joined(select(func.count(Assessment.id))).where(*where)) or 0
    return Page(rows, number, total)


def view_counts(actor: Actor, round_: Round, wanted: QueueFilter, *, now: datetime) -> dict[View, int]:
    """How many forms each view holds under the other conditions of the filter, in one statement."""
    counts = [func.count(Assessment.id).filter(_view(view, actor, round_, now)) for view in View]
    row = session.execute(_joined(select(*counts)).where(*_scope(actor, round_, wanted))).one()
    return dict(zip(View, row, strict=True))


_checker = aliased(OrganisationUnit)


def _joined(statement: Select[*Columns]) -> Select[*Columns]:
    return (
        statement.select_from(Assessment)
        .join(Participation, Participation.id == Assessment.participation_id)
        .join(_checker, _checker.id == Participation.reviewing_unit_id)
        .outerjoin(Review, Review.assessment_id == Assessment.id)
    )


def _scope(actor: Actor, round_: Round, wanted: QueueFilter) -> list[ColumnElement[bool]]:
    checker = "" if wanted.checker_uid == EVERYBODY else wanted.checker_uid
    units = ParticipationFilter(wanted.text, wanted.ward_uid, wanted.stage, checker)
    where = [
        Assessment.round_id == round_.id,
        Assessment.state.in_(HANDED_IN),
        visible_participations(actor),
        *narrowed(units),
    ]
    if not wanted.checker_uid:
        where.append(Participation.reviewing_unit_id == actor.unit_id)
    if wanted.officer_uid:
        officer = select(User.id).where(User.uid == wanted.officer_uid).scalar_subquery()
        where.append(Review.officer_id == officer)
    return where


def _view(view: View, actor: Actor, round_: Round, now: datetime) -> ColumnElement[bool]:
    state = Assessment.state
    mine = Review.officer_id == actor.user_id
    conditions: dict[View, ColumnElement[bool]] = {
        View.WAITING: and_(state.in_(NEW), _nobody_has_it()),
        View.MINE: and_(state.in_((*NEW, State.IN_REVIEW, State.ON_HOLD)), mine),
        View.APPROVED: state.in_(DONE),
        View.OVERDUE: _overdue(round_, now),
        View.ALL: state.in_(HANDED_IN),
    }
    return conditions[view] if view in conditions else state == view.value


def _nobody_has_it() -> ColumnElement[bool]:
    """No officer was named, or the one named no longer checks for this unit."""
    there = exists().where(
        Membership.user_id == Review.officer_id,
        Membership.unit_id == Participation.reviewing_unit_id,
        Membership.role.in_(OFFICERS),
        Membership.ends_at.is_(None),
    )
    return or_(Review.officer_id.is_(None), ~there)


def _overdue(round_: Round, now: datetime) -> ColumnElement[bool]:
    """Handed in and not concluded although the deadline of its reviewing unit has passed."""
    deadlines = {COMMUNE: round_.commune_closes_at, DEPARTMENT: round_.department_closes_at}
    late = [kind for kind, closes_at in deadlines.items() if closes_at <= now]
    return and_(Assessment.state.in_(OPEN), _checker.kind.in_(late))
