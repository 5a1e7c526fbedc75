"""`make fuzz [INPUTS=20000]`: the long run; prints counts by class, ends with 1 when anything was found."""

import argparse
import logging
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.afterwards import look_afterwards
from tests.fuzz.fuzzer import Fuzzer
from tests.fuzz.seats import take_seats
from tests.fuzz.towns import make_demo


def main() -> int:
    """Make a demo, fuzz it, look at what is stored."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--schools", type=int, default=16)
    wanted = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with TemporaryDirectory() as folder:
        app = make_demo(Path(folder), wanted.schools)
        fuzzer, began = Fuzzer(app, list(take_seats(app)), wanted.seed), time.monotonic()
        report = fuzzer.run(wanted.inputs)
        faults = look_afterwards(fuzzer)
        print("\n".join(report.lines()))
        print("\n".join(f"AFTER {fault}" for fault in faults))
        print(f"seed {wanted.seed}, {time.monotonic() - began:.0f} s")
    return 1 if report.crashes or report.live or faults else 0


if __name__ == "__main__":
    sys.exit(main())
