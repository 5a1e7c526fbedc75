"""What the page that concludes a round costs: as much with a hundred rounds stored as with one."""

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from survey_app.assessments.models import Assessment
from survey_app.core.db import db, session, unit_of_work
from survey_app.frameworks.models import FrameworkVersion
from survey_app.jobs.models import Job
from survey_app.organisations.models import OrganisationUnit
from survey_app.results.queries import finalising, preview_round
from survey_app.rules.permissions import Role
from tests.conftest import Seat
from tests.factories.organisations import make_commune
from tests.factories.results import make_checked, make_schools_in, publish_all
from tests.factories.rounds import make_framework_version, make_round

HIGH = {"AT1.1": 3, "AT1.2": 3, "LM1.1": 3, "LM1.2": 1}
READY = 5


class Place:
    """A department with one round of five approved forms; more rounds of the same schools can be stored."""

    def __init__(self, app: Flask, seat: Seat) -> None:
        commune, version = make_commune(), make_framework_version()
        assert commune.parent is not None
        department = commune.parent
        self.app, self.version_id = app, version.id
        self.department_id, self.commune_id = department.id, commune.id
        round_ = make_round(department, [version])
        for part in make_schools_in(round_, commune, READY):
            make_checked(part, HIGH)
        self.uid, self.round_id = round_.uid, round_.id
        seat.take(Role.DEPARTMENT_ADMIN, department)

    def store_rounds(self, number: int) -> None:
        """That many published rounds more, as large as the first."""
        with self.app.app_context(), unit_of_work():
            department = session.get_one(OrganisationUnit, self.department_id)
            commune = session.get_one(OrganisationUnit, self.commune_id)
            for _ in range(number):
                round_ = make_round(department, [session.get_one(FrameworkVersion, self.version_id)])
                for part in make_schools_in(round_, commune, READY):
                    make_checked(part, HIGH)
                assert publish_all(round_) == READY


@pytest.fixture
def place(app: Flask, seat: Seat) -> Place:
    with app.app_context(), unit_of_work():
        return Place(app, seat)


@contextmanager
def counted_loads() -> Iterator[list[int]]:
    """The keys of the forms that become objects inside the block, as often as they do."""
    loaded: list[int] = []

    def note(form: Assessment, _context: object) -> None:
        loaded.append(form.id)

    event.listen(Assessment, "load", note)
    try:
        yield loaded
    finally:
        event.remove(Assessment, "load", note)


@contextmanager
def counted_work(app: Flask) -> Iterator[list[int]]:
    """How much SQLite does inside the block, in tens of instructions of its machine: the same each time."""
    steps = [0]

    def tick() -> int:
        steps[0] += 1
        return 0

    def watch(connection: Any, *_: object) -> None:
        connection.set_progress_handler(tick, 10)

    def leave(connection: Any, *_: object) -> None:
        if connection is not None:
            connection.set_progress_handler(None, 0)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "checkout", watch)
    event.listen(engine, "checkin", leave)
    try:
        yield steps
    finally:
        event.remove(engine, "checkout", watch)
        event.remove(engine, "checkin", leave)


def test_the_page_asks_as_often_and_loads_each_form_once(
    place: Place, client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    client.get(f"/results/{place.uid}/finalise")  # sets are read once in a process
    with count_queries() as alone, counted_loads() as loaded:
        assert f"{READY} phiếu sẵn sàng" in client.get(f"/results/{place.uid}/finalise").text
    assert len(alone) <= 12 and len(loaded) == len(set(loaded)) == READY
    place.store_rounds(3)
    with count_queries() as among, counted_loads() as loaded_then:
        assert f"{READY} phiếu sẵn sàng" in client.get(f"/results/{place.uid}/finalise").text
    assert len(among) == len(alone) and sorted(loaded_then) == sorted(loaded)


@pytest.mark.sqlite
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_database_works_no_more_for_rounds_that_are_over(
    place: Place, client: FlaskClient, app: Flask, method: str
) -> None:
    def ask() -> int:
        with counted_work(app) as steps:
            answer = client.open(f"/results/{place.uid}/finalise", method=method)
        assert answer.status_code == (200 if method == "GET" else 302)
        return steps[0]

    ask()
    alone = ask()
    place.store_rounds(6)
    assert alone > 20 and ask() <= alone * 1.1


def test_asking_for_it_loads_no_form(
    place: Place, client: FlaskClient, app: Flask, count_queries: Callable[[], Any]
) -> None:
    with count_queries() as seen, counted_loads() as loaded:
        assert client.post(f"/results/{place.uid}/finalise").status_code == 302
    assert loaded == [] and len(seen) <= 12
    with app.app_context():
        assert session.query(Job).count() == 1


def test_a_large_round_is_read_piece_by_piece(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finalising, "PIECE", 2)
    alive: weakref.WeakSet[Assessment] = weakref.WeakSet()
    most = []

    def note(form: Assessment, _context: object) -> None:
        alive.add(form)
        most.append(len(alive))

    event.listen(Assessment, "load", note)
    try:
        with place.app.app_context():
            assert preview_round(place.round_id).ready == READY
    finally:
        event.remove(Assessment, "load", note)
    assert len(most) == READY and max(most) < READY
