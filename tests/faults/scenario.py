"""What a scenario is and how its outcome is told: one JSON line for each database it was run on."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

SQLITE, POSTGRES = "sqlite", "postgres"


class CannotRun(RuntimeError):
    """This machine lacks what the scenario needs; the sentence says what."""


@dataclass
class Outcome:
    """What a scenario found on one database.

    `tried` counts what was done to it (kills, copies, pairs, cells), `acknowledged` what the server said it
    had stored, `lost` how many of those are not there afterwards, `doubled` how many are there twice. `wrong`
    names everything else that should not have been: an answer of 500, a half file. `canary` is what the same
    run loses, doubles or gets wrong with the guard off: 0 would mean that the scenario sees nothing.
    """

    name: str
    database: str
    tried: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: list[str] = field(default_factory=list)
    canary: int | None = None
    seconds: float = 0.0
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def bad(self) -> int:
        """How much went wrong."""
        return self.lost + self.doubled + len(self.wrong)

    def problems(self) -> list[str]:
        """Sentences that say why this outcome is not good; empty when it is."""
        found = list(self.wrong[:5])
        if not self.tried:
            found.append("nothing was tried")
        if self.lost or self.doubled:
            found.append(f"lost {self.lost}, doubled {self.doubled}")
        if self.canary is not None and self.canary <= 0:
            found.append("with the guard off nothing went wrong: the scenario is blind")
        return found

    def line(self) -> str:
        """The outcome as one JSON line."""
        told = {
            "name": self.name,
            "database": self.database,
            "tried": self.tried,
            "acknowledged": self.acknowledged,
            "lost": self.lost,
            "doubled": self.doubled,
            "wrong": len(self.wrong),
            "canary": self.canary,
            "seconds": round(self.seconds, 1),
        }
        if self.wrong:
            told["first_wrong"] = self.wrong[0]
        return json.dumps(told | self.more, ensure_ascii=False)


Scenario = Callable[[bool], Iterable[Outcome]]
SCENARIOS: dict[str, Scenario] = {}


def scenario(name: str) -> Callable[[Scenario], Scenario]:
    """Register a scenario under the name `make faults ONLY=…` takes; True asks for its short form."""

    def declare(run: Scenario) -> Scenario:
        SCENARIOS[name] = run
        return run

    return declare


@contextmanager
def timed(outcome: Outcome) -> Iterator[Outcome]:
    """Note how long the block took."""
    start = time.monotonic()
    try:
        yield outcome
    finally:
        outcome.seconds += time.monotonic() - start
