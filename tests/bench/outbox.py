"""What a thousand answers entered through a storm lose and double, beside the storm without the guards."""

import sys
from functools import lru_cache

from tests.bench.figures import Figure, benchmark
from tests.browser.storm.run import Storm, storm

EVENTS, CANARY_EVENTS = 1000, 40


@lru_cache(maxsize=1)
def thousand() -> Storm:
    """The run that both figures come from."""
    seen = storm(EVENTS, seed=1)
    _tell("all guards on", seen)
    return seen


def _tell(name: str, seen: Storm) -> None:
    found = f"lost {len(seen.lost)}, doubled {len(seen.doubled)}, vanished {len(seen.vanished)}"
    found += f", {seen.conflicts} conflicts; {seen.met}"
    print(f"{name}: {seen.events} events in {seen.seconds:.0f} s, {found}", file=sys.stderr, flush=True)


@benchmark("outbox_lost")
def outbox_lost() -> Figure:
    """Answers that are not in the database, or not on the page opened again; bare: without the outbox."""
    seen = thousand()
    bare = storm(CANARY_EVENTS, seed=2, outbox=False)
    _tell("without the outbox", bare)
    lost, without = (len(run.lost) + len(run.vanished) for run in (seen, bare))
    return Figure("outbox_lost", lost, f"of {seen.events}", without)


@benchmark("outbox_doubled")
def outbox_doubled() -> Figure:
    """Changes that are in the database once more than they were entered; bare: without key and version."""
    seen = thousand()
    bare = storm(CANARY_EVENTS, 3, "key", "version")
    _tell("without key and version", bare)
    return Figure("outbox_doubled", len(seen.doubled), f"of {seen.events}", len(bare.doubled))
