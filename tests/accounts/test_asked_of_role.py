"""SECOND_FACTOR=required: who decides over others' schools reaches nothing without a second factor."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, g, request

from survey_app.accounts import service
from survey_app.accounts.models import SecondFactor
from survey_app.config import BadSetting, load_settings
from survey_app.core import clock
from survey_app.core.access import acting, policy_of, requires
from survey_app.core.db import unit_of_work
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import SECOND_FACTOR_ROLES, Role
from tests.accounts.conftest import Browser, Tree, add_role
from tests.accounts.test_second_factor import CODES, draft_of, proof, scan

SET_UP = "/account/second-factor"
PLACES = {
    Role.UNIT_HEAD: "school",
    Role.UNIT_MEMBER: "school",
    Role.COMMUNE_OFFICER: "commune",
    Role.COMMUNE_LEADER: "commune",
    Role.DEPARTMENT_OFFICER: "department",
    Role.DEPARTMENT_LEADER: "department",
    Role.DEPARTMENT_ADMIN: "department",
    Role.VIEWER: "department",
}
ASKED = {
    Role.COMMUNE_LEADER,
    Role.DEPARTMENT_OFFICER,
    Role.DEPARTMENT_LEADER,
    Role.DEPARTMENT_ADMIN,
}


@pytest.fixture(autouse=True)
def required(app: Flask) -> None:
    app.config["SECOND_FACTOR"] = "required"


@pytest.fixture
def admin(browser: Browser, person: Any, tree: Tree) -> Browser:
    """An administrator who has given the right password and has no second factor yet."""
    person("quantri", Role.DEPARTMENT_ADMIN, tree.department)
    browser.sign_in("quantri")
    return browser


@pytest.mark.parametrize("role", list(Role))
def test_it_is_asked_of_leaders_and_of_the_department(
    browser: Browser, person: Any, tree: Tree, role: Role
) -> None:
    person("ai", role, getattr(tree, PLACES[role]))
    browser.sign_in("ai")
    answer = browser.get("/account/own")
    assert (answer.location == SET_UP + "?next=/") == (role in ASKED)
    assert (answer.status_code == 200) == (role not in ASKED)
    assert SECOND_FACTOR_ROLES == ASKED


def test_optional_it_is_asked_of_nobody(browser: Browser, person: Any, tree: Tree, app: Flask) -> None:
    app.config["SECOND_FACTOR"] = "optional"
    person("quantri", Role.DEPARTMENT_ADMIN, tree.department)
    assert browser.sign_in("quantri").location == "/"
    assert browser.get("/account/own").status_code == 200


def test_production_asks_for_it_unless_told_otherwise(tmp_path: Any) -> None:
    base = {"DATA_DIR": str(tmp_path)}
    production = base | {"ENV": "production", "SECRET_KEY": "x" * 40, "BASE_URL": "https://a.example"}
    production |= {"PROXIES": "1"}
    assert load_settings(base)["SECOND_FACTOR"] == "optional"
    assert load_settings(production)["SECOND_FACTOR"] == "required"
    assert load_settings(production | {"SECOND_FACTOR": "optional"})["SECOND_FACTOR"] == "optional"
    assert load_settings(base | {"SECOND_FACTOR": "required"})["SECOND_FACTOR"] == "required"
    with pytest.raises(BadSetting, match="SECOND_FACTOR phải là"):
        load_settings(base | {"SECOND_FACTOR": "yes"})


def test_signing_in_leads_to_setting_it_up_and_then_where_one_was_going(
    browser: Browser, person: Any, tree: Tree, stored: Any
) -> None:
    person("quantri", Role.DEPARTMENT_ADMIN, tree.department)
    answer = browser.sign_in("quantri", next="/accounts?q=lan")
    assert answer.location == SET_UP + "?next=/accounts?q%3Dlan"
    page = browser.get(answer.location).get_data(as_text=True)
    assert "bắt buộc dùng xác nhận hai bước" in page and "current_password" not in page
    data = {"one_time_draft": draft_of(page), "one_time_code": scan(page).code(), "next": "/accounts?q=lan"}
    done = browser.post(SET_UP, data)
    text = done.get_data(as_text=True)
    assert done.status_code == 200 and len(CODES.findall(text)) == 10
    assert 'href="/accounts?q=lan"' in text
    assert browser.get("/accounts?q=lan").status_code == 200
    assert stored(lambda session: session.query(SecondFactor).count()) == 1


def rules_that_ask_for_a_permission(app: Flask) -> Iterator[tuple[str, str]]:
    """(method, address) of every private rule, with something in the places of its address."""
    urls = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        policy = policy_of(app, rule.endpoint)
        values = {name: "xlsx" if name == "ending" else 1 for name in rule.arguments}
        if policy is None or policy.permission is not None:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, urls.build(rule.endpoint, values, method=method)


def test_until_then_the_session_reaches_no_page_at_all(admin: Browser, app: Flask) -> None:
    """Every rule of the program, by every method: nobody is acting, and private pages lead to the set-up."""
    actors: list[object] = []
    app._got_first_request = False
    app.after_request(lambda response: actors.append(g.get("actor")) or response)
    admin.get(SET_UP)
    private = 0
    for method, address in rules_that_ask_for_a_permission(app):
        private += 1
        form = {"csrf_token": admin.token}
        answer = admin.client.open(address, method=method, data=form)
        assert (answer.status_code, answer.location) == (302, SET_UP + "?next=/"), (method, address)
        script = admin.client.open(address, method=method, data=form, headers={"Accept": "application/json"})
        assert script.status_code == 401 and script.get_json()["sign_in"] == SET_UP + "?next=/"
    assert private > 100 and set(actors) == {None}


def test_what_is_open_to_all_tells_it_nothing_of_its_own(admin: Browser, tree: Tree) -> None:
    assert admin.get("/account/workplaces").location == SET_UP + "?next=/"
    assert admin.get("/account/first-password").location == SET_UP + "?next=/"
    assert admin.get("/account/second-step").location == SET_UP + "?next=/"
    assert admin.get("/account/login").location == "/"
    admin.get(SET_UP)
    assert admin.post("/account/workplaces", {"membership": "1"}).location == SET_UP + "?next=/"
    assert admin.get(SET_UP).status_code == 200
    assert admin.get("/language/en").status_code == 302
    assert '<html lang="en">' in admin.get(SET_UP).get_data(as_text=True)
    assert admin.post("/account/logout").location == "/account/login"
    assert not admin.signed_in


def test_whatever_is_added_later_is_closed_too(app: Flask, person: Any, tree: Tree, browser: Browser) -> None:
    """It is the edge that asks, not the page: a page that never heard of it is safe."""
    seen: list[object] = []
    app._got_first_request = False
    app.add_url_rule("/later", "later", requires("home.see")(lambda: seen.append(acting()) or "ok"))
    person("quantri", Role.DEPARTMENT_ADMIN, tree.department)
    browser.sign_in("quantri")
    assert browser.get("/later").location == SET_UP + "?next=/" and seen == []


def test_a_role_at_any_workplace_counts_wherever_one_works(
    browser: Browser, person: Any, tree: Tree, app: Flask
) -> None:
    user_id = person("hai")
    add_role(app, user_id, tree.commune, Role.COMMUNE_LEADER)
    assert browser.sign_in("hai").location == SET_UP + "?next=/"
    assert browser.get("/account/workplaces").location == SET_UP + "?next=/"


def test_a_new_role_asks_for_it_at_the_next_sign_in(
    browser: Browser, person: Any, tree: Tree, app: Flask
) -> None:
    user_id = person("biet")
    browser.sign_in("biet")
    assert browser.get("/account/own").status_code == 200
    with app.app_context(), unit_of_work() as session:
        commune = session.get(OrganisationUnit, tree.commune)
        user = session.get(service.User, user_id)
        service.add_membership(user, commune, Role.COMMUNE_LEADER, actor=None, now=clock.now())
    assert browser.get("/account/own").location.startswith("/account/login")
    assert browser.sign_in("biet").location == SET_UP + "?next=/"


def test_the_setting_reaches_sessions_that_are_open_already(
    browser: Browser, person: Any, tree: Tree, app: Flask
) -> None:
    app.config["SECOND_FACTOR"] = "optional"
    person("quantri", Role.DEPARTMENT_ADMIN, tree.department)
    browser.sign_in("quantri")
    assert browser.get("/accounts").status_code == 200
    app.config["SECOND_FACTOR"] = "required"
    assert browser.get("/accounts").location == SET_UP + "?next=/"


def test_a_password_of_others_is_changed_first(browser: Browser, person: Any, tree: Tree) -> None:
    person("quantri", Role.DEPARTMENT_ADMIN, tree.department, must_change_password=True)
    assert browser.sign_in("quantri").location == "/account/first-password?next=/"
    assert browser.get(SET_UP).location == "/account/first-password?next=/"
    browser.get("/account/first-password")
    done = browser.post("/account/first-password", {"password": "Một câu rất riêng của tôi"})
    assert done.location == SET_UP + "?next=/"


def test_the_first_administrator_sets_it_up_right_after_activation(
    browser: Browser, app: Flask, tree: Tree
) -> None:
    made = app.test_cli_runner().invoke(
        args=["accounts", "create-admin", "--login", "quantri", "--name", "Nguyễn Thị Lan"]
    )
    code = re.search(r"[2-9A-Z]{5}-[2-9A-Z]{5}", made.output)
    assert code
    browser.get("/account/activate")
    data = {"code": code.group(), "password": "Một câu rất riêng của tôi", "phone": "0292 3 888 999"}
    assert browser.post("/account/activate", data).location == SET_UP + "?next=/"


def test_where_it_is_asked_it_cannot_be_switched_off(
    browser: Browser, person: Any, phone_of: Any, tree: Tree, stored: Any
) -> None:
    phone = phone_of(person("quantri", Role.DEPARTMENT_ADMIN, tree.department))
    browser.sign_in("quantri")
    browser.second_step(phone.code())
    page = browser.get("/account/own").get_data(as_text=True)
    assert "Tắt xác nhận" not in page and "nên không tắt được" in page
    answer = browser.post("/account/second-factor/off", proof(phone))
    assert answer.status_code == 409 and "nên không tắt được" in answer.get_data(as_text=True)
    assert stored(lambda session: session.query(SecondFactor).count()) == 1
    assert browser.post("/account/second-factor/codes", proof(phone)).status_code == 200


def test_after_a_reset_it_is_set_up_anew_before_anything_else(
    browser: Browser, person: Any, phone_of: Any, tree: Tree, app: Flask
) -> None:
    phone = phone_of(person("quantri", Role.DEPARTMENT_ADMIN, tree.department))
    browser.sign_in("quantri")
    browser.second_step(phone.code())
    app.test_cli_runner().invoke(args=["accounts", "reset-second-factor", "quantri"])
    assert browser.get("/accounts").location.startswith("/account/login")
    assert browser.sign_in("quantri").location == SET_UP + "?next=/"


def test_asking_costs_no_further_statement(admin: Browser, count_queries: Any) -> None:
    with count_queries() as seen:
        admin.get("/account/activate")
    assert len([s for s in seen.statements if s.startswith("SELECT")]) == 1


# ---- what was typed when a session ended ----

TEXT = "Tầng 3 chưa có bình chữa cháy"


@pytest.fixture
def received(app: Flask) -> list[dict[str, str]]:
    """What a page that takes a comment was given."""
    seen: list[dict[str, str]] = []
    app._got_first_request = False
    take = requires("home.see")(lambda: seen.append(request.form.to_dict()) or "saved")
    app.add_url_rule("/forms/x", "probe", take, methods=["POST"])
    return seen


def hidden(page: str) -> dict[str, str]:
    """Hidden fields of the first form in the page's main part."""
    form = page.partition("<main")[2].partition("<form")[2].partition("</form>")[0]
    tags = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", form)
    pairs = [(re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in tags]
    return {name.group(1): html.unescape(value.group(1)) for name, value in pairs if name and value}


def test_what_was_typed_is_still_there_after_two_steps(
    browser: Browser, person: Any, phone_of: Any, tree: Tree, at: Any, received: list[dict[str, str]]
) -> None:
    phone = phone_of(person("quantri", Role.DEPARTMENT_ADMIN, tree.department))
    at(timedelta(0))
    browser.sign_in("quantri")
    browser.second_step(phone.code())
    at(timedelta(minutes=61))
    ended = browser.post("/forms/x?site=2", {"comment": TEXT, "one_time_code": "123456"})
    assert ended.status_code == 401 and "123456" not in ended.get_data(as_text=True)
    asked = browser.post("/account/login", hidden(ended.get_data(as_text=True)) | _me())
    page = asked.get_data(as_text=True)
    assert asked.status_code == 200 and "Nhập mã xác nhận" in page
    wrong = browser.post("/account/second-step", hidden(page) | {"one_time_code": phone.wrong()})
    assert wrong.status_code == 422
    carried = hidden(wrong.get_data(as_text=True))
    again = browser.post("/account/second-step", carried | {"one_time_code": phone.code()})
    assert again.status_code == 200 and "Nội dung vừa gõ" in again.get_data(as_text=True)
    assert browser.client.post("/forms/x?site=2", data=hidden(again.get_data(as_text=True))).data == b"saved"
    assert [form["comment"] for form in received] == [TEXT]


def _me() -> dict[str, str]:
    from tests.conftest import PASSWORD

    return {"login": "quantri", "password": PASSWORD}


def test_it_is_kept_also_when_the_step_took_too_long(
    browser: Browser, person: Any, phone_of: Any, tree: Tree, at: Any, received: list[dict[str, str]]
) -> None:
    phone = phone_of(person("quantri", Role.DEPARTMENT_ADMIN, tree.department))
    at(timedelta(0))
    browser.sign_in("quantri")
    browser.second_step(phone.code())
    at(timedelta(minutes=61))
    ended = hidden(browser.post("/forms/x", {"comment": TEXT}).get_data(as_text=True))
    page = browser.post("/account/login", ended | _me()).get_data(as_text=True)
    at(timedelta(minutes=67))
    late = browser.post("/account/second-step", hidden(page) | {"one_time_code": phone.code()})
    assert late.status_code == 401
    page = browser.post("/account/login", hidden(late.get_data(as_text=True)) | _me()).get_data(as_text=True)
    done = browser.post("/account/second-step", hidden(page) | {"one_time_code": phone.code()})
    assert TEXT in done.get_data(as_text=True)


def test_it_is_kept_also_while_a_second_factor_is_set_up(
    browser: Browser, person: Any, tree: Tree, app: Flask, at: Any, received: list[dict[str, str]]
) -> None:
    app.config["SECOND_FACTOR"] = "optional"
    person("quantri", Role.DEPARTMENT_ADMIN, tree.department)
    browser.sign_in("quantri")
    at(timedelta(minutes=61))
    ended = browser.post("/forms/x", {"comment": TEXT}).get_data(as_text=True)
    app.config["SECOND_FACTOR"] = "required"
    page = browser.post("/account/login", hidden(ended) | _me()).get_data(as_text=True)
    shown = browser.post(SET_UP, hidden(page) | {"one_time_code": scan(page).code()}).get_data(as_text=True)
    assert len(CODES.findall(shown)) == 10
    again = browser.post("/account/kept", hidden(shown)).get_data(as_text=True)
    assert TEXT in again
    assert browser.client.post("/forms/x", data=hidden(again)).data == b"saved"
    assert [form["comment"] for form in received] == [TEXT]


def test_another_person_is_offered_nothing_of_it(
    browser: Browser, person: Any, phone_of: Any, tree: Tree, at: Any, received: list[dict[str, str]]
) -> None:
    person("hieutruong")
    phone = phone_of(person("quantri", Role.DEPARTMENT_ADMIN, tree.department))
    browser.sign_in("hieutruong")
    at(timedelta(minutes=61))
    ended = hidden(browser.post("/forms/x", {"comment": TEXT}).get_data(as_text=True))
    assert browser.post("/account/login", ended | _me()).location == "/account/second-step?next=/"
    ended.pop("csrf_token")
    browser.get("/account/second-step")
    done = browser.post("/account/second-step", ended | {"one_time_code": phone.code()})
    assert done.status_code == 302
    browser.get("/account/own")
    assert browser.post("/account/kept", ended).location == "/"
    assert received == []
