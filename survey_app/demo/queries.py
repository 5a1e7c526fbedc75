"""Reading what is demo: the mark, whether the database is still untouched, the accounts to show."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import aliased

from survey_app.accounts.models import Membership, User
from survey_app.assessments.models import Assessment
from survey_app.certificates.models import Certificate
from survey_app.core.db import session
from survey_app.demo.models import DemoMark, DemoPart
from survey_app.organisations.models import SCHOOL, OrganisationUnit
from survey_app.rounds.models import Participation
from survey_app.rules.permissions import Role


@dataclass(frozen=True)
class DemoAccount:
    """One account that people may sign in with."""

    login: str
    role: Role
    unit: str  # a school with its ward


def find_mark() -> DemoMark | None:
    """The mark of a demo database, None for any other (a database without tables included).

    Looks through the session's own connection: a second one would wait for the write lock of the first.
    """
    if not inspect(session.connection()).has_table(DemoMark.__tablename__):
        return None
    return session.scalars(select(DemoMark)).first()


def done_parts() -> dict[str, Any]:
    """The parts of a country that are written, with the facts they left for the later ones."""
    return {part.key: part.facts for part in session.scalars(select(DemoPart))}


def has_schools() -> bool:
    """True when somebody's schools are stored already."""
    return (
        session.scalar(select(OrganisationUnit.id).where(OrganisationUnit.kind == SCHOOL).limit(1))
        is not None
    )


def has_people() -> bool:
    """True when somebody has an account already: the first administrator of a real database for example."""
    return session.scalar(select(User.id).limit(1)) is not None


def form_ids(round_id: int) -> list[int]:
    """The forms of a round, in the order of the schools' codes."""
    return list(
        session.scalars(
            select(Assessment.id)
            .join(Participation, Participation.id == Assessment.participation_id)
            .where(Assessment.round_id == round_id)
            .order_by(Participation.unit_code, Assessment.id)
        )
    )


def list_accounts(most: int) -> list[DemoAccount]:
    """The first open accounts of each role, from the administrator down to schools, in order of login."""
    order = (*reversed([role for role in Role if role is not Role.VIEWER]), Role.VIEWER)
    return [account for role in order for account in _accounts(role, most)]


def _accounts(role: Role, most: int) -> list[DemoAccount]:
    ward = aliased(OrganisationUnit)
    rows = session.execute(
        select(User.login, OrganisationUnit.kind, OrganisationUnit.name, ward.name)
        .join(Membership, Membership.user_id == User.id)
        .join(OrganisationUnit, OrganisationUnit.id == Membership.unit_id)
        .outerjoin(ward, ward.id == OrganisationUnit.parent_id)
        .where(Membership.role == role, Membership.ends_at.is_(None), User.active, User.password.is_not(None))
        .order_by(User.login)
        .limit(most)
    )
    return [
        DemoAccount(login, role, f"{name} – {above}" if kind == SCHOOL else name)
        for login, kind, name, above in rows
    ]


def first_certificate() -> Certificate | None:
    """A certificate to try the public look-up with."""
    return session.scalar(select(Certificate).order_by(Certificate.id).limit(1))
