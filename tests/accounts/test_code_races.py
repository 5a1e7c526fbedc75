"""The same code, or the same marker, used by two at the same instant: one wins. First with the guard off."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import update

from survey_app.accounts import second_factor, sessions
from survey_app.accounts.models import RecoveryCode, SecondFactor, UserSession
from survey_app.accounts.second_factor import Fitting
from survey_app.app import create_app
from survey_app.core import db as core_db
from tests.accounts.conftest import Browser
from tests.conftest import make_settings
from tests.factories.phones import Phone


@pytest.fixture
def app(request: pytest.FixtureRequest, tmp_path: Path, new_database: Any) -> Iterator[Flask]:
    """An app of its own on a fresh database, on PostgreSQL when a test asks for it."""
    if getattr(request, "param", "") == "postgresql":
        url = request.getfixturevalue("postgres_url")
        app = create_app(make_settings(tmp_path, SQLALCHEMY_DATABASE_URI=url))
        with app.app_context():
            upgrade()
    else:
        new_database(tmp_path)
        app = create_app(make_settings(tmp_path))
    yield app
    with app.app_context():
        core_db.session.remove()
        core_db.db.engine.dispose()


@pytest.fixture
def phone(person: Any, phone_of: Any) -> Phone:
    found: Phone = phone_of(person("biet"))
    return found


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[int]]:
    """Send two codes from two browsers; both are found fitting before either is taken."""
    gate, real = threading.Barrier(2, timeout=20), second_factor.find_fitting

    def find_and_wait(*args: Any, **named: Any) -> Fitting:
        found = real(*args, **named)
        gate.wait()
        return found

    def send(pair: list[tuple[Browser, str]]) -> list[int]:
        monkeypatch.setattr(second_factor, "find_fitting", find_and_wait)
        answers: list[int] = []

        def press(browser: Browser, code: str) -> None:
            answers.append(browser.post("/account/second-step", {"one_time_code": code}).status_code)

        threads = [threading.Thread(target=press, args=one) for one in pair]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(answers)

    return send


def waiting(new_browser: Any, login: str = "biet") -> Browser:
    """A browser on the page that asks for the code."""
    browser: Browser = new_browser()
    browser.sign_in(login)
    browser.get("/account/second-step")
    return browser


def same_code(new_browser: Any, code: str, login: str = "biet") -> list[tuple[Browser, str]]:
    """Two browsers, each with a marker of its own."""
    return [(waiting(new_browser, login), code), (waiting(new_browser, login), code)]


def same_marker(new_browser: Any, phone: Phone, login: str = "biet") -> list[tuple[Browser, str]]:
    """Two browsers with one cookie, each with a right code of its own."""
    first, second = waiting(new_browser, login), new_browser()
    second.client.set_cookie("session", first.cookie())
    second.get("/account/second-step")
    return [(first, phone.recovery[0]), (second, phone.recovery[1])]


def opened(app: Flask) -> int:
    """How many sessions are open."""
    with app.app_context():
        return core_db.session.query(UserSession).filter_by(ended_at=None).count()


def unguarded_counter(fitting: Fitting) -> bool:
    row = SecondFactor.user_id == fitting.user_id
    core_db.session.execute(update(SecondFactor).where(row).values(last_counter=fitting.counter))
    return True


def unguarded_recovery(fitting: Fitting, now: Any) -> bool:
    row = RecoveryCode.code_hash == fitting.recovery_hash
    core_db.session.execute(update(RecoveryCode).where(row).values(used_at=now))
    return True


def without_guard_of_marker(monkeypatch: pytest.MonkeyPatch) -> None:
    real = sessions.sign_in
    monkeypatch.setattr(
        sessions, "sign_in", lambda *args, **named: real(*args, **(named | {"unless_since": None}))
    )


def without_guard_of_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_factor, "_advance", unguarded_counter)
    monkeypatch.setattr(second_factor, "_take_recovery", unguarded_recovery)


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_without_the_guard_the_same_code_opens_two_sessions(
    app: Flask, new_browser: Any, phone: Phone, at_once: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    without_guard_of_marker(monkeypatch)
    without_guard_of_codes(monkeypatch)
    code = phone.code() if kind == "app" else phone.recovery[0]
    assert at_once(same_code(new_browser, code)) == [302, 302]
    assert opened(app) == 2


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_the_same_code_sent_twice_at_once_opens_one_session(
    app: Flask, new_browser: Any, phone: Phone, at_once: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    without_guard_of_marker(monkeypatch)  # it would refuse the second too
    code = phone.code() if kind == "app" else phone.recovery[0]
    assert at_once(same_code(new_browser, code)) == [302, 422]
    assert opened(app) == 1


def test_without_the_guard_one_marker_opens_two_sessions(
    app: Flask, new_browser: Any, phone: Phone, at_once: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_guard_of_marker(monkeypatch)
    assert at_once(same_marker(new_browser, phone)) == [302, 302]
    assert opened(app) == 2


def test_one_marker_used_twice_at_once_opens_one_session(
    app: Flask, new_browser: Any, phone: Phone, at_once: Any
) -> None:
    assert at_once(same_marker(new_browser, phone)) == [302, 409]
    assert opened(app) == 1
    with app.app_context():
        used = core_db.session.query(RecoveryCode).filter(RecoveryCode.used_at.isnot(None)).count()
    assert used == 1, "the code of the refused one is not used up"


@pytest.mark.postgres
@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_on_postgresql_all_of_it_is_the_same(
    app: Flask, new_browser: Any, person: Any, phone_of: Any, at_once: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same two at once, in one database: app's code, recovery code, marker; guards off, then on."""
    off, on = (phone_of(person(login)) for login in ("khong", "co"))
    with monkeypatch.context() as unguarded:
        without_guard_of_marker(unguarded)
        without_guard_of_codes(unguarded)
        assert at_once(same_code(new_browser, off.code(), "khong")) == [302, 302]
        assert at_once(same_code(new_browser, off.recovery[2], "khong")) == [302, 302]
        assert at_once(same_marker(new_browser, off, "khong")) == [302, 302]
    with monkeypatch.context() as one_guard:
        without_guard_of_marker(one_guard)
        assert at_once(same_code(new_browser, on.code(), "co")) == [302, 422]
        assert at_once(same_code(new_browser, on.recovery[2], "co")) == [302, 422]
    assert at_once(same_marker(new_browser, on, "co")) == [302, 409]
    assert opened(app) == 6 + 3
