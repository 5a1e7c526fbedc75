"""One's own second factor: set up, recovery codes, off; the reset by somebody above or at the console."""

import base64
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from survey_app.accounts.models import RecoveryCode, SecondFactor, UserSession
from survey_app.core.audit import AuditEvent
from survey_app.documents.qr import qr_svg
from survey_app.notices.models import Notice
from survey_app.rules.permissions import Role
from tests.accounts.conftest import Browser, Tree
from tests.conftest import PASSWORD
from tests.factories.phones import Phone

SPELLED = re.compile(r'<code class="spelled">([A-Z2-7 ]+)</code>')
DRAFT = re.compile(r'name="one_time_draft" type="hidden" value="([^"]+)"')
CODES = re.compile(r"<li><code>([2-9A-Z]{5}-[2-9A-Z]{5})</code></li>")


def scan(page: str) -> Phone:
    """A new app that has learnt the secret of a set-up page."""
    spelled = SPELLED.search(page)
    assert spelled
    return Phone(base64.b32decode(spelled.group(1).replace(" ", "")))


def draft_of(page: str) -> str:
    found = DRAFT.search(page)
    assert found
    return found.group(1)


def set_up(browser: Browser) -> Phone:
    """Switch it on as a person does."""
    page = browser.get("/account/second-factor").get_data(as_text=True)
    phone = scan(page)
    data = {"one_time_draft": draft_of(page), "one_time_code": phone.code(), "current_password": PASSWORD}
    answer = browser.post("/account/second-factor", data)
    assert answer.status_code == 200
    phone.recovery = CODES.findall(answer.get_data(as_text=True))
    return phone


def proof(phone: Phone, steps: int = 1, **changed: str) -> dict[str, str]:
    """The password and a code of the app."""
    return {"proof_password": PASSWORD, "one_time_code": phone.code(steps)} | changed


def factors(stored: Any) -> int:
    return int(stored(lambda session: session.query(SecondFactor).count()))


def test_the_page_shows_the_secret_as_picture_letters_and_link(browser: Browser, person: Any) -> None:
    person("lan.nguyen")
    browser.sign_in("lan.nguyen")
    page = browser.get("/account/second-factor").get_data(as_text=True)
    link = re.search(r'href="(otpauth://[^"]+)"', page)
    assert link and scan(page)
    address = link.group(1).replace("&amp;", "&")
    assert address.endswith(
        "&issuer=Nh%C3%A0%20tr%C6%B0%E1%BB%9Dng%20an%20to%C3%A0n%2C%20l%C3%A0nh%20m%E1%BA%A1nh%2C%20th%C3%A2n%20thi%E1%BB%87n"
    )
    assert "lan.nguyen?secret=" in address
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert picture and base64.b64decode(picture.group(1)) == qr_svg(address)


def test_anybody_switches_it_on_and_signs_in_with_it(
    browser: Browser, new_browser: Any, person: Any, stored: Any
) -> None:
    person("biet")
    browser.sign_in("biet")
    assert "Chưa bật" in browser.get("/account/own").get_data(as_text=True)
    phone = set_up(browser)
    assert len(set(phone.recovery)) == 10
    own = browser.get("/account/own").get_data(as_text=True)
    assert "Đang bật" in own and "Còn 10 mã dự phòng." in own
    other = new_browser()
    other.sign_in("biet")
    assert other.second_step(phone.code(1)).status_code == 302
    assert factors(stored) == 1


def test_the_database_holds_neither_the_secret_nor_the_codes(
    browser: Browser, person: Any, stored: Any
) -> None:
    person("biet")
    browser.sign_in("biet")
    phone = set_up(browser)
    row = stored(lambda session: session.query(SecondFactor).one())
    raw = base64.b64decode(row.secret)
    assert phone.secret not in raw and base64.b32encode(phone.secret).decode() not in row.secret
    hashes = stored(lambda session: [code.code_hash for code in session.query(RecoveryCode)])
    assert len(set(hashes)) == 10 and all(len(text) == 64 for text in hashes)


def test_opening_the_page_changes_nothing(browser: Browser, person: Any, stored: Any) -> None:
    person("biet")
    browser.sign_in("biet")
    first, second = (browser.get("/account/second-factor").get_data(as_text=True) for _ in range(2))
    assert scan(first).secret != scan(second).secret and factors(stored) == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"one_time_code": ""}, "Hãy nhập mã xác nhận."),
        ({"one_time_code": "12345"}, "Mã chưa đúng."),
        ({"current_password": "sai mật khẩu này rồi"}, "Mật khẩu hiện nay chưa đúng."),
        ({"current_password": ""}, "Hãy nhập mật khẩu hiện nay."),
    ],
)
def test_without_password_or_code_nothing_is_switched_on(
    browser: Browser, person: Any, stored: Any, change: dict[str, str], sentence: str
) -> None:
    person("biet")
    browser.sign_in("biet")
    page = browser.get("/account/second-factor").get_data(as_text=True)
    phone = scan(page)
    data = {"one_time_draft": draft_of(page), "one_time_code": phone.code(), "current_password": PASSWORD}
    answer = browser.post("/account/second-factor", data | change)
    again = answer.get_data(as_text=True)
    assert answer.status_code == 422 and sentence in again and factors(stored) == 0
    assert scan(again).secret == phone.secret, "the app need not scan again"
    assert browser.post("/account/second-factor", data).status_code == 200


def test_the_secret_of_a_page_is_good_in_its_own_session_only(
    browser: Browser, new_browser: Any, person: Any, stored: Any
) -> None:
    person("biet")
    person("khac", Role.UNIT_MEMBER)
    other = new_browser()
    other.sign_in("khac")
    browser.sign_in("biet")
    page = other.get("/account/second-factor").get_data(as_text=True)
    browser.get("/account/second-factor")
    data = {"one_time_code": scan(page).code(), "current_password": PASSWORD}
    for draft in (draft_of(page), draft_of(page)[:-4] + "AAAA", "", "ắ"):
        answer = browser.post("/account/second-factor", data | {"one_time_draft": draft})
        assert answer.location == "/account/second-factor"
    assert factors(stored) == 0


def test_it_is_not_switched_on_twice(browser: Browser, person: Any, stored: Any) -> None:
    """Somebody at an open session cannot put their own phone in place of the owner's."""
    person("biet")
    browser.sign_in("biet")
    set_up(browser)
    assert browser.get("/account/second-factor").location == "/"
    kept = stored(lambda session: session.query(SecondFactor).one().secret)
    page = browser.get("/account/own")
    assert page.status_code == 200
    from survey_app.accounts import signing_in

    with browser.client.application.test_request_context():
        facts = stored(lambda session: session.query(UserSession).filter_by(ended_at=None).one())
        owner = f"set-up:{facts.user_id}:{facts.id}"
        draft = signing_in.hashing().seal(b"x" * 20, owner)
    data = {"one_time_draft": draft, "one_time_code": Phone(b"x" * 20).code()}
    answer = browser.post("/account/second-factor", data | {"current_password": PASSWORD})
    assert answer.status_code == 409 and "đã được bật" in answer.get_data(as_text=True)
    assert stored(lambda session: session.query(SecondFactor).one().secret) == kept


def test_switching_on_ends_every_other_session_and_renews_this_one(
    browser: Browser, new_browser: Any, person: Any
) -> None:
    person("biet")
    elsewhere, copy = new_browser(), new_browser()
    for one in (browser, elsewhere):
        one.sign_in("biet")
    copy.client.set_cookie("session", browser.cookie())
    set_up(browser)
    assert browser.signed_in and not elsewhere.signed_in and not copy.signed_in


def test_the_code_that_switched_it_on_signs_nobody_in(
    browser: Browser, new_browser: Any, person: Any, at: Any
) -> None:
    at(timedelta(0))
    person("biet")
    browser.sign_in("biet")
    phone = set_up(browser)
    other = new_browser()
    at(timedelta(seconds=1))
    other.sign_in("biet")
    assert other.second_step(phone.code()).status_code == 422


def test_new_recovery_codes_replace_the_old(
    browser: Browser, new_browser: Any, person: Any, stored: Any
) -> None:
    person("biet")
    browser.sign_in("biet")
    phone = set_up(browser)
    browser.get("/account/own")
    answer = browser.post("/account/second-factor/codes", proof(phone))
    fresh = CODES.findall(answer.get_data(as_text=True))
    assert answer.status_code == 200 and len(fresh) == 10 and not set(fresh) & set(phone.recovery)
    assert browser.signed_in
    other = new_browser()
    other.sign_in("biet")
    assert other.second_step(phone.recovery[0]).status_code == 422
    assert other.second_step(fresh[0]).status_code == 302
    assert stored(lambda session: session.query(RecoveryCode).count()) == 10


def test_a_recovery_code_proves_it_too_and_is_used_up(browser: Browser, person: Any) -> None:
    person("biet")
    browser.sign_in("biet")
    phone = set_up(browser)
    browser.get("/account/own")
    data = proof(phone, one_time_code=phone.recovery[3])
    assert browser.post("/account/second-factor/off", data).location == "/account/own"


@pytest.mark.parametrize("act", ["codes", "off"])
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"proof_password": "sai mật khẩu này rồi"}, "Mật khẩu hiện nay chưa đúng."),
        ({"proof_password": ""}, "Hãy nhập mật khẩu hiện nay."),
        ({"one_time_code": "123456"}, "Mã chưa đúng hoặc đã dùng"),
        ({"one_time_code": ""}, "Hãy nhập mã xác nhận."),
        ({"one_time_code": "ABCDE-FGHJK"}, "Mã chưa đúng hoặc đã dùng"),
    ],
)
def test_both_password_and_code_are_asked_again(
    browser: Browser, person: Any, stored: Any, act: str, change: dict[str, str], sentence: str
) -> None:
    person("biet")
    browser.sign_in("biet")
    phone = set_up(browser)
    before = stored(lambda session: {code.code_hash for code in session.query(RecoveryCode)})
    browser.get("/account/own")
    answer = browser.post(f"/account/second-factor/{act}", proof(phone, **change))
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    after = stored(lambda session: {code.code_hash for code in session.query(RecoveryCode)})
    assert factors(stored) == 1 and before == after
    assert browser.post(f"/account/second-factor/{act}", proof(phone)).status_code in (200, 302)


def test_guessing_at_an_open_session_is_slowed_together_with_the_password(
    browser: Browser, person: Any
) -> None:
    person("biet")
    browser.sign_in("biet")
    phone = set_up(browser)  # the first try
    browser.get("/account/own")
    wrong = proof(phone, one_time_code=phone.wrong())
    tries = [browser.post("/account/second-factor/off", wrong).status_code for _ in range(10)]
    assert tries == [422] * 9 + [429]
    data = {"current_password": PASSWORD, "password": "Một câu rất riêng của tôi"}
    assert browser.post("/account/own/password", data).status_code == 429


def test_switched_off_a_password_is_enough_and_other_sessions_end(
    browser: Browser, new_browser: Any, person: Any, stored: Any
) -> None:
    person("biet")
    browser.sign_in("biet")
    phone, elsewhere = set_up(browser), new_browser()
    elsewhere.sign_in("biet")
    elsewhere.second_step(phone.recovery[0])
    assert elsewhere.signed_in
    browser.get("/account/own")
    assert browser.post("/account/second-factor/off", proof(phone)).location == "/account/own"
    assert browser.signed_in and not elsewhere.signed_in
    assert elsewhere.sign_in("biet").location == "/"
    assert factors(stored) == 0 and stored(lambda session: session.query(RecoveryCode).count()) == 0


def test_each_act_is_in_the_audit_trail_once(browser: Browser, person: Any, acts: Any, stored: Any) -> None:
    person("biet")
    browser.sign_in("biet")
    phone = set_up(browser)
    browser.get("/account/own")
    browser.post("/account/second-factor/codes", proof(phone))
    browser.post("/account/second-factor/off", proof(phone, one_time_code="ABCDE-FGHJK"))
    assert [act for act in acts() if act[0].startswith("second_factor")] == [
        ("second_factor.switch_on", "done"),
        ("second_factor.renew_codes", "done"),
    ]
    row = stored(lambda session: session.query(AuditEvent).filter_by(action="second_factor.switch_on").one())
    assert (row.address, row.role, row.actor_name != "") == ("10.0.0.1", "unit_head", True)


# ---- reset ----


@pytest.fixture
def leader(person: Any, phone_of: Any, tree: Tree) -> tuple[int, Phone]:
    """A commune leader with a second factor, and its phone."""
    user_id = person("lanhdao.xa", Role.COMMUNE_LEADER, tree.commune)
    return user_id, phone_of(user_id)


def test_somebody_above_resets_it_and_the_person_is_told(
    seated: Any, new_browser: Any, tree: Tree, leader: Any, uid_of: Any, stored: Any, acts: Any
) -> None:
    user_id, phone = leader
    elsewhere = new_browser()
    elsewhere.sign_in("lanhdao.xa")
    elsewhere.second_step(phone.code())
    assert elsewhere.signed_in
    admin = seated(Role.DEPARTMENT_ADMIN, tree.department)
    page = admin.get(f"/accounts/{uid_of(user_id)}").get_data(as_text=True)
    assert "Đặt lại xác nhận hai bước" in page and "Đã bật từ" in page
    answer = admin.post(f"/accounts/{uid_of(user_id)}/second-factor/reset")
    assert answer.location == f"/accounts/{uid_of(user_id)}"
    assert not elsewhere.signed_in and factors(stored) == 0
    assert ("second_factor.reset", "done") in acts()
    told = stored(lambda session: session.query(Notice).one())
    assert told.unit_id == tree.commune and "đã được đặt lại" in told.title and "báo ngay" in told.body
    assert elsewhere.sign_in("lanhdao.xa").location == "/"
    assert told.title in elsewhere.get("/notices").get_data(as_text=True)
    assert admin.post(f"/accounts/{uid_of(user_id)}/second-factor/reset").status_code == 409


@pytest.mark.parametrize(
    ("role", "unit", "status"),
    [
        (Role.COMMUNE_LEADER, "commune", 403),
        (Role.COMMUNE_OFFICER, "commune", 403),
        (Role.COMMUNE_LEADER, "other_commune", 404),
        (Role.UNIT_HEAD, "school", 404),
        (Role.DEPARTMENT_OFFICER, "department", 403),
        (Role.VIEWER, "department", 403),
        (Role.DEPARTMENT_LEADER, "department", 302),
    ],
)
def test_only_who_stands_above_may_reset_it(
    seated: Any,
    tree: Tree,
    person: Any,
    phone_of: Any,
    uid_of: Any,
    stored: Any,
    role: Role,
    unit: str,
    status: int,
) -> None:
    user_id = person("lanhdao.khac", Role.COMMUNE_LEADER, tree.commune)
    phone_of(user_id)
    browser = seated(role, getattr(tree, unit))
    assert browser.post(f"/accounts/{uid_of(user_id)}/second-factor/reset").status_code == status
    assert factors(stored) == (0 if status == 302 else 1)


def test_nobody_resets_an_administrator_or_themselves_on_a_page(
    seated: Any, tree: Tree, person: Any, phone_of: Any, uid_of: Any, stored: Any
) -> None:
    other = person("quantri.2", Role.DEPARTMENT_ADMIN, tree.department)
    phone_of(other)
    admin = seated(Role.DEPARTMENT_ADMIN, tree.department)
    assert "Đặt lại xác nhận" not in admin.get(f"/accounts/{uid_of(other)}").get_data(as_text=True)
    assert admin.post(f"/accounts/{uid_of(other)}/second-factor/reset").status_code == 403
    assert factors(stored) == 1


def test_the_command_line_resets_anybody(app: Flask, leader: Any, stored: Any, acts: Any) -> None:
    run = app.test_cli_runner()
    done = run.invoke(args=["accounts", "reset-second-factor", "LANHDAO.xa"])
    assert done.exit_code == 0 and "Đã đặt lại xác nhận hai bước" in done.output
    assert factors(stored) == 0 and ("second_factor.reset", "done") in acts()
    assert stored(lambda session: session.query(Notice).count()) == 1
    again = run.invoke(args=["accounts", "reset-second-factor", "lanhdao.xa"])
    assert again.exit_code == 1 and "chưa bật xác nhận hai bước" in again.output
    nobody = run.invoke(args=["accounts", "reset-second-factor", "khongcoai"])
    assert nobody.exit_code == 1 and "Không có tài khoản nào có tên đăng nhập khongcoai." in nobody.output
