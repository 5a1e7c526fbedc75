"""`make shots`: every page for every role as a picture at 360, 390 and 1,280 px into shots/, with axe-core.

Walks the links each role can see, one picture for each kind of page; names the pages that scroll sideways.
"""

import argparse
import re
import sys
from collections import Counter, deque
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.demo_site import CHROMIUM, CHROMIUM_ARGS, ROOT, Account, DemoSite, demo_site

WIDTHS = {360: 780, 390: 844, 1280: 900}
PUBLIC = ("/tra-cuu", "/account/login", "/nothing-here")
SKIP = re.compile(r"/static/|/language/|logout|\.(pdf|xlsx|zip|csv|docx)$|/(file|preview|download)\b")
MOST_PAGES = 60
SAME_KIND = 2


def kind_of(url: str) -> str:
    """The address with every identifier made equal: pages of one kind look alike."""
    parts = urlsplit(url)
    path = re.sub(r"/[0-9a-f]{32}\b|/[0-9A-Z]{20,}\b|/\d+\b", "/x", parts.path)
    path = re.sub(r"/[A-Z]{2}\d(\.\d+)?\b", "/code", path)
    return path + "?" + "&".join(sorted(parse_qs(parts.query)))


class Walk:
    """One person's walk through the site; collects pictures, faults and the links found."""

    def __init__(self, page: Page, site: DemoSite, folder: Path, check: bool) -> None:
        self.page, self.site, self.folder, self.check = page, site, folder, check
        self.faults: list[str] = []
        folder.mkdir(parents=True, exist_ok=True)

    def sign_in(self, account: Account) -> None:
        """Through the real form."""
        self.page.goto(self.site.url + "/account/login")
        self.page.locator("main input[type=text]").first.fill(account.login)
        self.page.locator("main input[type=password]").first.fill(account.password)
        self.page.locator("main button[type=submit].p").click()
        self.page.wait_for_load_state()

    def all_pages(self, starts: list[str]) -> None:
        """Breadth first from `starts`, at most two of each kind, one of each list's filters."""
        seen: Counter[str] = Counter()
        queue, known = deque(starts), set(starts)
        while queue and sum(seen.values()) < MOST_PAGES:
            url = queue.popleft()
            kind = kind_of(url)
            if seen[kind] >= (1 if urlsplit(url).query else SAME_KIND):
                continue
            seen[kind] += 1
            name = f"{sum(seen.values()):02d}" + kind.rstrip("?").replace("/", "-")[:60]
            for link in self.one_page(url, name):
                if link not in known and link.startswith(self.site.url) and not SKIP.search(link):
                    known.add(link)
                    queue.append(link)

    def one_page(self, url: str, name: str) -> list[str]:
        """Picture of one page at each width; its links."""
        links: list[str] = []
        for width, height in WIDTHS.items():
            self.page.set_viewport_size({"width": width, "height": height})
            answer = self.page.goto(url)
            if answer is None or "text/html" not in answer.headers.get("content-type", ""):
                return []
            self.page.wait_for_timeout(150)
            self._look(url, width, answer.status)
            file = self.folder / f"{name.replace('?', '_')}-{width}.png"
            self.page.screenshot(path=file, full_page=True)
        hrefs: list[Any] = self.page.eval_on_selector_all(
            "a[href]:not([download])", "found => found.map(a => a.href)"
        )
        links.extend(urljoin(url, str(href)).partition("#")[0] for href in hrefs)
        return links

    def _look(self, url: str, width: int, status: int) -> None:
        where = f"{self.folder.name} {width} {urlsplit(url).path}"
        if status >= 400 and "nothing-here" not in url:
            self.faults.append(f"{where}: {status}")
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            self.faults.append(f"{where}: {wide} px wide")
        if self.check:
            for rule in Axe().run(self.page).response["violations"]:
                nodes = "; ".join(str(node["target"][0]) for node in rule["nodes"][:3])
                self.faults.append(f"{where}: axe {rule['id']}: {nodes}")


def _walk(
    browser: Browser, site: DemoSite, folder: Path, check: bool, name: str, account: Account | None
) -> list[str]:
    context = browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
    page = context.new_page()
    walk = Walk(page, site, folder / name, check)
    page.on(
        "console",
        lambda message: (
            message.type == "error"
            and "status of" not in message.text
            and walk.faults.append(f"{name}: {page.url}: {message.text}")
        ),
    )
    if account:
        walk.sign_in(account)
        walk.all_pages([page.url])
    else:
        walk.all_pages([site.url + path for path in PUBLIC])
    context.close()
    return walk.faults


def main() -> int:
    """Take the pictures; exit 1 when a page has a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--roles", default="", help="only these roles, with commas; public for signed out")
    parser.add_argument("--no-axe", action="store_true")
    parser.add_argument("--folder", type=Path, default=ROOT / "shots")
    options = parser.parse_args()
    wanted = [name for name in options.roles.split(",") if name]
    faults: list[str] = []
    with demo_site() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        people: dict[str, Account | None] = {"public": None, **site.people()}
        for name, account in people.items():
            if not wanted or name in wanted:
                faults += _walk(browser, site, options.folder, not options.no_axe, name, account)
        browser.close()
    print("\n".join(faults) or "no fault seen")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
