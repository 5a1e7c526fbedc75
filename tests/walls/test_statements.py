"""Every page of the school's side asks little of the database, signed in as a real session is.

School A has two sites, a team, evidence, forms in every state, one given back, and published years.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from survey_app.core import db as core_db
from tests.walls.checker import path_of
from tests.walls.conftest import Walls
from tests.walls.doors import knock
from tests.walls.rows import STRANGE, reach_of
from tests.walls.table import ROWS

MOST = 12
ACTOR = "head"
FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE")


def pages_of_a_school(walls: Walls) -> dict[str, str]:
    """The address of every GET rule a school's head may open, with each of its objects → the rule."""
    return {
        path_of(row, walls.world, thing, ACTOR): row.rule
        for row in ROWS
        if row.method == "GET" and not row.public and ACTOR in row.who
        for thing in row.cases
        if thing not in STRANGE and (not thing or ACTOR in reach_of(thing))
    }


@contextmanager
def statements(walls: Walls) -> Iterator[list[str]]:
    """What is asked of the database inside the block; the frame of a transaction left out."""
    seen: list[str] = []

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith(FRAME):
            seen.append(statement)

    with walls.app.app_context():
        engine = core_db.db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_no_page_of_a_school_asks_more_than_twelve_times(walls: Walls) -> None:
    asked: dict[str, int] = {}
    pages, answered = pages_of_a_school(walls), set()
    for path, rule in pages.items():
        knock(walls.app, walls.keys[ACTOR], "GET", path)  # criteria sets are read once for all
        with statements(walls) as seen:
            answer = knock(walls.app, walls.keys[ACTOR], "GET", path)
        assert answer.status_code < 400 or answer.status_code in (404, 409, 410), (path, answer.status_code)
        asked[path] = len(seen)
        if answer.status_code < 400:
            answered.add(rule)
    assert {path: number for path, number in asked.items() if number > MOST} == {}
    assert set(pages.values()) - answered == set(), "a page that is only ever refused is not measured"
