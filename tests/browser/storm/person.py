"""A person at a filling page: chooses levels, writes remarks, reloads, closes the tab, comes back."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page

from tests.browser.storm.ledger import State

READ = """() => Object.fromEntries([...document.querySelectorAll('form[data-autosave]')].map((form) => [
  form.elements.indicator.value,
  [form.querySelector('input[name=value]:checked')?.value ?? '', form.elements.comment.value]]))"""
LEFT = """async (owner) => (await (await import('/static/js/outbox.js')).waiting(owner)).length"""
READY = "() => document.querySelector('form[data-autosave]') && document.body.classList.contains('scripted')"
ONLINE = "window.dispatchEvent(new Event('online'))"
PATIENCE = 20_000


@dataclass
class Person:
    """Somebody who remembers what they have entered."""

    context: BrowserContext
    address: str
    chance: random.Random
    entered: dict[str, list[State]] = field(default_factory=dict)
    vanished: list[str] = field(default_factory=list)
    conflicts: int = 0
    count: int = 0
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.page = self.context.new_page()

    def sign_in(self, root: str, login: str, password: str) -> None:
        """Through the real form."""
        self.page.goto(root + "/account/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", password)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(lambda url: "/account/login" not in url)

    def open(self) -> None:
        """Open the page, as often as it takes."""
        for _ in range(60):
            try:
                self.page.goto(self.address, timeout=PATIENCE)
                self.page.wait_for_function(READY, timeout=3000)
                return
            except Error:
                self.page.wait_for_timeout(200)
        raise AssertionError("the page never opened")

    def wait_until_kept(self) -> None:
        """The page has been visited once: from now on it opens without a network."""
        self.page.wait_for_selector("main[data-kept]", state="attached", timeout=3 * PATIENCE)
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    def look(self) -> dict[str, State]:
        """What the forms show now."""
        found: dict[str, Any] = self.page.evaluate(READ)
        return {indicator: (value, comment) for indicator, (value, comment) in found.items()}

    def begin(self, indicators: int) -> None:
        """Choose the answers to work on."""
        shown = self.look()
        self.entered = {code: [shown[code]] for code in list(shown)[:indicators]}

    def enter(self) -> None:
        """Choose a level or write a remark that was never written before."""
        code = self.chance.choice(list(self.entered))
        states = self.entered[code]
        value, comment = states[-1]
        fresh = [level for level in "0123" if (level, comment) not in states]
        form = f"form:has(input[name=indicator][value='{code}'])"
        radio = self.page.locator(f"{form} input[name=value][value='{fresh[0] if fresh else 0}']")
        self.count += 1
        if fresh and self.chance.random() < 0.4 and radio.count():
            states.append((fresh[0], comment))
            radio.check(timeout=PATIENCE)
        else:
            states.append((value, f"Lần {self.count}: đủ bình, còn hạn"))
            self.page.fill(f"{form} textarea", states[-1][1], timeout=PATIENCE)

    def reload(self, *, close: bool) -> None:
        """Go away in the middle of it and come back; what was entered must be on the page."""
        if close:
            self.page.close(run_before_unload=self.chance.random() < 0.5)
            self.page = self.context.new_page()
        self.open()
        shown: dict[str, State] = {}
        for _ in range(25):
            shown = self.look()
            if all(shown.get(code) == states[-1] for code, states in self.entered.items()):
                return
            self.page.wait_for_timeout(200)
        where = self.page.evaluate("document.querySelector('p [data-heading]') ? 'kept page' : 'page'")
        self.vanished += [
            f"{where}: {code} shows {shown.get(code)} instead of {states[-1]}"
            for code, states in self.entered.items()
            if shown.get(code) != states[-1]
        ]

    def finish(self, owner: str) -> None:
        """Until nothing waits in the browser any more; differences that nobody made are counted."""
        for _ in range(120):
            for button in self.page.get_by_role("button", name="Giữ của tôi").all()[:1]:
                self.conflicts += 1
                button.click()
            self.page.evaluate(ONLINE)
            self.page.wait_for_timeout(300)
            if not self.page.evaluate(LEFT, owner):
                return
        raise AssertionError("something still waits: " + self.page.inner_text("[data-save-state]"))


def trouble(person: Person, kinds: Sequence[str]) -> str:
    """What happens next, "" for nothing."""
    return person.chance.choice(kinds) if person.chance.random() < 0.07 else ""
