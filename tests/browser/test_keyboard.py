"""A form is filled in, checked and handed in by keyboard alone, and one sees at each step where one is."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, SCREEN, School

pytestmark = pytest.mark.browser
MOST_STEPS = 120  # of the Tab key on one page
HERE = """() => {
  const at = document.activeElement, shown = at.closest('label') ?? at, box = shown.getClientRects()[0];
  if (!box || at === document.body) return null;
  const [x, y] = [box.x + Math.min(box.width / 2, 60), box.y + Math.min(box.height / 2, 20)];
  const over = document.elementFromPoint(x, y);
  const ringed = [at, shown].some((one) => getComputedStyle(one).outlineStyle !== 'none');
  const words = at.labels?.[0]?.innerText || at.ariaLabel || at.innerText || at.value || '';
  return {
    words: words.trim().replace(/\\s+/g, ' '),
    name: at.name ?? '', form: at.closest('form')?.id ?? '',
    seen: ringed && Boolean(over) && (shown.contains(over) || over.contains(shown)),
  };
}"""

COVER = """(style) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [sheet];
  document.body.append(Object.assign(document.createElement('div'), {className: 'cover'}));
}"""


@dataclass
class Keys:
    """Somebody who uses the keyboard alone."""

    page: Page

    def go_to(self, words: str = "", *, name: str = "", form: str = "") -> None:
        """Press Tab until the focus is on what is meant; it is never out of sight or without its ring."""
        passed = []
        for _ in range(MOST_STEPS):
            self.page.keyboard.press("Tab")
            here = self.page.evaluate(HERE)
            if here is None:
                continue
            passed.append(here["words"][:40])
            assert here["seen"], f"not seen: {here}"
            if words in here["words"] and name in ("", here["name"]) and form in ("", here["form"]):
                return
        raise AssertionError(f"{words or name} is not reached by Tab: {passed}")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)


@pytest.mark.parametrize("window", [PHONE, SCREEN])
def test_a_form_is_filled_in_and_handed_in_by_keyboard(school: School, window: dict[str, int]) -> None:
    school.fill_in()
    school.take_back("LM1.2")
    page, keys = school.page, Keys(school.page)
    page.set_viewport_size(window)  # type: ignore[arg-type]
    school.go("/check")
    keys.press("Tab")
    assert page.evaluate(HERE)["words"] == "Đến nội dung chính"
    keys.go_to("LM1.2")
    keys.press("Enter")
    page.wait_for_url("**/fill/**")
    keys.go_to(name="value", form="LM1.2-0")
    keys.press("Space")
    expect(page.locator("[data-save-state]")).to_contain_text("Đã lưu lúc")
    keys.go_to(name="comment", form="LM1.2-0")
    keys.type("Đủ bình, còn hạn")
    keys.go_to("Quay lại trang Kiểm tra và nộp")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Đã đủ điều kiện nộp")).to_be_visible()
    keys.go_to(name="signatory")
    keys.go_to(name="signatory")  # the first one is of the print
    keys.type("Nguyễn Thị Mẫu")
    keys.go_to(name="agreed")
    keys.press("Space")
    keys.go_to("Nộp phiếu")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Đã nộp phiếu")).to_be_visible()
    assert school.comment_of("LM1.2") == "Đủ bình, còn hạn"


@pytest.mark.parametrize(
    "style", ["* { outline: none !important; }", ".cover { position: fixed; inset: 0; background: white; }"]
)
def test_a_lost_ring_and_a_covered_button_are_noticed(school: School, style: str) -> None:
    school.go("/check")
    school.page.evaluate(COVER, style)
    with pytest.raises(AssertionError, match="not seen"):
        Keys(school.page).go_to("nothing")
