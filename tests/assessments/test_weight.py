"""What a slow phone loads for a page of the school's side the first time, with the whole general set.

Bytes over the wire as every browser asks for them (the server sends static text compressed, pages as they
are): the page, its style sheets, their fonts and its scripts with what they import. Pictures of evidence come
later, as they are scrolled to.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.core.db import unit_of_work
from survey_app.frameworks.loader import load_folder
from survey_app.rules.permissions import Role
from tests.assessments.desk import clock
from tests.conftest import Seat
from tests.factories.assessments import all_at, make_assessment
from tests.factories.organisations import make_school
from tests.factories.rounds import make_framework_version, make_open_round

__all__ = ["clock"]
SET = Path(__file__).parents[2] / "criteria" / "pho-thong" / "0.2"
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
def uid(app: Flask, seat: Seat) -> str:
    """The form of a school with three sites, every answer given, its head signed in."""
    with app.app_context(), unit_of_work():
        version = make_framework_version(load_folder(SET).framework)
        school = make_school(stages=("thcs",), sites=3)
        _, part = make_open_round(school, versions=[version])
        form = make_assessment(part, all_at(version, 2))
        seat.take(Role.UNIT_HEAD, school)
        return str(form.uid)


def test_pages_of_a_school_are_light_enough_for_a_slow_phone(client: FlaskClient, uid: str) -> None:
    weights: dict[str, dict[str, int]] = {}
    for path in (
        "/",
        f"/assessments/{uid}",
        f"/assessments/{uid}/check",
        f"/assessments/{uid}/evidence/AT1.1",
    ):
        weights[path] = dict(loaded(client, path))
    heavy: dict[str, Any] = {
        path: sorted(parts.items(), key=lambda part: -part[1])
        for path, parts in weights.items()
        if sum(parts.values()) > MOST
    }
    assert heavy == {}
    assert all(any(part.endswith(".woff2") for part in parts) for parts in weights.values())
