"""A power cut: what lies on the disk at one instant, with the tail of the log cut or a checkpoint half done.

Images are taken while the server stands still in the middle of its saves. Three shapes:

- `whole`: database and log as they are;
- `cut`: the log broken off at any byte after what it held at an instant before, from which every
  acknowledged save is asked for (SQLite's promise with synchronous=FULL: the log is on the disk before COMMIT
  returns);
- `torn`: a checkpoint that had written some pages of the database and not others.

kill -9 cannot show that `synchronous` is needed, because the system keeps what a killed process has written.
So the canary here cuts the log below what was acknowledged, which is what a power cut leaves without it.
"""

import random
import shutil
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine

from survey_app.core import db as core_db
from tests.faults.ground import Site, stocked
from tests.faults.ledger import missing_keys
from tests.faults.scenario import SQLITE, Outcome, scenario, timed
from tests.faults.senders import Crowd, crowd
from tests.faults.servers import Server, served

COPIES, SENDERS = (6, 50), 6
PAGE, HEAD, FRAME = 4096, 32, 24 + 4096
SALT = slice(16, 24)  # the log's own mark, new whenever it begins anew; each frame repeats it
FULL = 2


@dataclass(frozen=True)
class Image:
    """Database and log at one instant, and the saves that had been acknowledged before it."""

    database: bytes
    log: bytes
    keys: frozenset[str]

    @property
    def end(self) -> int:
        """Where the log ends: behind it may lie frames of an earlier round of it."""
        at, salt = HEAD, self.log[SALT]
        while len(self.log) >= at + FRAME and self.log[at + 8 : at + 16] == salt:
            at += FRAME
        return at

    def write(self, folder: Path) -> Path:
        """Lay the image into an empty folder; the shared index is not part of it, as after a power cut."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "app.db").write_bytes(self.database)
        (folder / "app.db-wal").write_bytes(self.log)
        return folder / "app.db"


@scenario("power_cut")
def power_cut(short: bool) -> Iterable[Outcome]:
    """Copies of a database that is being written to."""
    with timed(Outcome("power_cut", SQLITE, canary=0)) as outcome:
        with stocked(SQLITE, SENDERS) as site, served(site.ground) as server:
            people = crowd(server.port, site.seats)
            people.start()
            time.sleep(0.5)
            before = _take(server, people)
            for number in range(COPIES[0 if short else 1]):
                time.sleep(random.uniform(0.05, 0.3))
                image = _take(server, people)
                _judge(outcome, site.ground.folder / "image", number, before, image)
                before = image
            people.join()
            outcome.wrong += _not_full(site)
            outcome.acknowledged = len(people.acknowledged)
    yield outcome


def _not_full(site: Site) -> list[str]:
    with site.app.app_context(), core_db.db.engine.connect() as connection:
        setting = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    return [] if setting == FULL else [f"PRAGMA synchronous is {setting}"]


def _take(server: Server, people: Crowd) -> Image:
    with server.standing_still():
        # Acknowledgements that are still on their way are left out, those read already are not.
        keys = frozenset(save.key for save in people.acknowledged)
        folder = server.ground.folder
        return Image((folder / "app.db").read_bytes(), (folder / "app.db-wal").read_bytes(), keys)


def _judge(outcome: Outcome, folder: Path, number: int, before: Image, image: Image) -> None:
    shape = (_whole, _cut, _torn)[number % 3]
    damaged = shape(before, image, folder)
    outcome.tried += 1
    outcome.lost += len(_lost(damaged, folder, outcome.wrong))
    if shape is _cut:
        below = random.randrange(HEAD, max(HEAD + 1, damaged.end // 2))
        assert outcome.canary is not None
        outcome.canary += len(_lost(Image(damaged.database, damaged.log[:below], damaged.keys), folder, []))


def _lost(image: Image, folder: Path, wrong: list[str]) -> list[str]:
    path = image.write(folder)
    with sqlite3.connect(path) as opened:
        said = opened.execute("PRAGMA integrity_check").fetchone()[0]
    opened.close()
    if said != "ok":
        wrong.append(f"integrity_check: {said}")
    engine = create_engine(f"sqlite:///{path}")
    found = missing_keys(engine, image.keys)
    engine.dispose()
    return found


def _whole(_before: Image, image: Image, _folder: Path) -> Image:
    return image


def _cut(before: Image, image: Image, _folder: Path) -> Image:
    """What was acknowledged by `before` must be there however much of the rest is; whole in a fresh log."""
    if before.log[SALT] != image.log[SALT]:
        return image
    at = random.randrange(before.end, max(before.end, image.end) + 1)
    return Image(image.database, image.log[:at], before.keys)


def _torn(_before: Image, image: Image, folder: Path) -> Image:
    """Some pages as a checkpoint writes them, the others as they were, the log still whole."""
    path = image.write(folder)
    keep = sqlite3.connect(path)  # a second connection, so that closing the first does not remove the log
    keep.execute("SELECT count(*) FROM answer").fetchone()
    with sqlite3.connect(path) as opened:
        opened.execute("PRAGMA wal_checkpoint(PASSIVE)")
    opened.close()
    done = path.read_bytes()
    keep.close()
    old = image.database.ljust(len(done), b"\0")
    pages = range(0, len(done), PAGE)
    mixed = b"".join((done if random.random() < 0.5 else old)[at : at + PAGE] for at in pages)
    return Image(mixed, image.log, image.keys)
