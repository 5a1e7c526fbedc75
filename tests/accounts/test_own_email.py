"""One's own e-mail address, proved by a link, and a forgotten password set anew by one."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask

from survey_app.accounts import email_links
from survey_app.accounts.models import EmailLink, User, UserSession
from survey_app.app import create_app
from survey_app.core import clock
from survey_app.core import db as core_db
from survey_app.rules.permissions import Role
from tests.accounts.conftest import Browser
from tests.conftest import PASSWORD, make_settings
from tests.databases import every_row
from tests.factories.jobs import run_queued_jobs
from tests.factories.mail import MailServer, mail_server, text_of

CODE = re.compile(r"#((?:[2-9A-Z]{7}-){3}[2-9A-Z]{7})\n")
NEW_PASSWORD = "Một câu rất riêng của tôi"
MINE = "toi@truong.edu.vn"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as found:
        yield found


@pytest.fixture
def app(tmp_path: Path, new_database: Any, server: MailServer) -> Iterator[Flask]:
    """An app that sends to `server`."""
    new_database(tmp_path)
    app = create_app(make_settings(tmp_path, **server.settings))
    yield app
    with app.app_context():
        core_db.db.engine.dispose()


def code_in(server: MailServer, app: Flask) -> str:
    """Let the jobs run; the code of the last letter."""
    run_queued_jobs(app)
    found = CODE.search(text_of(server.letters[-1]))
    assert found, repr(text_of(server.letters[-1]))
    return found[1]


def set_address(browser: Browser, address: str = MINE, password: str = PASSWORD) -> Any:
    browser.get("/account/own/email")
    return browser.post("/account/own/email", {"email": address, "current_password": password})


@pytest.fixture
def proved(person: Any) -> int:
    """A person whose address is proved."""
    return int(person("toi", email=MINE, email_confirmed_at=clock.now()))


def user_of(stored: Any, user_id: int) -> User:
    return stored(lambda session: session.get(User, user_id))


def test_an_address_counts_only_once_its_link_was_used(
    app: Flask, browser: Browser, new_browser: Any, person: Any, server: MailServer, stored: Any
) -> None:
    user_id = person("toi")
    browser.sign_in("toi")
    assert set_address(browser, "Toi@Truong.edu.vn").location == "/account/own/email"
    assert user_of(stored, user_id).email == MINE and not user_of(stored, user_id).email_confirmed_at
    page = browser.get("/account/own/email").get_data(as_text=True)
    assert "Chưa xác nhận" in page and "Đã gửi thư xác nhận" in page
    code = code_in(server, app)
    assert server.receivers == [[MINE]] and server.letters[0]["Subject"] == "Xác nhận thư điện tử"
    assert f"http://localhost/account/email#{code}\n" in text_of(server.letters[0])
    elsewhere = new_browser()  # the phone on which the mail is read
    assert elsewhere.get("/account/email").status_code == 200
    assert not user_of(stored, user_id).email_confirmed_at  # looking proves nothing
    answer = elsewhere.post("/account/email", {"code": code.lower()})
    assert answer.status_code == 200 and MINE in answer.get_data(as_text=True)
    assert user_of(stored, user_id).email_confirmed_at is not None and not elsewhere.signed_in
    assert "Đã xác nhận" in browser.get("/account/own/email").get_data(as_text=True)
    again = elsewhere.post("/account/email", {"code": code})
    assert again.status_code == 422 and "đã dùng hoặc đã hết hạn" in again.get_data(as_text=True)


def test_the_link_dies_after_an_hour_and_with_a_change_of_address(
    app: Flask, browser: Browser, person: Any, server: MailServer, at: Any, stored: Any
) -> None:
    user_id = person("toi")
    browser.sign_in("toi")
    set_address(browser)
    code = code_in(server, app)
    at(timedelta(minutes=61))
    assert browser.post("/account/email", {"code": code}).status_code == 422
    at(timedelta(minutes=2))
    set_address(browser, "khac@truong.edu.vn")
    set_address(browser, MINE)  # back again: the first letter is void all the same
    assert browser.post("/account/email", {"code": code}).status_code == 422
    assert user_of(stored, user_id).email_confirmed_at is None


@pytest.mark.parametrize(
    ("address", "password", "sentence"),
    [
        (MINE, "sai mật khẩu này rồi", "Mật khẩu hiện nay chưa đúng"),
        (MINE, "", "Hãy nhập mật khẩu hiện nay"),
        ("không phải thư", PASSWORD, "Thư điện tử chưa đúng"),
        ("toi@truong.edu.vn\nBcc: x@evil.test", PASSWORD, "Thư điện tử chưa đúng"),
        ("tôi@truong.edu.vn", PASSWORD, "Thư điện tử chưa đúng"),
        ("khac@truong.edu.vn", PASSWORD, "đã dùng cho tài khoản khác"),
        ("a" * 250 + "@b.vn", PASSWORD, "dài quá 254"),
    ],
)
def test_a_bad_address_or_password_changes_nothing(
    app: Flask, browser: Browser, person: Any, stored: Any, address: str, password: str, sentence: str
) -> None:
    user_id = person("toi", email="cu@truong.edu.vn", email_confirmed_at=clock.now())
    person("khac", Role.UNIT_MEMBER, email="khac@truong.edu.vn")
    browser.sign_in("toi")
    answer = set_address(browser, address, password)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    user = user_of(stored, user_id)
    assert user.email == "cu@truong.edu.vn" and user.email_confirmed_at is not None
    assert run_queued_jobs(app) == 0


def test_the_switch_stands_on_the_own_page_and_an_address_can_be_taken_away(
    browser: Browser, proved: int, stored: Any
) -> None:
    browser.sign_in("toi")
    browser.get("/account/own/email")
    browser.post("/account/own/email/wanted", {})
    assert not user_of(stored, proved).wants_mail
    browser.post("/account/own/email/wanted", {"wants_mail": "y"})
    assert user_of(stored, proved).wants_mail
    set_address(browser, "")
    assert user_of(stored, proved).email is None and user_of(stored, proved).email_confirmed_at is None


def ask(browser: Browser, login: str, **more: Any) -> Any:
    browser.get("/account/forgotten")
    return browser.post("/account/forgotten", {"login": login}, **more)


def test_a_forgotten_password_is_set_anew_and_every_session_ends(
    app: Flask, browser: Browser, new_browser: Any, proved: int, server: MailServer, stored: Any, acts: Any
) -> None:
    at_home = new_browser()
    at_home.sign_in("toi")
    answer = ask(browser, "TOI")
    assert answer.location == "/account/reset?asked=1"
    assert "Đã nhận yêu cầu" in browser.get(answer.location).get_data(as_text=True)
    code = code_in(server, app)
    letter = text_of(server.letters[0])
    assert server.letters[0]["Subject"] == "Đặt lại mật khẩu" and "Tên đăng nhập: toi" in letter
    done = browser.post("/account/reset", {"code": code, "password": NEW_PASSWORD})
    assert done.location == "/account/login" and not browser.signed_in
    assert not at_home.signed_in
    assert browser.sign_in("toi", PASSWORD).status_code == 200
    assert browser.sign_in("toi", NEW_PASSWORD).status_code == 302
    assert (
        browser.post("/account/reset", {"code": code, "password": "Một câu khác nữa của tôi"}).status_code
        == 422
    )
    assert ("account.password_reset", "done") in acts()


@pytest.mark.parametrize("who", ["toi", MINE, "92000F01", "92000f01"])
def test_one_may_name_oneself_by_login_address_or_the_units_code(
    app: Flask, browser: Browser, proved: int, server: MailServer, who: str
) -> None:
    ask(browser, who)
    code_in(server, app)
    assert server.receivers == [[MINE]]


def test_nobody_learns_which_accounts_exist(
    app: Flask, person: Any, new_browser: Any, proved: int, server: MailServer, count_queries: Any, tree: Any
) -> None:
    person("chua", Role.UNIT_MEMBER, email="chua@truong.edu.vn")
    person("khoa", Role.UNIT_MEMBER, email="k@truong.edu.vn", email_confirmed_at=clock.now(), active=False)
    person("khongthu", Role.UNIT_MEMBER)
    ask(new_browser("10.0.0.9"), "toi")  # what is only done the first time
    seen = {}
    for number, who in enumerate(("toi", "chua", "khoa", "khongthu", "khong-co-ai", "=1+1' OR 1=1--")):
        browser = new_browser(f"10.0.1.{number}")
        with count_queries() as asked:
            answer = ask(browser, who)
        statements = [re.sub(r"\d+", "n", statement) for statement in asked.statements]
        page = re.sub(r'value="[^"]{20,}"', "", browser.get(answer.location).get_data(as_text=True))
        seen[who] = (answer.status_code, answer.location, page, statements)
    assert len({str(one) for one in seen.values()}) == 1
    run_queued_jobs(app)
    assert server.receivers == [[MINE], [MINE]]


def test_the_link_is_made_of_the_base_url_whatever_the_host_says(
    app: Flask, browser: Browser, proved: int, server: MailServer
) -> None:
    app.config["TRUSTED_HOSTS"] = ["localhost", "evil.test"]  # even if it were let in
    browser.get("/account/forgotten")
    browser.post("/account/forgotten", {"login": "toi"}, headers={"Host": "evil.test"})
    ask(browser, "toi", headers={"X-Forwarded-Host": "evil.test"})
    code_in(server, app)
    assert all("evil" not in text_of(letter) for letter in server.letters)


def change_password(browser: Browser) -> None:
    browser.get("/account/own")
    data = {"current_password": PASSWORD, "password": "Câu tôi tự đổi hôm nay"}
    assert browser.post("/account/own/password", data).status_code == 302


def another_letter(browser: Browser) -> None:
    ask(browser, "toi")


@pytest.mark.parametrize("act", [change_password, set_address, another_letter, None])
def test_a_reset_link_dies_with_password_address_a_newer_one_and_the_hour(
    app: Flask, browser: Browser, new_browser: Any, proved: int, server: MailServer, at: Any, act: Any
) -> None:
    browser.sign_in("toi")
    ask(browser, "toi")
    code = code_in(server, app)
    if act is None:
        at(timedelta(minutes=61))
    elif act is set_address:
        set_address(browser, "khac@truong.edu.vn")
    else:
        act(browser)
        run_queued_jobs(app)
    stranger = new_browser()
    stranger.get("/account/reset")
    answer = stranger.post("/account/reset", {"code": code, "password": NEW_PASSWORD})
    assert answer.status_code == 422 and "đã hết hạn" in answer.get_data(as_text=True)


def test_a_weak_new_password_is_refused_and_the_link_still_works(
    app: Flask, browser: Browser, proved: int, server: MailServer
) -> None:
    ask(browser, "toi")
    code = code_in(server, app)
    browser.get("/account/reset")
    for weak in ("ngắn", "password1234", "a" * 12):
        assert browser.post("/account/reset", {"code": code, "password": weak}).status_code == 422
    assert browser.post("/account/reset", {"code": code, "password": NEW_PASSWORD}).status_code == 302


def test_asking_often_is_slowed_alike_for_known_and_unknown(
    app: Flask, new_browser: Any, proved: int, server: MailServer
) -> None:
    for who in ("toi", "khong-co-ai"):
        browser = new_browser("10.0.0.7")
        assert [ask(browser, who).status_code for _ in range(5)] == [302] * 4 + [429]
    assert ask(new_browser("10.0.0.8"), "toi").status_code == 302  # the person still can, from elsewhere
    run_queued_jobs(app)
    assert len(server.letters) == 5


def test_one_person_gets_ten_letters_an_hour_at_most(
    app: Flask, new_browser: Any, proved: int, server: MailServer
) -> None:
    for number in range(12):
        ask(new_browser(f"10.1.0.{number}"), "toi")
    run_queued_jobs(app)
    assert len(server.letters) == email_links.MOST_IN_AN_HOUR == 10


def test_guessing_codes_is_slowed(browser: Browser, proved: int) -> None:
    with time_machine.travel(clock.now(), tick=False):  # one window, however slow the machine
        browser.get("/account/reset")
        answers = [
            browser.post("/account/reset", {"code": f"AAAAAAA-{n}", "password": NEW_PASSWORD}).status_code
            for n in range(21)
        ]
        assert answers == [422] * 20 + [429]


def test_the_code_is_in_the_letter_and_nowhere_else(
    app: Flask, browser: Browser, proved: int, server: MailServer, tmp_path: Path
) -> None:
    ask(browser, "toi")
    code = code_in(server, app)
    assert len(code.replace("-", "")) == 28  # of 32 signs: 140 bits
    with app.app_context():
        dump = every_row(core_db.session.connection())
    assert MINE in dump and code not in dump and code.replace("-", "") not in dump


def test_a_letter_that_could_not_go_comes_later_with_a_code_of_its_own(
    app: Flask, browser: Browser, proved: int, server: MailServer, stored: Any
) -> None:
    app.extensions["mailman"].port = 1
    assert ask(browser, "toi").status_code == 302
    run_queued_jobs(app)
    app.extensions["mailman"].port = server.port
    code = code_in(server, app)
    links = stored(lambda session: session.query(EmailLink).order_by(EmailLink.id).all())
    assert [bool(link.voided_at) for link in links] == [True, False]
    browser.get("/account/reset")
    assert browser.post("/account/reset", {"code": code, "password": NEW_PASSWORD}).status_code == 302


def test_a_link_used_by_two_at_once_works_for_the_first(
    app: Flask, browser: Browser, proved: int, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(browser, "toi")
    code = code_in(server, app)
    with app.app_context(), core_db.unit_of_work():
        email_links.reset(code, "first", caller=email_links.Caller(), now=clock.now())
    with app.app_context(), core_db.unit_of_work() as session:
        monkeypatch.setattr(email_links, "check", lambda *given, **more: session.get(User, proved))
        with pytest.raises(email_links.BadLink):
            email_links.reset(code, "second", caller=email_links.Caller(), now=clock.now())


def test_without_e_mail_the_pages_say_so_and_nothing_is_queued(
    app: Flask, browser: Browser, proved: int, stored: Any
) -> None:
    app.config["MAIL_SERVER"] = None
    page = browser.get("/account/forgotten").get_data(as_text=True)
    assert "chưa bật gửi thư điện tử" in page and "Gửi thư cho tôi" not in page
    browser.get("/account/login")
    assert browser.post("/account/forgotten", {"login": "toi"}).status_code == 200
    browser.sign_in("toi")
    assert "chưa bật gửi thư điện tử" in browser.get("/account/own/email").get_data(as_text=True)
    set_address(browser, "moi@truong.edu.vn")
    assert user_of(stored, proved).email == "moi@truong.edu.vn" and run_queued_jobs(app) == 0
    assert stored(lambda session: session.query(UserSession).filter_by(ended_at=None).count()) == 1
