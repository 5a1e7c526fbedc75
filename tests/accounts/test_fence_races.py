"""Wrong tries at the same instant: none is lost, none is answered beyond the limit. First with guards off."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import true

from survey_app.accounts import second_factor, sessions, throttling
from survey_app.accounts.models import Throttle
from survey_app.accounts.sessions import Caller
from survey_app.accounts.throttling import record_failure
from survey_app.app import create_app
from survey_app.core import clock, db
from survey_app.core.audit import AuditEvent
from tests.accounts.conftest import Browser
from tests.conftest import make_settings

WRONG = "sai mật khẩu này rồi"
AT_ONCE = 6


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def app(request: pytest.FixtureRequest, tmp_path: Path, new_database: Any) -> Iterator[Flask]:
    """An app of its own on a fresh database of each kind."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgres_app")
        return
    new_database(tmp_path)
    app = create_app(make_settings(tmp_path))
    yield app
    with app.app_context():
        db.session.remove()
        db.db.engine.dispose()


class Slow:
    """The app's hashing, where everybody waits for everybody before the answer is known."""

    def __init__(self, real: Any, wait: Callable[[], object]) -> None:
        self.real, self.wait = real, wait

    def verify(self, *given: Any) -> bool:
        right: bool = self.real.verify(*given)
        self.wait()
        return right


def slow_down(app: Flask, patch: pytest.MonkeyPatch, wait: Callable[[], object]) -> None:
    """Let every password wait while it is hashed."""
    slow = Slow(app.extensions["hashing"], wait)
    patch.setattr(sessions, "hashing", lambda: slow)


def at_once(acts: list[Callable[[], int]]) -> list[int]:
    """What each answers when all are sent together."""
    answers: list[int] = []
    threads = [threading.Thread(target=lambda act=act: answers.append(act())) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(answers)


def try_wrong(browser: Browser, login: str) -> Callable[[], int]:
    """One wrong password, from a browser that has the page already."""
    browser.get("/account/login")
    return lambda: browser.post("/account/login", {"login": login, "password": WRONG}).status_code


def counts(app: Flask) -> dict[str, int]:
    with app.app_context():
        found = {row.action: row.count for row in db.session.query(Throttle)}
        db.session.rollback()
        return found


def audited(app: Flask) -> list[bool]:
    with app.app_context():
        events = db.session.query(AuditEvent).filter_by(outcome="denied").order_by(AuditEvent.id)
        found = [event.new["limit_reached"] for event in events if event.new]
        db.session.rollback()
        return found


@pytest.fixture
def eight_spent(app: Flask, new_browser: Any, person: Any, at: Any) -> list[Callable[[], int]]:
    """Eight of ten tries are used up; returns six more that wait for each other."""
    at(timedelta(0))  # all in one window
    person("biet")
    for _ in range(8):
        assert try_wrong(new_browser(), "biet")() == 200
    return [try_wrong(new_browser(), "biet") for _ in range(AT_ONCE)]


def test_without_the_guard_tries_at_once_overrun_the_limit(
    app: Flask, eight_spent: list[Callable[[], int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_down(app, monkeypatch, threading.Barrier(AT_ONCE, timeout=30).wait)
    monkeypatch.setattr(throttling, "_below", lambda fence: true())
    assert at_once(eight_spent) == [200] * AT_ONCE
    assert counts(app) == {"sign_in": 14, "sign_in_address": 14}


def test_tries_at_once_do_not_overrun_the_limit(
    app: Flask, eight_spent: list[Callable[[], int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_down(app, monkeypatch, threading.Barrier(AT_ONCE, timeout=30).wait)
    assert at_once(eight_spent) == [200, 200, 429, 429, 429, 429]
    assert counts(app) == {"sign_in": 10, "sign_in_address": 10}
    assert audited(app) == [False] * 9 + [True]


def read_then_write(gate: threading.Barrier) -> Callable[..., int]:
    """Counting as somebody would write it who does not think of others."""

    def count(action: str, key: str, window: timedelta, now: datetime, **_: Any) -> int:
        used = throttling.tries(action, key, window, now) + 1
        if action == sessions.PAIR:
            gate.wait()
        row = db.session.query(Throttle).filter_by(action=action, key=throttling._digest(key)).one()
        row.count = used
        db.session.flush()
        return used

    return count


@pytest.mark.postgres
@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_without_the_guard_tries_at_once_are_lost(
    app: Flask, eight_spent: list[Callable[[], int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite has one writer at a time; PostgreSQL has many."""
    gate = threading.Barrier(2, timeout=30)
    monkeypatch.setattr(throttling, "count_try", read_then_write(gate))
    assert at_once(eight_spent[:2]) == [200, 200]
    assert counts(app) == {"sign_in": 9, "sign_in_address": 10}


def test_of_tries_at_once_none_is_lost(
    app: Flask, new_browser: Any, person: Any, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At different accounts from one address, so that only the address counts them together."""
    at(timedelta(0))
    tries = [try_wrong(new_browser(), f"ai{number}") for number in range(AT_ONCE)]
    slow_down(app, monkeypatch, threading.Barrier(AT_ONCE, timeout=30).wait)
    assert at_once(tries) == [200] * AT_ONCE
    assert counts(app) == {"sign_in": 1, "sign_in_address": AT_ONCE}


def test_the_right_password_gets_no_answer_once_others_used_the_limit_up(
    app: Flask, new_browser: Any, person: Any, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(timedelta(0))
    person("biet")
    fences = sessions.fences_of(sessions.PAIR, "biet", Caller("10.0.0.1"))
    browser = new_browser()
    browser.get("/account/login")
    with monkeypatch.context() as patch:
        slow_down(app, patch, lambda: use_up(app, fences))
        assert browser.sign_in("biet").status_code == 429
    assert not browser.signed_in
    assert new_browser("10.0.0.2").sign_in("biet").status_code == 302


def use_up(app: Flask, fences: Any) -> None:
    """Ten failures of somebody else, while this request does its slow work."""

    def fail() -> None:
        with app.app_context():
            for _ in range(10):
                record_failure(fences, clock.now())

    other = threading.Thread(target=fail)
    other.start()
    other.join(30)


def test_the_right_code_gets_no_answer_once_others_used_the_limit_up(
    app: Flask, new_browser: Any, person: Any, phone_of: Any, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(timedelta(0))
    phone, real = phone_of(person("biet")), second_factor.find_fitting
    browser = new_browser()
    browser.sign_in("biet")

    def find_late(user_id: int, uid: str, *given: Any, **named: Any) -> Any:
        found = real(user_id, uid, *given, **named)
        use_up(app, sessions.fences_of("second_step", uid, Caller("10.0.0.1")))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(second_factor, "find_fitting", find_late)
        assert browser.second_step(phone.recovery[0]).status_code == 429
    victim = new_browser("10.0.0.2")
    victim.sign_in("biet")
    assert victim.second_step(phone.recovery[0]).status_code == 302  # it was not used up
