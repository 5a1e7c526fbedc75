"""From counted rows to the numbers of an overview. Rows are plain: the database counts, this adds up.

Counts on one page add up to its total; every mean is an exact fraction with its n beside it.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from survey_app.rules.framework import Framework
from survey_app.rules.workflow import State

Group = TypeVar("Group", bound=Hashable)
SIZE_RATIO = 2
LEAST_PEERS = 5  # fewer schools could be recognised in a mean


def similar_size(pupils: int) -> tuple[int, int]:
    """The fewest and the most pupils of a school of about the same size: from half of `pupils` to twice.

    A ratio needs no table of size classes, of which no text speaks for every stage alike.
    """
    return -(-pupils // SIZE_RATIO), pupils * SIZE_RATIO


@dataclass(frozen=True)
class Completion:
    """How many forms stand where; the five parts add up to `total`."""

    not_submitted: int = 0
    waiting: int = 0
    in_review: int = 0
    returned: int = 0
    confirmed: int = 0

    @property
    def total(self) -> int:
        """Every form."""
        return self.not_submitted + self.submitted

    @property
    def submitted(self) -> int:
        """Forms that were handed in at least once: everything but `not_submitted`."""
        return self.waiting + self.in_review + self.returned + self.confirmed


_PART_OF = {
    State.DRAFT: "not_submitted",
    State.SUBMITTED: "waiting",
    State.RESUBMITTED: "waiting",
    State.IN_REVIEW: "in_review",
    State.ON_HOLD: "in_review",
    State.PROPOSED: "in_review",
    State.RETURNED: "returned",
    State.APPROVED: "confirmed",
    State.PUBLISHED: "confirmed",
}


def states_of(part: str) -> frozenset[State]:
    """The states counted in one part of `Completion`. Raises KeyError for a part it does not have."""
    states = frozenset(state for state, name in _PART_OF.items() if name == part)
    if not states:
        raise KeyError(part)
    return states


def completion(counts: Mapping[str, int]) -> Completion:
    """Counts by state → the parts of the overview."""
    parts: dict[str, int] = defaultdict(int)
    for state, count in counts.items():
        parts[_PART_OF[State(state)]] += count
    return Completion(**parts)


def completion_by(rows: Iterable[tuple[Group, str, int]]) -> dict[Group, Completion]:
    """(group, state, count) → the parts of each group."""
    grouped: dict[Group, dict[str, int]] = defaultdict(dict)
    for group, state, count in rows:
        grouped[group][state] = grouped[group].get(state, 0) + count
    return {group: completion(counts) for group, counts in grouped.items()}


@dataclass(frozen=True)
class Unmet:
    """How many of the schools to which an indicator applies do not meet it."""

    code: str
    unmet: int
    of: int

    @property
    def share(self) -> Fraction:
        """The share that does not meet it, 0 when it applies to nobody."""
        return Fraction(self.unmet, self.of) if self.of else Fraction(0)


def most_unmet(framework: Framework, rows: Iterable[tuple[str, int, int]]) -> list[Unmet]:
    """(indicator, value, schools) → indicators that most schools do not meet first; ties in set order."""
    unmet: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    for code, value, count in rows:
        indicator = framework.by_code.get(code)
        if indicator is not None:
            total[code] += count
            unmet[code] += 0 if indicator.scale.is_met(value) else count
    order = {code: place for place, code in enumerate(framework.by_code)}
    found = [Unmet(code, unmet[code], total[code]) for code in total]
    return sorted(found, key=lambda row: (-row.share, order[row.code]))


@dataclass(frozen=True)
class Mean:
    """An exact mean as sum and count."""

    total: int
    n: int

    @property
    def value(self) -> Fraction | None:
        """The mean, None of nothing."""
        return Fraction(self.total, self.n) if self.n else None

    def __add__(self, other: "Mean") -> "Mean":
        return Mean(self.total + other.total, self.n + other.n)


def mean_level_by_criterion(
    framework: Framework, rows: Iterable[tuple[Group, str, int, int]]
) -> dict[Group, dict[str, Mean]]:
    """(group, indicator, value, schools) → the mean level of each criterion in each group.

    Only indicators on the set's longest scale count, so that a mean of 0–3 is not mixed with 0–1.
    """
    longest = max(scale.highest for scale in framework.scales.values())
    means: dict[Group, dict[str, Mean]] = defaultdict(dict)
    for group, code, value, count in rows:
        indicator = framework.by_code.get(code)
        if indicator is None or indicator.scale.highest != longest:
            continue
        criterion = framework.criterion_of[code].code
        means[group][criterion] = means[group].get(criterion, Mean(0, 0)) + Mean(value * count, count)
    return dict(means)


def distribution(framework: Framework, counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Counts by level → (band, count) for every band of the set, from the lowest up, zeros included."""
    return [(band.code, counts.get(band.code, 0)) for band in framework.bands]


def place_among(value: int, peers: Iterable[int]) -> str | None:
    """Where `value` stands among its peers: "lower", "middle" or "upper" third; None below five peers.

    A band, not a rank: schools are not lined up against each other.
    """
    known = sorted(peers)
    if len(known) < LEAST_PEERS:
        return None
    below = sum(1 for other in known if other < value)
    same = sum(1 for other in known if other == value)
    middle = Fraction(2 * below + same, 2 * len(known))
    return "lower" if middle < Fraction(1, 3) else "upper" if middle > Fraction(2, 3) else "middle"
