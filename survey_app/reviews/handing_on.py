"""What an officer has on the desk, and its way to the successor when the role is handed over (decision 6)."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update

from survey_app.accounts.models import Membership
from survey_app.assessments.models import Assessment
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.reviews.models import Review
from survey_app.reviews.service.holding import PASSED_ON_IN
from survey_app.rounds.models import Participation, Round


class Desk:
    """`accounts.ports.Duties`: the forms an officer has.

    A form that lies before the leader stays under the name of who proposed it: who proposed does not approve.
    """

    def count(self, unit_id: int, user_id: int) -> int:
        """How many forms of this reviewing unit the officer has that can change hands."""
        return session.scalar(select(func.count()).where(*_held(unit_id, user_id))) or 0

    def pass_on(self, unit_id: int, old_id: int, new_id: int, *, actor: Actor | None, now: datetime) -> int:
        """The successor has them from now on; nobody has those of a school the successor works at."""
        moved = 0
        for condition, officer_id in ((_own_school(new_id), None), (~_own_school(new_id), new_id)):
            gone = session.scalars(
                update(Review)
                .where(*_held(unit_id, old_id), condition)
                .values(officer_id=officer_id)
                .returning(Review.assessment_id)
                .execution_options(synchronize_session=False)
            ).all()
            for form in session.scalars(select(Assessment).where(Assessment.id.in_(gone))):
                old, new = {"officer": old_id}, {"officer": officer_id}
                audit.record(actor, "review.assign", form, now=now, old=old, new=new)
            moved += len(gone)
        session.expire_all()
        return moved


def _held(unit_id: int, user_id: int) -> tuple[ColumnElement[bool], ...]:
    of_unit = (
        select(Assessment.id)
        .join(Participation, Participation.id == Assessment.participation_id)
        .where(Participation.reviewing_unit_id == unit_id, Assessment.state.in_(PASSED_ON_IN))
    )
    return Review.officer_id == user_id, Review.assessment_id.in_(of_unit)


def _own_school(user_id: int) -> ColumnElement[bool]:
    """True for forms of a school where this person works, or did after the round opened: as
    `queries.works_at_school`."""
    return (
        exists()
        .where(
            Assessment.id == Review.assessment_id,
            Participation.id == Assessment.participation_id,
            Round.id == Participation.round_id,
            Membership.unit_id == Participation.unit_id,
            and_(
                Membership.user_id == user_id,
                or_(Membership.ends_at.is_(None), Membership.ends_at > Round.opens_at),
            ),
        )
        .correlate(Review)
    )
