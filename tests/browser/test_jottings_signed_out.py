"""Words of a plain form whose session ends before it is sent: they arrive once, after signing in again."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import update

from survey_app.accounts.models import UserSession
from survey_app.core import clock
from survey_app.core.db import session, unit_of_work
from survey_app.plans.models import PlanItem
from tests.bench.site import PASSWORD, Site, measured_site
from tests.browser.demo_site import CHROMIUM, CHROMIUM_ARGS
from tests.browser.test_jottings import RECORDS, WORDS
from tests.journeys.chromium import served

pytestmark = pytest.mark.browser


@pytest.fixture
def site() -> Iterator[Site]:
    with measured_site(1) as site:
        yield site


@pytest.fixture
def page(site: Site) -> Iterator[Page]:
    """The head of the school at a new item of the plan, with words in its boxes."""
    with served(site.app) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        page = browser.new_context(locale="vi-VN", base_url=address).new_page()
        page.goto("/account/login")
        sign_in(page, site)
        page.goto(f"/plans/{site.desks[0].form}/new")
        page.get_by_label("Tiêu chí", exact=True).select_option(index=1)
        page.get_by_label("Việc cần làm").fill(WORDS)
        with site.app.app_context(), unit_of_work():
            session.execute(update(UserSession).values(ended_at=clock.now()))
        page.get_by_role("button", name="Lưu", exact=True).click()
        expect(page.get_by_text("Phiên làm việc đã hết").first).to_be_visible()
        sign_in(page, site)
        yield page
        browser.close()


def sign_in(page: Page, site: Site) -> None:
    page.fill("input[name=login]", site.desks[0].login)
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.click("main button[type=submit]")


def stored(site: Site) -> list[str]:
    with site.app.app_context():
        return [item.action for item in session.query(PlanItem)]


def kept(page: Page) -> list[Any]:
    page.wait_for_load_state("networkidle")
    found: list[Any] = page.evaluate(RECORDS)
    return found


def test_what_is_sent_again_after_signing_in_is_offered_no_more(page: Page, site: Site) -> None:
    page.get_by_role("button", name="Gửi lại").click()
    expect(page.get_by_text("Đã thêm việc vào kế hoạch.")).to_be_visible()
    assert stored(site) == [WORDS] and kept(page) == []


def test_who_leaves_the_page_that_sends_again_finds_the_words_in_their_place(page: Page, site: Site) -> None:
    page.get_by_role("link", name="Bỏ, về trang chủ").click()
    page.wait_for_url(lambda url: url.endswith("/"))
    page.goto(f"/plans/{site.desks[0].form}/new")
    expect(page.get_by_label("Việc cần làm")).to_have_value(WORDS)
    expect(page.locator("[data-jotting]")).to_contain_text("Đã điền lại phần chưa gửi")
    assert stored(site) == [] and len(kept(page)) == 1
