"""How often a phone is touched: to the first saved answer, and to why something was given back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect, sync_playwright

from survey_app.accounts.models import User
from survey_app.accounts.passwords import hash_password
from survey_app.assessments import queries
from survey_app.assessments.models import SchoolProfile
from survey_app.core.db import session, unit_of_work
from tests.assessments.conftest import Stage
from tests.browser.conftest import PHONE, SAID, School, question
from tests.browser.demo_site import CHROMIUM, CHROMIUM_ARGS
from tests.conftest import PASSWORD, Seat
from tests.journeys.chromium import served

pytestmark = pytest.mark.browser
MOST_TO_AN_ANSWER, MOST_TO_A_REASON = 6, 2


@dataclass
class Finger:
    """A person at a telephone: touches what is in sight, types with the keys of the screen."""

    page: Page
    base: str
    login: str
    touches: int = 0

    def touch(self, found: Locator) -> None:
        expect(found).to_be_in_viewport()  # nobody touches what has to be looked for first
        self.touches += 1
        found.tap()

    def sign_in(self) -> None:
        """Through the real form, every box touched before it is typed into."""
        self.page.goto(self.base)
        for label, text in (("Mã đơn vị hoặc tên đăng nhập", self.login), ("Mật khẩu", PASSWORD)):
            self.touch(self.page.get_by_label(label, exact=True))
            self.page.keyboard.type(text)
        self.touch(self.page.get_by_role("button", name="Đăng nhập"))


@pytest.fixture
def finger(app: Flask, stored: Stage) -> Iterator[Finger]:
    """The head of the school in front of a telephone, not signed in yet."""
    with unit_of_work():
        user = session.get_one(User, stored.head.user_id)
        user.password, login = hash_password(PASSWORD), user.login
    with served(app) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        telephone = browser.new_context(locale="vi-VN", viewport=PHONE, is_mobile=True, has_touch=True)
        yield Finger(telephone.new_page(), base, login)
        browser.close()


def answer_the_first(finger: Finger, stage: Stage) -> None:
    finger.touch(question(finger.page, "AT1.1").get_by_role("radio").first)
    expect(finger.page.locator("[data-save-state]")).to_contain_text("Đã lưu lúc")
    session.rollback()
    assert queries.answers_of(stage.assessment.id)["AT1.1", stage.sites[0]].value == 0
    assert finger.touches <= MOST_TO_AN_ANSWER


def test_from_signing_in_to_the_first_saved_answer(finger: Finger, stored: Stage) -> None:
    finger.sign_in()
    finger.touch(finger.page.get_by_role("link", name=re.compile("^Tiếp tục")))
    answer_the_first(finger, stored)


def test_a_school_that_has_told_nothing_of_itself_needs_no_more(finger: Finger, stored: Stage) -> None:
    with unit_of_work():
        session.get_one(SchoolProfile, stored.form().participation.id).facts = {}
    finger.sign_in()
    finger.touch(finger.page.get_by_role("link", name="Xem các nội dung"))
    first = finger.page.get_by_role("link", name="AT1.")
    first.scroll_into_view_if_needed()  # a swipe opens nothing: it is not counted
    finger.touch(first)
    answer_the_first(finger, stored)


def test_from_the_first_page_to_why_something_was_given_back(
    app: Flask, finger: Finger, stored: Stage
) -> None:
    school = School(stored, finger.page, finger.base, Seat())
    school.fill_in()
    school.hand_in()
    school.begin_checking()
    school.give_back("LM1.2")
    finger.sign_in()
    finger.touches = 0
    reason = finger.page.get_by_text(SAID)
    expect(finger.page.get_by_text("Còn 1/1 mục cần bổ sung")).to_be_visible()
    finger.touch(finger.page.get_by_role("link", name="Bổ sung theo yêu cầu của cơ quan kiểm tra"))
    expect(reason).to_be_in_viewport()
    assert finger.touches <= MOST_TO_A_REASON
