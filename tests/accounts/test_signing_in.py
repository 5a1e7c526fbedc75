"""Signing in: by unit code, login or e-mail; one answer for everything wrong; never to another site."""

import re
import unicodedata
from typing import Any

import pytest
from flask import Flask

from survey_app.accounts import queries, sessions
from survey_app.accounts.models import UserSession
from survey_app.accounts.passwords import Hashing
from survey_app.core import db
from survey_app.core.access import EXTERNAL_POLICY
from survey_app.core.audit import AuditEvent
from survey_app.rules.permissions import Role
from tests.accounts.conftest import Browser, Tree, add_role, memberships
from tests.conftest import PASSWORD

WRONG = "Mã đơn vị, tên đăng nhập hoặc mật khẩu chưa đúng."


@pytest.mark.parametrize("typed", ["92000F01", "92000f01", " 92000F01 ", "Ten@Truong.edu.vn"])
def test_a_head_signs_in_by_unit_code_or_e_mail(browser: Browser, person: Any, typed: str) -> None:
    person("92000F01", email="ten@truong.edu.vn")
    answer = browser.sign_in(typed)
    assert (answer.status_code, answer.location) == (302, "/")
    assert browser.signed_in


def test_ten_figure_codes_pass(browser: Browser, person: Any) -> None:
    person("9200012345")
    assert browser.sign_in("9200012345").status_code == 302


def test_the_page_is_in_vietnamese_and_helps(browser: Browser) -> None:
    text = browser.get("/account/login").get_data(as_text=True)
    for words in ("Mã đơn vị hoặc tên đăng nhập", "Quên mật khẩu?", "/tra-cuu", "/account/activate"):
        assert words in text
    assert 'lang="vi"' in text and "onpaste" not in text
    assert re.search(r'<div class="secret" data-secret><input[^>]*name="password"', text)


def test_unknown_wrong_locked_and_never_activated_get_the_same_answer(
    browser: Browser, person: Any, app: Flask, phone_of: Any
) -> None:
    """Nor does the answer tell who has a second factor."""
    person("biet")
    phone_of(person("haibuoc"))
    person("bikhoa", active=False)
    person("chuakichhoat", password=None)
    texts = set()
    for login in ("biet", "haibuoc", "bikhoa", "chuakichhoat", "khongcoai"):
        answer = browser.sign_in(login, "sai mật khẩu này rồi")
        assert answer.status_code == 200 and WRONG in answer.get_data(as_text=True)
        texts.add(answer.get_data(as_text=True).replace(login, "X").replace(browser.token, "T"))
    assert len(texts) == 1
    assert WRONG in browser.sign_in("bikhoa", PASSWORD).get_data(as_text=True)
    assert not browser.signed_in


KINDS = ["biet", "haibuoc", "bikhoa", "chuakichhoat", "khongcoai"]


@pytest.mark.parametrize("login", KINDS)
def test_every_failure_hashes_exactly_once_with_the_lock_free(
    browser: Browser, person: Any, phone_of: Any, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("biet")
    phone_of(person("haibuoc"))
    person("bikhoa", active=False)
    person("chuakichhoat", password=None)
    seen: list[bool] = []
    real = Hashing.verify

    def verify(self: Hashing, stored: str | None, password: str) -> bool:
        seen.append(db.session().in_transaction())
        return real(self, stored, password)

    monkeypatch.setattr(Hashing, "verify", verify)
    browser.sign_in(login, "sai mật khẩu này rồi")
    assert seen == [False]


def test_every_failure_asks_the_database_the_same(
    browser: Browser, person: Any, phone_of: Any, count_queries: Any
) -> None:
    """Time tells nothing: one hash each (above), and the same statements (trust.md row 39)."""
    person("biet")
    phone_of(person("haibuoc"))
    person("bikhoa", active=False)
    person("chuakichhoat", password=None)
    browser.sign_in("ai khac", "sai mật khẩu này rồi")  # the first of a window sweeps old counts away
    seen = set()
    for login in KINDS:
        browser.get("/account/login")
        with count_queries() as asked:
            browser.post("/account/login", {"login": login, "password": "sai mật khẩu này rồi"})
        seen.add(tuple(asked.statements))
    assert len(seen) == 1 and len(seen.pop()) > 4


def test_a_composed_and_a_decomposed_password_are_the_same(browser: Browser, person: Any) -> None:
    person("biet")
    assert browser.sign_in("biet", unicodedata.normalize("NFD", PASSWORD)).status_code == 302


def test_the_reason_of_a_failure_is_in_the_audit_trail_only(
    browser: Browser, person: Any, stored: Any
) -> None:
    person("biet")
    for login in ("biet", "khongcoai"):
        browser.sign_in(login, "sai mật khẩu này rồi")
    browser.sign_in("biet")
    rows = stored(lambda session: session.query(AuditEvent).filter_by(action="account.sign_in").all())
    assert [(row.outcome, (row.new or {}).get("reason"), row.address) for row in rows] == [
        ("denied", "wrong_password", "10.0.0.1"),
        ("denied", "unknown", "10.0.0.1"),
        ("done", None, "10.0.0.1"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"login": "", "password": ""},
        {"login": "biet\x00", "password": PASSWORD},
        {"login": "biet", "password": "\x00" * 20},
        {"login": "b" * 5000, "password": PASSWORD},
        {"login": "biet", "password": "x" * 5000},
    ],
)
def test_bad_input_is_answered_like_a_wrong_password(
    browser: Browser, person: Any, data: dict[str, str]
) -> None:
    person("biet")
    browser.get("/account/login")
    answer = browser.post("/account/login", data)
    assert answer.status_code == 200 and WRONG in answer.get_data(as_text=True)
    assert not browser.signed_in


def test_signing_in_with_json_is_not_offered(browser: Browser, person: Any) -> None:
    person("biet")
    browser.get("/account/login")
    answer = browser.client.post(
        "/account/login",
        json={"login": "biet", "password": PASSWORD},
        headers={"X-CSRFToken": browser.token, "Accept": "application/json"},
    )
    assert answer.status_code == 400 and not browser.signed_in


@pytest.mark.parametrize(
    "target",
    [
        "//evil.test",
        "https://evil.test/",
        "http:evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "/\t/evil.test",
        "///evil.test",
        " //evil.test",
        "javascript:alert(1)",
    ],
)
def test_next_never_leaves_the_site(browser: Browser, person: Any, target: str) -> None:
    person("biet")
    page = browser.get("/account/login", query_string={"next": target})
    main = page.get_data(as_text=True).partition("<main")[2].partition("</main>")[0]
    assert "evil.test" not in main and "javascript:" not in main
    assert browser.sign_in("biet", next=target).location == "/"


def test_a_next_with_a_nul_leads_nowhere(browser: Browser, person: Any) -> None:
    person("biet")
    answer = browser.sign_in("biet", next="/\x00")
    assert answer.status_code == 422 and "ký tự không hợp lệ" in answer.text
    assert not browser.signed_in


def test_a_person_returns_to_the_page_they_wanted(browser: Browser, person: Any) -> None:
    person("biet")
    answer = browser.get("/account/own?a=1&b=2")
    assert answer.location == "/account/login?next=/account/own?a%3D1%26b%3D2"
    page = browser.get(answer.location).get_data(as_text=True)
    assert 'name="next" type="hidden" value="/account/own?a=1&amp;b=2"' in page
    assert browser.sign_in("biet", next="/account/own?a=1&b=2").location == "/account/own?a=1&b=2"


def test_a_post_without_the_token_is_refused(browser: Browser, person: Any) -> None:
    person("biet")
    browser.get("/account/login")
    browser.token = ""
    assert browser.post("/account/login", {"login": "biet", "password": PASSWORD}).status_code == 400
    browser.sign_in("biet")
    browser.token = ""
    assert browser.post("/account/logout").status_code == 400
    assert browser.signed_in


def test_the_library_has_no_other_route(app: Flask) -> None:
    ours = {rule.endpoint for rule in app.url_map.iter_rules()}
    library = {endpoint for endpoint in ours if endpoint.partition(".")[0] in ("security", "static")}
    assert library == set(EXTERNAL_POLICY)
    assert "users" not in app.cli.commands and "roles" not in app.cli.commands


def test_a_password_changed_while_it_was_checked_does_not_open_a_session(
    browser: Browser, person: Any, app: Flask, monkeypatch: pytest.MonkeyPatch, stored: Any
) -> None:
    user_id = person("biet")
    real = sessions.sign_in

    def late(checked: Any, *args: Any, **named: Any) -> str:
        queries.get_user(user_id).password = "changed meanwhile"
        return real(checked, *args, **named)

    monkeypatch.setattr(sessions, "sign_in", late)
    assert browser.sign_in("biet").status_code == 409
    assert stored(lambda session: session.query(UserSession).count()) == 0


def test_someone_with_a_password_of_others_must_choose_their_own_first(
    browser: Browser, person: Any, tree: Tree
) -> None:
    person("biet", must_change_password=True)
    assert browser.sign_in("biet").location == "/account/first-password?next=/"
    assert browser.get("/account/own").location == "/account/first-password?next=/"
    assert browser.get("/accounts").location == "/account/first-password?next=/"
    browser.get("/account/first-password")
    refused = browser.post("/account/first-password", {"password": "ngắn"})
    assert refused.status_code == 422 and "ít nhất 12 ký tự" in refused.get_data(as_text=True)
    done = browser.post("/account/first-password", {"password": "Một câu rất riêng của tôi"})
    assert done.location == "/"
    assert browser.get("/account/own").status_code == 200
    assert browser.get("/account/first-password").location == "/"


def test_someone_with_two_workplaces_picks_one(
    browser: Browser, person: Any, tree: Tree, app: Flask, stored: Any
) -> None:
    user_id = person("biet")
    add_role(app, user_id, tree.other_school, Role.UNIT_MEMBER)
    assert browser.sign_in("biet", next="/accounts").location == "/account/workplaces?next=/accounts"
    page = browser.get("/account/workplaces?next=/accounts").get_data(as_text=True)
    assert "THCS Châu Văn Liêm" in page and "THCS Bình Thuỷ" in page
    assert browser.post("/account/workplaces", {}).status_code == 422
    assert browser.post("/account/workplaces", {"membership": "999"}).status_code == 422
    places = stored(lambda session: memberships(session, user_id))
    answer = browser.post("/account/workplaces", {"membership": places[1], "next": "/accounts"})
    assert answer.location == "/accounts"
    assert "THCS Bình Thuỷ" in browser.get("/account/own").get_data(as_text=True)


def test_someone_without_a_workplace_is_told_what_to_do(browser: Browser, person: Any) -> None:
    person("biet", role=None)
    assert browser.sign_in("biet").location == "/account/workplaces?next=/"
    assert "chưa có vai trò ở đơn vị nào" in browser.get("/account/workplaces").get_data(as_text=True)
