"""The database goes away under load and comes back: 503 in plain words meanwhile, then everything goes on."""

import json
import random
import threading
import time
from collections.abc import Callable, Iterable

from sqlalchemy import text

from survey_app.core import db as core_db
from tests.factories.certificates import make_town
from tests.faults.cluster import Cluster, own_cluster
from tests.faults.ground import Site, stocked
from tests.faults.ledger import compare
from tests.faults.nursery import end_group
from tests.faults.scenario import POSTGRES, Outcome, scenario, timed
from tests.faults.senders import Answer, Browser, Crowd, Sender, crowd
from tests.faults.servers import served
from tests.faults.workers import ended, order_work, progress, wait_until, work

SENDERS, RESTARTS, SCHOOLS, MOST_SECONDS = 6, (1, 20), (3, 100), 5.0
CANARY_RESTARTS = 8
SECRETS = ("Traceback", "psycopg", "sqlalchemy", "SELECT", "127.0.0.1")
HTML = {"Accept": "text/html"}


@scenario("database_restart")
def database_restart(short: bool) -> Iterable[Outcome]:
    """Stops of a PostgreSQL server of our own while schools save, look at pages and wait for certificates."""
    with timed(Outcome("database_restart", POSTGRES)) as outcome, own_cluster() as cluster:
        with stocked(POSTGRES, SENDERS, server=cluster.url) as site, served(site.ground) as server:
            people = crowd(server.port, site.seats)
            reader = Reader(server.port, people.senders[0])
            with site.app.app_context(), core_db.unit_of_work():
                order_work(make_town(SCHOOLS[not short]))
            group = work(site.ground, part=5)
            wait_until(lambda: progress(site.engine) > 0)
            back = [_one_restart(outcome, cluster, people, reader) for _ in range(RESTARTS[not short])]
            outcome.acknowledged = len(people.acknowledged)
            _judge(outcome, site, people, reader, back)
            outcome.wrong += _unfinished(site)
            end_group(group)
        outcome.canary = _canary(cluster)
    yield outcome


def _unfinished(site: Site) -> list[str]:
    """The jobs that were asked for before the first restart end well by themselves."""
    wait_until(lambda: ended(site.engine), 180)
    with site.engine.connect() as connection:
        jobs = connection.execute(text("SELECT kind, state, error FROM job WHERE state <> 'done'")).all()
        undrawn = connection.execute(text("SELECT id FROM certificate WHERE pdf_sha256 IS NULL")).all()
    return [f"job {kind} is {state}: {error}" for kind, state, error in jobs] + [
        f"certificate {row[0]} has no paper" for row in undrawn
    ]


def _canary(cluster: Cluster) -> int:
    """Restarts while the answer goes out before the commit, until acknowledged saves are lost: how many.

    A single one may meet no save between its answer and its commit.
    """
    return next(filter(None, (_lost_without_guard(cluster) for _ in range(CANARY_RESTARTS))), 0)


def _lost_without_guard(cluster: Cluster) -> int:
    with stocked(POSTGRES, SENDERS, server=cluster.url) as site:
        with served(site.ground, "commit_before_answer") as server:
            people = crowd(server.port, site.seats)
            reader = Reader(server.port, people.senders[0])
            _one_restart(Outcome("canary", POSTGRES), cluster, people, reader, patience=0)
        return len(compare(site.engine, people.senders).lost)


class Reader(Browser):
    """A person who looks at a page, with a browser and not with our script."""

    def __init__(self, port: int, of: Sender) -> None:
        super().__init__(port, of.seat)
        self.page = of.seat.path.removesuffix("/answers")
        self.answers: list[Answer] = []

    def look(self) -> Answer:
        """Open the task list of the form."""
        answer = self.get(self.page, **HTML)
        self.answers.append(answer)
        return answer


def _one_restart(
    outcome: Outcome, cluster: Cluster, people: Crowd, reader: Reader, patience: float = 30
) -> float:
    """Stop and start the server under load; seconds until every sender has saved again."""
    done = threading.Event()
    threads = [
        threading.Thread(target=work, args=(one, done), daemon=True)
        for work, one in [*((_go_on_saving, one) for one in people.senders), (_go_on_reading, reader)]
    ]
    for thread in threads:
        thread.start()
    wait_until(_everybody_saves(people))
    time.sleep(random.uniform(0.1, 0.5))
    cluster.stop()
    time.sleep(0.4)
    cluster.start()
    since, through = time.monotonic(), _everybody_saves(people)
    wait_until(through, patience)
    if not through():
        outcome.wrong.append(f"a sender did not get through within {patience} s of the database's return")
    back = time.monotonic() - since
    done.set()
    for thread in threads:
        thread.join(40)
    outcome.tried += 1
    return back


def _everybody_saves(people: Crowd) -> Callable[[], bool]:
    """Asks whether every sender has had a save acknowledged since now."""
    counts = [len(one.acknowledged) for one in people.senders]
    return lambda: all(len(one.acknowledged) > had for one, had in zip(people.senders, counts, strict=True))


def _go_on_saving(one: Sender, done: threading.Event) -> None:
    """Save on; whatever is refused is sent again a moment later, as our script does."""
    while not done.is_set():
        if one.save_once().status != 200:
            time.sleep(0.1)


def _go_on_reading(reader: Reader, done: threading.Event) -> None:
    while not done.is_set():
        reader.look()
        time.sleep(0.05)


def _judge(outcome: Outcome, site: Site, people: Crowd, reader: Reader, back: list[float]) -> None:
    found = compare(site.engine, people.senders)
    outcome.lost, outcome.doubled = len(found.lost), len(found.doubled)
    refused = people.refused + [one for one in reader.answers if one.status != 200]
    outcome.wrong += [wrong for one in refused if (wrong := not_plain(one))]
    if slow := [seconds for seconds in back if seconds > MOST_SECONDS]:
        outcome.wrong.append(f"{len(slow)} times it took {max(slow):.1f} s to come back")
    if not refused:
        outcome.wrong.append("nobody noticed the restarts")
    outcome.more = {"answers_503": len(refused), "back_after_s_most": round(max(back), 2)}


def not_plain(answer: Answer, statuses: tuple[int, ...] = (503,)) -> str:
    """What is wrong with the answer to somebody whose work could not be stored; "" when nothing is."""
    if answer.status not in statuses:
        return f"answered {answer.status}: {answer.body[:300]}"
    if any(secret in answer.body for secret in SECRETS):
        return f"shows its inside: {answer.body[:300]}"
    if answer.status == 503 and not answer.headers.get("Retry-After", "").isdigit():
        return "no Retry-After"
    is_json = answer.headers.get("Content-Type", "").startswith("application/json")
    sentence = json.loads(answer.body)["error"] if is_json else answer.body
    return "" if "Hãy" in sentence else f"says not what to do: {sentence[:200]}"
