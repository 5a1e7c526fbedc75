"""A person's Chromium: it clicks and types as `Browser` says, and axe-core judges every page."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Response, expect
from werkzeug.serving import make_server

from tests.browser.demo_site import free_port
from tests.journeys.browser import Browser, Form, NoSuchThing, Page, read_page

WIDTHS = {"phone": 390, "office": 1280}


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The app behind a real server of this process, which shares its clock; yields its address."""
    port = free_port()
    server = make_server("127.0.0.1", port, app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{port}"
    server.shutdown()


def _unfold(place: Locator) -> None:
    """Open what hides a place of the page, as a person does."""
    closed = place.locator("xpath=ancestor::details[not(@open)]")
    while closed.count():
        closed.first.locator("summary").first.click()


class ChromiumBrowser(Browser):
    """One person's window on a running copy of the program.

    Each page is looked at once it has arrived: no fault that axe-core finds, no sideways scrolling.
    """

    def __init__(self, window: BrowserContext, url: str, faults: list[str]) -> None:
        self.url, self.faults = url, faults
        self.tab = window.new_page()
        self.status = 200
        self.tab.on("response", self._note)
        self.tab.on("pageerror", lambda error: faults.append(f"{self.tab.url}: {error}"))

    def get(self, address: str, status: int = 200) -> Page:
        """Open an address and follow where it leads."""
        self.tab.goto(self.url + address)
        return self._arrive(status)

    def send(self, form: Form, /, status: int = 200, **values: Any) -> Page:
        """Type `values` into a form and press its button; an answer's form saves itself.

        What a plain browser is refused as locked (409), this one does not even let a person change.
        """
        unknown = set(values) - form.names
        if unknown:
            raise NoSuchThing(f"{sorted(unknown)} not in {sorted(form.names)}")
        place = self.tab.locator("form").nth(form.place)
        if status == 409:
            assert place.locator("input[type=radio]:enabled, textarea:read-write").count() == 0
            return self.page
        for name, value in values.items():
            self._set(place, name, value)
        if place.get_attribute("data-autosave") is not None:
            return self._saved(place)
        with self.tab.expect_navigation():
            self._press(place, form.button)
        return self._arrive(status)

    def download(self, address: str) -> bytes:
        """The bytes of a file."""
        answer = self.tab.request.get(self.url + address)
        assert answer.ok and "text/html" not in answer.headers["content-type"], answer.status
        return answer.body()

    def file_from(self, form: Form, /, **values: Any) -> bytes:
        """The file that sending a form hands out."""
        place = self.tab.locator("form").nth(form.place)
        for name, value in values.items():
            self._set(place, name, value)
        with self.tab.expect_download() as caught:
            self._press(place, form.button)
        return caught.value.path().read_bytes()

    def _press(self, place: Locator, words: str) -> None:
        button = place.locator("button:not([type=button])")
        chosen = (button.filter(has_text=words) if words else button).first
        _unfold(chosen)
        chosen.click()
        question = self.tab.locator("dialog[open] button[value=yes]")
        if question.count():
            question.click()

    def _set(self, place: Locator, name: str, value: Any) -> None:
        fields = place.locator(f'[name="{name}"]')
        kind = fields.first.evaluate("field => field.type")
        _unfold(fields.first)
        if kind == "radio":
            fields.and_(place.locator(f'[value="{value}"]')).check()
        elif kind == "checkbox":
            fields.first.check()
        elif kind == "file":
            content, file_name = value
            fields.first.set_input_files({"name": file_name, "mimeType": "", "buffer": content})
        elif kind == "select-one":
            fields.first.select_option(str(value))
        else:
            fields.first.fill(str(value))

    def _saved(self, place: Locator) -> Page:
        # The page leaves at once in `get`; what it says before is that the server has the answer.
        place.locator("textarea[name=comment]").blur()
        expect(place.locator("[data-saved]")).to_have_attribute("data-state", "saved", timeout=10_000)
        expect(place.locator("[data-saved]")).to_contain_text("Đã lưu lúc")
        return self.page

    def _note(self, response: Response) -> None:
        request = response.request
        if request.is_navigation_request() and request.frame == self.tab.main_frame:
            self.status = response.status

    def _arrive(self, status: int) -> Page:
        address = urlsplit(self.tab.url).path
        words = self.tab.locator("main").inner_text()
        assert self.status == status, f"{address}: {self.status}\n{words[:1500]}"
        self.page = read_page(address, self.status, self.tab.content(), strict=False)
        wide = self.tab.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            self.faults.append(f"{address}: {wide} px too wide")
        for rule in Axe().run(self.tab).response["violations"]:
            nodes = [str(node["target"][0]) for node in rule["nodes"][:3]]
            self.faults.append(f"{address}: {rule['id']} {nodes}")
        return self.page
