"""The coloured table: what a cell says, which shade it has, what is not there."""

from decimal import Decimal

import pytest

from survey_app.results.heat import Cell, Heat, heat_of
from survey_app.results.queries import OwnClaim, Ward
from tests.factories.frameworks import PASS2, plain_framework, plain_indicator

AN, BINH = Ward("a", "Phường An"), Ward("b", "Phường Bình")
CLAIMS = {AN: OwnClaim(9, 9, 5), BINH: OwnClaim(9, 9, 1)}


def table(*rows: tuple[str, str, int, int]) -> Heat:
    return heat_of(plain_framework(), CLAIMS, rows)


def test_a_cell_is_the_mean_of_the_longest_scale_alone() -> None:
    heat = table(("a", "AT1.1", 3, 1), ("a", "AT1.2", 1, 2), ("a", "LM1.2", 1, 9))
    (row,) = heat.rows
    assert row.cells == (Cell(Decimal("1.7"), 1, 3), Cell()) and row.schools == 5 and not row.few


@pytest.mark.parametrize(
    ("values", "printed", "shade"),
    [
        ([0], "0.0", 0),
        ([1, 2], "1.5", 0),
        ([1] * 9 + [2] * 11, "1.6", 1),  # 1,55 is printed and coloured as 1,6
        ([2], "2.0", 1),
        ([2, 2, 2, 2, 2, 2, 2, 2, 2, 3], "2.1", 2),
        ([2, 3], "2.5", 2),
        ([3], "3.0", 3),
    ],
)
def test_the_shade_never_contradicts_the_printed_number(values: list[int], printed: str, shade: int) -> None:
    heat = table(*(("a", "AT1.1", value, 1) for value in values))
    cell = heat.rows[0].cells[0]
    assert (cell.value, cell.shade) == (Decimal(printed), shade)
    low, high = heat.edges()[shade]
    assert cell.value is not None and low <= cell.value <= high


def test_the_legend_covers_the_scale_without_a_gap() -> None:
    edges = [(str(low), str(high)) for low, high in table().edges()]
    assert edges == [("0", "1.5"), ("1.6", "2.0"), ("2.1", "2.5"), ("2.6", "3")]


def test_wards_keep_their_order_and_those_without_data_are_left_out() -> None:
    heat = table(("b", "AT1.1", 1, 1), ("a", "AT1.1", 3, 5))
    assert [(row.ward, row.few) for row in heat.rows] == [(AN, False), (BINH, True)]
    assert [row.ward for row in heat.lowest(1).rows] == [BINH]
    assert table().rows == ()


def test_a_set_of_two_points_has_a_table_of_its_own_scale() -> None:
    areas = [("AT", 60, [plain_indicator("AT1.1", PASS2)]), ("LM", 40, [plain_indicator("LM1.1", PASS2)])]
    framework = plain_framework(areas, scales={"pass2": PASS2})
    heat = heat_of(framework, CLAIMS, [("a", "AT1.1", 1, 3), ("a", "AT1.1", 0, 1)])
    assert heat.highest == 1 and heat.rows[0].cells[0] == Cell(Decimal("0.8"), 2, 4)
