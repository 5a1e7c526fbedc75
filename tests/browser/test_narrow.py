"""No page of the school's side scrolls sideways on a telephone of 360 px, however long what it shows."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Page, sync_playwright

from survey_app.core import clock
from survey_app.core.db import unit_of_work
from tests.browser.demo_site import CHROMIUM, CHROMIUM_ARGS
from tests.conftest import Seat
from tests.factories.full_school import FullSchool, general_set, make_full_school
from tests.journeys.chromium import served

pytestmark = pytest.mark.browser
WIDTH = 360
# How wide the page is with everything on it unfolded, and what sticks out first.
WIDE = """() => {
  for (const folded of document.querySelectorAll('main details, footer details')) folded.open = true;
  const edge = document.documentElement.clientWidth + 1, all = [...document.querySelectorAll("body *")];
  const out = all.find((one) => one.getBoundingClientRect().right > edge);
  return [document.documentElement.scrollWidth, out?.outerHTML.slice(0, 200) ?? ''];
}"""


@dataclass
class Phone:
    """A narrow telephone in front of a school whose pages hold all they can."""

    school: FullSchool
    page: Page
    base: str

    def too_wide(self, *paths: str) -> dict[str, tuple[int, str]]:
        """The pages that are wider than the screen: how wide, and what sticks out."""
        found = {}
        for path in paths:
            answer = self.page.goto(self.base + path)
            assert answer is not None and answer.status == 200, path
            wide, what = self.page.evaluate(WIDE)
            if wide > WIDTH:
                found[path] = (wide, what)
        return found


@pytest.fixture
def phone(app: Flask, seat: Seat) -> Iterator[Phone]:
    with app.app_context(), unit_of_work():
        school = make_full_school(clock.now())
    seat.actor = school.head
    with served(app) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        telephone = {"width": WIDTH, "height": 740}
        window = browser.new_context(locale="vi-VN", viewport=telephone)
        yield Phone(school, window.new_page(), base)
        browser.close()


def pages_of(school: FullSchool) -> list[str]:
    """Every kind of page that a school's people open."""
    form = f"/assessments/{school.this}"
    filling = [f"{form}/fill/{code}" for code in general_set().criteria]
    around = ("", "/check", "/evidence/LM1.1", "/team", "/team/members/new", "/deeds", "/profile", "/veto")
    pages = [*filling, *(f"{form}{path}" for path in around), f"{form}/history/LM1.1"]
    pages += [f"/assessments/{school.last}{path}" for path in ("", "/check", "/receipt")]
    pages += [f"/results/forms/{uid}" for uid in (school.this, school.last)]
    pages += [f"/plans/{school.this}", f"/plans/{school.this}/new", f"/evidence/{school.file}"]
    pages += [f"/certificates/{school.certificate}", "/certificates/own", "/results/own", "/assessments"]
    return [*pages, "/", "/evidence", "/evidence/new", "/evidence/new-link", "/notices", "/help"]


def test_no_page_of_a_school_scrolls_sideways(phone: Phone, seat: Seat) -> None:
    assert phone.too_wide(*pages_of(phone.school), "/account/own") == {}
    seat.actor = None
    assert phone.too_wide("/account/login", "/account/activate", "/account/forgotten", "/tra-cuu") == {}
