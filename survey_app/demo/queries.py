"""Reading what is demo: the mark, whether the database is still untouched, the accounts to show."""

from dataclasses import dataclass

from sqlalchemy import inspect, select

from survey_app.accounts.models import Membership, User
from survey_app.core.db import db, session
from survey_app.demo.models import DemoMark
from survey_app.organisations.models import SCHOOL, OrganisationUnit
from survey_app.rules.permissions import Role


@dataclass(frozen=True)
class DemoAccount:
    """One account that people may sign in with."""

    login: str
    role: Role
    unit: str


def find_mark() -> DemoMark | None:
    """The mark of a demo database, None for any other (a database without tables included)."""
    if not inspect(db.engine).has_table(DemoMark.__tablename__):
        return None
    return session.scalars(select(DemoMark)).first()


def has_schools() -> bool:
    """True when somebody's schools are stored already."""
    return (
        session.scalar(select(OrganisationUnit.id).where(OrganisationUnit.kind == SCHOOL).limit(1))
        is not None
    )


def list_accounts() -> list[DemoAccount]:
    """Every open account, by role from the administrator down to schools, then by login."""
    rows = session.execute(
        select(User.login, Membership.role, OrganisationUnit.name)
        .join(Membership, Membership.user_id == User.id)
        .join(OrganisationUnit, OrganisationUnit.id == Membership.unit_id)
        .where(Membership.ends_at.is_(None), User.active, User.password.is_not(None))
    )
    order = (*reversed([role for role in Role if role is not Role.VIEWER]), Role.VIEWER)
    found = [DemoAccount(login, Role(role), unit) for login, role, unit in rows]
    return sorted(found, key=lambda account: (order.index(account.role), account.login))
