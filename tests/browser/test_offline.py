"""Filling in without a network, with a session that ends, with somebody else at the machine."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import delete, select
from werkzeug.serving import make_server

from survey_app.accounts.models import Membership, User, UserSession
from survey_app.assessments.models import Answer, AnswerChange
from survey_app.core.db import session, unit_of_work
from survey_app.rules.permissions import Role
from tests.bench.site import PASSWORD, Site, measured_site
from tests.browser.demo_site import CHROMIUM, CHROMIUM_ARGS
from tests.browser.storm.proxy import Proxy, proxied
from tests.browser.storm.run import can_run
from tests.factories.accounts import make_membership, make_user

pytestmark = pytest.mark.browser
CODE, OTHER_HOST = "LM3.4", "truong.test"
BOX = f"form:has(input[name=indicator][value='{CODE}'])"
CACHED = """async () => (await Promise.all((await caches.keys()).map(async (name) => {
  const cache = await caches.open(name);
  return Promise.all((await cache.keys()).map(async (kept) =>
    (await cache.match(kept, {ignoreVary: true})).text()));
}))).flat().join('\\n')"""


@dataclass
class School:
    """A school with a head and a colleague, the program behind a proxy, and browsers."""

    site: Site
    proxy: Proxy
    browser: Browser
    head: str
    colleague: str

    @property
    def page(self) -> str:
        return f"{self.proxy.url}/assessments/{self.site.desks[0].form}/fill/LM3"

    def stored(self) -> Answer | None:
        with self.site.app.app_context():
            session.rollback()
            return session.scalars(select(Answer).where(Answer.indicator == CODE)).one_or_none()

    def end_sessions(self) -> None:
        with self.site.app.app_context(), unit_of_work():
            session.execute(delete(UserSession))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not can_run():
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        args = [*CHROMIUM_ARGS, f"--host-resolver-rules=MAP {OTHER_HOST} 127.0.0.1"]
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=args)
        yield running
        running.close()


@pytest.fixture(scope="module")
def served(browser: Browser) -> Iterator[School]:
    with measured_site(1) as site:
        site.app.config["TRUSTED_HOSTS"] = ["127.0.0.1", OTHER_HOST]
        with site.app.app_context(), unit_of_work():
            head = session.scalars(select(User)).one()
            unit = session.scalars(select(Membership)).one().unit
            colleague = make_user(login="dong-nghiep", password=head.password, name="Trần Thị Đồng Nghiệp")
            make_membership(colleague, unit, Role.UNIT_MEMBER)
        running = make_server("127.0.0.1", 0, site.app, threaded=True)
        threading.Thread(target=running.serve_forever, daemon=True).start()
        with proxied(running.server_port, 1) as proxy:
            yield School(site, proxy, browser, site.desks[0].login, "dong-nghiep")
        running.shutdown()


@pytest.fixture
def school(served: School) -> Iterator[School]:
    yield served
    served.proxy.away = False
    with served.site.app.app_context(), unit_of_work():
        session.execute(delete(AnswerChange))
        session.execute(delete(Answer).where(Answer.indicator == CODE))


@pytest.fixture
def window(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="vi-VN")
    yield context
    context.close()


def sign_in(tab: Page, root: str, login: str) -> None:
    tab.goto(root + "/account/login")
    tab.fill("input[name=login]", login)
    tab.fill("input[name=password]", PASSWORD)
    tab.click("main button[type=submit]")
    tab.wait_for_url(lambda url: "/account/login" not in url)


def visited(window: BrowserContext, school: School, login: str) -> Page:
    tab = window.new_page()
    sign_in(tab, school.proxy.url, login)
    tab.goto(school.page)
    tab.wait_for_selector("main[data-kept]", state="attached")
    tab.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return tab


def write(tab: Page, words: str) -> None:
    tab.fill(f"{BOX} textarea", words)
    tab.check(f"{BOX} input[name=value][value='2']")


def says(tab: Page, words: str) -> None:
    expect(tab.locator("[data-save-state]")).to_contain_text(words, timeout=15_000)


def shows(tab: Page, words: str) -> None:
    expect(tab.locator(f"{BOX} textarea")).to_have_value(words, timeout=15_000)


def try_now(tab: Page) -> None:
    tab.evaluate("window.dispatchEvent(new Event('online'))")


def press_sign_out(tab: Page) -> None:
    tab.locator("details.menu summary").first.click()
    tab.get_by_role("button", name="Đăng xuất").click()


def test_a_page_visited_once_opens_without_a_network_and_what_is_entered_is_saved_later(
    school: School, window: BrowserContext
) -> None:
    tab = visited(window, school, school.head)
    school.proxy.away = True
    tab.goto(school.page)
    expect(tab.get_by_text("Trang mở khi không có mạng")).to_be_visible()
    write(tab, "viết khi mất mạng")
    says(tab, "Đã giữ trên máy này, sẽ tự lưu khi có mạng")
    tab.reload()
    shows(tab, "viết khi mất mạng")
    expect(tab.locator(f"{BOX} input[value='2']")).to_be_checked()
    assert school.stored() is None
    school.proxy.away = False
    try_now(tab)
    says(tab, "Đã lưu lúc")
    kept = school.stored()
    assert kept and (kept.value, kept.comment) == (2, "viết khi mất mạng")


def test_the_worker_keeps_no_answer_no_name_and_no_token(school: School, window: BrowserContext) -> None:
    tab = visited(window, school, school.head)
    token = tab.locator("input[name=csrf_token]").first.get_attribute("value")
    names = [tab.locator("main").get_attribute("data-heading"), tab.locator(".menu-list b").text_content()]
    write(tab, "điều chỉ trường biết")
    says(tab, "Đã lưu lúc")
    tab.reload()
    tab.wait_for_selector("main[data-kept]", state="attached")
    kept: str = tab.evaluate(CACHED)
    assert "Mức 2" in kept and "Không có mạng" in kept
    for secret in (token, *names, "điều chỉ trường biết", 'name="csrf_token" value', school.head):
        assert secret and secret not in kept


def test_another_page_says_in_words_that_there_is_no_network(school: School, window: BrowserContext) -> None:
    tab = visited(window, school, school.head)
    school.proxy.away = True
    tab.goto(school.page.rpartition("/fill/")[0])
    expect(tab.get_by_role("heading", name="Không có mạng")).to_be_visible()
    tab.get_by_role("link", name="LM3.").click()
    expect(tab.locator(f"{BOX} textarea")).to_be_visible()


def test_a_session_that_ends_in_mid_typing_loses_nothing_and_the_same_person_saves_it(
    school: School, window: BrowserContext
) -> None:
    tab = visited(window, school, school.head)
    school.end_sessions()
    write(tab, "phiên hết giữa chừng")
    says(tab, "Phiên làm việc đã hết")
    assert school.stored() is None
    with window.expect_page() as opened:
        tab.get_by_role("link", name="Đăng nhập lại").click()
    sign_in(opened.value, school.proxy.url, school.head)
    opened.value.close()
    tab.evaluate("window.dispatchEvent(new Event('focus'))")
    says(tab, "Đã lưu lúc")
    kept = school.stored()
    assert kept and kept.comment == "phiên hết giữa chừng"


def test_nobody_else_saves_it_sees_it_or_wipes_it(school: School, window: BrowserContext) -> None:
    tab = visited(window, school, school.head)
    school.end_sessions()
    write(tab, "của hiệu trưởng")
    says(tab, "Phiên làm việc đã hết")
    other = window.new_page()
    sign_in(other, school.proxy.url, school.colleague)
    tab.evaluate("window.dispatchEvent(new Event('focus'))")
    says(tab, "tài khoản khác")
    other.goto(school.page)
    shows(other, "")
    other.wait_for_selector("main[data-kept]", state="attached")
    school.proxy.away = True
    other.goto(school.page)
    shows(other, "")
    school.proxy.away = False
    assert school.stored() is None
    window.clear_cookies()
    sign_in(other, school.proxy.url, school.head)  # afterwards, on whatever page they come to
    tab.close()
    other.goto(school.page)
    shows(other, "của hiệu trưởng")
    says(other, "Đã lưu lúc")


def test_without_a_network_another_person_is_offered_nothing(school: School, window: BrowserContext) -> None:
    tab = visited(window, school, school.head)
    write(tab, "chỉ của hiệu trưởng")
    says(tab, "Đã lưu lúc")
    window.clear_cookies()
    sign_in(tab, school.proxy.url, school.colleague)
    school.proxy.away = True
    tab.goto(school.page)
    expect(tab.get_by_text("chưa mở lần nào trên máy này")).to_be_visible()
    assert "chỉ của hiệu trưởng" not in tab.content() and not tab.locator(f"{BOX}[data-autosave]").count()


def test_two_people_at_one_field_see_both_texts_and_the_person_chooses(
    school: School, window: BrowserContext, browser: Browser
) -> None:
    mine, other = visited(window, school, school.head), browser.new_context(locale="vi-VN")
    theirs = visited(other, school, school.colleague)
    write(theirs, "bản của đồng nghiệp")
    says(theirs, "Đã lưu lúc")
    other.close()
    write(mine, "bản của tôi")
    both = mine.locator(f"{BOX} [data-trouble]")
    for words in ("Có hai bản khác nhau", "Trần Thị Đồng Nghiệp", "bản của đồng nghiệp", "bản của tôi"):
        expect(both).to_contain_text(words, timeout=15_000)
    kept = school.stored()
    assert kept and kept.comment == "bản của đồng nghiệp"
    both.get_by_role("button", name="Giữ của tôi").click()
    says(mine, "Đã lưu lúc")
    kept = school.stored()
    assert kept and kept.comment == "bản của tôi"


def test_signing_out_with_unsent_answers_asks(school: School, window: BrowserContext) -> None:
    tab = visited(window, school, school.head)
    school.proxy.away = True
    write(tab, "chưa gửi")
    says(tab, "Đã giữ trên máy này")
    press_sign_out(tab)
    dialog = tab.get_by_role("dialog")
    dialog.get_by_role("button", name="Gửi trước").click()
    expect(dialog).to_contain_text("Chưa gửi được vì chưa có mạng", timeout=15_000)
    dialog.get_by_role("button", name="Ở lại").click()
    shows(tab, "chưa gửi")
    school.proxy.away = False
    press_sign_out(tab)
    for _ in range(100):
        if dialog.count() or "/account/login" in tab.url:
            break
        tab.wait_for_timeout(100)
    if dialog.count():  # unless the network was noticed in between
        dialog.get_by_role("button", name="Gửi trước").click()
    tab.wait_for_url("**/account/login")
    kept = school.stored()
    assert kept and kept.comment == "chưa gửi"


def test_who_drops_the_unsent_answers_leaves_nothing_behind(school: School, window: BrowserContext) -> None:
    tab = visited(window, school, school.head)
    school.proxy.away = True
    write(tab, "bỏ đi")
    says(tab, "Đã giữ trên máy này")
    press_sign_out(tab)
    tab.get_by_role("dialog").get_by_role("button", name="Bỏ").click()
    tab.wait_for_timeout(500)
    tab.goto(school.page)
    expect(tab.get_by_role("heading", name="Không có mạng")).to_be_visible()
    left: Any = tab.evaluate("[localStorage.owner, Object.keys(localStorage).join()]")
    assert left[0] == "" and "outbox" not in left[1]
    school.proxy.away = False
    tab.goto(school.page)  # the server has not heard of the sign-out
    shows(tab, "")


def test_what_is_chosen_before_the_scripts_have_come_is_saved(school: School, window: BrowserContext) -> None:
    tab = window.new_page()
    sign_in(tab, school.proxy.url, school.head)
    held: list[Any] = []
    tab.route("**/js/autosave.js*", lambda route: held.append(route))
    tab.goto(school.page, wait_until="commit")
    write(tab, "nhanh hơn mạng")
    while not held:
        tab.wait_for_timeout(50)
    held[0].continue_()
    says(tab, "Đã lưu lúc")
    kept = school.stored()
    assert kept and (kept.value, kept.comment) == (2, "nhanh hơn mạng")


def test_an_address_without_https_is_named_on_the_page(school: School, window: BrowserContext) -> None:
    tab = window.new_page()
    root = school.proxy.url.replace("127.0.0.1", OTHER_HOST)
    sign_in(tab, root, school.head)
    tab.goto(school.page.replace("127.0.0.1", OTHER_HOST))
    expect(tab.get_by_text("không dùng HTTPS")).to_be_visible()
    write(tab, "vẫn lưu")
    says(tab, "Đã lưu lúc")
