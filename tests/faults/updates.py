"""Lost updates: schools with two tabs open on the same answers, and saves that are sent again.

Every tab adds words to a remark, each on the version it knows. A tab that is refused takes the text it is
shown beside its own, adds its word to that and saves again, as a person would; now and then a save that was
acknowledged long ago comes again under its old key. In the end every acknowledged word must stand in its
remark, once.
"""

import json
import random
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Engine, text

from tests.bench.load import Sender as Seat
from tests.faults.ground import stocked
from tests.faults.scenario import POSTGRES, SQLITE, Outcome, scenario, timed
from tests.faults.senders import Browser, Save, open_indicators
from tests.faults.servers import served

SCHOOLS, TABS, WORDS_IN_A_REMARK, AGAIN = 8, 2, 35, 0.1
SAVES = {True: 160, False: 10_000}
CANARY_SAVES = 96


@scenario("lost_updates")
def lost_updates(short: bool) -> Iterable[Outcome]:
    """Two tabs for each school, on both databases."""
    for database in (SQLITE, POSTGRES):
        yield lost_updates_on(database, short)


def lost_updates_on(database: str, short: bool) -> Outcome:
    """The scenario on one database."""
    with timed(Outcome("lost_updates", database)) as outcome:
        found = _run(database, SAVES[short])
        outcome.tried, outcome.acknowledged = found.sent, found.acknowledged
        outcome.lost, outcome.doubled, outcome.wrong = found.lost, found.doubled, found.wrong
        outcome.more = {"conflicts": found.conflicts, "sent_again": found.sent_again}
        blind = _run(database, CANARY_SAVES, "version", "key")
        outcome.canary = blind.lost + blind.doubled
        outcome.more |= {"canary_lost": blind.lost, "canary_doubled": blind.doubled}
    return outcome


@dataclass
class Found:
    """What came of one run."""

    sent: int
    acknowledged: int
    conflicts: int
    sent_again: int
    lost: int
    doubled: int
    wrong: list[str]


class Tab(Browser):
    """One of two pages on which the same person writes the same remarks."""

    def __init__(self, port: int, seat: Seat, name: str) -> None:
        super().__init__(port, seat)
        self.name, self.count = name, 0
        self.known: dict[str, tuple[int, str]] = {}
        self.words: list[tuple[str, str]] = []
        self.done: list[tuple[Save, int]] = []
        self.sent = self.conflicts = self.sent_again = 0
        self.wrong: list[str] = []

    def run(self, words: int) -> None:
        """Add so many words, one after the other."""
        for number in range(words):
            self.add(open_indicators()[number // WORDS_IN_A_REMARK], f"{self.name}{number}")
            if self.done and random.random() < AGAIN:
                self.send_again()

    def add(self, indicator: str, word: str) -> None:
        """Save the remark with a word more until it is taken."""
        while True:
            version, said = self.known.get(indicator, (0, ""))
            self.count += 1
            save = Save(indicator, 1, f"{said} {word}".strip(), version, f"{self.name}-{self.count}")
            answer = self.post(self.seat.path, save.body(self.seat.token))
            self.sent += 1
            data = json.loads(answer.body or "{}")
            if answer.status == 200:
                self.known[indicator] = (data["version"], save.comment)
                self.words.append((indicator, word))
                self.done.append((save, data["version"]))
                return
            if answer.status != 409 or "theirs" not in data:
                self.wrong.append(f"answered {answer.status}: {answer.body[:200]}")
                return
            self.conflicts += 1
            self.known[indicator] = (data["theirs"]["version"], data["theirs"]["comment"])

    def send_again(self) -> None:
        """A save that was acknowledged comes once more: it answers what it answered then."""
        save, version = random.choice(self.done)
        answer = self.post(self.seat.path, save.body(self.seat.token))
        self.sent, self.sent_again = self.sent + 1, self.sent_again + 1
        if answer.status != 200 or json.loads(answer.body)["version"] != version:
            self.wrong.append(f"sent again, answered {answer.status}: {answer.body[:200]}")


def _run(database: str, saves: int, *without: str) -> Found:
    with stocked(database, SCHOOLS) as site:
        with served(site.ground, *without) as server:
            tabs = [
                Tab(server.port, seat, f"{'ab'[place]}{school}w")
                for school, seat in enumerate(site.seats)
                for place in range(TABS)
            ]
            _all_at_once(tabs, -(-saves // len(tabs)))
        return _count(site.engine, tabs)


def _all_at_once(tabs: list[Tab], words: int) -> None:
    threads = [threading.Thread(target=tab.run, args=(words,), daemon=True) for tab in tabs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    assert not any(thread.is_alive() for thread in threads)


def _count(database: Engine, tabs: list[Tab]) -> Found:
    with database.connect() as connection:
        remarks = connection.execute(
            text(
                "SELECT f.uid, a.indicator, a.comment, a.version, count(c.id) FROM answer a "
                "JOIN assessment f ON f.id = a.assessment_id JOIN answer_change c ON c.answer_id = a.id "
                "GROUP BY f.uid, a.indicator, a.comment, a.version"
            )
        ).all()
    stands = {(uid, indicator): Counter(said.split()) for uid, indicator, said, _, _ in remarks}
    words = [((tab.seat.path.split("/")[2], place), word) for tab in tabs for place, word in tab.words]
    changes = sum(row[4] for row in remarks)
    return Found(
        sent=sum(tab.sent for tab in tabs),
        acknowledged=len(words),
        conflicts=sum(tab.conflicts for tab in tabs),
        sent_again=sum(tab.sent_again for tab in tabs),
        lost=sum(not stands[place][word] for place, word in words),
        doubled=sum(stands[place][word] > 1 for place, word in words)
        + abs(changes - len(words))
        + sum(row[3] != row[4] for row in remarks),
        wrong=[sentence for tab in tabs for sentence in tab.wrong],
    )
