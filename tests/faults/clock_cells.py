"""What must be answered when: acts of a school around its deadline, which is midnight in Vietnam."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from survey_app.assessments.models import Return, ReturnedIndicator
from survey_app.certificates.models import Certificate
from survey_app.certificates.standing import Standing, standing_of
from survey_app.core import clock
from survey_app.core.db import session
from survey_app.rounds.models import Participation
from survey_app.rules.workflow import State
from tests.factories.evidence import make_file, make_picture
from tests.faults.pairs import post
from tests.faults.pairs_forms import CODE, Desk
from tests.faults.pairs_papers import Paper

OPENS = datetime(2027, 5, 1, tzinfo=UTC)
MIDNIGHT = clock.from_local(date(2027, 5, 21))  # the 20th is the last day
MOMENT, GRACE, DAY = timedelta(milliseconds=1), timedelta(minutes=10), timedelta(days=1)
OFFSETS = (-DAY, -MOMENT, timedelta(0), GRACE - MOMENT, GRACE, DAY)
CLOSE = OFFSETS[1:5]
TAKEN = frozenset({200, 201, 302})


@dataclass(frozen=True)
class Cell:
    """An act at an instant and whether it must be taken. `lay` writes the rows and returns the act."""

    name: str
    at: datetime
    taken: bool
    lay: Callable[[], Callable[[], int]]


class Clocked(Desk):
    """A school whose round closes at midnight."""

    def __init__(self, *, begun: bool = True, grace: int = 10, **values: Any) -> None:
        start = {"opens_at": OPENS, "closes_at": MIDNIGHT, "grace_minutes": grace}
        super().__init__(empty=not begun, **(start | values))
        self.base = 1 if begun else 0
        self.file_uid = make_file(self.head).uid

    def act(self, name: str) -> Callable[[], int]:
        """One of the requests by its name."""
        acts = {"save": self.save_answer, "submit": self.submit, "choose": self.choose, "upload": self.upload}
        return (acts | {"profile": lambda: self.profile("no")})[name]

    def save_answer(self) -> int:
        """Save an answer."""
        return self.save(3, "moi", self.base)

    def choose(self) -> int:
        """Use a file of the store."""
        return post(
            self.app, f"/assessments/{self.uid}/evidence/{CODE}/choose", self.head, file=self.file_uid
        )

    def upload(self) -> int:
        """Upload a photograph for an indicator."""
        fields = {"title": "Ảnh", "no_personal": "y", "file": (io.BytesIO(make_picture()), "anh.jpg")}
        return post(self.app, f"/assessments/{self.uid}/evidence/{CODE}", self.head, **fields)


def cells(short: bool) -> Iterator[Cell]:
    """Every cell; the short form leaves out what is far from the deadline and the slow uploads."""
    offsets, some = (CLOSE, CLOSE[2:]) if short else (OFFSETS, OFFSETS)
    for act in ("save", "submit") if short else ("save", "submit", "profile", "choose"):
        for begun in (True, False) if act != "submit" else (True,):
            for grace in (10,) if short and act != "save" else (10, 0):
                for offset in offsets:
                    taken = offset < timedelta(0) or (begun and offset < timedelta(minutes=grace))
                    yield _cell(act, offset, taken, begun=begun, grace=grace)
    yield from _openings()
    yield from _extensions(some)
    yield from _returns(some)
    yield from _papers()
    if not short:
        yield _cell("upload", -MOMENT, True, grace=0)
        yield _cell("upload", timedelta(0), False, grace=0)


def _cell(act: str, offset: timedelta, taken: bool, since: datetime = MIDNIGHT, **values: Any) -> Cell:
    said = ", ".join(f"{name} {value}" for name, value in values.items())
    return Cell(f"{act} at {offset} ({said})", since + offset, taken, lambda: Clocked(**values).act(act))


def _openings() -> Iterator[Cell]:
    for offset, taken in ((-MOMENT, False), (timedelta(0), True)):
        yield _cell("save", offset, taken, OPENS, begun=False)


def _extensions(offsets: tuple[timedelta, ...]) -> Iterator[Cell]:
    """A day more for one school; its grace counts from there."""

    def lay() -> Callable[[], int]:
        desk = Clocked()
        session.get_one(Participation, desk.participation_id).extended_until = MIDNIGHT + DAY
        return desk.save_answer

    for offset in offsets:
        yield Cell(f"save at {offset} of an extension", MIDNIGHT + DAY + offset, offset < GRACE, lay)


def _returns(offsets: tuple[timedelta, ...]) -> Iterator[Cell]:
    """What was given back has a deadline of its own, here midnight too."""

    def lay(act: str) -> Callable[[], int]:
        desk = Clocked(closes_at=MIDNIGHT - 5 * DAY)
        row = desk.row()
        row.state, row.submitted_at = State.RETURNED, MIDNIGHT - 6 * DAY
        returned = Return(
            assessment_id=row.id,
            deadline=MIDNIGHT,
            returned_at=MIDNIGHT - 4 * DAY,
            returned_by_id=desk.officer.user_id,
        )
        session.add(returned)
        session.flush()
        item = {"reason": "Thiếu ảnh", "settled_at": MIDNIGHT - 3 * DAY if act == "submit" else None}
        session.add(ReturnedIndicator(return_id=returned.id, indicator=CODE, **item))
        return desk.act(act)

    for act in ("save", "submit"):
        for offset in offsets:
            name = f"{act} at {offset} of a return"
            yield Cell(name, MIDNIGHT + offset, offset < GRACE, lambda act=act: lay(act))  # type: ignore[misc]


def _papers() -> Iterator[Cell]:
    """The calendar day of papers is Vietnam's: a Decision of tomorrow, the last day of a certificate."""
    for offset, taken in ((-MOMENT, False), (timedelta(0), True)):
        name = f"revoke under a Decision of the 21st at {offset}"
        yield Cell(name, MIDNIGHT + offset, taken, lambda: _revoking("21/05/2027"))
    for offset, taken in ((-MOMENT, True), (timedelta(0), False)):
        yield Cell(f"valid until the 20th at {offset}", MIDNIGHT + offset, taken, _valid_until_the_20th)


def _revoking(day: str) -> Callable[[], int]:
    paper = Paper()
    return lambda: paper.revoke(day)


def _valid_until_the_20th() -> Callable[[], int]:
    key = Paper().id

    def look() -> int:
        row = session.get_one(Certificate, key)
        session.expunge(row)
        row.valid_until = date(2027, 5, 20)
        return 200 if standing_of(row, clock.local_date(clock.now())) is Standing.VALID else 409

    return look
