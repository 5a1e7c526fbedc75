"""Uploading in a real browser: pictures get smaller and keep their date, a lost network loses nothing."""

import re
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask, Response, request
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import select
from werkzeug.serving import make_server

from survey_app.core.db import session, unit_of_work
from survey_app.evidence.models import EvidenceFile
from survey_app.rules.permissions import Role
from tests.browser.demo_site import CHROMIUM, CHROMIUM_ARGS, free_port
from tests.conftest import Seat
from tests.factories.evidence import make_office, make_photo
from tests.factories.organisations import make_school

pytestmark = pytest.mark.browser
# A telephone far from its mast: 100 KB a second on the way up.
SLOW = {"offline": False, "latency": 50, "downloadThroughput": 1_000_000, "uploadThroughput": 100_000}

# What the bar shows while one can see it; the page stays when the file is stored, or nobody could ask.
WATCH = """() => {
  const bar = document.querySelector('progress');
  window.filled = [];
  const look = () => bar.checkVisibility() && filled.push(bar.value);
  new MutationObserver(look).observe(bar, {attributes: true});
  document.addEventListener('stored', (event) => event.preventDefault());
}"""


@pytest.fixture
def address(app: Flask, seat: Seat) -> Iterator[str]:
    """The store of a school whose head is signed in, on a live server."""
    with app.app_context(), unit_of_work():
        seat.take(Role.UNIT_HEAD, make_school())
    port = free_port()
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{port}/evidence"
    server.shutdown()


@pytest.fixture
def page() -> Iterator[Page]:
    """A Vietnamese browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield browser.new_page(locale="vi-VN")
        browser.close()


@pytest.fixture
def pictures(app: Flask) -> list[tuple[int, int]]:
    """How many pixels wide and high each photograph is that comes to the server."""
    seen: list[tuple[int, int]] = []

    def look(answer: Response) -> Response:
        if "file" in request.files:
            request.files["file"].stream.seek(0)
            seen.append(Image.open(request.files["file"].stream).size)
        return answer

    app.after_request(look)
    return seen


def files(app: Flask) -> list[EvidenceFile]:
    with app.app_context():
        return list(session.scalars(select(EvidenceFile).order_by(EvidenceFile.id)))


def fill(page: Page, address: str, *paths: Path) -> None:
    page.goto(address + "/new")
    page.set_input_files("#file", list(paths))
    page.get_by_label("Tôi đã che mặt, tên học sinh").check()


def send(page: Page) -> None:
    page.locator("main form.card button[type=submit]").click()


def test_photographs_are_made_smaller_and_keep_their_date(
    app: Flask, page: Page, address: str, tmp_path: Path, pictures: list[tuple[int, int]]
) -> None:
    for number, name in enumerate(["Bình chữa cháy.jpg", "IMG_2.jpg"]):
        (tmp_path / name).write_bytes(make_photo((3000, 2000 + number), orientation=6))
    sent: list[str] = []
    page.on(
        "request",
        lambda request: sent.append(request.headers.get("accept", "")) if request.method == "POST" else None,
    )
    fill(page, address, tmp_path / "Bình chữa cháy.jpg", tmp_path / "IMG_2.jpg")
    expect(page.get_by_label("Tên minh chứng")).to_have_value("Bình chữa cháy")
    expect(page.locator(".chosen img")).to_have_count(2)
    send(page)
    page.wait_for_url(address)
    assert sent == ["application/json"] * 2
    assert pictures == [(1333, 2000), (1334, 2000)], "3,000 px lying on its side, made smaller and upright"
    assert [file.title for file in files(app)] == ["Bình chữa cháy", "Bình chữa cháy (2)"]
    assert {file.captured_on for file in files(app)} == {date(2027, 5, 3)}


def test_a_bar_fills_while_a_file_goes_up(app: Flask, page: Page, address: str, tmp_path: Path) -> None:
    noise = Image.effect_noise((600, 600), 90)  # nothing to gain by making it smaller
    noise.save(tmp_path / "Sân trường.png")
    fill(page, address, tmp_path / "Sân trường.png")
    page.evaluate(WATCH)
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW)
    bar = page.get_by_role("progressbar", name="Đang tải lên")
    expect(bar).to_be_hidden()
    send(page)
    expect(bar).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Đang tải lên Sân trường.png")).to_be_visible()
    expect(bar).to_be_hidden(timeout=30_000)
    seen = page.evaluate("filled")
    assert seen == sorted(seen) and seen[-1] == 100
    assert len({part for part in seen if 0 < part < 100}) > 2, seen
    assert [file.title for file in files(app)] == ["Sân trường"]


def test_what_was_typed_and_chosen_stays_until_it_is_stored(
    app: Flask, page: Page, address: str, tmp_path: Path
) -> None:
    (tmp_path / "so.docx").write_bytes(make_office())
    fill(page, address, tmp_path / "so.docx")
    page.get_by_label("Tên minh chứng").fill("Sổ tự kiểm tra")
    page.context.set_offline(True)
    send(page)
    expect(page.get_by_role("alert").filter(has_text="kiểm tra mạng")).to_be_visible()
    again = page.get_by_role("button", name="Thử lại")
    page.context.set_offline(False)
    again.click()
    page.wait_for_url(address)
    assert [file.title for file in files(app)] == ["Sổ tự kiểm tra"]


def test_a_refusal_and_a_missing_tick_are_said_in_vietnamese(
    app: Flask, page: Page, address: str, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(b"<html>")
    page.goto(address + "/new")
    page.set_input_files("#file", tmp_path / "a.png")
    page.get_by_label("Tên minh chứng").fill("Sai")
    send(page)
    expect(
        page.get_by_role("alert").filter(has_text="Còn thiếu: Tôi đã che mặt, tên học sinh")
    ).to_be_visible()
    page.get_by_label("Tôi đã che mặt, tên học sinh").check()
    send(page)
    expect(page.get_by_role("alert").filter(has_text="không đúng với đuôi .png")).to_be_visible()
    assert files(app) == [] and re.search("/evidence/new$", page.url)
