"""Reading as much as a person can: every link from the first page on, and every rule with given ids."""

import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape

from flask import Flask
from werkzeug.test import TestResponse

from tests.walls.checker import look_up, path_of
from tests.walls.doors import Key, Sand, knock
from tests.walls.rows import Row
from tests.walls.world import World

LINK = re.compile(r'(?:href|src|action)="(/[^"#]*)')
MOST = 600
ACCEPTS = ("text/html", "application/json")


def text_of(answer: TestResponse) -> str:
    """Whatever a person can read in an answer; an archive opened, what cannot be decoded left out."""
    content = answer.get_data()
    if not content.startswith(b"PK"):
        return unescape(content.decode("utf-8", "ignore"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "ignore") for name in archive.namelist())
    except zipfile.BadZipFile:
        return ""


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


def try_every_rule(
    app: Flask, world: World, key: Key, rows: tuple[Row, ...], actor: str, sand: Sand
) -> Iterator[tuple[str, str]]:
    """(what was asked, text) of every private rule with every object of the table, as page and as JSON."""
    for row in rows:
        if row.public or actor not in row.who:  # whom the edge refuses: the matrix
            continue
        for thing in row.cases:
            path = path_of(row, world, thing, actor)
            body = {name: look_up(value, world, actor) for name, value in row.body.items()}
            for accept in ACCEPTS[: 2 if row.method == "GET" else 1]:
                answer = knock(app, key, row.method, path, body, headers={"Accept": accept})
                yield f"{row.method} {path} ({accept})", text_of(answer)
                if row.method != "GET" and answer.status_code < 400:
                    sand.smooth()
