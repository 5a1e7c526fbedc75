"""Who has left is looked after by the department they left, until they work anywhere again."""

from datetime import timedelta

import pytest

from survey_app.accounts.scope import AccountFilter, get_account, list_accounts
from survey_app.rules.errors import NotFound
from survey_app.rules.permissions import Role
from tests.factories.accounts import SINCE, make_actor, make_membership, make_user
from tests.factories.organisations import make_commune, make_department, make_school

LEFT = SINCE + timedelta(days=30)


@pytest.mark.usefixtures("session")
def test_who_left_is_listed_until_they_work_somewhere_else() -> None:
    here, there = make_department(), make_department()
    school, other = make_school(make_commune(here)), make_school(make_commune(there))
    admin = make_actor(Role.DEPARTMENT_ADMIN, here)
    works, left, moved = make_user(), make_user(), make_user()
    make_membership(works, school, Role.UNIT_HEAD)
    make_membership(left, school, Role.UNIT_MEMBER, ends_at=LEFT)
    make_membership(moved, school, Role.UNIT_MEMBER, ends_at=LEFT)
    make_membership(moved, other, Role.UNIT_MEMBER)

    def found(**wanted: str) -> set[int]:
        return {row.user.id for row in list_accounts(admin, AccountFilter(**wanted)).rows} - {admin.user_id}

    assert found() == {works.id, left.id}
    assert found(role=Role.UNIT_HEAD) == {works.id}
    assert found(role=Role.UNIT_MEMBER) == set()
    assert school.parent is not None
    assert found(ward_uid=school.parent.uid) == {works.id}
    assert get_account(admin, left.uid) is left
    with pytest.raises(NotFound):
        get_account(admin, moved.uid)
