"""The coloured table of an overview: mean level of each nội dung in each ward, and the shade of a cell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from survey_app.core.filters import rounded
from survey_app.results.queries import OwnClaim, Ward
from survey_app.rules.aggregation import LEAST_PEERS, Mean, mean_level_by_criterion
from survey_app.rules.framework import Criterion, Framework

# Where the shades change, as shares of the highest level: 1,5 · 2,0 · 2,5 on a scale of 0–3.
EDGES = (Fraction(1, 2), Fraction(2, 3), Fraction(5, 6))


@dataclass(frozen=True)
class Cell:
    """A mean level as it is printed, over `n` confirmed values, and its shade 0–3; None: no data."""

    value: Decimal | None = None
    shade: int = 0
    n: int = 0


@dataclass(frozen=True)
class HeatRow:
    """One ward: its confirmed schools, the mean of all its cells, one cell for each column."""

    ward: Ward
    schools: int
    mean: Fraction
    cells: tuple[Cell, ...]

    @property
    def few(self) -> bool:
        """True when a mean over the ward says little, because few schools are in it."""
        return self.schools < LEAST_PEERS


@dataclass(frozen=True)
class Heat:
    """The whole table; `highest` is the highest level of the scale it shows."""

    columns: tuple[Criterion, ...]
    rows: tuple[HeatRow, ...]
    highest: int

    def lowest(self, count: int) -> "Heat":
        """Only the wards with the lowest means, the lowest first."""
        return Heat(self.columns, tuple(sorted(self.rows, key=lambda row: row.mean)[:count]), self.highest)

    def edges(self) -> list[tuple[Decimal, Decimal]]:
        """The printed range of each shade, both ends in it."""
        tops = [*(rounded(edge * self.highest, 1) for edge in EDGES), Decimal(self.highest)]
        return list(zip([Decimal(0), *(top + Decimal("0.1") for top in tops)], tops, strict=False))


def heat_of(
    framework: Framework, claims: Mapping[Ward, OwnClaim], rows: Iterable[tuple[str, str, int, int]]
) -> Heat:
    """The table of (ward, indicator, value, schools), wards in the order of `claims`.

    Only indicators on the set's longest scale count, so columns without one are left out.
    """
    highest = max(scale.highest for scale in framework.scales.values())
    columns = tuple(
        part
        for part in framework.criteria.values()
        if any(indicator.scale.highest == highest for indicator in part.indicators)
    )
    means = mean_level_by_criterion(framework, rows)
    table = []
    for ward, claim in claims.items():
        of_ward = means.get(ward.uid, {})
        whole = sum(of_ward.values(), Mean(0, 0)).value
        if whole is not None:
            cells = tuple(_cell(of_ward.get(part.code, Mean(0, 0)), highest) for part in columns)
            table.append(HeatRow(ward, claim.forms, whole, cells))
    return Heat(columns, tuple(table), highest)


def _cell(mean: Mean, highest: int) -> Cell:
    if mean.value is None:
        return Cell()
    printed = rounded(mean.value, 1)
    # By the printed number, so that colour and legend never contradict it.
    return Cell(printed, sum(printed > rounded(edge * highest, 1) for edge in EDGES), mean.n)
