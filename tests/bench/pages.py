"""How long the filling page takes in the server, beside a Flask page that shows nothing."""

import statistics
import time
from collections.abc import Callable

from tests.bench import bare
from tests.bench.client import signed_in
from tests.bench.figures import Figure, benchmark, in_turn
from tests.bench.site import measured_site

LOADS = 60


@benchmark("page_fill_p95_ms")
def page_fill_p95_ms() -> Figure:
    """The 95th percentile of loading of the longest nội dung, in milliseconds of wall time."""
    with measured_site(1) as site:
        client, _ = signed_in(site.app, site.desks[0].login)
        path = f"/assessments/{site.desks[0].form}/fill/AT4"
        plain = bare.app.test_client()
        client.get(path)
        value, empty = in_turn(
            lambda: _p95_ms(lambda: client.get(path)), lambda: _p95_ms(lambda: plain.get("/bare"))
        )
    return Figure("page_fill_p95_ms", value, "ms", empty)


def _p95_ms(act: Callable[[], object]) -> float:
    spent = []
    for _ in range(LOADS):
        start = time.perf_counter()
        act()
        spent.append(1000 * (time.perf_counter() - start))
    return statistics.quantiles(spent, n=20)[-1]
