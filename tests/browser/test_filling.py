"""Filling in on the page as the server draws it: levels, sites, a second device, the part of one person."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from survey_app.assessments import team
from survey_app.assessments.saving import Edit, save_answer
from survey_app.core import clock
from survey_app.core.db import unit_of_work
from tests.browser.conftest import School, question

pytestmark = pytest.mark.browser


def level(page: Page, code: str, value: int) -> Locator:
    """The choice of a level of one indicator, at its first site where there are several."""
    return question(page, code).get_by_role("radio", name=re.compile(f"^(Mức )?{value}")).first


def give_to_all_sites(page: Page, code: str) -> None:
    question(page, code).get_by_role("button", name="Áp dụng cho tất cả điểm trường").click()


def chosen(page: Page, code: str) -> Locator:
    """What is chosen of one indicator, also at the sites that are folded away."""
    return question(page, code).get_by_role("radio", checked=True, include_hidden=True)


def test_one_press_gives_the_level_to_every_site(school: School) -> None:
    page = school.page
    school.go("/fill/AT1")
    level(page, "AT1.1", 2).check()
    expect(chosen(page, "AT1.1")).to_have_count(1)
    give_to_all_sites(page, "AT1.1")
    expect(chosen(page, "AT1.1")).to_have_count(2)
    school.wait_until_stored("AT1.1", 2, 2)
    school.go("/fill/AT1")
    assert [choice.get_attribute("value") for choice in chosen(page, "AT1.1").all()] == ["2", "2"]


def test_the_same_press_makes_sites_alike_that_differ(school: School) -> None:
    with unit_of_work():
        for site, value in zip(school.stage.sites, (3, 1), strict=True):
            change = Edit("AT1.1", site, value, "", 0, f"site-{site}")
            save_answer(school.stage.form(), change, actor=school.stage.head, now=clock.now())
    page = school.page
    school.go("/fill/AT1")
    level(page, "AT1.1", 2).check()
    give_to_all_sites(page, "AT1.1")
    school.wait_until_stored("AT1.1", 2, 2)
    school.go("/fill/AT1")
    assert [choice.get_attribute("value") for choice in chosen(page, "AT1.1").all()] == ["2", "2"]


def test_a_chosen_level_opens_what_the_next_one_needs(school: School) -> None:
    page = school.page
    school.go("/fill/AT1")
    steps = {value: question(page, "AT1.2").get_by_text(f"Để đạt mức {value} cần") for value in (2, 3)}
    expect(steps[3]).to_be_hidden()
    level(page, "AT1.2", 2).check()
    expect(steps[3]).to_be_visible()
    expect(steps[2]).to_be_hidden()
    level(page, "AT1.2", 1).check()
    expect(steps[2]).to_be_visible()
    expect(steps[3]).to_be_hidden()


def test_another_device_goes_on_where_the_first_one_stopped(school: School) -> None:
    school.go("/fill/AT1")
    level(school.page, "AT1.1", 2).check()
    give_to_all_sites(school.page, "AT1.1")
    school.wait_until_stored("AT1.1", 2, 2)
    other = school.another_device()
    other.goto(school.base)
    other.get_by_role("link", name=re.compile("^Tiếp tục")).click()
    expect(other).to_have_url(re.compile(r"/fill/AT1#AT1\.2$"))
    expect(level(other, "AT1.2", 0)).to_be_in_viewport()
    expect(chosen(other, "AT1.2")).to_have_count(0)
    expect(chosen(other, "AT1.1")).to_have_count(2)


def test_a_member_sees_the_own_part_first_and_leaves_the_handing_in_to_the_head(school: School) -> None:
    school.fill_in()
    for code in ("AT1.2", "LM1.2"):
        school.take_back(code)
    stage, page = school.stage, school.page
    with unit_of_work():
        nurse = team.Person("Y tế Mẫu", "Nhân viên y tế", "member", stage.member.user_id, ("LM1",))
        accounts = [stage.head.user_id, stage.member.user_id]
        how = {"accounts": accounts, "base_version": 0, "actor": stage.head, "now": clock.now()}
        team.save_member(stage.form(), None, nurse, **how)
    school.sit(stage.member)
    school.go()
    parts = page.get_by_role("link", name=re.compile(r"^(AT|LM)1\. "))
    expect(parts).to_have_text(["LM1. Nội dung LM1"])
    page.get_by_role("link", name="Xem tất cả nội dung").click()
    expect(parts).to_have_text(["AT1. Nội dung AT1", "LM1. Nội dung LM1"])
    page.goto(school.base)
    page.get_by_role("link", name=re.compile("^Tiếp tục")).click()
    expect(page).to_have_url(re.compile(r"/fill/LM1#LM1\.2$"))
    question(page, "LM1.2").get_by_role("radio").first.check()
    school.wait_until_stored("LM1.2", 0)
    school.go("/fill/AT1")
    level(page, "AT1.2", 1).check()
    school.wait_until_stored("AT1.2", 1)
    school.go("/check")
    expect(page.get_by_role("heading", name="Đã đủ điều kiện nộp")).to_be_visible()
    expect(page.get_by_text("Thủ trưởng đơn vị là người nộp phiếu.")).to_be_visible()
    expect(page.get_by_role("button", name="Nộp phiếu")).to_have_count(0)
    school.sit(stage.head)
    school.go("/check")
    expect(page.get_by_role("button", name="Nộp phiếu")).to_be_enabled()
