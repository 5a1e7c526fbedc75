"""What a slow phone loads for a page of the school's side the first time, with the whole general set.

Bytes over the wire as every browser asks for them (the server sends static text compressed, pages as they
are): the page, its style sheets, their fonts and its scripts with what they import. Pictures of evidence come
later, as they are scrolled to.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.core.db import unit_of_work
from tests.assessments.desk import clock
from tests.conftest import Seat
from tests.factories.full_school import FullSchool, general_set, make_full_school

__all__ = ["clock"]
MOST = 200_000
LINKED = re.compile(r'(?:rel="stylesheet" href|<script type="module" src|rel="icon" href)="(/static/[^"]+)"')
INNER = re.compile(r'(?:^import .* from "\./([^"]+)"|url\("\.\./([^"?]+))', re.MULTILINE)


def loaded(client: FlaskClient, address: str) -> Iterator[tuple[str, int]]:
    """(address, bytes) of a page and of everything it needs before it is whole."""
    answer = client.get(address)
    assert answer.status_code == 200
    yield address, len(answer.get_data())
    waiting, known = LINKED.findall(answer.get_data(as_text=True)), set()
    while waiting:
        path = waiting.pop().partition("?")[0]
        if path in known:
            continue
        known.add(path)
        content = client.get(path).get_data()
        yield path, len(client.get(path, headers={"Accept-Encoding": "gzip"}).get_data())
        if path.endswith((".js", ".css")):
            folder = path.rpartition("/")[0]
            for script, font in INNER.findall(content.decode()):
                waiting.append(f"{folder}/{script}" if script else f"{folder.rpartition('/')[0]}/{font}")


@pytest.fixture
def school(app: Flask, seat: Seat, now: datetime) -> FullSchool:
    """A school whose pages hold all they can, its head signed in."""
    with app.app_context(), unit_of_work():
        made = make_full_school(now)
        seat.actor = made.head
        return made


def pages_of(school: FullSchool) -> list[str]:
    """What a school's people open: where they begin, fill in, hand in, share the work, read and plan."""
    form = f"/assessments/{school.this}"
    filling = [f"{form}/fill/{code}" for code in general_set().criteria]
    around = [f"{form}/{name}" for name in ("check", "evidence/AT1.1", "team", "profile", "history/AT1.1")]
    results = [f"/results/forms/{uid}" for uid in (school.this, school.last)]
    return ["/", form, *filling, *around, *results, f"/plans/{school.this}", "/evidence", "/help"]


def too_heavy(client: FlaskClient, paths: list[str]) -> dict[str, Any]:
    """The pages that weigh more than they may, each with what it loads, the heaviest first."""
    weights = {path: dict(loaded(client, path)) for path in paths}
    assert all(any(part.endswith(".woff2") for part in parts) for parts in weights.values())
    return {
        path: (sum(parts.values()), sorted(parts.items(), key=lambda part: -part[1]))
        for path, parts in weights.items()
        if sum(parts.values()) > MOST
    }


def test_pages_of_a_school_are_light_enough_for_a_slow_phone(client: FlaskClient, school: FullSchool) -> None:
    assert too_heavy(client, pages_of(school)) == {}


def test_so_is_the_page_of_signing_in(client: FlaskClient) -> None:
    assert too_heavy(client, ["/account/login"]) == {}
