"""How many answers are saved a second, and what one costs, beside a Flask route that does nothing."""

import itertools
import statistics
import time
from collections.abc import Callable

from flask.testing import FlaskClient

from tests.bench import bare
from tests.bench.client import signed_in
from tests.bench.figures import Figure, benchmark, in_turn
from tests.bench.grounds import POSTGRES, SQLITE
from tests.bench.load import Sender, Sent, hammer, read_back, save_body, sender_at, served
from tests.bench.site import measured_site

SAVES = 150
SENDERS = 8
SECONDS = 6.0


@benchmark("autosave_cpu_ms")
def autosave_cpu_ms() -> Figure:
    """Processor milliseconds of one save inside the server, session and permission check included."""
    with measured_site(1) as site:
        client, token = signed_in(site.app, site.desks[0].login)
        save = saver(client, f"/assessments/{site.desks[0].form}/answers", token)
        plain = bare.app.test_client()
        save()  # the first one fills the caches
        value, empty = in_turn(lambda: cpu_ms(save), lambda: cpu_ms(lambda: plain.post("/bare")))
    return Figure("autosave_cpu_ms", value, "ms", empty)


def saver(client: FlaskClient, path: str, token: str, since: int = 0) -> Callable[[], None]:
    """A function that saves the next version after `since` of one answer each time it is called."""
    versions = itertools.count(since)

    def save() -> None:
        answer = client.post(
            path,
            data=save_body(token, next(versions)),
            content_type="application/x-www-form-urlencoded",
            headers={"Accept": "application/json"},
        )
        assert answer.status_code == 200, answer.get_data(as_text=True)

    return save


def cpu_ms(act: Callable[[], object]) -> float:
    """The median of the processor milliseconds an act takes in this process."""
    spent = []
    for _ in range(SAVES):
        start = time.process_time()
        act()
        spent.append(time.process_time() - start)
    return 1000 * statistics.median(spent)


@benchmark("autosave_rps")
def autosave_rps() -> Figure:
    """Acknowledged saves a second through one web process as `make run` starts it; each is read back."""
    return Figure("autosave_rps", _rate_on(SQLITE), "saves/s", rate_of_nothing())


@benchmark("autosave_rps_postgres")
def autosave_rps_postgres() -> Figure:
    """The same on PostgreSQL. Raises `CannotRun` without a server."""
    return Figure("autosave_rps_postgres", _rate_on(POSTGRES), "saves/s", rate_of_nothing())


def _rate_on(kind: str) -> float:
    with measured_site(SENDERS, kind) as site:
        senders = [sender_at(site.app, desk) for desk in site.desks]
        with served("tests.bench.served:app", site) as port:
            found = hammer(port, senders, SECONDS)
        assert not any(one.refused for one in found), found
        read_back(site, {one.path: one.saved for one in found})
    return _rate(found)


def rate_of_nothing() -> float:
    """Requests a second that a Flask route answers which does nothing, behind the same server."""
    blank = [Sender("/bare", "", "") for _ in range(SENDERS)]
    with served("tests.bench.bare:app") as port:
        return _rate(hammer(port, blank, SECONDS))


def _rate(sent: list[Sent]) -> float:
    return sum(one.saved for one in sent) / SECONDS
