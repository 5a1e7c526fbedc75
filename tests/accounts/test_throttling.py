"""Limits: strict for who tries, harmless for whom they try it on."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from survey_app.accounts.models import Throttle
from survey_app.accounts.service import TooManyTries, throttle
from survey_app.accounts.sessions import Caller, check_credentials
from survey_app.accounts.throttling import address_key
from survey_app.core import clock, db
from survey_app.core.audit import AuditEvent
from survey_app.rules.permissions import Role
from tests.accounts.conftest import Browser

WINDOW = timedelta(minutes=15)
START = datetime(2027, 5, 12, 7, 0, tzinfo=UTC)


def test_ten_wrong_tries_are_answered_the_eleventh_is_refused(browser: Browser, person: Any) -> None:
    person("biet")
    answers = [browser.sign_in("biet", "sai mật khẩu này rồi") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 900
    assert "Thầy/Cô đã thử nhiều lần" in answers[-1].get_data(as_text=True)
    assert browser.sign_in("biet").status_code == 429


def test_the_victim_still_signs_in_from_elsewhere(browser: Browser, new_browser: Any, person: Any) -> None:
    person("biet")
    for _ in range(12):
        browser.sign_in("biet", "sai mật khẩu này rồi")
    assert new_browser("10.0.0.2").sign_in("biet").status_code == 302


def test_an_unknown_account_is_limited_just_the_same(browser: Browser) -> None:
    answers = [browser.sign_in("khongcoai", "sai mật khẩu này rồi") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]


def test_one_address_gets_a_hundred_wrong_tries_at_all_accounts(
    browser: Browser, new_browser: Any, person: Any
) -> None:
    person("biet")
    browser.get("/account/login")
    codes = [
        browser.post("/account/login", {"login": f"ai{n}", "password": "sai mật khẩu này rồi"}).status_code
        for n in range(101)
    ]
    assert codes == [200] * 100 + [429]
    assert browser.sign_in("biet").status_code == 429
    assert new_browser("10.0.0.2").sign_in("biet").status_code == 302


def test_a_thousand_tries_from_many_places_do_not_keep_the_owner_out(
    app: Flask, new_browser: Any, person: Any, at: Any
) -> None:
    """trust.md row 37. Below the pages, because a thousand of them take long."""
    at(timedelta(0))  # all in one window
    person("biet")
    seen: Counter[str] = Counter()
    with app.app_context():
        for number in range(1001):
            seen[_attack(Caller(f"198.51.100.{number // 11}"))] += 1
    assert seen == {"wrong": 910, "refused": 91}
    assert new_browser("10.0.0.2").sign_in("biet").status_code == 302


def _attack(caller: Caller) -> str:
    """One try as a request makes it, with what outlives its refusal."""
    db.start_request(write=False)
    try:
        assert check_credentials("biet", "sai mật khẩu này rồi", caller=caller, now=clock.now()) is None
    except TooManyTries:
        return "refused"
    finally:
        db.end_request(success=False)
    return "wrong"


def test_ten_wrong_codes_are_answered_the_eleventh_is_refused(
    browser: Browser, new_browser: Any, person: Any, phone_of: Any
) -> None:
    phone = phone_of(person("biet"))
    browser.sign_in("biet")
    answers = [browser.second_step(phone.wrong()) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 900
    assert "Thầy/Cô đã thử nhiều lần" in answers[-1].get_data(as_text=True)
    assert browser.second_step(phone.code()).status_code == 429
    assert browser.second_step(phone.recovery[0]).status_code == 429
    browser.sign_in("biet")  # the password again does not begin a new count
    assert browser.second_step(phone.code()).status_code == 429
    victim = new_browser("10.0.0.2")
    victim.sign_in("biet")
    assert victim.second_step(phone.code()).status_code == 302


def test_one_address_gets_a_hundred_wrong_codes_and_passwords_together(
    browser: Browser, new_browser: Any, person: Any, phone_of: Any
) -> None:
    codes = []
    for number in range(5):
        phone = phone_of(person(f"ai{number}", Role.UNIT_MEMBER))
        browser.sign_in(f"ai{number}")
        codes += [browser.second_step(phone.wrong()).status_code for _ in range(10)]
    browser.get("/account/login")
    for number in range(50):
        wrong = {"login": f"la{number}", "password": "sai mật khẩu này rồi"}
        codes.append(browser.post("/account/login", wrong).status_code)
    assert codes == [422] * 50 + [200] * 50
    phone = phone_of(person("biet"))
    browser.get("/account/login")
    assert browser.sign_in("biet").status_code == 429
    elsewhere = new_browser("10.0.0.2")
    elsewhere.sign_in("biet")
    assert elsewhere.second_step(phone.code()).status_code == 302


def test_the_hundred_of_an_address_hold_for_codes_too(browser: Browser, person: Any, phone_of: Any) -> None:
    phone = phone_of(person("biet"))
    browser.sign_in("biet")
    browser.get("/account/second-step")
    waiting, token = browser.cookie(), browser.token
    browser.client.delete_cookie("session")
    browser.get("/account/login")
    for number in range(100):
        browser.post("/account/login", {"login": f"ai{number}", "password": "sai mật khẩu này rồi"})
    browser.client.set_cookie("session", waiting)
    browser.token = token
    assert browser.post("/account/second-step", {"one_time_code": phone.code()}).status_code == 429


def test_wrong_codes_at_one_account_leave_another_alone(
    browser: Browser, new_browser: Any, person: Any, phone_of: Any
) -> None:
    first, second = phone_of(person("mot")), phone_of(person("hai", Role.UNIT_MEMBER))
    browser.sign_in("mot")
    for _ in range(11):
        browser.second_step(first.wrong())
    neighbour = new_browser()
    neighbour.sign_in("hai")
    assert neighbour.second_step(second.code()).status_code == 302


def test_signing_in_rightly_uses_nothing_up(browser: Browser, person: Any, stored: Any) -> None:
    person("biet")
    for _ in range(12):
        assert browser.sign_in("biet").status_code == 302
        browser.post("/account/logout")
    assert stored(lambda session: session.query(Throttle).count()) == 0


def test_a_new_window_begins_at_zero(browser: Browser, person: Any, at: Any) -> None:
    person("biet")
    for _ in range(11):
        browser.sign_in("biet", "sai mật khẩu này rồi")
    at(timedelta(minutes=16))
    assert browser.sign_in("biet").status_code == 302


def test_a_flood_beyond_the_limit_writes_nothing(browser: Browser, stored: Any) -> None:
    for _ in range(14):
        browser.sign_in("khongcoai", "sai mật khẩu này rồi")
    said = stored(lambda session: [row.new for row in session.query(AuditEvent).order_by(AuditEvent.id)])
    assert [row["limit_reached"] for row in said] == [False] * 9 + [True]
    assert stored(lambda session: {row.count for row in session.query(Throttle)}) == {10}


def test_the_count_survives_and_names_nobody(app: Flask) -> None:
    with app.app_context():
        for _ in range(3):
            throttle("look_up", "203.0.113.9", 3, WINDOW, START)
        with pytest.raises(TooManyTries) as refused:
            throttle("look_up", "203.0.113.9", 3, WINDOW, START + timedelta(minutes=5))
        assert refused.value.params == {"minutes": 10, "retry_after": 600}
        throttle("look_up", "203.0.113.10", 3, WINDOW, START)
        throttle("other", "203.0.113.9", 3, WINDOW, START)
        throttle("look_up", "203.0.113.9", 3, WINDOW, START + WINDOW)
        rows = db.session.query(Throttle).all()
    assert all("203" not in row.key for row in rows) and len(rows) == 4


def test_old_counts_are_swept(app: Flask) -> None:
    with app.app_context():
        throttle("look_up", "a", 3, WINDOW, START)
        throttle("look_up", "a", 3, WINDOW, START + timedelta(days=2))
        assert db.session.query(Throttle).count() == 1


def test_tries_at_the_same_instant_are_all_counted(app: Flask) -> None:
    refused: list[bool] = []
    gate = threading.Barrier(8)

    def attempt() -> None:
        with app.app_context():
            gate.wait()
            try:
                throttle("look_up", "a", 5, WINDOW, START)
                refused.append(False)
            except TooManyTries:
                refused.append(True)

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(refused) == [False] * 5 + [True] * 3


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_a_network_of_ipv6_counts_as_one_address(address: str, key: str) -> None:
    assert address_key(address) == key
