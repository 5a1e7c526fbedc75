"""The filling-in page in a real browser, against a small server that can lose answers and go silent."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, jsonify, render_template_string, request
from flask.typing import ResponseReturnValue
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.browser.demo_site import CHROMIUM, CHROMIUM_ARGS, free_port

pytestmark = pytest.mark.browser
STATIC = Path(__file__).parents[2] / "survey_app" / "core" / "static"
PAGE = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>AT3</title><main><h1>AT3</h1>
<p role="status" data-save-state></p><div data-sites>
{% for site in (0, 7) %}{% set saved = answers.get(site|string, {}) %}
<form id="site-{{ site }}" data-autosave method="post" action="/answers"
 data-owner="{{ owner }}" data-assessment="f1"
 data-base-version="{{ saved.get('version', 0) }}"><input type="hidden" name="csrf_token" value="t">
<input type="hidden" name="indicator" value="AT3.2"><input type="hidden" name="site" value="{{ site }}">
<input type="hidden" name="key" value="">
<input type="hidden" name="base_version" value="{{ saved.get('version', 0) }}">
{% for value in range(4) %}<label><input type="radio" name="value" value="{{ value }}"
 {{ "checked" if saved.get("value") == value|string }}>Mức {{ value }}</label>{% endfor %}
<p data-next-for="1">Để đạt mức 2 cần: sổ tự kiểm tra.</p><p data-next-for="2">Để đạt mức 3 cần: tập huấn.</p>
<label>Mô tả<textarea name="comment">{{ saved.get("comment", "") }}</textarea></label>
<button type="button" data-apply-all>Áp dụng cho tất cả điểm trường</button><p data-saved></p></form>
{% endfor %}</div></main>
<script type="module" src="/static/js/autosave.js"></script></html>"""

CHECK = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>Nộp</title><main><h1>Nộp</h1>
<p role="status" data-save-state></p><div data-outbox data-owner="{{ owner }}" data-assessment="f1"></div>
<form><input type="hidden" name="csrf_token" value="t"></form></main>
<script type="module" src="/static/js/flush.js"></script></html>"""

# How long a person who has stopped typing or chosen a level waits until the page says that it is saved.
STOPWATCH = """() => {
  const line = document.querySelector('[data-save-state]');
  let last = 0;
  document.addEventListener('input', () => { last = performance.now(); delete window.waited; }, true);
  const saved = () => { if (line.dataset.state === 'saved') window.waited ??= performance.now() - last; };
  new MutationObserver(saved).observe(line, {attributes: true});
}"""
MOST_WAITED = 2000  # ms


@dataclass
class Server:
    """Answers by the contract of POST …/answers; `mood` says how it fails."""

    url: str = ""
    mood: str = "well"
    owner: str = "5"
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)
    posts: int = 0
    tokens: threading.Event = field(default_factory=threading.Event)  # given out while it is set

    def __post_init__(self) -> None:
        self.tokens.set()

    def page(self) -> str:
        return render_template_string(PAGE, answers=self.answers, owner=self.owner)

    def check(self) -> str:
        return render_template_string(CHECK, owner=self.owner)

    def token(self) -> ResponseReturnValue:
        if self.mood == "signed out":
            return jsonify(error="hết phiên", sign_in="/account/login"), 401
        self.tokens.wait(10)
        return jsonify(owner=self.owner, token="t")

    def save(self) -> ResponseReturnValue:
        self.posts += 1
        refusals = {
            "busy": ({"error": "bận"}, 503),
            "long": ({"error": "Nội dung dài quá."}, 422),
            "signed out": ({"error": "hết phiên", "sign_in": "/account/login"}, 401),
        }
        if self.mood in refusals:
            body, status = refusals[self.mood]
            return jsonify(body), status
        form = request.form
        if form["key"] in self.seen:
            return jsonify(self.seen[form["key"]])
        current = self.answers.get(form["site"], {"version": 0})
        if int(form["base_version"]) != current["version"]:
            theirs = {"key": "", **current, "by": "Trần Văn B", "at": "14:00:00"}
            return jsonify(error="khác", mine={}, theirs=theirs), 409
        version = current["version"] + 1
        kept = {name: form[name] for name in ("value", "comment", "key")}
        self.answers[form["site"]] = kept | {"version": version}
        self.seen[form["key"]] = {"version": version, "saved_at": "14:05:32", "progress": {}}
        if self.mood == "loses the answer":
            self.mood = "well"
            return jsonify(error="mất"), 502
        return jsonify(self.seen[form["key"]])

    def another_person_saves(self) -> None:
        version = self.answers["0"]["version"] + 1
        theirs = {"value": "3", "comment": "của người khác", "key": ""}
        self.answers["0"] = theirs | {"version": version}


@pytest.fixture
def server() -> Iterator[Server]:
    state, port = Server(), free_port()
    app = Flask(__name__, static_folder=str(STATIC), static_url_path="/static")
    app.add_url_rule("/", "page", state.page)
    app.add_url_rule("/check", "check", state.check)
    app.add_url_rule("/assessments/token", "token", state.token)
    app.add_url_rule("/answers", "save", state.save, methods=["POST"])
    running = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{port}/"
    yield state
    running.shutdown()


@pytest.fixture(scope="module")
def context() -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture
def page(context: Any, server: Server) -> Iterator[Page]:
    window = context.new_context()
    tab = window.new_page()
    tab.goto(server.url)
    yield tab
    window.close()


def says(page: Page, words: str) -> None:
    expect(page.locator("[data-save-state]")).to_contain_text(words, timeout=5000)


def choose(page: Page, value: int, site: int = 0) -> None:
    page.check(f"#site-{site} input[type=radio][value='{value}']")


def try_now(page: Page) -> None:
    page.evaluate("window.dispatchEvent(new Event('online'))")


def test_a_chosen_level_is_saved_at_once_and_shows_what_comes_next(page: Page, server: Server) -> None:
    choose(page, 1)
    says(page, "Đã lưu lúc 14:05:32")
    assert server.answers["0"]["value"] == "1"
    expect(page.locator("#site-0 [data-next-for='1']")).to_be_visible()
    expect(page.locator("#site-0 [data-next-for='2']")).to_be_hidden()


def test_a_comment_is_saved_once_after_a_pause(page: Page, server: Server) -> None:
    page.locator("#site-0 textarea").press_sequentially("Tầng 3 chưa có bình")
    says(page, "Đã lưu lúc")
    page.locator("#site-7 textarea").focus()
    page.wait_for_timeout(300)
    assert server.answers["0"]["comment"] == "Tầng 3 chưa có bình" and server.posts == 1


def test_what_was_typed_or_chosen_is_saved_within_two_seconds(page: Page, server: Server) -> None:
    page.evaluate(STOPWATCH)
    page.locator("#site-0 textarea").press_sequentially("Đủ bình")
    says(page, "Đã lưu lúc")
    typed = page.evaluate("window.waited")
    choose(page, 2, site=7)
    page.wait_for_function("window.waited !== undefined")
    assert max(typed, page.evaluate("window.waited")) <= MOST_WAITED
    assert (server.answers["0"]["comment"], server.answers["7"]["value"]) == ("Đủ bình", "2")


def test_a_reload_in_mid_typing_loses_nothing(page: Page, server: Server) -> None:
    page.fill("#site-0 textarea", "giữa chừng")
    page.reload()
    expect(page.locator("#site-0 textarea")).to_have_value("giữa chừng")
    says(page, "Đã lưu lúc")
    assert server.answers["0"]["comment"] == "giữa chừng" and server.answers["0"]["version"] == 1


def test_words_typed_just_before_a_reload_are_kept_while_the_database_still_opens(
    page: Page, server: Server
) -> None:
    once = "if (!sessionStorage.slow) { sessionStorage.slow = 1; IDBFactory.prototype.open = () => ({}); }"
    page.add_init_script(once)  # the first page's database never answers
    page.reload()
    page.fill("#site-0 textarea", "chữ cuối cùng")
    server.mood = "busy"
    page.reload()
    expect(page.locator("#site-0 textarea")).to_have_value("chữ cuối cùng")


def test_a_busy_server_is_asked_again_and_a_reload_keeps_the_choice(page: Page, server: Server) -> None:
    server.mood = "busy"
    choose(page, 2)
    says(page, "Đã giữ trên máy này, sẽ tự lưu khi có mạng")
    page.reload()
    expect(page.locator("#site-0 input[type=radio][value='2']")).to_be_checked()
    server.mood = "well"
    try_now(page)
    says(page, "Đã lưu lúc")
    assert server.answers["0"]["value"] == "2"


def test_two_versions_stand_side_by_side_and_mine_can_be_kept(page: Page, server: Server) -> None:
    choose(page, 1)
    says(page, "Đã lưu lúc")
    server.another_person_saves()
    page.fill("#site-0 textarea", "của tôi")
    says(page, "Có hai bản khác nhau")
    expect(page.locator("#site-0")).to_contain_text("Trần Văn B")
    assert server.answers["0"]["comment"] == "của người khác"
    page.get_by_role("button", name="Giữ của tôi").click()
    says(page, "Đã lưu lúc")
    assert server.answers["0"]["comment"] == "của tôi"


def test_words_kept_from_before_never_go_over_what_another_person_saved_meanwhile(
    page: Page, server: Server
) -> None:
    choose(page, 1)
    says(page, "Đã lưu lúc")
    server.mood = "busy"
    page.fill("#site-0 textarea", "của tôi")
    says(page, "Đã giữ trên máy này")
    server.another_person_saves()
    page.reload()
    expect(page.locator("#site-0 textarea")).to_have_value("của tôi")
    page.locator("#site-0 textarea").press_sequentially(", viết tiếp")
    server.mood = "well"
    try_now(page)
    says(page, "Có hai bản khác nhau")
    assert server.answers["0"]["comment"] == "của người khác"


def test_pauses_between_tries_grow_differ_between_browsers_and_end_at_a_minute(page: Page) -> None:
    drawn: list[list[float]] = page.evaluate(
        """async () => { const { pauseAfter } = await import("/static/js/sender.js");
        return [0, 2, 4, 50].map((failures) => Array.from({ length: 30 }, () => pauseAfter(failures))); }"""
    )
    assert all(len(set(pauses)) > 1 and max(pauses) <= 60 for pauses in drawn)
    assert [min(pauses) > least for pauses, least in zip(drawn, (0.7, 2.9, 11, 44), strict=True)] == [
        True
    ] * 4
    assert max(drawn[0]) < 1.3 and max(drawn[1]) < 5.1


def test_a_hotels_sign_in_page_counts_as_no_network(page: Page, server: Server) -> None:
    page.route("**/answers", lambda route: route.fulfill(status=200, body="<h1>Wi-Fi</h1>"))
    choose(page, 1)
    says(page, "Đã giữ trên máy này, sẽ tự lưu khi có mạng")
    page.unroute("**/answers")
    try_now(page)
    says(page, "Đã lưu lúc")


def test_a_device_that_keeps_nothing_says_so(page: Page, server: Server) -> None:
    page.add_init_script(
        "IDBFactory.prototype.open = Storage.prototype.setItem = () => { throw new Error(); }"
    )
    page.reload()
    server.mood = "busy"
    choose(page, 1)
    says(page, "Xin đừng đóng trang này")


def test_the_saved_version_can_be_taken(page: Page, server: Server) -> None:
    choose(page, 1)
    says(page, "Đã lưu lúc")
    server.another_person_saves()
    page.fill("#site-0 textarea", "của tôi")
    page.get_by_role("button", name="Lấy bản đã lưu").click()
    expect(page.locator("#site-0 textarea")).to_have_value("của người khác")
    page.reload()
    page.wait_for_timeout(300)
    assert server.answers["0"]["comment"] == "của người khác"


def test_an_answer_saved_but_never_confirmed_is_not_a_conflict(page: Page, server: Server) -> None:
    server.mood = "loses the answer"
    choose(page, 3)
    says(page, "Đã giữ trên máy này")
    page.fill("#site-0 textarea", "viết thêm")
    says(page, "Đã lưu lúc")
    stored = server.answers["0"]
    assert (stored["value"], stored["comment"], stored["version"]) == ("3", "viết thêm", 2)


def test_what_is_typed_while_a_token_is_asked_for_knows_what_is_sent(page: Page, server: Server) -> None:
    server.mood = "busy"
    choose(page, 1)
    says(page, "Đã giữ trên máy này")
    server.tokens.clear()
    with page.expect_request("**/assessments/token"):
        choose(page, 3)
    page.fill("#site-0 textarea", "viết thêm")
    server.mood = "loses the answer"
    server.tokens.set()
    says(page, "Đã lưu lúc")
    stored = server.answers["0"]
    assert (stored["value"], stored["comment"], stored["version"]) == ("3", "viết thêm", 2)


def test_the_same_words_from_somebody_else_are_not_taken_for_ones_own(page: Page, server: Server) -> None:
    """What was sent and never arrived says "3"; somebody else's 3 with the same words is still theirs."""
    choose(page, 1)
    says(page, "Đã lưu lúc")
    server.mood = "busy"
    page.fill("#site-0 textarea", "của người khác")
    choose(page, 3)
    says(page, "Đã giữ trên máy này")
    server.another_person_saves()
    page.fill("#site-0 textarea", "viết tiếp")
    server.mood = "well"
    try_now(page)
    expect(page.get_by_role("button", name="Giữ của tôi")).to_be_visible()
    assert server.answers["0"]["comment"] == "của người khác"


def test_an_ended_session_keeps_the_text_and_offers_to_sign_in(page: Page, server: Server) -> None:
    server.mood = "signed out"
    choose(page, 1)
    says(page, "Phiên làm việc đã hết")
    expect(page.get_by_role("link", name="Đăng nhập lại")).to_have_attribute("href", "/account/login")
    server.mood = "well"
    try_now(page)
    says(page, "Đã lưu lúc")


def test_another_person_on_the_same_machine_is_offered_nothing(page: Page, server: Server) -> None:
    server.mood = "busy"
    page.fill("#site-0 textarea", "của người thứ nhất")
    says(page, "Đã giữ trên máy này")
    server.owner, server.mood = "6", "well"
    page.reload()
    page.wait_for_timeout(500)
    expect(page.locator("#site-0 textarea")).to_have_value("")
    assert "0" not in server.answers or server.answers["0"]["comment"] == "của người thứ nhất"


def test_a_refused_text_says_why_and_the_next_change_is_sent(page: Page, server: Server) -> None:
    server.mood = "long"
    page.fill("#site-0 textarea", "dài quá")
    says(page, "Chưa lưu")
    expect(page.get_by_text("Nội dung dài quá.")).to_have_count(1)  # said once, at its form
    server.mood = "well"
    page.fill("#site-0 textarea", "ngắn")
    says(page, "Đã lưu lúc")
    assert server.answers["0"]["comment"] == "ngắn"


def test_one_level_is_applied_to_all_sites(page: Page, server: Server) -> None:
    choose(page, 2)
    page.locator("#site-0 [data-apply-all]").click()
    says(page, "Đã lưu lúc")
    expect(page.locator("#site-7 input[type=radio][value='2']")).to_be_checked()
    page.wait_for_timeout(400)
    assert server.answers["7"]["value"] == "2"


def test_the_page_before_handing_in_sends_what_still_waits(page: Page, server: Server) -> None:
    """It loads the script that saves only when something waits."""
    server.mood = "busy"
    choose(page, 2)
    says(page, "Đã giữ trên máy này")
    server.mood = "well"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.goto(f"{server.url}check")
    says(page, "Đã lưu lúc")
    assert server.answers["0"]["value"] == "2" and "autosave.js" in asked
    asked.clear()
    page.goto(f"{server.url}check")
    page.wait_for_load_state("networkidle")
    assert "outbox.js" in asked and "autosave.js" not in asked
