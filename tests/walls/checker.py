"""Holding the table against the app: no rule without a row, no row without a rule, every cell as declared.

The same requests show that a GET changes nothing and that no stranger reads what school A wrote.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from flask import Flask
from werkzeug.test import TestResponse

from tests.core.answer_headers import lacking
from tests.walls import snapshots
from tests.walls.actors import INSIDE, NEWCOMER, SIGNED_OUT, STRANGERS
from tests.walls.doors import Key, Sand, knock, thrown_away
from tests.walls.reading import heard, text_of
from tests.walls.rows import STRANGE, Row
from tests.walls.world import World

PARAMETER = re.compile(r"<(?:[^:>]+:)?([^>]+)>")
REFUSED = ("401", "403", "404", "409")
ALIASES = {"people": "unit", "store": "unit"}  # the same rows of the database, reached in another way


def routes_of(app: Flask) -> set[tuple[str, str]]:
    """(method, rule) of everything the app answers; HEAD and OPTIONS follow from the others."""
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def gaps_between(app: Flask, rows: Iterable[Row]) -> list[str]:
    """Every rule without a row, every row without a rule, every rule with two rows."""
    keys = [row.key for row in rows]
    routes = routes_of(app)
    twice = sorted({key for key in keys if keys.count(key) > 1})
    return (
        [f"no row: {method} {rule}" for method, rule in sorted(routes - set(keys))]
        + [f"no such rule: {method} {rule}" for method, rule in sorted(set(keys) - routes)]
        + [f"two rows: {method} {rule}" for method, rule in twice]
    )


def path_of(row: Row, world: World, thing: str, actor: str) -> str:
    """The address of a row for one object, which fills whatever no keyword fills."""

    def fill(match: re.Match[str]) -> str:
        if match.group(1) in row.fixed:
            return quote(str(look_up(row.fixed[match.group(1)], world, actor)), safe="/")
        return STRANGE.get(thing) or world.things[_real(thing)]

    return PARAMETER.sub(fill, row.rule) + str(look_up(row.query, world, actor))


def _real(thing: str) -> str:
    kind, _, name = thing.partition(".")
    return f"{ALIASES.get(kind, kind)}.{name}"


def look_up(value: Any, world: World, actor: str) -> Any:
    """The value itself, "@name" as a thing of the world, "$name" as one of the actor's own."""
    if isinstance(value, str) and value.startswith("@"):
        return world.things[value[1:]]
    if isinstance(value, str) and value.startswith("$"):
        return world.things.get(f"{value[1:]}.{actor}", "0")
    return value


def seen(answer: TestResponse) -> str:
    """What an actor met: the status, `in` when it was sent to sign in."""
    if answer.status_code == 302 and answer.location.startswith("/account/login"):
        return "in"
    return str(answer.status_code)


def wrong_cells(
    app: Flask, world: World, keys: Mapping[str, Key], rows: Iterable[Row], actor: str, monkey: Any
) -> Iterator[str]:
    """Every cell of this actor that is not as declared, in words; GETs come first, and what they changed."""
    rows = list(rows)
    with thrown_away(app, monkey) as sand:
        before = snapshots.taken(app)
        yield from _wrong(app, world, keys, [row for row in rows if row.method == "GET"], actor, sand)
        for table, column in sorted(snapshots.differences(before, snapshots.taken(app))):
            yield f"{actor}: a GET changed {table}.{column}"
        yield from _wrong(app, world, keys, [row for row in rows if row.method != "GET"], actor, sand)


def _wrong(
    app: Flask, world: World, keys: Mapping[str, Key], rows: Iterable[Row], actor: str, sand: Sand
) -> Iterator[str]:
    for row in rows:
        for thing, who, expected in row.cells():
            if who != actor:
                continue
            got, text, lacks = try_cell(app, world, keys, row, thing, actor, refused=expected in REFUSED)
            if row.method != "GET" and got[0] != "4":
                sand.smooth()
            what = f"{actor}: {row.method} {row.rule} with {thing or '-'}"
            if got != expected:
                yield f"{what}: {got}, declared {expected}"
            if lacks:
                yield f"{what}: lacks {', '.join(lacks)}"
            if heard(text) and not row.public:
                yield f"{what}: says {', '.join(sorted(heard(text)))}"


def try_cell(
    app: Flask, world: World, keys: Mapping[str, Key], row: Row, thing: str, actor: str, *, refused: bool
) -> tuple[str, str, list[str]]:
    """(status, what a stranger reads, headers it lacks): one request; "500" when it crashed.

    What is to be `refused` asks for JSON, which is quicker.
    """
    body = {name: look_up(value, world, actor) for name, value in row.body.items()}
    headers = {"Accept": "application/json", **row.headers} if refused else dict(row.headers)
    try:
        path = path_of(row, world, thing, actor)
        answer = knock(app, keys[actor], row.method, path, body, headers=headers)
        text = text_of(answer) if actor in STRANGERS else ""
        answer.close()
    except Exception as error:  # noqa: BLE001 - the cell says so
        return f"500 {type(error).__name__}: {error}"[:300], "", []
    return seen(answer), text, lacking(answer, private=not row.rule.startswith("/static/"))


def expected_options(rows: Iterable[Row], actor: str) -> set[str]:
    """What OPTIONS answers on a rule whose methods are these rows: it passes the same wall as they."""
    rows = list(rows)
    if any(row.public for row in rows):
        return {"200"}
    if actor in SIGNED_OUT:
        return {"401"}
    if actor == NEWCOMER:
        return {"401"}  # our scripts are told so; a page is sent on
    allowed = {actor in row.who for row in rows}
    return {"200" if yes else "403" for yes in allowed}


def count_cells(rows: Iterable[Row]) -> int:
    """How many requests the table stands for."""
    rows = list(rows)
    actors = len((*SIGNED_OUT, NEWCOMER, *INSIDE))
    heads = sum(row.method == "GET" for row in rows)
    return sum(len(row.cases) for row in rows) * actors + (heads + len({row.rule for row in rows})) * actors
