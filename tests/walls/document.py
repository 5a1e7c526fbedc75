"""docs/authorisation.md, written from the table: who may do what, room by room."""

from collections import defaultdict
from pathlib import Path

from tests.walls.actors import ACTORS, INSIDE
from tests.walls.rows import STRANGE, Row
from tests.walls.table import ROWS

PLACE = Path(__file__).parents[2] / "docs" / "authorisation.md"
DONE = ("200", "302")
ROOMS = {"": "home", "audit": "home", "account": "accounts", "tra-cuu": "certificates", "readyz": "jobs"}
ROOMS |= dict.fromkeys(("language", "healthz", "static"), "core")
EVERYBODY, SIGNED_IN = "everybody, also without signing in", "everybody signed in"

HEAD = """# Who may do what

Written by `python -m tests.walls` from the table in `tests/walls/table/`; do not edit by hand. The table is
written by hand and every cell of it is a request that the suite sends: {cells} cells over {rows} rules and
methods. An answer that differs, a rule without a row and a row without a rule fail the build.

Who is not signed in, whose account is locked, whose role was taken away and who still owes the code of the
second factor is sent to sign in (GET 302, POST 401); who must first choose a password is sent there; another
role gets 403; an object out of reach is 404 like one that does not exist. "With" names the objects and states
in which the act succeeds; elsewhere it is refused with the statuses of the last column.

"""
ACTORS_HEAD = "## The people\n\n| Called | Who |\n|---|---|\n"
TABLE_HEAD = "| Method | Rule | Who may | With | Refused with |\n|---|---|---|---|---|\n"


def document() -> str:
    """The whole page."""
    rooms: dict[str, list[Row]] = defaultdict(list)
    for row in ROWS:
        rooms[room_of(row)].append(row)
    cells = sum(1 for row in ROWS for _ in row.cells())
    people = "".join(f"| {name} | {who.words} |\n" for name, who in ACTORS.items())
    parts = [HEAD.format(cells=f"{cells:,}", rows=len(ROWS)), ACTORS_HEAD, people]
    for room, rows in sorted(rooms.items()):
        parts += [f"\n## {room}\n\n", TABLE_HEAD, *(line_of(row) for row in sorted(rows, key=_order))]
    return "".join(parts)


def _order(row: Row) -> tuple[str, str]:
    return row.rule, row.method


def room_of(row: Row) -> str:
    """The room a rule belongs to, by the first part of its address."""
    first = row.rule.split("/")[1]
    return ROOMS.get(first, first)


def line_of(row: Row) -> str:
    """One line of a room's table."""
    cells = list(row.cells())
    done = [(thing, actor) for thing, actor, expected in cells if _succeeds(row, actor, expected)]
    refused = sorted({expected for _, _, expected in cells} - {*DONE, "in"})
    rule = row.rule.replace("|", "\\|")
    words = (row.method, f"`{rule}`", _who(row, {actor for _, actor in done}), _with(row, done))
    return f"| {' | '.join(words)} | {', '.join(refused) or '–'} |\n"


def _succeeds(row: Row, actor: str, expected: str) -> bool:
    """A newcomer's 302 leads to the choice of a password, not to the page; signing out to signing in."""
    if expected == "in":
        return row.method != "GET"
    return expected in DONE and (row.public or actor in INSIDE)


def _who(row: Row, actors: set[str]) -> str:
    if actors >= set(ACTORS):
        return EVERYBODY
    if actors >= set(INSIDE):
        return SIGNED_IN
    return ", ".join(name for name in ACTORS if name in actors) or "–"


def _with(row: Row, done: list[tuple[str, str]]) -> str:
    things = [thing for thing in row.cases if thing and thing not in STRANGE]
    met = [thing for thing in things if any(thing == one for one, _ in done)]
    if not things:
        return ""
    if len(things) > 1 and met == things:
        return f"any {things[0].partition('.')[0]} in reach"
    return ", ".join(met)
