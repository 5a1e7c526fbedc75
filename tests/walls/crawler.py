"""Reading as much as a person can: every link from the first page on, and every rule with given ids."""

import re
from collections.abc import Iterable, Iterator
from html import unescape

from flask import Flask

from tests.walls.checker import REFUSED, path_of
from tests.walls.doors import Key, knock
from tests.walls.reading import text_of
from tests.walls.rows import Row
from tests.walls.world import World

LINK = re.compile(r'(?:href|src|action)="(/[^"#]*)')
MOST = 600


def follow_links(app: Flask, key: Key, start: str = "/") -> Iterator[tuple[str, str]]:
    """(address, text) of every page and file that links lead to, redirects followed."""
    waiting, known = [start], {start}
    while waiting and len(known) < MOST:
        path = waiting.pop(0)
        answer = knock(app, key, "GET", path)
        text = text_of(answer)
        yield path, text
        found = [unescape(one) for one in LINK.findall(text)] if answer.mimetype == "text/html" else []
        if answer.status_code in (301, 302, 303) and answer.location.startswith("/"):
            found.append(answer.location.partition("#")[0])
        for link in found:
            if link not in known and not link.startswith(("/static/", "/language/")):
                known.add(link)
                waiting.append(link)


def try_the_other_way(
    app: Flask, world: World, key: Key, rows: Iterable[Row], actor: str
) -> Iterator[tuple[str, str]]:
    """(what was asked, text) of each GET in the form the matrix did not ask for.

    As JSON what succeeds, as a page what is refused, once for each row and status.
    """
    for row in rows:
        if row.public or row.method != "GET":
            continue
        known = set()
        for thing, who, expected in row.cells():
            refused = expected in REFUSED
            if who != actor or (refused and expected in known):
                continue
            known.add(expected)
            path, accept = path_of(row, world, thing, actor), "text/html" if refused else "application/json"
            answer = knock(app, key, "GET", path, headers={"Accept": accept})
            yield f"GET {path} ({accept})", text_of(answer)
