"""Words of plain forms: kept in the browser until the server has them, in a real browser on a real server."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from survey_app.assessments import service
from survey_app.assessments.queries import team_of
from survey_app.core import clock
from survey_app.core.db import session, unit_of_work
from survey_app.plans import service as plans
from survey_app.plans.items import ItemValues
from survey_app.plans.models import PlanItem
from tests.browser.conftest import School

pytestmark = pytest.mark.browser
WORDS = "Bình chữa cháy tầng 2 đã thay ngày 12/05, có ảnh"
NO_NETWORK = "Chưa gửi được vì mất mạng. Phần đã nhập được giữ trên máy này; bấm lại khi có mạng."
RECORDS = """() => Object.keys(localStorage).filter((name) => name.startsWith('jotting '))
  .map((name) => JSON.parse(localStorage[name]))"""
FilledIn = Callable[[School], Locator]


def returned(school: School) -> None:
    """A form that came back with LM1.2 to look at again."""
    school.fill_in()
    school.hand_in()
    school.begin_checking()
    school.give_back("LM1.2")


def open_settle(school: School) -> Locator:
    school.go("/fill/LM1")
    return school.page.get_by_label("Vì sao giữ nguyên")


def open_item(school: School) -> Locator:
    school.page.goto(f"{school.base}/plans/{school.stage.assessment.uid}/new")
    return school.page.get_by_label("Việc cần làm")


def open_veto(school: School) -> Locator:
    school.go("/veto")
    return school.page.get_by_label("Ý kiến của trường")


def choose(school: School, place: FilledIn) -> None:
    """What the form asks for besides the words."""
    if place is open_item:
        school.page.get_by_label("Tiêu chí", exact=True).select_option("LM1.2")
    if place is open_veto:
        school.page.get_by_label("Có ý kiến khác").check()


def stored_words(school: School, place: FilledIn) -> list[str]:
    session.rollback()
    if place is open_item:
        return [item.action for item in session.query(PlanItem)]
    form = school.stage.form()
    if place is open_veto:
        return [form.assessment.veto_comment or ""]
    text: str = school.page.locator("#LM1\\.2 .reason").inner_text()
    return [text.partition("Trường giữ nguyên câu trả lời: ")[2].strip()]


def records(school: School, count: int) -> list[dict[str, Any]]:
    """What the browser keeps once it keeps so many: a page is in sight before its script has cleared them."""
    school.page.wait_for_function(f"({RECORDS})().length === {count}")
    found: list[dict[str, Any]] = school.page.evaluate(RECORDS)
    return found


def cut(school: School, off: bool = True) -> None:
    school.page.context.set_offline(off)


def reopen(school: School) -> None:
    """Close the page and open another one in the same browser."""
    context = school.page.context
    school.page.close()
    school.page = context.new_page()


def notes(page: Page) -> Locator:
    return page.locator("[data-jotting]")


PLACES = pytest.mark.parametrize(
    ("place", "button"),
    [(open_settle, "Giữ nguyên câu trả lời"), (open_item, "Lưu"), (open_veto, "Xác nhận")],
    ids=["settle", "plan item", "veto"],
)


@PLACES
def test_words_typed_before_the_network_went_are_there_again_until_the_server_has_them(
    school: School, place: FilledIn, button: str
) -> None:
    if place is open_settle:
        returned(school)
    box = place(school)
    choose(school, place)
    box.fill(WORDS)
    address = school.page.url
    cut(school)
    press = school.page.get_by_role("button", name=button, exact=True)
    press.click()
    expect(school.page.get_by_role("status").filter(has_text=NO_NETWORK)).to_be_visible()
    assert school.page.url == address
    expect(box).to_have_value(WORDS)
    cut(school, False)
    reopen(school)
    box = place(school)
    expect(box).to_have_value(WORDS)
    expect(notes(school.page)).to_contain_text("Đã điền lại phần chưa gửi, nhập lúc")
    assert stored_words(school, place) in ([], [""])
    school.page.get_by_role("button", name=button, exact=True).click()
    school.page.wait_for_url(lambda url: url != address or place is open_settle)
    expect(school.page.locator("main")).not_to_have_attribute("data-answer", "")
    expect(notes(school.page)).to_have_count(0)
    school.page.wait_for_function(f"() => !({RECORDS})().length && !document.cookie.includes('taken=')")
    assert stored_words(school, place) == [WORDS]
    reopen(school)
    place(school)
    expect(notes(school.page)).to_have_count(0)


def test_the_choices_of_a_form_come_back_with_its_words(school: School) -> None:
    school.go("/profile")
    school.page.get_by_label("Số học sinh").fill("412")
    question = school.page.locator("fieldset[id^=q-]").first
    question.get_by_text("Có", exact=True).click()
    reopen(school)
    school.go("/profile")
    expect(school.page.get_by_label("Số học sinh")).to_have_value("412")
    question = school.page.locator("fieldset[id^=q-]").first
    expect(question.locator("input[value=yes]")).to_be_checked()
    school.go("/team")
    school.page.get_by_label("Số quyết định").fill("45/QĐ-THCS")
    school.go("/team")
    expect(school.page.get_by_label("Số quyết định")).to_have_value("45/QĐ-THCS")
    school.page.get_by_role("button", name="Lưu quyết định").click()
    expect(school.page.get_by_text("Đã lưu quyết định")).to_be_visible()
    session.rollback()
    row = team_of(school.stage.assessment.id).row
    assert row is not None and row.decision_number == "45/QĐ-THCS"
    assert [record["fields"]["pupils"] for record in records(school, 1)] == [["412"]]


def test_a_closed_tab_loses_nothing_and_what_is_filled_in_can_be_dropped(school: School) -> None:
    open_item(school).press_sequentially("Thay bình")
    reopen(school)
    box = open_item(school)
    expect(box).to_have_value("Thay bình")
    drop = school.page.get_by_role("button", name="Bỏ phần này")
    drop.focus()
    school.page.keyboard.press("Enter")
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    expect(school.page.get_by_role("status").filter(has_text="Đã bỏ phần chưa gửi.")).to_be_visible()
    assert records(school, 0) == []
    reopen(school)
    expect(open_item(school)).to_have_value("")
    expect(notes(school.page)).to_have_count(0)


def test_another_person_is_offered_nothing_and_wipes_nothing(school: School) -> None:
    open_item(school).fill("của hiệu trưởng")
    school.sit(school.stage.member)
    reopen(school)
    box = open_item(school)
    expect(box).to_have_value("")
    box.fill("của giáo viên")
    school.sit(school.stage.head)
    reopen(school)
    expect(open_item(school)).to_have_value("của hiệu trưởng")


def stored_item(school: School) -> PlanItem:
    head, now = school.stage.head, clock.now()
    values = ItemValues("LM1.2", "bản đầu", "", None, None, 2, "todo", {})
    with unit_of_work():
        item = plans.add_item(school.stage.form(), values, actor=head, now=now)
        _ = item.uid, item.version
    return item


def change(school: School, item: PlanItem, action: str) -> None:
    with unit_of_work():
        row = session.merge(item)
        values = ItemValues("LM1.2", action, "", None, None, 2, "todo", {})
        actor, now = school.stage.head, clock.now()
        plans.change_item(school.stage.form(), row, values, version=row.version, actor=actor, now=now)


def test_kept_words_never_go_over_what_the_server_has_got_meanwhile(school: School) -> None:
    item = stored_item(school)
    page, address = school.page, f"{school.base}/plans/items/{item.uid}"
    page.goto(address)
    page.get_by_role("textbox", name="Việc cần làm").fill("bản của tôi")
    page.get_by_label("Người phụ trách").fill("Cô Mẫu")
    change(school, item, "bản của đồng nghiệp")
    page.goto(address)
    box = page.get_by_role("textbox", name="Việc cần làm")
    expect(box).to_have_value("bản của đồng nghiệp")
    both = page.locator(".note.warning[data-jotting]")
    expect(both).to_contain_text("bản của tôi")
    expect(page.get_by_label("Người phụ trách")).to_have_value("Cô Mẫu")  # nobody else has touched it
    page.goto(address)  # unless something is chosen, it stays
    both.get_by_role("button", name="Đưa vào ô").click()
    expect(box).to_have_value("bản của tôi")
    expect(both).to_contain_text("bản của đồng nghiệp")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("Đã lưu.")).to_be_visible()
    session.rollback()
    assert session.get_one(PlanItem, item.id).action == "bản của tôi"
    page.goto(address)
    expect(notes(page)).to_have_count(0)


def test_words_that_were_not_chosen_outlive_the_sending_of_others(school: School) -> None:
    item = stored_item(school)
    page, address = school.page, f"{school.base}/plans/items/{item.uid}"
    page.goto(address)
    page.get_by_role("textbox", name="Việc cần làm").fill("bản của tôi")
    change(school, item, "bản của đồng nghiệp")
    page.goto(address)
    page.get_by_role("textbox", name="Việc cần làm").fill("bản thứ ba")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("Đã lưu.")).to_be_visible()
    page.goto(address)
    expect(page.get_by_role("textbox", name="Việc cần làm")).to_have_value("bản thứ ba")
    expect(notes(page)).to_contain_text("bản của tôi")
    page.get_by_role("button", name="Bỏ phần này").click()
    page.goto(address)
    expect(page.get_by_role("textbox", name="Việc cần làm")).to_have_value("bản thứ ba")
    assert records(school, 0) == []


def test_a_refused_form_keeps_its_words(school: School) -> None:
    open_item(school).fill(WORDS)  # no indicator is chosen
    school.page.get_by_role("button", name="Lưu", exact=True).click()
    expect(school.page.get_by_text("Còn 1 chỗ cần sửa")).to_be_visible()
    expect(school.page.get_by_label("Việc cần làm")).to_have_value(WORDS)
    expect(notes(school.page)).to_have_count(0)  # the page itself shows them
    reopen(school)
    expect(open_item(school)).to_have_value(WORDS)


def test_a_form_that_arrived_though_its_answer_was_lost_is_not_offered_again(school: School) -> None:
    school.go("/team")

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            return route.abort()
        return route.continue_()

    school.page.route("**/team", lose)
    school.page.get_by_label("Số quyết định").fill("46/QĐ-THCS")
    with school.page.expect_event("requestfailed"):
        school.page.get_by_role("button", name="Lưu quyết định").click()
    reopen(school)
    school.page.context.clear_cookies()
    school.go("/team")
    expect(school.page.get_by_label("Số quyết định")).to_have_value("46/QĐ-THCS")
    expect(notes(school.page)).to_have_count(0)
    assert records(school, 0) == []


def test_a_form_locked_meanwhile_keeps_the_words_until_it_is_open_again(school: School) -> None:
    school.go("/profile")
    school.page.get_by_label("Số học sinh").fill("412")
    school.fill_in()
    school.hand_in()
    school.go("/profile")
    school.page.wait_for_load_state("networkidle")
    expect(school.page.get_by_label("Số học sinh")).not_to_be_editable()
    assert [record["fields"]["pupils"] for record in records(school, 1)] == [["412"]]
    with unit_of_work():
        service.withdraw_assessment(school.stage.form(), actor=school.stage.head, now=clock.now())
    school.go("/profile")
    expect(school.page.get_by_label("Số học sinh")).to_have_value("412")


def test_a_server_that_does_not_answer_and_a_device_that_keeps_nothing_are_named(school: School) -> None:
    box, page = open_item(school), school.page
    box.fill(WORDS)
    page.route("**/healthz", lambda route: route.fulfill(status=200, body="<h1>Wi-Fi của khách sạn</h1>"))
    page.get_by_role("button", name="Lưu", exact=True).click()
    said = page.locator("[data-jotting-state]")
    expect(said).to_contain_text("Chưa gửi được vì hệ thống chưa trả lời")
    page.add_init_script("Storage.prototype.setItem = () => { throw new Error(); }")
    page.reload()
    box.fill(WORDS)
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(said).to_contain_text("máy này không cho giữ tạm. Xin đừng đóng trang này")


def test_signing_out_with_unsent_words_asks(school: School) -> None:
    open_item(school).fill(WORDS)
    page = school.page
    page.locator("details.menu summary").first.click()
    page.get_by_role("button", name="Đăng xuất").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Phần đã nhập ở các trang sau chưa gửi")
    expect(dialog.get_by_role("link", name="Thêm việc vào kế hoạch")).to_be_visible()
    expect(dialog.get_by_role("button", name="Gửi trước")).to_be_hidden()
    dialog.get_by_role("button", name="Ở lại").click()
    assert len(records(school, 1)) == 1
    page.locator("details.menu summary").first.click()
    page.get_by_role("button", name="Đăng xuất").click()
    with page.expect_request("**/account/logout"):
        dialog.get_by_role("button", name="Bỏ và đăng xuất").click()
    page.goto(f"{school.base}/healthz")
    assert records(school, 0) == []


def test_old_and_too_many_records_go(school: School) -> None:
    open_item(school).fill(WORDS)
    (record,) = records(school, 1)
    day, owner = 24 * 3600 * 1000, record["owner"]
    ages = {f"jotting {owner} /x{n} 1": record["at"] - n * day // 4 for n in range(1, 60)}
    ages["jotting 0 /another 1"] = record["at"] - 29 * day
    ages["jotting 0 /old 1"] = record["at"] - 31 * day
    names = {name: json.dumps(record | {"at": at, "owner": name.split()[1]}) for name, at in ages.items()}
    school.page.evaluate("(names) => Object.assign(localStorage, names)", names)
    open_item(school)
    school.page.wait_for_load_state("networkidle")
    kept: list[str] = school.page.evaluate("Object.keys(localStorage)")
    assert len([name for name in kept if name.startswith(f"jotting {owner} ")]) == 40
    assert "jotting 0 /another 1" in kept and "jotting 0 /old 1" not in kept


def test_no_form_with_a_password_is_kept(school: School) -> None:
    page, head = school.page, school.stage.head
    page.goto(f"{school.base}/accounts/units/{school.stage.school.uid}/hand-over/{head.membership_id}")
    page.get_by_label("Họ và tên người mới").fill("Trần Thị Mẫu")
    page.locator("input[type=password]").fill("bí mật 2027")
    page.wait_for_load_state("networkidle")
    page.goto(f"{school.base}/account/own")
    page.get_by_label("Điện thoại").fill("0900 000 001")
    assert [record["fields"] for record in records(school, 1)] == [{"phone": ["0900 000 001"]}]


def test_the_notes_are_sound_for_everybody(school: School) -> None:
    item = stored_item(school)
    page, address = school.page, f"{school.base}/plans/items/{item.uid}"
    page.goto(address)
    page.get_by_label("Việc cần làm").fill("bản của tôi")
    page.get_by_label("Người phụ trách").fill("Cô Mẫu")
    change(school, item, "bản của đồng nghiệp")
    page.goto(address)
    expect(notes(page)).to_have_count(2)
    cut(school)
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text(NO_NETWORK)).to_be_visible()
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [rule["id"] for rule in Axe().run(page).response["violations"]] == []
