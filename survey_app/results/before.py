"""A result beside those of earlier rounds of the same purpose, fairly where the set has changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from survey_app.results.models import Result
from survey_app.results.queries import Part
from survey_app.rules.framework import Framework

NONE = Part(0, 0)


@dataclass(frozen=True)
class Before:
    """The previous result and this one, over the same indicators.

    `changed`: the two rounds used different versions of the set; then both sides count only the `common`
    indicators, those that have the same code in both versions and applied both times. `areas` go by code.
    """

    result: Result
    changed: bool
    common: int
    now: Part
    then: Part
    areas_now: Mapping[str, Part]
    areas_then: Mapping[str, Part]

    @property
    def school_year(self) -> str:
        """The previous round's school year as "2025-2026"."""
        year: str = self.result.content["facts"]["round"]["school_year"]
        return year

    @property
    def version(self) -> str:
        """The version of the set that was used then."""
        return _version(self.result)


@dataclass(frozen=True)
class Change:
    """The set changed between two results: both over the `common` indicators, counted as in `Before`."""

    version: str
    common: int
    now: Part
    then: Part


def change_between(result: Result, previous: Result) -> Change | None:
    """What can be compared across a change of the set's version; None where there was no change."""
    before = _version(previous)
    if before == _version(result):
        return None
    now, then = _met_by_code(result), _met_by_code(previous)
    common = now.keys() & then.keys()
    met_now, met_then = (sum(met[code] for code in common) for met in (now, then))
    return Change(before, len(common), Part(met_now, len(common)), Part(met_then, len(common)))


def _version(result: Result) -> str:
    version: str = result.content["facts"]["framework"]["version"]
    return version


def beside_previous(framework: Framework, result: Result, previous: Result | None) -> Before | None:
    """Both results over what can be compared; None without a previous one."""
    if previous is None:
        return None
    now, then = _met_by_code(result), _met_by_code(previous)
    changed = _version(previous) != framework.version
    common = now.keys() & then.keys()
    if changed:
        now = {code: met for code, met in now.items() if code in common}
        then = {code: met for code, met in then.items() if code in common}
    areas_now, areas_then = _by_area(framework, now), _by_area(framework, then)
    return Before(
        previous,
        changed,
        len(common),
        sum(areas_now.values(), NONE),
        sum(areas_then.values(), NONE),
        areas_now,
        areas_then,
    )


def _met_by_code(result: Result) -> dict[str, bool]:
    """{indicator: met} of what applied, from the frozen lines."""
    lines: Iterable[list[Any]] = result.content["indicators"]
    return {code: met for code, _value, met, _mandatory, why_not in lines if not why_not}


def _by_area(framework: Framework, met: Mapping[str, bool]) -> dict[str, Part]:
    areas: dict[str, Part] = defaultdict(lambda: NONE)
    for code, holds in met.items():
        if code in framework.area_of:
            areas[framework.area_of[code].code] += Part(int(holds), 1)
    return dict(areas)
