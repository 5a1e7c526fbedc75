"""Checking, signing, handing in and following a form, as a person sees it in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import PHONE, SAID, SCREEN, School
from tests.documents.reading import text_of
from tests.factories.evidence import make_pdf

pytestmark = pytest.mark.browser
UPLOADED = 30_000  # ms: a scan is taken in by a process of its own


def in_sight(found: Locator) -> None:
    """It stands in the window without scrolling."""
    expect(found).to_be_in_viewport()


def test_what_is_missing_leads_to_its_field_with_the_same_words(school: School) -> None:
    school.go("/check")
    expect(school.page.get_by_role("heading", name="Còn 5 việc cần xử lý trước khi nộp")).to_be_visible()
    line = school.page.locator("li", has=school.page.get_by_role("link", name="LM1.2"))
    expect(line).to_contain_text("chưa chọn mức")
    line.get_by_role("link").click()
    in_sight(school.page.locator("#LM1\\.2 input[type=radio]").first)
    in_sight(school.page.locator("#LM1\\.2").get_by_text("Chưa chọn mức"))
    school.page.get_by_role("link", name="Quay lại trang Kiểm tra và nộp").first.click()
    in_sight(school.page.get_by_role("heading", name="Còn 5 việc cần xử lý trước khi nộp"))


@pytest.mark.parametrize("window", [PHONE, SCREEN])
def test_a_change_comes_back_to_the_same_spot(school: School, window: dict[str, int]) -> None:
    school.fill_in()
    page = school.page
    page.set_viewport_size(window)  # type: ignore[arg-type]
    school.go("/check")
    page.locator("details summary", has_text="Lĩnh vực LM").click()
    page.get_by_role("link", name="Sửa LM1.2").click()
    field = page.locator("#LM1\\.2 input[type=radio]")
    in_sight(field.first)
    field.first.check()
    expect(page.locator("[data-save-state]")).to_contain_text("Đã lưu lúc")
    page.get_by_role("link", name="Quay lại trang Kiểm tra và nộp").last.click()
    row = page.locator("#row-LM1\\.2")
    in_sight(row)
    expect(row).to_contain_text("Chưa đạt")
    assert page.locator("details.card[open]").count() == 1


def test_print_sign_scan_hand_in_and_keep_the_receipt(school: School, tmp_path: Path) -> None:
    school.fill_in()
    page = school.page
    school.go("/check")
    page.locator("#print-signatory").fill("Nguyễn Thị Mẫu")
    with page.expect_download() as printed:
        page.get_by_role("button", name="Tải phiếu PDF để ký, đóng dấu").click()
    text = text_of(Path(printed.value.path()).read_bytes())
    assert "PHIẾU TỰ ĐÁNH GIÁ" in text and "Nguyễn Thị Mẫu" in text and "đóng dấu (nếu có)" in text
    scan = tmp_path / "phieu-da-ky.pdf"
    scan.write_bytes(make_pdf(2))
    page.set_input_files("#file", scan)
    page.get_by_role("button", name="Tải lên bản đã ký").click()
    expect(page.locator("#signed .thumb img")).to_have_count(1, timeout=UPLOADED)
    expect(page.locator("#signed")).to_contain_text("2 trang")
    page.locator("#signatory").fill("Nguyễn Thị Mẫu")
    page.get_by_label("Tôi xác nhận thông tin").check()
    page.get_by_role("button", name="Nộp phiếu").click()
    expect(page.get_by_role("heading", name="Đã nộp phiếu")).to_be_visible()
    number = page.locator(".receipt .number").inner_text()
    with page.expect_download() as kept:
        page.get_by_role("link", name="Tải biên nhận").click()
    assert number in text_of(Path(kept.value.path()).read_bytes())
    expect(page.get_by_role("button", name="Rút phiếu")).to_be_enabled()


def test_the_steps_say_who_has_the_form_and_the_button_why_it_is_off(school: School) -> None:
    school.fill_in()
    school.hand_in()
    school.go()
    now = school.page.locator(".steps [aria-current=step]")
    expect(now).to_contain_text("Kiểm tra")
    expect(now).to_contain_text("hạn")
    school.begin_checking()
    school.go()
    expect(now).to_contain_text("Phường Mẫu")
    button = school.page.get_by_role("button", name="Rút phiếu")
    expect(button).to_be_disabled()
    expect(button).to_have_accessible_description(
        "Cơ quan kiểm tra đã bắt đầu xem nên không rút phiếu được nữa."
    )


def test_a_return_shows_its_reasons_first_and_opens_nothing_else(school: School) -> None:
    school.fill_in()
    school.hand_in()
    school.begin_checking()
    school.give_back("AT1.2", "LM1.2")
    page = school.page
    school.go()
    in_sight(page.get_by_role("heading", name="Còn 2/2 mục cần bổ sung"))
    in_sight(page.get_by_text(SAID).first)
    page.get_by_role("link", name="LM1.2").click()
    in_sight(page.locator("#LM1\\.2").get_by_text(SAID))
    expect(page.locator("#LM1\\.2 input[type=radio]").first).to_be_enabled()
    expect(page.locator("#LM1\\.1 input[type=radio]").first).to_be_disabled()
    page.locator("#LM1\\.2 input[type=radio]").first.check()
    expect(page.locator("[data-save-state]")).to_contain_text("Đã lưu lúc")
    school.go()
    expect(page.get_by_role("heading", name="Còn 1/2 mục cần bổ sung")).to_be_visible()


def test_who_checks_looks_at_the_scan(school: School, tmp_path: Path) -> None:
    school.fill_in()
    scan = tmp_path / "phieu.pdf"
    scan.write_bytes(make_pdf(1))
    school.go("/check")
    school.page.set_input_files("#file", scan)
    school.page.get_by_role("button", name="Tải lên bản đã ký").click()
    expect(school.page.locator("#signed .thumb img")).to_have_count(1, timeout=UPLOADED)
    school.hand_in()
    school.sit(school.stage.officer)
    school.page.goto(f"{school.base}/reviews/{school.stage.assessment.uid}")
    picture = school.page.get_by_role("link", name="Bản phiếu đã ký, tệp 1")
    expect(picture.locator("img")).to_be_visible()
    picture.click()
    expect(school.page.locator("main img").first).to_be_visible()
