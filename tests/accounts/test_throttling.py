"""Limits: strict for who tries, harmless for whom they try it on."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from survey_app.accounts.models import Throttle
from survey_app.accounts.service import TooManyTries, throttle
from survey_app.accounts.throttling import address_key
from survey_app.core import db
from survey_app.core.audit import AuditEvent
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
