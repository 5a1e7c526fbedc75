"""kill -9: the web server dies at a random instant while schools save; what it acknowledged must be there."""

import random
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tests.faults.ground import Site, stocked
from tests.faults.ledger import compare, integrity
from tests.faults.scenario import POSTGRES, SQLITE, Outcome, scenario, timed
from tests.faults.senders import Crowd, crowd
from tests.faults.servers import Server
from tests.faults.uploads import Uploader, check_files

SENDERS, CANARY_ROUNDS = 6, 8
ROUNDS = {SQLITE: (2, 200), POSTGRES: (2, 50)}


@scenario("kill_sqlite")
def kill_sqlite(short: bool) -> Iterable[Outcome]:
    """SIGKILL on SQLite."""
    yield kill_on(SQLITE, short)


@scenario("kill_postgres")
def kill_postgres(short: bool) -> Iterable[Outcome]:
    """SIGKILL of the program on PostgreSQL; the database server goes on."""
    yield kill_on(POSTGRES, short)


def kill_on(database: str, short: bool) -> Outcome:
    """The scenario on one database."""
    with timed(Outcome(f"kill_{database}", database)) as outcome:
        rounds = ROUNDS[database][0 if short else 1]
        with _site(database) as (site, server, people):
            uploader = Uploader(server.port, site)
            for number in range(rounds):
                _one_round(server, people, uploader, half=number % 2 == 1)
                _judge(outcome, site, people, uploader)
            outcome.more = {"uploads": len(uploader.acknowledged)}
        outcome.tried, outcome.acknowledged = rounds, len(people.acknowledged)
        outcome.canary = _canary(database)
    return outcome


@contextmanager
def _site(database: str, *without: str) -> Iterator[tuple[Site, Server, Crowd]]:
    with stocked(database, SENDERS) as site:
        server = Server(site.ground, without)
        yield site, server, crowd(server.port, site.seats)


def _one_round(server: Server, people: Crowd, uploader: Uploader | None, *, half: bool = False) -> None:
    server.start()
    people.start()
    if uploader:
        uploader.start(half=half)
    time.sleep(random.uniform(0.2, 0.7 if half else 1.5))  # reading a photograph takes half a second
    server.kill()
    people.join()
    if uploader:
        uploader.join()


def _judge(outcome: Outcome, site: Site, people: Crowd, uploader: Uploader) -> None:
    found = compare(site.engine, people.senders)
    outcome.lost += len(found.lost)
    outcome.doubled += len(found.doubled)
    outcome.wrong += [f"answered {one.status}: {one.body[:200]}" for one in people.refused]
    outcome.wrong += check_files(site.engine, site.ground.folder, uploader)
    if site.ground.database == SQLITE:
        outcome.wrong += integrity(site.engine)


def _canary(database: str) -> int:
    """The same kills while the answer goes out before the commit, until one has lost something; how much."""
    with _site(database, "commit_before_answer") as (site, server, people):
        lost = number = 0
        while (
            not lost and number < CANARY_ROUNDS
        ):  # each on answers of its own: what was lost leaves versions behind
            people = crowd(server.port, site.seats, slice(3 * number, 3 * number + 3))
            _one_round(server, people, None)
            lost, number = len(compare(site.engine, people.senders).lost), number + 1
    return lost
