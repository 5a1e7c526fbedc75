"""A school's form on a live server, as a person sees it in a real browser."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, sync_playwright
from werkzeug.serving import make_server

from survey_app.assessments import queries, service
from survey_app.assessments.saving import Edit, save_answer
from survey_app.core import clock
from survey_app.core.access import Actor
from survey_app.core.db import session, unit_of_work
from survey_app.reviews.service import start_review
from tests.assessments.conftest import Stage, set_stage
from tests.assessments.test_service import fill_in
from tests.browser.demo_site import CHROMIUM, CHROMIUM_ARGS, free_port
from tests.conftest import Seat

PHONE, SCREEN = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
SAID = "Lý do: cần ảnh bình chữa cháy ở tầng 2"


def question(page: Page, code: str) -> Locator:
    """One indicator of the filling page."""
    return page.locator(f'[id="{code}"]')


@dataclass
class School:
    """A school's form on a live server, and the browser of its head."""

    stage: Stage
    page: Page
    base: str
    seat: Seat

    def go(self, path: str = "") -> None:
        self.page.goto(f"{self.base}/assessments/{self.stage.assessment.uid}{path}")

    def fill_in(self) -> None:
        with unit_of_work():
            fill_in(self.stage, clock.now())

    def take_back(self, code: str) -> None:
        """Leave one indicator of the whole school open again."""
        with unit_of_work():
            version = queries.answers_of(self.stage.assessment.id)[code, 0].version
            change = Edit(code, 0, None, "", version, f"taken-back-{code}")
            save_answer(self.stage.form(), change, actor=self.stage.head, now=clock.now())

    def comment_of(self, code: str) -> str:
        session.rollback()
        return queries.answers_of(self.stage.assessment.id)[code, 0].comment

    def hand_in(self) -> None:
        with unit_of_work():
            form, head = self.stage.form(), self.stage.head
            service.submit_assessment(form, signatory="A", actor=head, now=clock.now())

    def begin_checking(self) -> None:
        with unit_of_work():
            officer = self.stage.officer
            start_review(self.stage.form(officer), actor=officer, now=clock.now())

    def give_back(self, *codes: str) -> None:
        with unit_of_work():
            officer, now = self.stage.officer, clock.now()
            service.return_assessment(
                self.stage.form(officer),
                dict.fromkeys(codes, SAID),
                deadline=now + timedelta(days=3),
                message="",
                actor=officer,
                now=now,
            )

    def sit(self, actor: Actor) -> None:
        self.seat.actor = actor

    def values_of(self, code: str) -> list[int | None]:
        """What is stored of one indicator, site by site."""
        session.rollback()
        return [row.value for row in queries.answers_of_indicator(self.stage.assessment.id, code).values()]

    def wait_until_stored(self, code: str, *values: int) -> None:
        """Until what the page sends has come to the database."""
        for _ in range(100):
            if self.values_of(code) == list(values):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{code}: {self.values_of(code)} is stored, not {values}")

    def another_device(self) -> Page:
        """A second telephone of the same person, which has never seen the site."""
        browser = self.page.context.browser
        assert browser is not None
        return browser.new_page(locale="vi-VN", viewport=PHONE)


@pytest.fixture
def stored(app: Flask) -> Iterator[Stage]:
    """A school with two sites in a round that is open today."""
    with app.app_context():
        with unit_of_work():
            stage = set_stage()
            round_, now = stage.form().round, clock.now()
            round_.opens_at, round_.closes_at = now - timedelta(days=2), now + timedelta(days=10)
            round_.commune_closes_at = round_.department_closes_at = now + timedelta(days=20)
            session.flush()
            _ = stage.assessment.uid, stage.school.uid
        yield stage


@pytest.fixture
def school(app: Flask, seat: Seat, stored: Stage) -> Iterator[School]:
    """The school on a live server, its head in front of a phone."""
    seat.actor = stored.head
    port = free_port()
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        page = browser.new_context(locale="vi-VN", viewport=PHONE).new_page()
        yield School(stored, page, f"http://localhost:{port}", seat)
        browser.close()
    server.shutdown()
