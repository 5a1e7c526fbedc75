"""A session that ends in mid-typing: nothing typed is lost, and nobody else gets it."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, request

from survey_app.core.access import acting, requires
from survey_app.rules.permissions import Role
from tests.accounts.conftest import Browser, Tree, add_role, memberships

TEXT = 'Tầng 3 chưa có "bình chữa cháy" <b>&</b>\r\ndòng hai'


@pytest.fixture
def received(app: Flask) -> list[tuple[int, dict[str, list[str]]]]:
    """What a page that takes a comment was given: (user id, fields)."""
    seen: list[tuple[int, dict[str, list[str]]]] = []

    def save() -> str:
        seen.append((acting().user_id, request.form.to_dict(flat=False)))
        return "saved"

    app._got_first_request = False
    app.add_url_rule("/forms/x", "probe", requires("home.see")(save), methods=["POST"])
    return seen


def hidden(text: str) -> list[tuple[str, str]]:
    """Hidden fields of the main form, unescaped."""
    main = text.partition("<main")[2]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', main)
    found += [
        (name, value)
        for name, value in re.findall(r'<input id="\w+" name="(\w+)" type="hidden" value="([^"]*)"', main)
    ]
    return [(name, html.unescape(value)) for name, value in found]


def expire_while_typing(browser: Browser, at: Any) -> Any:
    """Sign in, let an hour pass, send a comment: the 401 answer."""
    browser.sign_in("biet")
    at(timedelta(minutes=61))
    return browser.post("/forms/x?site=2", {"comment": TEXT, "sites": ["1", "2"], "password": "bí mật"})


def test_what_was_typed_stays_and_is_sent_again_by_the_same_person(
    browser: Browser, person: Any, at: Any, received: list[Any]
) -> None:
    user_id = person("biet")
    answer = expire_while_typing(browser, at)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 401 and "hãy đăng nhập lại bằng chính tài khoản đó" in text
    assert "<b>&</b>" not in text and "bí mật" not in text
    carried = dict(hidden(text))
    page = browser.sign_in_with(carried)
    assert page.status_code == 200
    again = page.get_data(as_text=True)
    assert "Nội dung vừa gõ" in again and "<b>&</b>" not in again
    fields = hidden(again)
    assert 'action="/forms/x?site=2"' in again
    assert browser.client.post("/forms/x?site=2", data=to_dict(fields)).data == b"saved"
    sender, form = received[0]
    form.pop("csrf_token")
    assert (sender, form) == (user_id, {"comment": [TEXT], "sites": ["1", "2"]})


def to_dict(fields: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    return found


def test_a_wrong_password_in_between_loses_nothing(
    browser: Browser, person: Any, at: Any, received: list[Any]
) -> None:
    person("biet")
    carried = dict(hidden(expire_while_typing(browser, at).get_data(as_text=True)))
    failed = browser.sign_in_with(carried, password="sai mật khẩu này rồi")
    assert dict(hidden(failed.get_data(as_text=True)))["kept"] == carried["kept"]


def test_another_person_is_offered_nothing(
    browser: Browser, person: Any, at: Any, received: list[Any]
) -> None:
    person("biet")
    person("khac", Role.UNIT_MEMBER)
    carried = dict(hidden(expire_while_typing(browser, at).get_data(as_text=True)))
    answer = browser.sign_in_with(carried, login="khac")
    assert (answer.status_code, answer.location) == (302, "/") and received == []


@pytest.mark.parametrize("field", ["kept", "seal"])
def test_a_changed_text_or_seal_is_dropped(
    browser: Browser, person: Any, at: Any, received: list[Any], field: str
) -> None:
    person("biet")
    carried = dict(hidden(expire_while_typing(browser, at).get_data(as_text=True)))
    carried[field] = carried[field].replace("3", "4", 1) + " "
    assert browser.sign_in_with(carried).status_code == 302


def test_another_site_cannot_put_words_into_a_persons_mouth(
    browser: Browser, person: Any, at: Any, received: list[Any]
) -> None:
    person("biet")
    browser.sign_in("biet")
    at(timedelta(minutes=61))
    browser.token = "forged"
    answer = browser.post("/forms/x", {"comment": "lời của kẻ khác"})
    assert answer.status_code == 401 and "lời của kẻ khác" not in answer.get_data(as_text=True)


def test_a_stranger_gets_the_form_and_nothing_of_it_is_kept(browser: Browser, received: list[Any]) -> None:
    browser.get("/account/login")
    answer = browser.post("/forms/x", {"comment": TEXT})
    assert answer.status_code == 401
    assert "kept" not in dict(hidden(answer.get_data(as_text=True)))


def test_our_scripts_are_told_where_to_sign_in(browser: Browser, person: Any, at: Any, received: Any) -> None:
    person("biet")
    browser.sign_in("biet")
    at(timedelta(minutes=61))
    answer = browser.post("/forms/x", {"comment": TEXT}, headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.get_json()["sign_in"] == "/account/login" and "hết" in answer.get_json()["error"]


def test_the_text_goes_back_to_the_workplace_it_was_typed_for(
    browser: Browser, person: Any, at: Any, received: list[Any], app: Flask, tree: Tree, stored: Any
) -> None:
    user_id = person("biet")
    add_role(app, user_id, tree.other_school, Role.UNIT_MEMBER)
    place = stored(lambda session: memberships(session, user_id))[1]
    browser.sign_in("biet")
    browser.get("/account/workplaces")
    browser.post("/account/workplaces", {"membership": place})
    browser.get("/account/own")
    at(timedelta(minutes=61))
    answer = browser.post("/forms/x", {"comment": TEXT})
    page = browser.sign_in_with(dict(hidden(answer.get_data(as_text=True))))
    assert "Nội dung vừa gõ" in page.get_data(as_text=True)
    assert "THCS Bình Thuỷ" in page.get_data(as_text=True)


def test_a_password_is_never_carried(browser: Browser, person: Any, at: Any) -> None:
    person("biet")
    browser.sign_in("biet")
    at(timedelta(minutes=61))
    data = {"current_password": "bí mật cũ của tôi", "password": "bí mật mới của tôi"}
    answer = browser.post("/account/own/password", data)
    assert answer.status_code == 401 and "bí mật" not in answer.get_data(as_text=True)
