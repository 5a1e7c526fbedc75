"""One run: a real server on a database of its own, the proxy, a person in Chromium, and the reckoning."""

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.bench.site import PASSWORD, real_set
from tests.browser.demo_site import CHROMIUM, CHROMIUM_ARGS
from tests.browser.storm.desks import Stocked, stocked
from tests.browser.storm.ledger import compare
from tests.browser.storm.person import ONLINE, Person
from tests.browser.storm.proxy import CALM, STORM, Proxy, Weather, proxied
from tests.faults.senders import FILLED
from tests.faults.servers import Server

ANSWERS = 5
TROUBLES = ("reload", "close", "away", "kill")


@dataclass(frozen=True)
class Storm:
    """What came of a run; lists of sentences."""

    events: int
    met: dict[str, int]
    lost: list[str]
    doubled: list[str]
    vanished: list[str]
    conflicts: int
    seconds: float


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser of our own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        try:
            yield browser
        finally:
            browser.close()


def can_run() -> bool:
    """True when there is a Chromium."""
    return Path(CHROMIUM).exists() and os.access(CHROMIUM, os.X_OK)


def without_outbox(path: str, body: bytes) -> bytes:
    """The page's outbox keeps nothing on the device: for the run that must lose."""
    for script, keeps, nothing in (
        ("outbox", b"globalThis.localStorage", b"undefined"),
        ("database", b"indexedDB.open(", b'(name === "tu-danh-gia" ? absent : indexedDB).open('),
    ):
        if body and path.startswith(f"/static/js/{script}.js"):  # a 304 has none
            assert keeps in body
            return body.replace(keeps, nothing)
    return body


def storm(events: int, seed: int, *guards_off: str, outbox: bool = True, weather: Weather = STORM) -> Storm:
    """Enter `events` answers through the storm; afterwards the sky is clear until nothing waits any more."""
    start = time.monotonic()
    with stocked(1) as site, chromium() as browser:
        server = Server(site.ground, guards_off)
        server.start()
        try:
            with proxied(server.port, seed, None if outbox else without_outbox) as proxy:
                person = _seated(site, proxy, browser, seed)
                proxy.weather = weather
                _enter_all(person, proxy, server, events)
                _clear_up(person, proxy)
                found = compare(site.engine, site.desks[0].form, person.entered, proxy.delivered)
        finally:
            server.kill()
    met = dict(proxy.met)
    seconds = time.monotonic() - start
    return Storm(events, met, found.lost, found.doubled, person.vanished, person.conflicts, seconds)


def _seated(site: Stocked, proxy: Proxy, browser: Browser, seed: int) -> Person:
    open_ones = list(real_set().by_code)[FILLED:]
    criterion = real_set().criterion_of[open_ones[0]].code
    address = f"{proxy.url}/assessments/{site.desks[0].form}/fill/{criterion}"
    person = Person(browser.new_context(), address, random.Random(seed))
    person.sign_in(proxy.url, site.desks[0].login, PASSWORD)
    person.open()
    person.wait_until_kept()
    person.begin(ANSWERS)
    return person


def _enter_all(person: Person, proxy: Proxy, server: Server, events: int) -> None:
    every = max(4, events // (10 * len(TROUBLES))) if events > 200 else max(4, events // 12)
    for number in range(1, events + 1):
        person.enter()
        person.page.wait_for_timeout(person.chance.choice((0, 0, 10, 60)))
        if person.chance.random() < 0.15:
            person.page.evaluate(ONLINE)
        if number % every == 0:
            _trouble(TROUBLES[number // every % len(TROUBLES)], person, proxy, server)


def _trouble(kind: str, person: Person, proxy: Proxy, server: Server) -> None:
    proxy.met[kind] += 1
    if kind == "kill":
        server.kill()
        person.enter()
        server.start()
    elif kind == "away":
        proxy.away = True
        person.enter()
        person.reload(close=person.chance.random() < 0.5)  # the service worker opens the page
        person.enter()
        proxy.away = False
    else:
        person.reload(close=kind == "close")


def _clear_up(person: Person, proxy: Proxy) -> None:
    proxy.weather = CALM
    proxy.settle()
    person.reload(close=False)
    person.finish(person.page.get_attribute("form[data-autosave]", "data-owner") or "")
    proxy.settle()
