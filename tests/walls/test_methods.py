"""HEAD, OPTIONS and methods a rule does not have pass the same wall."""

from collections import defaultdict

import pytest

from tests.walls.checker import expected_options, path_of, routes_of, seen
from tests.walls.conftest import Walls
from tests.walls.doors import knock, thrown_away
from tests.walls.rows import Row
from tests.walls.table import ROWS

ASKING = ("anonymous", "newcomer", "member", "officer", "viewer", "admin")
JSON = {"Accept": "application/json"}


def by_rule() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in ROWS:
        found[row.rule].append(row)
    return found


@pytest.mark.parametrize("actor", ASKING)
def test_options_tells_nothing_to_those_who_may_not_call(
    walls: Walls, actor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = []
    with thrown_away(walls.app, monkeypatch):
        for rule, rows in by_rule().items():
            path = path_of(rows[0], walls.world, next(iter(rows[0].cases)), actor)
            got = seen(knock(walls.app, walls.keys[actor], "OPTIONS", path, headers=JSON))
            wanted = expected_options(rows, actor)
            if got not in wanted:
                wrong.append((rule, got, wanted))
    assert wrong == []


@pytest.mark.parametrize("actor", ASKING)
def test_head_answers_as_get_does(walls: Walls, actor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = []
    with thrown_away(walls.app, monkeypatch):
        for row in ROWS:
            cells = [cell for cell in row.cells() if cell[1] == actor] if row.method == "GET" else []
            for thing, _, expected in sorted(cells, key=_successes_first)[:1]:
                path = path_of(row, walls.world, thing, actor)
                got = seen(knock(walls.app, walls.keys[actor], "HEAD", path))
                if got != expected:
                    wrong.append((row.rule, got, expected))
    assert wrong == []


def _successes_first(cell: tuple[str, str, str]) -> str:
    return cell[2]


def test_a_method_that_a_rule_does_not_have_is_refused(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless another rule fits the same address, such as /assessments/<uid> for /assessments/new."""
    routes, wrong = routes_of(walls.app), []
    with thrown_away(walls.app, monkeypatch):
        for rule, rows in by_rule().items():
            path = path_of(rows[0], walls.world, next(iter(rows[0].cases)), "admin")
            for method in ("PUT", "PATCH", "DELETE"):
                assert (method, rule) not in routes
                got = seen(knock(walls.app, walls.keys["admin"], method, path, headers=JSON))
                if got != "405":
                    wrong.append((method, rule, got))
    assert wrong == []
