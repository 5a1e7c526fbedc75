"""Every main page of every role against a country: statements, milliseconds, size. One JSON line each."""

import json
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from survey_app.accounts.models import Membership, User
from survey_app.core import clock
from survey_app.core import db as core_db
from survey_app.core.access import Actor
from survey_app.core.db import session, unit_of_work
from survey_app.demo.cast import PASSWORD
from survey_app.demo.terms import latest_sets, term
from survey_app.organisations.models import OrganisationUnit
from survey_app.rounds.models import PLANNED, Round
from survey_app.rounds.service import create_round
from survey_app.rules.permissions import Role
from tests.bench import bare
from tests.bench.addresses import Seat, seats
from tests.bench.client import signed_in
from tests.bench.country import a_country
from tests.bench.figures import TIMES, Figure, benchmark

SLOW_MS = 1000


@benchmark("country_pages")
def country_pages() -> Figure:
    """The slowest of all pages, in milliseconds; a line for each page comes before (ROLE=… picks one)."""
    slowest = 0.0
    with a_country() as app:
        for seat in _seats(app):
            client = signed_in(app, seat.login, PASSWORD)[0] if seat.login else app.test_client()
            for name, address in seat.pages:
                line = _measure(app, client, address)
                slowest = max(slowest, line["ms"])
                print(json.dumps({"name": "page", "role": seat.role, "page": name, **line}), flush=True)
    plain = bare.app.test_client()
    return Figure("country_pages_slowest", slowest, "ms", _timed(lambda: plain.get("/bare"))[0])


def _seats(app: Flask) -> list[Seat]:
    wanted = os.environ.get("ROLE", "")
    with app.app_context():
        planned = _planned_round()
        found = [seat for seat in seats(planned) if wanted in ("", seat.role)]
        session.rollback()
    return found


def _planned_round() -> str:
    """A round that is still planned, of the largest department: made when there is none."""
    from tests.bench.addresses import one

    largest = one(
        "SELECT d.id FROM organisation_unit d JOIN organisation_unit w ON w.parent_id = d.id "
        "JOIN organisation_unit s ON s.parent_id = w.id WHERE d.kind = 'department' "
        "GROUP BY d.id ORDER BY count(*) DESC"
    )
    assert largest is not None
    found = session.scalar(select(Round.uid).where(Round.state == PLANNED, Round.department_id == largest.id))
    if found:
        return found
    with unit_of_work():
        when = term(clock.now(), 0)
        made = create_round(when.plan(latest_sets()), actor=_admin_of(largest.id), now=clock.now())
        return made.uid


def _admin_of(department_id: int) -> Actor:
    user, membership, unit = session.execute(
        select(User, Membership, OrganisationUnit)
        .join(Membership, Membership.user_id == User.id)
        .join(OrganisationUnit, OrganisationUnit.id == Membership.unit_id)
        .where(OrganisationUnit.id == department_id, Membership.role == Role.DEPARTMENT_ADMIN)
    ).one()
    role = Role.DEPARTMENT_ADMIN
    return Actor(user.id, membership.id, role, unit.id, unit.kind, unit.id, unit.name, user.name, 0)


def _measure(app: Flask, client: FlaskClient, address: str) -> dict[str, Any]:
    with _counted(app) as statements:
        answer = client.get(address)
    assert answer.status_code in (200, 302), (address, answer.status_code)
    if answer.status_code == 302:
        return _measure(app, client, answer.location)
    wall, cpu = _timed(lambda: client.get(address))
    size = round(len(answer.get_data()) / 1024, 1)
    return {"statements": len(statements), "ms": round(wall, 1), "cpu_ms": round(cpu, 1), "kb": size}


def _timed(act: Any) -> tuple[float, float]:
    """Medians of wall and processor milliseconds."""
    walls, spent = [], []
    for _ in range(TIMES):
        wall, cpu = time.perf_counter(), time.process_time()
        act()
        walls.append(1000 * (time.perf_counter() - wall))
        spent.append(1000 * (time.process_time() - cpu))
    return statistics.median(walls), statistics.median(spent)


@contextmanager
def _counted(app: Flask) -> Iterator[list[str]]:
    seen: list[str] = []
    with app.app_context():
        engine = core_db.db.engine

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
