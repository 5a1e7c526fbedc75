"""The last hour in a real browser: it runs down while the page stays open, also where a clock is wrong."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from survey_app.core import clock
from survey_app.core.db import unit_of_work
from survey_app.rules.permissions import Role
from tests.browser.demo_site import CHROMIUM, CHROMIUM_ARGS, free_port
from tests.conftest import Seat
from tests.factories.assessments import make_assessment
from tests.factories.organisations import make_school
from tests.factories.rounds import make_open_round

pytestmark = pytest.mark.browser
LEFT = timedelta(minutes=59, seconds=50)


@pytest.fixture
def address(app: Flask, seat: Seat) -> Iterator[str]:
    """The first page of a school an hour before its deadline, on a live server."""
    with app.app_context(), unit_of_work():
        school = make_school()
        now = clock.now()
        times = {"opens_at": now - timedelta(days=9), "closes_at": now + LEFT}
        _, part = make_open_round(school, **times)
        make_assessment(part, {"AT1.1": 2})
        seat.take(Role.UNIT_HEAD, school)
    port = free_port()
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{port}/"
    server.shutdown()


@pytest.fixture
def page() -> Iterator[Page]:
    """A Vietnamese phone whose clock is three years behind."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        page = browser.new_page(locale="vi-VN", viewport={"width": 390, "height": 800})
        page.clock.install(time="2023-01-01T00:00:00")
        yield page
        browser.close()


def test_the_last_hour_runs_down_and_ends(page: Page, address: str) -> None:
    page.goto(address)
    left = page.get_by_role("timer")
    expect(left).to_contain_text("còn 59 phút")
    page.clock.fast_forward("30:00")
    expect(left).to_contain_text("còn 29 phút")
    page.clock.fast_forward("30:00")
    expect(left).to_have_text("đã hết hạn")
    expect(page.locator(".due.over")).to_be_visible()
