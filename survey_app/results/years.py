"""The published years of one school as a small line: where each year's marks lie in the picture.

Up to five years that hold the one of the page. Heights are shares of 100 %, never cut off below, so that a
small change looks small. Where the set changed the line is broken: it no longer counts the same indicators.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from survey_app.results.before import Change, change_between
from survey_app.results.models import Result
from survey_app.results.queries import Part

MOST = 5
TOP, FLOOR, LEFT = 14, 114, 38  # of the room in which the marks lie, in pixels
ROOM, WIDEST = 256, 90  # a phone 360 px wide has room for five years; two years are not pulled apart


@dataclass(frozen=True)
class Year:
    """One published year; `change` tells how it compares with the one before where the set changed."""

    result: Result
    own: Part
    verified: Part
    change: Change | None

    @property
    def school_year(self) -> str:
        """The school year as "2025-2026"."""
        year: str = self.result.content["facts"]["round"]["school_year"]
        return year

    @property
    def version(self) -> str:
        """The version of the set that was used."""
        version: str = self.result.content["facts"]["framework"]["version"]
        return version


@dataclass(frozen=True)
class Mark:
    """A year in the picture: the middle of its column."""

    year: Year
    x: int


@dataclass(frozen=True)
class YearLine:
    """The picture: columns `step` apart."""

    marks: tuple[Mark, ...]
    step: int

    @property
    def width(self) -> int:
        """Of the whole picture, in pixels."""
        return LEFT + self.step * len(self.marks)

    @property
    def pairs(self) -> list[tuple[Mark, Mark]]:
        """Each year with the one after it."""
        return list(zip(self.marks, self.marks[1:], strict=False))

    def y(self, part: Part) -> int:
        """How deep a share lies; nothing of nothing lies on the floor."""
        return FLOOR - round((part.share or 0) * (FLOOR - TOP))

    def number_y(self, part: Part) -> int:
        """Where its number is written: below the mark, above it where the floor is too near."""
        y = self.y(part)
        return y + 19 if y < FLOOR - 22 else y - 10


def years_of(results: Sequence[Result]) -> list[Year]:
    """The results of one school, oldest first, each beside the one before it."""
    before: list[Result | None] = [None, *results]
    return [
        Year(
            result,
            Part(result.own["tally"]["met"], result.own["tally"]["applicable"]),
            Part(result.met, result.applicable),
            change_between(result, previous) if previous else None,
        )
        for result, previous in zip(results, before, strict=False)
    ]


def line_of(years: Sequence[Year], here: int) -> YearLine:
    """The latest years that still hold the one at `here`."""
    start = max(0, min(here, len(years) - MOST))
    shown = years[start : start + MOST]
    step = min(WIDEST, ROOM // len(shown))
    marks = tuple(Mark(year, LEFT + step * at + step // 2) for at, year in enumerate(shown))
    return YearLine(marks, step)
