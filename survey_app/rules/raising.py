"""The fewest things to raise, then the cheapest way, so that whole-number demands are met: exact, no floats.

An item may be raised in one of several ways (`Choice`); each way costs something and adds points to the
item's part, perhaps one to the count of what is met. Demands are lower bounds, so more is never worse: of two
ways to raise the same number of items, the one that costs no less and adds no more of anything can be
forgotten. What is kept is a table of labels (number of items, cost, value, met, must) of which none is beaten
by another. The value is what a label achieves and no dimension of the table: with n items of at most s steps
a table has at most n · ns labels a count of met items, whatever the weights are. What is added stands in a
label with a minus, so that less is better in every place of it.

Why it is exact. First the number: with every raised item at its top (points and `met` never fall on the way
up) the smallest number for which a label meets every demand is the smallest there is. Then the cost: all ways
are tried again with exactly that number, and only labels are dropped that (a) another one beats, (b) lack the
points of their part, or (c) cannot reach the demands even with the tops of all other parts (tables of the
first pass). No search in depth, no recursion; like items are counted, not told apart.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class Choice(NamedTuple):
    """One way to raise an item: what it costs and adds. `met` and `must` are 0 or 1."""

    cost: int
    points: int
    met: int
    must: int


@dataclass(frozen=True)
class Item:
    """Something of part `part` that may be raised by one of `choices`, the largest raise last.

    `needed`: it has to be raised, whatever the rest does.
    """

    key: str
    part: int
    choices: tuple[Choice, ...]
    needed: bool = False


@dataclass(frozen=True)
class Demand:
    """What all raises together must add at least.

    `met` and `must` over all parts; `points[p]` in part p; `total` of the points of every part, those of part
    p counted `worth[p]` times.
    """

    met: int
    must: int
    points: tuple[int, ...]
    worth: tuple[int, ...]
    total: int


class _Kind(NamedTuple):
    """What makes items alike."""

    part: int
    needed: bool
    choices: tuple[Choice, ...]


class _Pick(NamedTuple):
    """`many` items of a kind take the choice at `place`."""

    kind: _Kind
    place: int
    many: int


# number of items raised, cost, -value, -met, -must
_Label = tuple[int, int, int, int, int]
# How a label came about: a `_Pick`, two such traces, or None for nothing.
_Table = dict[_Label, Any]
_Kinds = Mapping[_Kind, Sequence[Item]]
_START: _Label = (0, 0, 0, 0, 0)


@dataclass(frozen=True)
class _Bounds:
    """What a table may forget: counts and values beyond what is asked for, more items than `most`."""

    value: int
    met: int
    must: int
    most: int

    def merged(self, one: _Table, other: _Table) -> _Table:
        """Every label of one beside every label of the other, as far as none beats another.

        Written out, without a call inside: here is where the time goes.
        """
        value, met, must, most = -self.value, -self.met, -self.must, self.most
        found: _Table = {}
        for (number, cost, v, m, u), trace in one.items():
            for (number2, cost2, v2, m2, u2), trace2 in other.items():
                if number + number2 > most:
                    continue
                v3, m3, u3 = v + v2, m + m2, u + u2
                label = (
                    number + number2,
                    cost + cost2,
                    v3 if v3 > value else value,
                    m3 if m3 > met else met,
                    u3 if u3 > must else must,
                )
                if label not in found:
                    found[label] = (trace, trace2)
        return _unbeaten(found)

    def holds(self, one: _Label, other: _Label = _START) -> bool:
        """True when two labels together add everything that is asked for."""
        return (
            one[2] + other[2] <= -self.value
            and one[3] + other[3] <= -self.met
            and one[4] + other[4] <= -self.must
        )


def _unbeaten(table: _Table) -> _Table:
    """Those labels that no other of the same number beats in cost, value, met and must at once."""
    found: _Table = {}
    kept: list[tuple[int, int, int]] = []
    now = -1
    for label in sorted(table):
        number, _, value, met, must = label
        if number != now:
            now, kept = number, []
        for v, m, u in kept:
            if v <= value and m <= met and u <= must:
                break
        else:
            kept.append((value, met, must))
            found[label] = table[label]
    return found


def least_raises(items: Sequence[Item], demand: Demand) -> dict[str, int] | None:
    """{key of a raised item: index of its choice}: fewest items first, then least cost; None: impossible."""
    kinds: dict[_Kind, list[Item]] = defaultdict(list)
    for item in items:
        if item.choices:
            kinds[_Kind(item.part, item.needed, item.choices)].append(item)
        elif item.needed:
            return None
    tops = _tables(kinds, demand, len(items), tops=True)
    number = _fewest(tops, demand, len(items))
    if number is None:
        return None
    bounds = _Bounds(demand.total, demand.met, demand.must, number)
    parts = [
        _able(table, _rest(tops, part, bounds), bounds)
        for part, table in enumerate(_tables(kinds, demand, number, tops=False))
    ]
    return _read(_cheapest(parts, bounds), kinds)


def _tables(kinds: _Kinds, demand: Demand, most: int, *, tops: bool) -> list[_Table]:
    """The table of each part, its values multiplied by their worth; with `tops` one free choice an item."""
    tables = []
    for part, (least, worth) in enumerate(zip(demand.points, demand.worth, strict=True)):
        members = {kind: len(found) for kind, found in kinds.items() if kind.part == part}
        points = sum(size * kind.choices[-1].points for kind, size in members.items())
        bounds = _Bounds(points if worth else least, demand.met, demand.must, most)
        table: _Table = {_START: None}
        for kind, size in members.items():
            table = bounds.merged(table, _of_kind(kind, size, bounds, tops))
        tables.append(
            {
                (number, cost, value * worth, met, must): trace
                for (number, cost, value, met, must), trace in table.items()
                if -value >= least
            }
        )
    return tables


def _of_kind(kind: _Kind, size: int, bounds: _Bounds, tops: bool) -> _Table:
    """How many of `size` like items take the first choice, the second, …"""
    table: _Table = {_START: None}
    within = _Bounds(bounds.value, bounds.met, bounds.must, min(size, bounds.most))
    for place, choice in enumerate(kind.choices):
        if tops and place < len(kind.choices) - 1:
            continue
        cost = 0 if tops else choice.cost
        counted: _Table = {_START: None}
        for count in range(1, size + 1):
            adds = (count * choice.points, count * choice.met, count * choice.must)
            counted[count, count * cost, -adds[0], -adds[1], -adds[2]] = _Pick(kind, place, count)
        table = within.merged(table, counted)
    if kind.needed:
        table = {label: trace for label, trace in table.items() if label[0] == size}
    return table


def _fewest(tops: Sequence[_Table], demand: Demand, most: int) -> int | None:
    """The smallest number of items that can meet the demand at all."""
    bounds = _Bounds(demand.total, demand.met, demand.must, most)
    table: _Table = {_START: None}
    for part in tops:
        table = bounds.merged(table, part)
    return min((label[0] for label in table if bounds.holds(label)), default=None)


def _rest(tops: Sequence[_Table], part: int, bounds: _Bounds) -> list[_Label]:
    """For 0 … `most` items the most that the other parts can add of each thing, each taken for itself."""
    table: _Table = {_START: None}
    for other, labels in enumerate(tops):
        if other != part:
            table = bounds.merged(table, labels)
    best = [(0, 0, 0)] * (bounds.most + 1)
    for number, _, value, met, must in table:
        best[number] = _least(best[number], (value, met, must))
    for number in range(1, bounds.most + 1):
        best[number] = _least(best[number], best[number - 1])
    return [(number, 0, *adds) for number, adds in enumerate(best)]


def _least(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int, int]:
    return min(one[0], other[0]), min(one[1], other[1]), min(one[2], other[2])


def _able(table: _Table, rest: Sequence[_Label], bounds: _Bounds) -> _Table:
    """The labels with which the demand can still be met."""
    return {
        label: trace for label, trace in table.items() if bounds.holds(label, rest[bounds.most - label[0]])
    }


def _cheapest(parts: Sequence[_Table], bounds: _Bounds) -> Any:
    """The trace of the cheapest label of exactly `most` items that meets the demand; there is one.

    The two smallest tables are merged until two are left, which need only be searched.
    """
    best, tables = _priced(parts, bounds)
    tables = [*tables, {_START: None}, {_START: None}]
    while len(tables) > 2:
        tables.sort(key=len, reverse=True)
        tables.append(bounds.merged(tables.pop(), tables.pop()))
    by_number: dict[int, list[_Label]] = defaultdict(list)
    for label in sorted(tables[1]):
        by_number[label[0]].append(label)
    for label, trace in tables[0].items():
        for other in by_number[bounds.most - label[0]]:
            cost = label[1] + other[1]
            if best is not None and cost >= best[0]:
                break
            if bounds.holds(label, other):
                best = cost, (trace, tables[1][other])
                break
    assert best is not None
    return best[1]


def _priced(parts: Sequence[_Table], bounds: _Bounds) -> tuple[tuple[int, Any] | None, list[_Table]]:
    """A good way found at once, and the tables without the labels that cannot lead to a cheaper one.

    Lagrange: at a price p/q for the value, cost - p/q · (value - demand) is at most the cost of any way that
    meets the demand. The price goes where the cheapest way and the one of most value cost the same.
    """
    most = bounds.most
    low, high = _at_price(parts, most, 0, 1)[most][1:], _at_price(parts, most, 1, 0)[most][1:]
    p, q, best = 0, 1, None
    while True:
        for label, trace in (low, high):
            if bounds.holds(label) and (best is None or label[1] < best[0]):
                best = label[1], trace
        if low[0][2] <= -bounds.value or high[0][2] > -bounds.value:
            break
        p, q = high[0][1] - low[0][1], low[0][2] - high[0][2]
        label, trace = _at_price(parts, most, p, q)[most][1:]
        if q * label[1] + p * label[2] >= q * low[0][1] + p * low[0][2]:
            break
        if label[2] <= -bounds.value:
            high = label, trace
        else:
            low = label, trace
    return best, list(parts) if best is None else _affordable(parts, bounds, p, q, best[0])


def _at_price(parts: Sequence[_Table], most: int, p: int, q: int) -> dict[int, tuple[int, _Label, Any]]:
    """By number of items the label with the least q · cost - p · value, met and must left aside."""
    found: dict[int, tuple[int, _Label, Any]] = {0: (0, _START, None)}
    for table in parts:
        least: dict[int, tuple[int, _Label]] = {}
        for label in table:  # of equals the cheaper label stands first
            worth = q * label[1] + p * label[2]
            if label[0] not in least or worth < least[label[0]][0]:
                least[label[0]] = worth, label
        longer: dict[int, tuple[int, _Label, Any]] = {}
        for number, (worth, label, trace) in found.items():
            for more, (extra, other) in least.items():
                both, price = number + more, worth + extra
                if both <= most and (both not in longer or price < longer[both][0]):
                    together = _added(label, other)
                    longer[both] = price, together, (trace, table[other])
        found = longer
    return found


def _added(one: _Label, other: _Label) -> _Label:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3], one[4] + other[4]


def _affordable(parts: Sequence[_Table], bounds: _Bounds, p: int, q: int, cost: int) -> list[_Table]:
    """The labels that may belong to a way cheaper than `cost`."""
    spare, kept = q * (cost - 1) - p * bounds.value, []
    for part, table in enumerate(parts):
        rest = _at_price([other for place, other in enumerate(parts) if place != part], bounds.most, p, q)
        kept.append(
            {
                label: trace
                for label, trace in table.items()
                if (least := rest.get(bounds.most - label[0]))
                and q * label[1] + p * label[2] + least[0] <= spare
            }
        )
    return kept


def _read(trace: Any, kinds: _Kinds) -> dict[str, int]:
    """The items behind a trace; of like items the first ones are taken."""
    free = {kind: iter(members) for kind, members in kinds.items()}
    found: dict[str, int] = {}
    waiting = [trace]
    while waiting:
        step = waiting.pop()
        if isinstance(step, _Pick):
            found |= {next(free[step.kind]).key: step.place for _ in range(step.many)}
        elif step is not None:
            waiting.extend(step)
    return found
