"""Saves sent over real connections by several processes, each acknowledged one counted."""

import http.client
import itertools
import json
import os
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from survey_app.assessments.models import Answer, AnswerChange, Assessment
from survey_app.core.db import session
from survey_app.serve import web_command
from tests.bench.client import cookie_of, signed_in
from tests.bench.site import Desk, Site
from tests.browser.demo_site import free_port

ROOT = Path(__file__).parents[2]
PROCESSES = 2
INDICATOR = "LM4.1"  # of the whole unit, and not among those the stock has filled in


@dataclass(frozen=True)
class Sender:
    """One school's browser: where it posts, with which cookie and token."""

    path: str
    cookie: str
    token: str


@dataclass(frozen=True)
class Sent:
    """What one sender got: acknowledged saves, other answers, milliseconds of each."""

    path: str
    saved: int
    refused: int
    millis: tuple[float, ...]


@contextmanager
def served(module: str, site: Site | None = None, *, processes: int = 1, **settings: Any) -> Iterator[int]:
    """The app of a module behind gunicorn as `make run` starts it, on the site's data; yields the port."""
    port = free_port()
    if site:
        settings |= {"DATA_DIR": str(site.folder), "SQLALCHEMY_DATABASE_URI": site.url}
    command = [module if part == "wsgi:app" else part for part in _gunicorn(port, processes)]
    env = {**os.environ, "BENCH_SETTINGS": json.dumps(settings)}
    server = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def _gunicorn(port: int, processes: int) -> list[str]:
    return web_command("127.0.0.1", port, processes=processes, grace=2)


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/bare")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not answer")


def hammer(port: int, senders: list[Sender], seconds: float) -> list[Sent]:
    """Let every sender save one answer after the other for `seconds`."""
    groups = [group for place in range(PROCESSES) if (group := senders[place::PROCESSES])]
    with ProcessPoolExecutor(len(groups)) as pool:
        done = pool.map(_hammer_group, itertools.repeat(port), groups, itertools.repeat(seconds))
        return [sent for group in done for sent in group]


def _hammer_group(port: int, senders: list[Sender], seconds: float) -> list[Sent]:
    with ThreadPoolExecutor(len(senders)) as pool:
        return list(pool.map(_one, itertools.repeat(port), senders, itertools.repeat(seconds)))


def _one(port: int, sender: Sender, seconds: float) -> Sent:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    millis: list[float] = []
    saved = refused = 0
    end = time.monotonic() + seconds
    while (start := time.monotonic()) < end:
        connection.request("POST", sender.path, save_body(sender.token, saved), headers_of(sender))
        answer = connection.getresponse()
        answer.read()
        millis.append(1000 * (time.monotonic() - start))
        saved, refused = saved + (answer.status == 200), refused + (answer.status != 200)
    return Sent(sender.path, saved, refused, tuple(millis))


def headers_of(sender: Sender) -> dict[str, str]:
    """What our script sends with a save."""
    form = "application/x-www-form-urlencoded"
    return {"Content-Type": form, "Accept": "application/json", "Cookie": sender.cookie}


def save_body(token: str, saved: int) -> str:
    """The form of the next save of one answer that was saved `saved` times."""
    fields = {"indicator": INDICATOR, "site": 0, "value": saved % 4, "comment": f"Lần {saved}"}
    return urlencode({**fields, "base_version": saved, "key": f"bench-{saved}", "csrf_token": token})


def sender_at(app: Flask, desk: Desk) -> Sender:
    """A signed-in school that saves answers of its form."""
    client, token = signed_in(app, desk.login)
    return Sender(f"/assessments/{desk.form}/answers", cookie_of(client), token)


def read_back(site: Site, counts: dict[str, int]) -> None:
    """Every acknowledged save is in the database, and none twice: an answer's version counts them.

    `counts`: how many saves were acknowledged, by the path they were sent to.
    """
    with site.app.app_context():
        for path, saved in counts.items():
            form = session.query(Assessment.id).filter_by(uid=path.split("/")[2]).scalar()
            answers = session.query(Answer).filter_by(assessment_id=form, indicator=INDICATOR)
            stored = answers.with_entities(Answer.version).scalar() or 0
            changes = answers.join(AnswerChange, AnswerChange.answer_id == Answer.id).count()
            assert stored == changes == saved, f"{path}: {saved} acknowledged, {stored}, {changes} stored"
        session.rollback()
