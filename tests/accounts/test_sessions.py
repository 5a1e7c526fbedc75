"""Sessions: they end on the server, at once and for good."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask, request

from survey_app.accounts import queries, service
from survey_app.accounts.models import Membership, UserSession
from survey_app.app import create_app
from survey_app.core import clock, db
from survey_app.core.access import acting, public, requires
from survey_app.core.db import unit_of_work
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import Role
from tests.accounts.conftest import Browser, Tree, add_role, memberships
from tests.conftest import PASSWORD, make_settings

NEW = "Một câu rất riêng của tôi"


def thief(browser: Browser, new_browser: Any) -> Browser:
    """Another browser with a copy of the cookie."""
    other = new_browser()
    other.client.set_cookie("session", browser.cookie())
    return other


def test_an_old_cookie_is_worth_nothing_after_signing_out(
    browser: Browser, new_browser: Any, person: Any
) -> None:
    person("biet")
    browser.sign_in("biet")
    copy = thief(browser, new_browser)
    assert copy.signed_in
    assert browser.post("/account/logout").location == "/account/login"
    assert not copy.signed_in and not browser.signed_in


def test_a_cookie_set_before_signing_in_is_worthless_after(
    browser: Browser, new_browser: Any, person: Any
) -> None:
    person("biet")
    browser.get("/account/login")
    planted = browser.cookie()
    browser.sign_in("biet")
    copy = new_browser()
    copy.client.set_cookie("session", planted)
    assert not copy.signed_in


def test_signing_in_changes_session_and_token(browser: Browser, person: Any, app: Flask) -> None:
    person("biet")
    browser.get("/account/login")
    before = browser.token
    browser.sign_in("biet")
    first = browser.cookie()
    assert browser.client.post("/account/logout", data={"csrf_token": before}).status_code == 400
    browser.post("/account/logout")
    browser.sign_in("biet")
    with app.test_request_context():
        opened = [
            app.session_interface.get_signing_serializer(app).loads(cookie)  # type: ignore[attr-defined]
            for cookie in (first, browser.cookie())
        ]
    assert opened[0]["sid"] != opened[1]["sid"] and opened[0]["csrf_token"] != opened[1]["csrf_token"]
    assert set(opened[1]) <= {"sid", "seen", "csrf_token", "lang", "_flashes"}


def test_the_database_holds_only_a_hash_of_the_session(browser: Browser, person: Any, stored: Any) -> None:
    person("biet")
    browser.sign_in("biet")
    row = stored(lambda session: session.query(UserSession).one())
    assert len(row.sid_hash) == 64 and row.sid_hash not in browser.cookie()
    assert (row.address, row.ended_at) == ("10.0.0.1", None)


def test_a_clock_that_is_put_back_signs_nobody_out(browser: Browser, person: Any) -> None:
    with time_machine.travel("2027-05-12T08:00:00+00:00") as travelled:
        person("biet")
        browser.sign_in("biet")
        travelled.shift(-3600)
        assert browser.signed_in
        assert browser.post("/account/own", {"name": "Nguyễn Thị Biết", "phone": ""}).status_code == 302


def test_a_forged_cookie_is_nobody(browser: Browser, person: Any) -> None:
    person("biet")
    browser.sign_in("biet")
    body, _, rest = browser.cookie().partition(".")
    browser.client.set_cookie("session", f"{body}x.{rest}")
    assert not browser.signed_in


@pytest.mark.parametrize("change", ["role", "lock", "add"])
def test_a_change_of_what_a_person_may_do_ends_the_session_at_once(
    browser: Browser, person: Any, app: Flask, tree: Tree, change: str
) -> None:
    user_id = person("biet")
    browser.sign_in("biet")
    assert browser.signed_in
    with app.app_context(), unit_of_work() as session:
        now, user = clock.now(), queries.get_user(user_id)
        if change == "role":
            service.end_membership(session.query(Membership).one(), actor=None, now=now)
        elif change == "lock":
            service.deactivate(user, actor=None, now=now)
        else:
            unit = session.get(OrganisationUnit, tree.other_school)
            service.add_membership(user, unit, Role.UNIT_MEMBER, actor=None, now=now)
    answer = browser.get("/accounts")
    assert answer.status_code == 302 and answer.location.startswith("/account/login")
    assert browser.post("/account/own", {"name": "Khác"}).status_code == 401


def test_a_role_taken_away_by_hand_is_gone_with_the_next_request(
    browser: Browser, person: Any, app: Flask
) -> None:
    person("biet")
    browser.sign_in("biet")
    with app.app_context(), unit_of_work() as session:
        session.query(Membership).one().ends_at = clock.now()
    assert browser.get("/accounts").location.startswith("/account/workplaces")


def test_a_new_password_ends_the_other_sessions_and_renews_this_one(
    browser: Browser, new_browser: Any, person: Any
) -> None:
    person("biet")
    elsewhere = new_browser()
    for one in (browser, elsewhere):
        one.sign_in("biet")
    copy = thief(browser, new_browser)
    answer = browser.post("/account/own/password", {"current_password": PASSWORD, "password": NEW})
    assert answer.location == "/account/own"
    assert browser.signed_in and not elsewhere.signed_in and not copy.signed_in
    assert elsewhere.sign_in("biet").status_code == 200
    assert elsewhere.sign_in("biet", NEW).status_code == 302


def test_idle_for_an_hour_is_signed_out(browser: Browser, person: Any, at: Any) -> None:
    person("biet")
    browser.sign_in("biet")
    at(timedelta(minutes=59))
    assert browser.signed_in
    at(timedelta(minutes=118))
    assert browser.signed_in
    at(timedelta(minutes=179, seconds=5))
    assert not browser.signed_in


def test_autosave_and_polling_do_not_keep_a_session_alive(browser: Browser, person: Any, at: Any) -> None:
    person("biet")
    browser.sign_in("biet")
    for minutes, headers in (
        (50, {"Accept": "application/json"}),
        (55, {"Accept": "text/html", "Sec-Fetch-Mode": "cors"}),
    ):
        at(timedelta(minutes=minutes))
        assert browser.get("/account/own", headers=headers).status_code == 200
    at(timedelta(minutes=61))
    answer = browser.get("/account/own", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.get_json() == {
        "error": "Phiên làm việc đã hết. Hãy đăng nhập lại.",
        "sign_in": "/account/login",
    }


def test_twelve_hours_end_a_session_however_busy(
    browser: Browser, person: Any, at: Any, app: Flask, tree: Tree
) -> None:
    user_id = person("biet")
    add_role(app, user_id, tree.other_school, Role.UNIT_MEMBER)
    at(timedelta())
    browser.sign_in("biet")
    with app.app_context():
        places = memberships(db.session, user_id)
    for half_hours in range(1, 24):
        at(timedelta(minutes=30 * half_hours))
        browser.get("/account/workplaces")
        assert browser.post("/account/workplaces", {"membership": places[half_hours % 2]}).status_code == 302
    at(timedelta(hours=12, seconds=1))
    assert not browser.signed_in


def test_a_page_costs_one_statement_to_know_who_asks(
    browser: Browser, person: Any, count_queries: Any
) -> None:
    person("biet")
    browser.sign_in("biet")
    with count_queries() as seen:
        browser.get("/account/activate")
    assert len([statement for statement in seen.statements if "FROM user_session" in statement]) == 1


def test_a_stranger_costs_no_statement(browser: Browser, count_queries: Any) -> None:
    with count_queries() as seen:
        browser.get("/account/login")
    assert len(seen) == 0


def test_the_actor_knows_department_unit_and_address(
    app: Flask, browser: Browser, person: Any, tree: Tree
) -> None:
    seen = []
    app._got_first_request = False
    app.add_url_rule("/probe", "probe", requires("home.see")(lambda: seen.append(acting()) or "ok"))
    for login, role, unit in (
        ("truong", Role.UNIT_HEAD, tree.school),
        ("xa", Role.COMMUNE_LEADER, tree.commune),
        ("so", Role.DEPARTMENT_ADMIN, tree.department),
    ):
        person(login, role, unit)
        browser.sign_in(login)
        browser.get("/probe")
        browser.post("/account/logout")
    assert [(actor.unit_id, actor.unit_kind, actor.department_id) for actor in seen] == [
        (tree.school, "school", tree.department),
        (tree.commune, "commune", tree.department),
        (tree.department, "department", tree.department),
    ]
    assert seen[0].address == "10.0.0.1" and len(seen[0].request_id) == 16


def test_one_signs_out_a_device_left_somewhere_but_nobody_elses(
    browser: Browser, new_browser: Any, person: Any, stored: Any
) -> None:
    person("biet")
    person("khac", Role.UNIT_MEMBER)
    other, elsewhere = new_browser(), new_browser()
    other.sign_in("khac")
    elsewhere.sign_in("biet")
    browser.sign_in("biet")
    ids = stored(lambda session: [row.id for row in session.query(UserSession).order_by(UserSession.id)])
    assert browser.post(f"/account/own/sessions/{ids[0]}/end").status_code == 404
    assert browser.post(f"/account/own/sessions/{ids[1]}/end").location == "/account/own"
    assert other.signed_in and browser.signed_in and not elsewhere.signed_in


def test_a_get_does_not_sign_out(browser: Browser, person: Any) -> None:
    person("biet")
    browser.sign_in("biet")
    assert browser.get("/account/logout").status_code == 405
    assert browser.signed_in


def test_the_language_outlives_signing_in_and_out(browser: Browser, person: Any) -> None:
    person("biet")
    browser.get("/language/en")
    browser.sign_in("biet")
    browser.post("/account/logout")
    assert '<html lang="en">' in browser.get("/account/login").get_data(as_text=True)


def test_behind_a_proxy_of_ours_the_address_is_the_callers(tmp_path: Any, new_database: Any) -> None:
    new_database(tmp_path)
    app = create_app(make_settings(tmp_path, PROXIES=1))
    app.add_url_rule("/probe", "probe", public(lambda: request.remote_addr))
    answer = app.test_client().get("/probe", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"})
    assert answer.get_data(as_text=True) == "203.0.113.9"
