"""Every rule × method × object × actor answers as the table declares."""

import pytest

from tests.walls.actors import ACTORS
from tests.walls.checker import gaps_between, wrong_cells
from tests.walls.conftest import Walls
from tests.walls.table import ROWS


def test_every_rule_has_a_row_and_every_row_a_rule(walls: Walls) -> None:
    assert gaps_between(walls.app, ROWS) == []


@pytest.mark.parametrize("actor", ACTORS)
def test_the_walls_stand_as_declared(walls: Walls, actor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = list(wrong_cells(walls.app, walls.world, walls.keys, ROWS, actor, monkeypatch))
    assert wrong == [], f"{len(wrong)} cells differ:\n" + "\n".join(wrong)
