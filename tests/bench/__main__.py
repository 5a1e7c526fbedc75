"""`make bench [ONLY=name,name]`: one JSON line per figure on standard output.

| name | what is measured | bare |
|---|---|---|
| autosave_cpu_ms | processor time of one save in the server, median | a Flask route that does nothing |
| autosave_rps | saves a second: 8 schools that never pause, one web process; each read back | the same |
| autosave_rps_postgres | the same on PostgreSQL | the same |
| autosave_p95_under_login_ms | the slow end of saves while 8 people sign in and 4 upload HEIC | saves alone |
| autosave_scale | processor time of one save at 1,000 to 53,000 schools, 1 and 3 rounds | the same SQL |
| load_held | the most saves a second that are held, on both databases; each read back | a Flask route |
| shortest_path_ms | the exact shortest way to the next level, the worst case known | one score() |
| outbox_lost | answers lost through cuts, doubles and restarts, 1,000 events | the same without the outbox |
| outbox_doubled | answers stored twice through the same | the same without key and version |
| page_fill_kb | the first load of a filling page, everything over the wire | – |
| respondent_cpu_s | processor time of one whole form in the server, sign-in to submission | empty requests |
| login_rps | passwords checked and sessions opened a second | as many Argon2id verifications, four at once |
| page_fill_p95_ms | the slow end of loading the longest page of a form | a Flask page that shows nothing |
| country_pages | the slowest page of every role (BENCH_DATABASE: a filled database) | the same |
| certificate_ms | drawing one certificate of several | a naive WeasyPrint call |
| excel_53000_s | writing 53,000 schools × 70 columns | a bare XlsxWriter loop |

Lines of other names (`page`, `load_step`, `autosave_scale_…`) are the parts of the figure that follows them.
Standard error says how loaded the machine was before and after: times on the wall and rates are worth little
on a busy one, processor times are. A benchmark that needs what is not there says so and is left out.
"""

import argparse
import os
import sys

from tests.bench import (  # noqa: F401 - each registers its benchmarks
    company,
    country_pages,
    holding,
    logins,
    outbox,
    pages,
    papers,
    respondent,
    saving,
    scale,
    ways,
    weight,
)
from tests.bench.figures import BENCHMARKS, CannotRun, Figure


def main() -> int:
    """Run the named benchmarks, or all; exit 2 for a name that is not there."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="names, with commas")
    wanted = [name for name in parser.parse_args().only.split(",") if name] or list(BENCHMARKS)
    unknown = [name for name in wanted if name not in BENCHMARKS]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; known: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in wanted:
        _run(name)
    return 0


def _run(name: str) -> None:
    before = _load()
    try:
        found = BENCHMARKS[name]()
        for figure in [found] if isinstance(found, Figure) else found:
            print(figure.line(), flush=True)
    except CannotRun as reason:
        print(f"{name}: {reason}", file=sys.stderr)
        return
    told = f"{name}: load average {before} before, {_load()} after, on {os.cpu_count()} processors"
    print(told, file=sys.stderr, flush=True)


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    raise SystemExit(main())
