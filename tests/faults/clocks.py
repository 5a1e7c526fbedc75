"""The clock is moved: around the deadline, a day forth and back, an hour back while a session is open.

The browser's own clock is wrong by years. Every cell says what must be answered.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import time_machine
from flask import Flask, has_request_context, request
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.accounts.passwords import hash_password
from survey_app.assessments.models import AnswerChange
from survey_app.core.db import session, unit_of_work
from survey_app.evidence.models import EvidenceFile
from survey_app.organisations.queries import get_unit
from survey_app.rules.permissions import Role
from tests.bench.client import signed_in
from tests.bench.site import PASSWORD
from tests.factories.accounts import make_membership, make_user
from tests.factories.evidence import make_picture
from tests.faults.clock_cells import DAY, MIDNIGHT, MOMENT, TAKEN, Cell, Clocked, cells
from tests.faults.ground import empty
from tests.faults.pairs import instead, open_doors
from tests.faults.pairs_forms import CODE
from tests.faults.scenario import POSTGRES, SQLITE, Outcome, scenario, timed

YEARS, NOON = timedelta(days=3 * 365), MIDNIGHT - timedelta(hours=12)


@scenario("clock")
def clocks(short: bool) -> Iterable[Outcome]:
    """Every cell on both databases."""
    for database in (SQLITE, POSTGRES):
        yield clock_on(database, short)


def clock_on(database: str, short: bool) -> Outcome:
    """Every cell on one database."""
    with timed(Outcome("clock", database)) as outcome, empty(database) as site:
        app = site.app
        open_doors(app)
        for cell in cells(short):
            _check(outcome, cell.name, cell.taken, _at(app, cell))
        for name, asked, got in _stories(app):
            _check(outcome, name, asked, got)
        outcome.canary = _canary(app)
    return outcome


def _check(outcome: Outcome, name: str, asked: bool, status: int) -> None:
    outcome.tried += 1
    outcome.acknowledged += status in TAKEN
    if (status in TAKEN) != asked or status in (0, 500, 503):
        outcome.wrong.append(f"{name}: answered {status}")


def _at(app: Flask, cell: Cell) -> int:
    with time_machine.travel(cell.at - DAY, tick=False), app.app_context(), unit_of_work():
        act = cell.lay()
    with time_machine.travel(cell.at, tick=False), app.app_context():
        return act()


# ---- stories: the same browser while the clock moves ----

Told = tuple[str, bool, int]


@dataclass
class Person:
    """Somebody who has signed in at noon of the last day, and the form they fill in."""

    desk: Clocked
    login: str
    browser: FlaskClient
    token: str
    version: int = 1

    def save(self, **headers: str) -> int:
        """Save the next version of an answer from our script."""
        fields = {"indicator": CODE, "site": 0, "value": self.version % 4, "comment": f"Lần {self.version}"}
        more = {"base_version": self.version, "key": f"k{self.version}", "csrf_token": self.token}
        path, accept = f"/assessments/{self.desk.uid}/answers", {"Accept": "application/json"}
        status = self.browser.post(path, data=fields | more, headers=accept | headers).status_code
        self.version += status == 200
        return status

    def look(self, **headers: str) -> int:
        """Open the form's page; 401 when it leads to signing in."""
        status = self.browser.get(f"/assessments/{self.desk.uid}", headers=headers).status_code
        return 401 if status == 302 else status


def _person(app: Flask) -> Person:
    with time_machine.travel(NOON - DAY, tick=False), app.app_context(), unit_of_work():
        desk, user = Clocked(grace=0), make_user(password=hash_password(PASSWORD))
        make_membership(user, get_unit(desk.school_id), Role.UNIT_MEMBER)
        login = user.login
    with time_machine.travel(NOON, tick=False):
        return Person(desk, login, *signed_in(app, login))


def _stories(app: Flask) -> Iterator[Told]:
    for story in (_an_hour_back, _a_day_forth_and_back, _a_late_save_and_a_clock_set_back, _a_wrong_browser):
        yield from story(app)


def _during(at: datetime, act: Callable[[], int]) -> int:
    with time_machine.travel(at, tick=False):
        return act()


def _an_hour_back(app: Flask) -> Iterator[Told]:
    """The server's clock is put back by an hour while a session is open."""
    person = _person(app)
    yield "save at noon", True, _during(NOON, person.save)
    back = NOON - timedelta(hours=1)
    yield "page an hour earlier", True, _during(back, person.look)
    yield "save an hour earlier", True, _during(back, person.save)
    yield "save at noon again", True, _during(NOON + MOMENT, person.save)
    with app.app_context():
        where = AnswerChange.answer_id == person.desk.answer().id
        rows = session.scalars(select(AnswerChange).where(where).order_by(AnswerChange.id)).all()
        in_order = [row.version for row in rows] == [2, 3, 4] and rows[1].at < rows[0].at
        yield "history keeps the order of the acts", True, 200 if in_order else 409


def _a_day_forth_and_back(app: Flask) -> Iterator[Told]:
    """A day forward ends the session, a day back opens it again; nothing typed is taken meanwhile."""
    person = _person(app)
    yield "save a day later", False, _during(NOON + DAY, person.save)
    yield "save back at noon", True, _during(NOON, person.save)
    yield "save a day earlier", True, _during(NOON - DAY, person.save)


def _a_late_save_and_a_clock_set_back(app: Flask) -> Iterator[Told]:
    """What was refused at midnight is taken when the server's clock is put right by an hour."""
    person = _person(app)
    for at, taken in ((MIDNIGHT - MOMENT, True), (MIDNIGHT, False), (MIDNIGHT - timedelta(hours=1), True)):
        with time_machine.travel(at - timedelta(minutes=1), tick=False):
            person.browser, person.token = signed_in(app, person.login)
        yield f"save at {at}", taken, _during(at, person.save)


def _a_wrong_browser(app: Flask) -> Iterator[Told]:
    """The browser's clock is years ahead or behind: headers and fields of it decide nothing."""
    person = _person(app)
    for wrong in (NOON + YEARS, NOON - YEARS):
        headers = {"Date": format_datetime(wrong), "If-Modified-Since": format_datetime(wrong)}
        yield f"page for a browser of {wrong:%Y}", True, _during(NOON, lambda: person.look(**headers))  # noqa: B023
        yield f"save of a browser of {wrong:%Y}", True, _during(NOON, lambda: person.save(**headers))  # noqa: B023
        late = {"Date": format_datetime(NOON - DAY)}
        with time_machine.travel(MIDNIGHT - MOMENT, tick=False):
            person.browser, person.token = signed_in(app, person.login)
        yield "late save of a slow browser", False, _during(MIDNIGHT, lambda: person.save(**late))  # noqa: B023
        yield from _upload_with_date(app, person, wrong)
    with app.app_context():
        where = AnswerChange.answer_id == person.desk.answer().id
        times = {row.at for row in session.scalars(select(AnswerChange).where(where))}
        yield "times are the server's", True, 200 if times == {NOON} else 409


def _upload_with_date(app: Flask, person: Person, wrong: datetime) -> Iterator[Told]:
    """The day a picture was taken by the telephone's clock is kept as a word, it is no time of ours."""
    fields: dict[str, Any] = {"title": "Ảnh", "no_personal": "y", "captured_on": f"{wrong:%Y-%m-%d}"}
    picture = make_picture("JPEG", (64, wrong.year - 1900))
    with time_machine.travel(NOON, tick=False):
        person.browser, person.token = signed_in(app, person.login)
        fields |= {"csrf_token": person.token, "file": (io.BytesIO(picture), "anh.jpg")}
        answer = person.browser.post("/evidence/new", data=fields, headers={"Accept": "application/json"})
    yield f"picture of {wrong:%Y}", True, answer.status_code
    with app.app_context():
        row = session.scalar(select(EvidenceFile).where(EvidenceFile.uid == answer.get_json()["uid"]))
        good = row is not None and row.added_at == NOON and row.captured_on == wrong.date()
        yield "stored at the server's time", True, 200 if good else 409


def _canary(app: Flask) -> int:
    """The same late saves while the program goes by the browser's clock: how many are taken."""

    def of_the_browser() -> datetime:
        said = request.headers.get("Date") if has_request_context() else None
        return parsedate_to_datetime(said) if said else datetime.now(MIDNIGHT.tzinfo)  # noqa: TID251

    person = _person(app)
    late = {"Date": format_datetime(NOON)}
    with app.app_context(), instead("survey_app.core.clock.now", of_the_browser)():
        return int(_during(MIDNIGHT + timedelta(hours=1), lambda: person.save(**late)) in TAKEN)
