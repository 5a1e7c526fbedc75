"""`make faults [ONLY=name,name]`: a JSON line per scenario and database; exit 1 when one found a fault."""

import argparse
import sys
import traceback

from tests.faults import clocks, full, killing, power, races, restarting, updates, workers  # noqa: F401
from tests.faults.scenario import SCENARIOS, CannotRun


def main() -> int:
    """Run the named scenarios, or all; exit 2 for a name that is not there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names, with commas")
    parser.add_argument("--short", action="store_true", help="the short form, as in the test suite")
    given = parser.parse_args()
    wanted = [name for name in given.only.split(",") if name] or list(SCENARIOS)
    unknown = [name for name in wanted if name not in SCENARIOS]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; known: {', '.join(SCENARIOS)}", file=sys.stderr)
        return 2
    return max(_run(name, given.short) for name in wanted)


def _run(name: str, short: bool) -> int:
    problems = 0
    try:
        for outcome in SCENARIOS[name](short):
            print(outcome.line(), flush=True)
            problems += len(outcome.problems())
    except CannotRun as reason:
        print(f"{name}: {reason}", file=sys.stderr)
    except Exception:  # the other scenarios can still be run
        traceback.print_exc()
        problems += 1
    return int(problems > 0)


if __name__ == "__main__":
    raise SystemExit(main())
