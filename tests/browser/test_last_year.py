"""Last year's answers in a real browser: kept one indicator at a time, never all at once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Locator, expect

from survey_app.core import clock
from survey_app.core.db import session, unit_of_work
from survey_app.rounds.models import Participation, Round
from survey_app.rules.permissions import Role
from tests.assessments.conftest import Stage
from tests.assessments.test_carrying import make_years
from tests.browser.conftest import School, question
from tests.factories.accounts import make_actor

pytestmark = pytest.mark.browser


@pytest.fixture
def stored(app: Flask) -> Iterator[Stage]:
    """A school with a published form of last year, and this year's in a round that is open today."""
    with app.app_context():
        with unit_of_work():
            stage = _stage()
        yield stage


def _stage() -> Stage:
    years, now = make_years(), clock.now()
    part = session.get_one(Participation, years.this.participation_id)
    for form, start in ((years.last, now - timedelta(days=365)), (years.this, now)):
        round_ = session.get_one(Round, form.round_id)
        round_.opens_at, round_.closes_at = start - timedelta(days=2), start + timedelta(days=10)
        round_.commune_closes_at = round_.department_closes_at = start + timedelta(days=20)
    session.flush()
    school, sites = part.unit, tuple(site["id"] for site in part.sites)
    assert school.parent is not None
    officer = make_actor(Role.COMMUNE_OFFICER, school.parent)
    _ = years.this.uid, school.uid
    return Stage(school, years.this, years.head, make_actor(Role.UNIT_MEMBER, school), officer, sites)


def keeping(school: School, code: str = "") -> Locator:
    """The buttons that keep last year's answer: on the whole page, or of one indicator."""
    within = question(school.page, code) if code else school.page.locator("main")
    return within.get_by_role("button", name="Giữ như năm trước")


def test_last_years_answer_is_kept_for_one_indicator(school: School) -> None:
    page = school.page
    school.go("/fill/AT1")
    expect(keeping(school)).to_have_count(2)
    card = question(page, "AT1.2")
    expect(card).to_contain_text("tự đánh giá mức 2 (kết quả kiểm tra: mức 2)")
    keeping(school, "AT1.2").click()
    expect(keeping(school)).to_have_count(1)
    expect(card.get_by_role("radio", name="Mức 2")).to_be_checked()
    expect(card.get_by_role("textbox")).to_have_value("Có bảng trực")
    expect(keeping(school, "AT1.1")).to_be_visible()
    assert (school.values_of("AT1.2"), school.values_of("AT1.1")) == ([2], [])


def test_copied_answers_wait_for_a_press_each_before_handing_in(school: School) -> None:
    page = school.page
    school.go()
    page.get_by_role("button", name="Chép câu trả lời năm học 2025 – 2026").click()
    expect(page.get_by_text("Còn 4 tiêu chí chép từ năm trước chờ xác nhận.")).to_be_visible()
    for left, code, here in ((3, "AT1.1", 2), (2, "AT1.2", 1), (1, "LM1.1", 2), (0, "LM1.2", 1)):
        school.go(f"/fill/{code.partition('.')[0]}")
        expect(page.get_by_text("Chờ xác nhận", exact=True)).to_have_count(here)
        expect(keeping(school)).to_have_count(here)
        keeping(school, code).click()
        expect(keeping(school, code)).to_have_count(0)
        school.go("/check")
        expect(page.get_by_text("chưa xác nhận câu trả lời chép từ năm trước")).to_have_count(left)
