"""Activation codes: once, within 30 days, for one account; kept as a hash."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from survey_app.accounts import codes, queries, service
from survey_app.accounts.models import ActivationCode, User, UserSession
from survey_app.accounts.passwords import Hashing
from survey_app.core import clock, db
from survey_app.core.audit import AuditEvent
from survey_app.core.db import unit_of_work
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import Role
from tests.accounts.conftest import Browser, Tree
from tests.conftest import PASSWORD
from tests.factories.accounts import make_actor

NEW = "Một câu rất riêng của tôi"


@pytest.fixture
def code_for(app: Flask) -> Callable[[int], str]:
    """Issue a code from the command line's place."""

    def issue(user_id: int) -> str:
        with app.app_context(), unit_of_work():
            code = codes.draw()
            codes.issue(queries.get_user(user_id), code, actor=None, now=clock.now())
            return code

    return issue


def use(browser: Browser, code: str, /, **more: str) -> Any:
    browser.get("/account/activate")
    data = {"code": code, "password": NEW, "phone": "0292 3 888 999"} | more
    return browser.post("/account/activate", data)


def test_a_code_sets_password_and_phone_and_signs_in(
    browser: Browser, new_browser: Any, person: Any, code_for: Any, stored: Any
) -> None:
    user_id = person("92000F01", password=None)
    assert use(browser, code_for(user_id)).location == "/"
    assert "Lần sau đăng nhập bằng “92000F01”" in browser.get("/account/own").get_data(as_text=True)
    user = stored(lambda session: session.get(User, user_id))
    assert user.phone == "0292 3 888 999" and user.password.startswith("$argon2id$")
    assert new_browser().sign_in("92000F01", NEW).status_code == 302


@pytest.mark.parametrize("write", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code} "])
def test_a_code_may_be_typed_as_people_type(browser: Browser, person: Any, code_for: Any, write: Any) -> None:
    assert use(browser, write(code_for(person("biet", password=None)))).status_code == 302


def test_codes_are_hard_to_guess_and_easy_to_read() -> None:
    drawn = {codes.draw() for _ in range(200)}
    assert len(drawn) == 200 and len(set(codes.ALPHABET)) == 32
    assert all(re.fullmatch(r"[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}", code) for code in drawn)


def test_the_database_does_not_tell_the_code(person: Any, code_for: Any, stored: Any) -> None:
    code = code_for(person("biet", password=None))
    row = stored(lambda session: session.query(ActivationCode).one())
    plain = hashlib.sha256(codes.tidy(code).encode()).hexdigest()
    assert row.code_hash not in (codes.tidy(code), plain) and len(row.code_hash) == 64


def test_a_code_works_once(browser: Browser, new_browser: Any, person: Any, code_for: Any) -> None:
    code = code_for(person("biet", password=None))
    assert use(browser, code).status_code == 302
    second = use(new_browser(), code, password="Một câu khác của kẻ khác")
    assert second.status_code == 422 and "đã dùng hoặc đã hết hạn" in second.get_data(as_text=True)
    assert new_browser().sign_in("biet", NEW).status_code == 302


def test_a_code_used_by_two_at_once_works_for_the_first(
    app: Flask, person: Any, code_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_id = person("biet", password=None)
    code = code_for(user_id)
    monkeypatch.setattr(codes, "check_code", lambda *seen_before, now: queries.get_user(user_id))
    with app.app_context(), unit_of_work():
        who = codes.Caller("10.0.0.1")
        codes.activate(code, "first", phone="", caller=who, now=clock.now())
        with pytest.raises(codes.BadCode):
            codes.activate(code, "second", phone="", caller=who, now=clock.now())


@pytest.mark.parametrize("fate", ["expired", "void", "locked", "newer"])
def test_a_dead_code_is_refused_like_an_unknown_one(
    browser: Browser, person: Any, code_for: Any, app: Flask, at: Any, fate: str
) -> None:
    user_id = person("biet", password=None)
    code = code_for(user_id)
    if fate == "expired":
        at(timedelta(days=30, seconds=1))
    elif fate == "newer":
        code_for(user_id)
    else:
        with app.app_context(), unit_of_work():
            if fate == "void":
                codes.void_all(user_id, now=clock.now())
            else:
                queries.get_user(user_id).active = False
    dead = use(browser, code)
    unknown = use(browser, "ABCDE-FGHJK")
    assert dead.status_code == unknown.status_code == 422
    for answer in (dead, unknown):
        assert "Mã kích hoạt không đúng" in answer.get_data(as_text=True)
    assert not browser.signed_in


def test_a_code_does_not_get_around_the_second_factor(
    browser: Browser, new_browser: Any, person: Any, phone_of: Any, code_for: Any, stored: Any
) -> None:
    """Whoever issued the code, or found the letter, has the new password and still not the phone."""
    user_id = person("92000F01")
    phone, code = phone_of(user_id), code_for(user_id)
    assert use(browser, code).location == "/account/second-step?next=/"
    assert stored(lambda session: session.query(UserSession).filter_by(ended_at=None).count()) == 0
    assert not browser.signed_in
    page = browser.get("/account/second-step").get_data(as_text=True)
    assert "Nhập mã xác nhận" in page and "Đã kích hoạt" in page
    assert browser.second_step(phone.code()).status_code == 302
    assert browser.signed_in


@pytest.mark.parametrize(("email", "lives"), [("khac@truong.edu.vn", False), ("cu@truong.edu.vn", True)])
def test_a_new_e_mail_address_makes_an_open_code_void(
    browser: Browser, new_browser: Any, person: Any, code_for: Any, email: str, lives: bool
) -> None:
    user_id = person("biet", email="cu@truong.edu.vn")
    browser.sign_in("biet")
    code = code_for(user_id)
    browser.get("/account/own/email")
    data = {"email": email, "current_password": PASSWORD}
    assert browser.post("/account/own/email", data).location == "/account/own/email"
    assert (use(new_browser(), code).status_code == 302) == lives


def test_the_address_to_use_a_code_at_does_not_follow_the_caller(
    seated: Any, tree: Tree, unit_uid: Any, app: Flask, browser: Browser
) -> None:
    """A forged Host is refused, and a trusted one is not printed: the setting is."""
    app.config["BASE_URL"] = "https://truonghoc.example.vn"
    admin = seated(Role.DEPARTMENT_ADMIN, tree.department)
    path = f"/accounts/units/{unit_uid(tree.school)}/people"
    data = {"name": "Lê Thị Mới", "login": "le.moi", "role": "unit_member"}
    assert admin.post(path, data, headers={"Host": "evil.test"}).status_code == 400
    page = admin.post(path, data).get_data(as_text=True)
    assert "https://truonghoc.example.vn/account/activate" in page and "localhost/account" not in page


def test_guessing_codes_is_slowed(browser: Browser, new_browser: Any, person: Any, code_for: Any) -> None:
    with time_machine.travel(clock.now(), tick=False):  # one window, however slow the machine
        code = code_for(person("biet", password=None))
        tries = [use(browser, "ABCDE-FGHJK").status_code for _ in range(21)]
        assert tries == [422] * 20 + [429]
        assert use(browser, code).status_code == 429
        assert use(new_browser("10.0.0.2"), code).status_code == 302


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("password", "ngắn", "ít nhất 12 ký tự"),
        ("password", "x" * 129, "dài quá 128 ký tự"),
        ("password", "Matkhau@123456", "quá phổ biến"),
        ("password", "92000F012026", "không được chứa mã đơn vị"),
        ("password", "bình thường\x00 mà dài", "ký tự không hợp lệ"),
        ("phone", "", "Hãy nhập số điện thoại."),
        ("phone", "không có", "8 đến 15 chữ số"),
        ("phone", "0292\x00388899", "ký tự không hợp lệ"),
        ("code", "", "Hãy nhập mã kích hoạt."),
        ("code", "ABCDE\x00FGHJK", "ký tự không hợp lệ"),
    ],
)
def test_a_bad_field_says_what_to_do_and_keeps_the_code(
    browser: Browser, person: Any, code_for: Any, stored: Any, field: str, value: str, sentence: str
) -> None:
    code = code_for(person("92000F01", password=None))
    answer = use(browser, code, **{field: value})
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    assert stored(lambda session: session.query(ActivationCode).one().used_at) is None
    assert use(browser, code).status_code == 302


def test_activation_ends_earlier_sessions(
    browser: Browser, new_browser: Any, person: Any, code_for: Any
) -> None:
    user_id = person("biet")
    elsewhere = new_browser()
    elsewhere.sign_in("biet")
    use(browser, code_for(user_id))
    assert browser.signed_in and not elsewhere.signed_in


def test_a_new_password_makes_open_codes_void(
    browser: Browser, new_browser: Any, person: Any, code_for: Any
) -> None:
    code = code_for(person("biet"))
    browser.sign_in("biet")
    browser.post("/account/own/password", {"current_password": PASSWORD, "password": NEW})
    assert use(new_browser(), code).status_code == 422


def test_a_code_of_someone_below_dies_when_the_person_rises(
    browser: Browser, new_browser: Any, person: Any, app: Flask, tree: Tree
) -> None:
    """A head must not keep a key to an account that becomes an officer's."""
    member = person("lan", Role.UNIT_MEMBER)
    with app.app_context(), unit_of_work() as session:
        head = make_actor(Role.UNIT_HEAD, session.get(OrganisationUnit, tree.school))
        admin = make_actor(Role.DEPARTMENT_ADMIN, session.get(OrganisationUnit, tree.department))
        user, code = queries.get_user(member), codes.draw()
        codes.issue(user, code, actor=head, now=clock.now())
        department = session.get(OrganisationUnit, tree.department)
        service.add_membership(user, department, Role.DEPARTMENT_OFFICER, actor=admin, now=clock.now())
    assert use(browser, code).status_code == 422


def test_an_account_without_a_unit_gets_no_code(app: Flask, person: Any) -> None:
    user_id = person("biet", role=None)
    with app.app_context(), pytest.raises(codes.NobodyThere), unit_of_work():
        codes.issue(queries.get_user(user_id), codes.draw(), actor=None, now=clock.now())


def test_activation_is_audited_with_the_address(
    browser: Browser, person: Any, code_for: Any, stored: Any
) -> None:
    user_id = person("biet", password=None)
    use(browser, code_for(user_id))
    row = stored(lambda session: session.query(AuditEvent).filter_by(action="account.activate").one())
    assert (row.actor_id, row.address) == (user_id, "10.0.0.1")


def test_the_session_row_stays_out_of_the_way_of_the_hash(app: Flask, person: Any, code_for: Any) -> None:
    """The password is hashed while no transaction is open (decision 1)."""
    code, seen = code_for(person("biet", password=None)), []
    real = Hashing.hash

    def hash_it(self: Hashing, password: str) -> str:
        seen.append(db.session().in_transaction())
        return real(self, password)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Hashing, "hash", hash_it)
        use(Browser(app.test_client()), code)
    assert seen == [False]


def test_a_training_room_behind_one_address_activates_all_its_accounts(
    new_browser: Any, person: Any, code_for: Any
) -> None:
    for number in range(22):
        browser, code = new_browser(), code_for(person(f"lop{number}", password=None))
        assert use(browser, code, password="ngắn").status_code == 422  # a mistake in the password
        assert use(browser, code).status_code == 302


def test_codes_that_do_not_exist_are_counted_by_address(browser: Browser, person: Any, code_for: Any) -> None:
    answers = [use(browser, "2222-3333-4444").status_code for _ in range(21)]
    assert answers == [422] * 20 + [429]
    assert use(browser, code_for(person("tre", password=None))).status_code == 429
