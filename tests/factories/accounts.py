"""People for tests: invented names, a membership each, and the actor they are when signed in."""

import itertools
import uuid
from datetime import UTC, datetime
from typing import Any

from survey_app.accounts.models import Membership, User
from survey_app.accounts.queries import person_sort_key
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.vietnamese import fold
from survey_app.organisations.models import SCHOOL, OrganisationUnit
from survey_app.rules.permissions import Role
from tests.factories.organisations import root_department

_numbers = itertools.count(1)
SINCE = datetime(2026, 9, 1, tzinfo=UTC)


def make_user(**values: Any) -> User:
    """A person without a password."""
    number = next(_numbers)
    start = {
        "login": f"nguoi{number}",
        "name": f"Nguyễn Thị Mẫu {number}",
        "fs_uniquifier": uuid.uuid4().hex,
        "created_at": SINCE,
    }
    user = User(**(start | values))
    user.search_text = fold(f"{user.name} {user.login}")
    user.sort_key = person_sort_key(user.name)
    session.add(user)
    session.flush()
    return user


def make_membership(user: User, unit: OrganisationUnit, role: Role, **values: Any) -> Membership:
    """What this person may do at this unit, from the start of the school year."""
    membership = Membership(user_id=user.id, unit_id=unit.id, role=role, **({"starts_at": SINCE} | values))
    session.add(membership)
    session.flush()
    return membership


def make_actor(role: Role, unit: OrganisationUnit, **values: Any) -> Actor:
    """A person with this role at this unit, as services see them."""
    user = make_user(**values)
    membership = make_membership(user, unit, role)
    department = root_department(unit)
    ward = unit.parent.name if unit.kind == SCHOOL and unit.parent else ""
    places = (unit.id, unit.kind, department.id, unit.name)
    return Actor(user.id, membership.id, role, *places, user.name, 0, ward_name=ward)
