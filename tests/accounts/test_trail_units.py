"""Events that happen before there is an actor, or by command: whose trail they belong to."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from survey_app.accounts import codes, email_links, service
from survey_app.accounts.models import Membership
from survey_app.accounts.queries import workplace_of
from survey_app.core import clock, db
from survey_app.core.audit import AuditEvent
from survey_app.home import queries as home
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import Role
from tests.accounts.conftest import Browser, Tree
from tests.factories.accounts import make_actor
from tests.factories.organisations import make_department


def units_of(stored: Any, *actions: str) -> dict[str, set[int | None]]:
    """The units of the events by action; of these actions when some are named."""

    def read(session: Any) -> dict[str, set[int | None]]:
        found: dict[str, set[int | None]] = {}
        for event in session.query(AuditEvent):
            if event.action in actions or not actions:
                found.setdefault(event.action, set()).add(event.unit_id)
        return found

    result: dict[str, set[int | None]] = stored(read)
    return result


def test_coming_in_and_going_out_belong_to_the_workplace(
    browser: Browser, person: Any, tree: Tree, stored: Any
) -> None:
    person("biet")
    browser.sign_in("biet", "sai mật khẩu này rồi")
    browser.sign_in("biet")
    browser.post("/account/logout")
    said = units_of(stored, "account.sign_in", "account.sign_out")
    assert said == {"account.sign_in": {tree.school}, "account.sign_out": {tree.school}}


def test_a_try_at_an_account_that_is_not_there_belongs_to_nobody(browser: Browser, stored: Any) -> None:
    browser.sign_in("khongcoai", "sai mật khẩu này rồi")
    assert units_of(stored) == {"account.sign_in": {None}}


def test_a_second_step_belongs_to_the_workplace(
    browser: Browser, person: Any, phone_of: Any, tree: Tree, stored: Any
) -> None:
    phone = phone_of(person("biet"))
    browser.sign_in("biet")
    browser.second_step(phone.wrong())
    browser.second_step(phone.recovery[0])
    said = units_of(stored, "account.second_step", "second_factor.recovery_code")
    assert said == {"account.second_step": {tree.school}, "second_factor.recovery_code": {tree.school}}


def test_what_the_command_line_does_to_an_account_belongs_to_its_unit(
    app: Flask, tree: Tree, stored: Any
) -> None:
    now = clock.now()
    with app.app_context(), db.unit_of_work() as session:
        school = session.get_one(OrganisationUnit, tree.school)
        user = service.ensure_head(school, actor=None, now=now)
        user.email = "hieu.truong@truong.edu.vn"
        service.change_details(user, name="Tên Mới", phone="", actor=None, now=now)
        code = codes.draw()
        codes.issue(user, code, actor=None, now=now)
        assert email_links.issue(email_links.CONFIRM, user.id, now=now)
    assert set(map(frozenset, units_of(stored).values())) == {frozenset({tree.school})}


def test_the_unit_is_the_chosen_one_else_the_first_open_one(app: Flask, tree: Tree, person: Any) -> None:
    user_id, now = person("biet"), clock.now()
    with app.app_context(), db.unit_of_work() as session:
        first = session.query(Membership).filter_by(user_id=user_id).one()
        second = Membership(
            user_id=user_id, unit_id=tree.other_school, role=Role.UNIT_MEMBER, starts_at=now - timedelta(1)
        )
        session.add(second)
        session.flush()
        assert workplace_of(user_id) == tree.school
        assert workplace_of(user_id, second.id) == tree.other_school
        first.ends_at = now
        session.flush()
        assert workplace_of(user_id) == tree.other_school
        second.ends_at = now
        session.flush()
        assert workplace_of(user_id) == tree.school and workplace_of(0) is None


@pytest.mark.parametrize("elsewhere", [False, True])
def test_an_administrator_sees_the_sign_ins_of_their_own_scope(
    app: Flask, browser: Browser, person: Any, tree: Tree, elsewhere: bool
) -> None:
    person("biet")
    browser.sign_in("biet")
    with app.app_context(), db.unit_of_work() as session:
        unit = make_department() if elsewhere else session.get_one(OrganisationUnit, tree.department)
        admin = make_actor(Role.DEPARTMENT_ADMIN, unit)
        seen = home.list_audit(admin, home.AuditFilter(action="account.sign_in"))
    assert seen.total == (0 if elsewhere else 1)
