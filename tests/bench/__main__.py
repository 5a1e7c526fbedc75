"""`make bench [ONLY=name,name]`: one JSON line per figure on standard output."""

import argparse
import sys

from tests.bench import country_pages, outbox, pages, papers, respondent, saving, weight  # noqa: F401 - each registers its own
from tests.bench.figures import BENCHMARKS


def main() -> int:
    """Run the named benchmarks, or all; exit 2 for a name that is not there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names, with commas")
    wanted = [name for name in parser.parse_args().only.split(",") if name] or list(BENCHMARKS)
    unknown = [name for name in wanted if name not in BENCHMARKS]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; known: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in wanted:
        print(BENCHMARKS[name]().line(), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
