"""The second step of signing in: between password and code there is a marker and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from survey_app.accounts import second_factor, second_step, service, sessions
from survey_app.accounts.models import RecoveryCode, SecondFactor, User, UserSession
from survey_app.accounts.passwords import hash_password
from survey_app.core import clock, db
from survey_app.core.audit import AuditEvent
from survey_app.core.db import unit_of_work
from survey_app.rules.permissions import Role
from tests.accounts.conftest import Browser, Tree, add_role, memberships
from tests.conftest import PASSWORD
from tests.factories.phones import Phone

ASKS = "Nhập mã xác nhận"
WRONG = "Mã chưa đúng hoặc đã dùng"


@pytest.fixture
def phone(person: Any, phone_of: Any) -> Phone:
    """The app of the person "biet"."""
    found: Phone = phone_of(person("biet"))
    return found


def sessions_of(stored: Any) -> int:
    return int(stored(lambda session: session.query(UserSession).filter_by(ended_at=None).count()))


def copy_of(browser: Browser, new_browser: Any) -> Browser:
    """A browser with a copy of another's cookie."""
    other: Browser = new_browser()
    other.client.set_cookie("session", browser.cookie())
    return other


def test_the_password_alone_opens_no_session(browser: Browser, phone: Phone, stored: Any) -> None:
    answer = browser.sign_in("biet")
    assert answer.location == "/account/second-step?next=/"
    assert sessions_of(stored) == 0 and not browser.signed_in
    for path in ("/", "/account/own", "/account/workplaces", "/account/second-factor"):
        assert browser.get(path).location.startswith("/account/login")
    assert browser.post("/account/own", {"name": "Khác"}).status_code == 401


def test_password_and_code_open_one(browser: Browser, phone: Phone, stored: Any) -> None:
    browser.sign_in("biet", next="/account/own?a=1")
    page = browser.get("/account/second-step?next=/account/own?a=1").get_data(as_text=True)
    assert ASKS in page and "“biet”" in page
    assert 'autocomplete="one-time-code"' in page and 'inputmode="numeric"' in page
    answer = browser.post("/account/second-step", {"one_time_code": phone.code(), "next": "/account/own?a=1"})
    assert (answer.status_code, answer.location) == (302, "/account/own?a=1")
    assert browser.signed_in and sessions_of(stored) == 1
    said = stored(lambda session: session.query(AuditEvent).filter_by(action="account.sign_in").one())
    assert said.outcome == "done" and said.address == "10.0.0.1"


@pytest.mark.parametrize(
    "write", [lambda c: f"{c[:3]} {c[3:]}", lambda c: f" {c}", lambda c: f"{c[:3]}-{c[3:]}"]
)
def test_a_code_may_be_typed_as_people_type(browser: Browser, phone: Phone, write: Any) -> None:
    browser.sign_in("biet")
    assert browser.second_step(write(phone.code())).status_code == 302


def test_a_wrong_code_says_so_and_opens_nothing(browser: Browser, phone: Phone, stored: Any, at: Any) -> None:
    at(timedelta(0))
    browser.sign_in("biet")
    for typed in (phone.wrong(), phone.code(-2), phone.code(2), "12345", "x" * 40, "１２３４５６"):
        answer = browser.second_step(typed)
        assert answer.status_code == 422 and WRONG in answer.get_data(as_text=True)
    assert sessions_of(stored) == 0
    assert browser.second_step(phone.code()).status_code == 302


@pytest.mark.parametrize("typed", ["", " ", "x" * 41, "12\x0034"])
def test_no_code_at_all_is_no_guess(browser: Browser, phone: Phone, typed: str, stored: Any) -> None:
    browser.sign_in("biet")
    answer = browser.second_step(typed)
    assert answer.status_code == 422 and "Hãy nhập mã xác nhận." in answer.get_data(as_text=True)
    assert stored(lambda session: session.query(AuditEvent).filter_by(outcome="denied").count()) == 0


def test_every_wrong_code_is_in_the_audit_trail(browser: Browser, phone: Phone, stored: Any) -> None:
    browser.sign_in("biet")
    code = phone.code()
    for typed in (phone.wrong(), "ABCDE-FGHJK", code):
        browser.second_step(typed)
    browser.post("/account/logout")
    browser.sign_in("biet")
    browser.second_step(code)
    rows = stored(lambda session: session.query(AuditEvent).filter_by(action="account.second_step").all())
    assert [(row.outcome, row.new["reason"], row.actor_name != "", row.address) for row in rows] == [
        ("denied", "wrong_code", True, "10.0.0.1"),
        ("denied", "wrong_recovery_code", True, "10.0.0.1"),
        ("denied", "used_code", True, "10.0.0.1"),
    ]


def test_a_code_works_once(browser: Browser, new_browser: Any, phone: Phone, at: Any) -> None:
    at(timedelta(0))
    code = phone.code()
    browser.sign_in("biet")
    assert browser.second_step(code).status_code == 302
    at(timedelta(seconds=1))
    other = new_browser()
    other.sign_in("biet")
    assert other.second_step(code).status_code == 422
    assert other.second_step(phone.code(-1)).status_code == 422, "nor one of an earlier step"
    assert other.second_step(phone.code(1)).status_code == 302


def test_a_recovery_code_stands_in_once(
    browser: Browser, new_browser: Any, phone: Phone, stored: Any
) -> None:
    sheet = phone.recovery
    browser.sign_in("biet")
    assert browser.second_step("", one_time_recovery=sheet[0].lower().replace("-", " ")).status_code == 302
    assert "Còn 9 mã dự phòng" in browser.get("/account/own").get_data(as_text=True)
    other = new_browser()
    other.sign_in("biet")
    assert other.second_step("", one_time_recovery=sheet[0]).status_code == 422
    other.post("/account/second-step", {"one_time_code": sheet[1]})  # in the other place of the page
    assert "Đã dùng một mã dự phòng, còn 8 mã." in other.get("/account/own").get_data(as_text=True)
    acts = stored(
        lambda session: session.query(AuditEvent).filter_by(action="second_factor.recovery_code").all()
    )
    assert [(act.outcome, act.actor_name != "") for act in acts] == [("done", True)] * 2
    rows = stored(lambda session: session.query(RecoveryCode).filter(RecoveryCode.used_at.isnot(None)).all())
    assert len(rows) == 2
    assert not any(code.replace("-", "") in row.code_hash for row in rows for code in sheet)


def test_nobody_signs_in_with_anothers_code(
    browser: Browser, person: Any, phone: Phone, phone_of: Any
) -> None:
    other = phone_of(person("khac", Role.UNIT_MEMBER))
    browser.sign_in("biet")
    assert browser.second_step(other.code()).status_code == 422
    assert browser.second_step(other.recovery[0]).status_code == 422
    assert browser.second_step(phone.recovery[0]).status_code == 302


def test_a_secret_moved_to_another_row_opens_nothing(
    browser: Browser, person: Any, phone: Phone, phone_of: Any, app: Flask, stored: Any
) -> None:
    attacker = person("khac", Role.UNIT_MEMBER)
    known = phone_of(attacker)
    with app.app_context(), unit_of_work() as session:
        sealed = session.get(SecondFactor, attacker).secret
        session.query(SecondFactor).filter(SecondFactor.user_id != attacker).one().secret = sealed
    browser.sign_in("biet")
    assert browser.second_step(known.code()).status_code == 422
    said = stored(lambda session: session.query(AuditEvent).filter_by(outcome="denied").one().new)
    assert said["reason"] == "unreadable_secret"


# ---- the marker ----


def test_a_marker_is_worth_nothing_after_five_minutes(
    browser: Browser, phone: Phone, at: Any, stored: Any
) -> None:
    at(timedelta(0))
    browser.sign_in("biet")
    at(timedelta(minutes=4, seconds=59))
    assert ASKS in browser.get("/account/second-step").get_data(as_text=True)
    at(timedelta(minutes=5))
    assert browser.get("/account/second-step").location == "/account/login?next=/"
    answer = browser.post("/account/second-step", {"one_time_code": phone.code()})
    assert answer.status_code == 401 and "Hãy đăng nhập lại" in answer.get_data(as_text=True)
    assert sessions_of(stored) == 0


def test_a_marker_is_used_up_by_signing_in(browser: Browser, new_browser: Any, phone: Phone) -> None:
    browser.sign_in("biet")
    thief = copy_of(browser, new_browser)
    assert ASKS in thief.get("/account/second-step").get_data(as_text=True)
    assert browser.second_step(phone.code()).status_code == 302
    assert thief.get("/account/second-step").location == "/account/login?next=/"
    answer = thief.post("/account/second-step", {"one_time_code": phone.code(1)})
    assert answer.status_code == 401 and not thief.signed_in
    assert browser.signed_in


def test_a_marker_cannot_be_written_for_another_person(
    app: Flask, person: Any, phone: Phone, phone_of: Any
) -> None:
    other_id = person("khac", Role.UNIT_MEMBER)
    phone_of(other_id)
    with app.app_context():
        now = clock.now()
        mine = db.session.query(User).filter_by(login="biet").one()
        user_id, at, seal = second_step.marker_for(mine.id, mine.password, now).split(".")
        assert second_step.waiting(f"{user_id}.{at}.{seal}", now) is not None
        later = now + timedelta(minutes=6)
        for forged in (
            f"{other_id}.{at}.{seal}",
            f"{user_id}.{int(at) + 1}.{seal}",
            f"{user_id}.{at}.{seal[:-1]}{'1' if seal[-1] == '0' else '0'}",
            f"{user_id}.{at}.",
            f"{user_id}.{at}",
            f"-1.{at}.{seal}",
            f"{'9' * 30}.{at}.{seal}",
            f"{user_id}.{'9' * 18}.{seal}",
            f"{user_id}.{at}.ắ",
            "",
            None,
            7,
            ["a"],
        ):
            assert second_step.waiting(forged, now) is None, forged
        moved = int(at) + 6 * 60 * 1_000_000
        assert second_step.waiting(f"{user_id}.{moved}.{seal}", later) is None, "nor made younger"


def test_the_marker_of_one_does_not_take_the_code_of_another(
    browser: Browser, new_browser: Any, person: Any, phone: Phone, phone_of: Any
) -> None:
    other_phone, other = phone_of(person("khac", Role.UNIT_MEMBER)), new_browser()
    browser.sign_in("biet")
    other.sign_in("khac")
    thief = copy_of(browser, new_browser)
    thief.get("/account/second-step")
    assert thief.post("/account/second-step", {"one_time_code": other_phone.code()}).status_code == 422
    assert other.second_step(other_phone.code()).status_code == 302


@pytest.mark.parametrize("change", ["password", "lock", "reset"])
def test_a_marker_dies_with_password_account_and_second_factor(
    browser: Browser, phone: Phone, app: Flask, change: str, stored: Any
) -> None:
    browser.sign_in("biet")
    browser.get("/account/second-step")
    with app.app_context(), unit_of_work() as session:
        user, now = session.query(User).filter_by(login="biet").one(), clock.now()
        if change == "password":
            service.set_password(user, hash_password("Một câu rất riêng"), actor=None, now=now)
        elif change == "lock":
            service.deactivate(user, actor=None, now=now)
        else:
            second_factor.reset(user, actor=None, now=now)
    answer = browser.post("/account/second-step", {"one_time_code": phone.code()})
    assert answer.status_code == 401 and sessions_of(stored) == 0


def test_the_marker_opens_nothing_but_this_step(
    browser: Browser, phone: Phone, app: Flask, stored: Any
) -> None:
    browser.sign_in("biet")
    with app.test_request_context():
        serializer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        cookie = serializer.loads(browser.cookie())
        assert set(cookie) <= {"owing", "csrf_token", "lang", "_flashes"}
        forged = serializer.dumps(cookie | {"sid": cookie["owing"], "seen": int(clock.now().timestamp())})
    browser.client.set_cookie("session", forged)
    assert not browser.signed_in


def test_signing_in_in_two_steps_changes_the_whole_cookie(
    browser: Browser, new_browser: Any, phone: Phone, app: Flask
) -> None:
    """Fixation: what a browser held before is worth nothing after, and the new session is not guessable."""
    browser.get("/account/login")
    planted = copy_of(browser, new_browser)
    browser.sign_in("biet")
    between, token = copy_of(browser, new_browser), browser.token
    browser.second_step(phone.code())
    assert not planted.signed_in and not between.signed_in
    assert browser.client.post("/account/logout", data={"csrf_token": token}).status_code == 400
    with app.test_request_context():
        opened = app.session_interface.get_signing_serializer(app).loads(browser.cookie())  # type: ignore[attr-defined]
    assert set(opened) <= {"sid", "seen", "csrf_token", "lang", "_flashes"}


def test_the_step_needs_the_token_of_its_page(browser: Browser, phone: Phone) -> None:
    browser.sign_in("biet")
    assert (
        browser.client.post("/account/second-step", data={"one_time_code": phone.code()}).status_code == 400
    )


def test_a_stranger_is_asked_for_a_password(browser: Browser) -> None:
    assert browser.get("/account/second-step").location == "/account/login?next=/"
    assert browser.post("/account/second-step", {"one_time_code": "123456"}).status_code == 400
    browser.get("/account/login")
    assert browser.post("/account/second-step", {"one_time_code": "123456"}).status_code == 401


def test_the_way_back_never_leaves_the_site(browser: Browser, phone: Phone) -> None:
    browser.sign_in("biet", next="//evil.example/")
    assert browser.second_step(phone.code(), next="https://evil.example/").location == "/"


def test_someone_with_two_workplaces_picks_one_afterwards(
    browser: Browser, person: Any, phone_of: Any, tree: Tree, app: Flask, stored: Any
) -> None:
    user_id = person("hai")
    add_role(app, user_id, tree.other_school, Role.UNIT_MEMBER)
    phone = phone_of(user_id)
    browser.sign_in("hai")
    assert (
        browser.second_step(phone.code(), next="/accounts").location == "/account/workplaces?next=/accounts"
    )
    place = stored(lambda session: memberships(session, user_id))[1]
    browser.get("/account/workplaces")
    assert browser.post("/account/workplaces", {"membership": place}).location == "/"


def test_whoever_must_change_a_password_does_it_after_the_code(
    browser: Browser, person: Any, phone_of: Any
) -> None:
    phone = phone_of(person("moi", must_change_password=True))
    browser.sign_in("moi")
    assert browser.second_step(phone.code()).location == "/account/first-password?next=/"


def test_a_factor_switched_on_while_the_password_was_checked_opens_no_session(
    browser: Browser, person: Any, phone_of: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_id, real = person("biet"), sessions.sign_in

    def late(*args: Any, **named: Any) -> Any:
        db.session.add(SecondFactor(user_id=user_id, secret="x", last_counter=0, enabled_at=clock.now()))
        db.session.flush()
        return real(*args, **named)

    monkeypatch.setattr(sessions, "sign_in", late)
    assert browser.sign_in("biet", PASSWORD).status_code == 409
    assert sessions_of(stored) == 0
