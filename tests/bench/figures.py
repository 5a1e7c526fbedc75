"""How a figure is taken and told: the same input several times, the median, one JSON line."""

import json
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass

TIMES = 5


class CannotRun(RuntimeError):
    """This machine lacks what the benchmark needs; the sentence says what."""


@dataclass(frozen=True)
class Figure:
    """One measured value beside its bare alternative; `ratio` is value / bare."""

    name: str
    value: float
    unit: str
    bare: float

    def line(self) -> str:
        """The figure as one JSON line."""
        ratio = self.value / self.bare if self.bare else None
        return json.dumps(
            {
                "name": self.name,
                "value": _short(self.value),
                "unit": self.unit,
                "bare": _short(self.bare),
                "ratio": None if ratio is None else round(ratio, 2),
            }
        )


def _short(value: float) -> float:
    return round(value, 1 if value >= 100 else 3)


Benchmark = Callable[[], Figure | Iterable[Figure]]
BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(name: str) -> Callable[[Benchmark], Benchmark]:
    """Register a benchmark under the name `make bench ONLY=…` takes."""

    def declare(run: Benchmark) -> Benchmark:
        BENCHMARKS[name] = run
        return run

    return declare


def in_turn(one: Callable[[], float], other: Callable[[], float], times: int = TIMES) -> tuple[float, float]:
    """Medians of two measurements taken in turn, so that a drifting machine slows both."""
    pairs = [(one(), other()) for _ in range(times)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def p95(values: Iterable[float]) -> float:
    """The smallest value that at least 95 of 100 do not exceed; infinite when nothing was measured."""
    ordered = sorted(values)
    return ordered[-(-len(ordered) * 95 // 100) - 1] if ordered else float("inf")
