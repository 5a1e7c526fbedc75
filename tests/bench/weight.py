"""What the filling page weighs on its first load, and when it can be used on a slow phone."""

import sys
import time
from collections import Counter
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from tests.bench.client import signed_in
from tests.bench.figures import Figure, benchmark
from tests.bench.load import served
from tests.bench.site import Desk, Site, measured_site
from tests.browser.storm.proxy import proxied
from tests.browser.storm.run import chromium

WIDTH, HEIGHT = 360, 740
LONGEST = "AT4"
# Slow 3G as Lighthouse and WebPageTest know it: 400 kbit/s each way, 400 ms from request to answer.
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
RADIO = "form[data-autosave] input[type=radio]"


@dataclass(frozen=True)
class Load:
    """One first load: bytes by kind until the page was there, all until the page was kept; seconds."""

    page: Counter[str]
    kept: int
    first_radio: float
    first_save: float


@benchmark("page_fill_kb")
def page_fill_kb() -> Figure:
    """Kilobytes of the longest nội dung, empty cache, fonts and worker included; bare: its HTML alone."""
    with (
        measured_site(1) as site,
        served("tests.bench.served:app", site) as port,
        chromium() as browser,
    ):
        seen = _first_load(site, port, browser)
    total = sum(seen.page.values())
    parts = ", ".join(f"{kind} {size / 1024:.0f}" for kind, size in seen.page.most_common())
    print(
        f"until loaded {total / 1024:.0f} KB ({parts}), with worker and outline {seen.kept / 1024:.0f} KB; "
        f"slow 3G at {WIDTH} px: first level can be chosen after {seen.first_radio:.1f} s, "
        f"saved {seen.first_save:.1f} s after it was chosen",
        file=sys.stderr,
        flush=True,
    )
    return Figure("page_fill_kb", seen.kept / 1024, "KB", seen.page["html"] / 1024)


def _first_load(site: Site, port: int, browser: Browser) -> Load:
    desk = site.desks[0]
    with proxied(port, 1) as proxy:
        page = _tab(browser, proxy.url, site, desk, slow=False)
        page.goto(f"{proxy.url}/assessments/{desk.form}/fill/{LONGEST}", wait_until="load")
        loaded = Counter(proxy.sent)
        page.wait_for_selector("main[data-kept]", state="attached")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= WIDTH, f"{wide} px wide"
        total = sum(proxy.sent.values())
    with proxied(port, 2) as proxy:
        page = _tab(browser, proxy.url, site, desk, slow=True)
        start = time.monotonic()
        page.goto(f"{proxy.url}/assessments/{desk.form}/fill/{LONGEST}", wait_until="commit")
        page.locator(RADIO).first.check()
        chosen = time.monotonic()
        page.get_by_text("Đã lưu lúc").first.wait_for()
        return Load(loaded, total, chosen - start, time.monotonic() - chosen)


def _tab(browser: Browser, root: str, site: Site, desk: Desk, *, slow: bool) -> Page:
    """A phone with an empty cache that is signed in."""
    client, _ = signed_in(site.app, desk.login)
    cookie = client.get_cookie("session")
    assert cookie is not None
    phone = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="vi-VN")
    phone.add_cookies([{"name": cookie.key, "value": cookie.value, "url": root}])
    page = phone.new_page()
    if slow:
        network = phone.new_cdp_session(page)
        network.send("Network.enable")
        network.send("Network.emulateNetworkConditions", SLOW_3G)
    return page
