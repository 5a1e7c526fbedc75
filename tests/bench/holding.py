"""How many saves a second the program holds: offered in growing steps until one is not held."""

import asyncio
import itertools
import json
import os
from collections.abc import Iterator, Sequence

from tests.bench.figures import CannotRun, Figure, benchmark
from tests.bench.grounds import POSTGRES, SQLITE
from tests.bench.load import read_back, sender_at, served
from tests.bench.offered import Line, Step, offer
from tests.bench.saving import rate_of_nothing
from tests.bench.site import measured_site

RATES = (50, 100, 150, 200, 225, 250, 300, 400, 500, 600, 800, 1000)
PROCESSES = (1, 2)  # what `make run` starts; what the containers start
SCHOOLS = 100
STEP_SECONDS, REST_SECONDS = 10.0, 1.0
MOST_MS = 500.0


@benchmark("load_held")
def load_held() -> Iterator[Figure]:
    """The most saves a second held on each database: no error, 95 of 100 under half a second.

    The real server with one web process and with two, 100 schools, a line for each step; the sender is one
    process with one thread and shares the machine with the server. Every acknowledged save is read back.
    """
    bare = rate_of_nothing()
    for kind, processes in itertools.product((SQLITE, POSTGRES), PROCESSES):
        try:
            steps = climb(kind, RATES, processes=processes, seconds=STEP_SECONDS, schools=SCHOOLS)
        except CannotRun as reason:
            print(json.dumps({"name": "load_step", "database": kind, "left_out": str(reason)}), flush=True)
            continue
        held = max((step.rate for step in steps if step.held(MOST_MS)), default=0)
        yield Figure(f"load_held_{kind}_{processes}", held, "saves/s", bare)


def climb(kind: str, rates: Sequence[int], *, seconds: float, schools: int, processes: int = 1) -> list[Step]:
    """Offer each rate until one is not held, print what became of it, and read everything back.

    Raises `AssertionError` when a save that was acknowledged is not there, or is there twice.
    """
    with measured_site(schools, kind) as site:
        senders = [sender_at(site.app, desk) for desk in site.desks]
        with served("tests.bench.served:app", site, processes=processes) as port:
            lines = [Line(port, sender) for sender in senders]
            steps = asyncio.run(_climb(f"{kind}, web processes: {processes}", lines, rates, seconds))
        read_back(site, {line.sender.path: line.saved for line in lines})
    return steps


async def _climb(kind: str, lines: Sequence[Line], rates: Sequence[int], seconds: float) -> list[Step]:
    await offer(lines, len(lines), 1.0)  # connections are opened, caches filled
    steps: list[Step] = []
    for rate in rates:
        await asyncio.sleep(REST_SECONDS)
        steps.append(await offer(lines, rate, seconds))
        print(told(kind, steps[-1]), flush=True)
        if not steps[-1].held(MOST_MS):
            break
    for line in lines:
        line.close()
    return steps


def told(kind: str, step: Step) -> str:
    """One step as a JSON line."""
    facts = {"sent": len(step.millis), "errors": len(step.errors), "p95_ms": round(step.p95_ms, 1)}
    more = {"first_error": step.errors[0]} if step.errors else {}
    load = round(os.getloadavg()[0], 1)
    verdict = {"held": step.held(MOST_MS), "load_average": load}
    return json.dumps(
        {"name": "load_step", "database": kind, "offered": step.rate, **facts, **more, **verdict}
    )
