"""The second factor in a real browser: by keyboard, without JavaScript, without faults in axe-core."""

import base64
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright

from survey_app.accounts.passwords import hash_password
from survey_app.core.db import unit_of_work
from survey_app.rules.permissions import Role
from tests.browser.demo_site import CHROMIUM, CHROMIUM_ARGS
from tests.conftest import PASSWORD
from tests.factories.accounts import make_membership, make_user
from tests.factories.organisations import make_department
from tests.factories.phones import Phone
from tests.journeys.chromium import served

pytestmark = pytest.mark.browser


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """A live server where an administrator has a password only and must have a second factor."""
    app.config["SECOND_FACTOR"] = "required"
    with app.app_context(), unit_of_work():
        user = make_user(login="lan.nguyen", name="Nguyễn Thị Lan", password=hash_password(PASSWORD))
        make_membership(user, make_department(), Role.DEPARTMENT_ADMIN)
    with served(app) as url:
        yield url


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


def look(page: Page, name: str) -> None:
    """No fault, nothing wider than the screen, on a phone and on a desk."""
    for width, height in ((390, 844), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        found = [rule["id"] for rule in Axe().run(page).response["violations"]]
        assert found == [], (name, width, found)


def type_keys(page: Page, *texts: str) -> None:
    """Type into the field that has the focus, Tab to the next; Enter after the last."""
    for place, text in enumerate(texts):
        if place:
            page.keyboard.press("Tab")
        page.keyboard.type(text)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def scan(page: Page) -> Phone:
    spelled = page.locator("code.spelled").inner_text()
    return Phone(base64.b32decode(spelled.replace(" ", "")))


def test_set_up_and_sign_in_by_keyboard(chromium: Browser, address: str) -> None:
    page = chromium.new_page(locale="vi-VN")
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    page.goto(address + "/account/login")
    page.locator("input[name=login]").focus()
    page.keyboard.type("lan.nguyen")
    page.locator("input[name=password]").focus()
    type_keys(page, PASSWORD)
    assert page.url.startswith(address + "/account/second-factor")
    look(page, "1-set-up")
    assert page.locator("img.qr").evaluate("image => image.naturalWidth > 0"), "the policy lets it through"
    phone = scan(page)
    page.get_by_label("Mã xác nhận").focus()
    type_keys(page, phone.wrong())
    look(page, "2-set-up-wrong")
    page.get_by_label("Mã xác nhận").focus()
    type_keys(page, phone.code())
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    look(page, "3-codes")
    recovery = page.locator(".recovery-codes li code").first.inner_text()
    page.get_by_role("link", name="Đã cất mã, tiếp tục").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    ask_for_new_codes(page, address)
    come_in_by_recovery_code(page, address, phone, recovery)
    assert faults == []


def ask_for_new_codes(page: Page, address: str) -> None:
    """On one's own page, with a wrong code."""
    page.goto(address + "/account/own")
    look(page, "4-own")
    page.get_by_text("Lấy mã dự phòng mới").first.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Mã xác nhận hoặc mã dự phòng").focus()
    type_keys(page, "000000")
    look(page, "5-own-wrong")


def come_in_by_recovery_code(page: Page, address: str, phone: Phone, recovery: str) -> None:
    """The password, a wrong code, then a recovery code."""
    page.context.clear_cookies()
    page.goto(address + "/account/login")
    page.locator("input[name=login]").fill("lan.nguyen")
    page.locator("input[name=password]").focus()
    type_keys(page, PASSWORD)
    assert page.evaluate("document.activeElement.name") == "one_time_code"
    look(page, "6-second-step")
    type_keys(page, phone.wrong())
    look(page, "7-second-step-wrong")
    page.locator("summary", has_text="Không có điện thoại").focus()
    page.keyboard.press("Enter")
    look(page, "8-second-step-recovery")
    page.get_by_label("Mã dự phòng").focus()
    type_keys(page, recovery.lower())
    expect(page.get_by_text("Đã dùng một mã dự phòng, còn 9 mã.")).to_be_visible()


def test_without_javascript_all_of_it_works(chromium: Browser, address: str) -> None:
    page = chromium.new_context(locale="vi-VN", java_script_enabled=False).new_page()
    page.goto(address + "/account/login")
    sign_in(page)
    phone = scan(page)
    page.locator("input[name=one_time_code]").fill(phone.code())
    page.get_by_role("button", name="Bật xác nhận hai bước").click()
    recovery = page.locator(".recovery-codes li code").all_inner_texts()
    assert len(recovery) == 10 and all(re.fullmatch(r"[2-9A-Z]{5}-[2-9A-Z]{5}", code) for code in recovery)
    expect(page.get_by_role("button", name="In trang này")).to_have_count(0)
    page.goto(address + "/account/own")
    page.locator("summary", has_text="Lấy mã dự phòng mới").click()
    page.locator("input[name=proof_password]").fill(PASSWORD)
    page.locator("input[name=one_time_code]").fill(recovery[0])
    page.get_by_role("button", name="Lấy mã dự phòng mới").click()
    fresh = page.locator(".recovery-codes li code").all_inner_texts()
    page.context.clear_cookies()
    page.goto(address + "/account/login")
    sign_in(page)
    page.locator("summary", has_text="Không có điện thoại").click()
    page.locator("input[name=one_time_recovery]").fill(fresh[0])
    page.get_by_role("button", name="Xác nhận").click()
    expect(page.get_by_text("Đã dùng một mã dự phòng, còn 9 mã.")).to_be_visible()


def sign_in(page: Page) -> None:
    page.locator("input[name=login]").fill("lan.nguyen")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()


def test_a_printed_sheet_shows_the_codes_and_whose_they_are(chromium: Browser, address: str) -> None:
    page = chromium.new_page(locale="vi-VN")
    page.goto(address + "/account/login")
    sign_in(page)
    page.locator("input[name=one_time_code]").fill(scan(page).code())
    page.get_by_role("button", name="Bật xác nhận hai bước").click()
    page.emulate_media(media="print")
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    expect(page.locator("main")).to_contain_text("lan.nguyen")
    expect(page.get_by_role("button", name="In trang này")).to_be_hidden()
