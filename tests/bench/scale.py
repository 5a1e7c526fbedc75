"""What one save costs when much is stored: the same work at three sizes of a country and with more rounds.

The schools beside the measured ones are copies of one school, poured by the database itself: its people, its
place in each round, its form with `ANSWERS` answers and their history. Words and scores are all the same,
but no save reads those; what matters is how many rows and keys there are to look among.
"""

import itertools
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

from survey_app.core.db import Base
from tests.bench.client import signed_in
from tests.bench.figures import TIMES, Figure, benchmark
from tests.bench.load import INDICATOR
from tests.bench.saving import saver
from tests.bench.site import Desk, Site, measured_site

SIZES, ROUNDS = (1_000, 10_000, 53_000), (1, 3)
ANSWERS = 20  # of each copied form
SEATS, SAVES = 20, 3  # measured schools, spread over all of them, and how often each saves in a turn
APART = 1_000_000  # between the keys of the copies and of the rows they are copied from; and between rounds
UID = "lower(hex(randomblob(16)))"
NUMBERS = "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < :schools) "


@benchmark("autosave_scale")
def autosave_scale() -> Iterator[Figure]:
    """One save at every size in processor milliseconds; last the dearest beside the cheapest."""
    found = []
    for schools in SIZES:
        with measured_site(1) as site:
            crowd = Crowd(site, schools)
            for rounds in ROUNDS:
                crowd.fill(rounds)
                ours, plain = crowd.measure()
                found.append(Figure(f"autosave_scale_{schools}x{rounds}", ours, "ms", plain))
                yield found[-1]
    costs = [figure.value for figure in found]
    yield Figure("autosave_scale", max(costs), "ms", min(costs))


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """The database file, without the program; what was changed is kept."""
    with closing(sqlite3.connect(file)) as database, database:
        yield database


class Crowd:
    """One school that fills in, and copies of it."""

    def __init__(self, site: Site, schools: int) -> None:
        self.site, self.schools, self.rounds = site, schools, 0
        self.file = site.folder / "app.db"

    def fill(self, rounds: int) -> None:
        """Have the copies take part in so many rounds; the open one is the first that was made."""
        with opened(self.file) as database:
            if not self.rounds:
                copy_people(database, self.schools)
            for number in range(self.rounds, rounds):
                copy_round(database, self.schools, number)
        self.rounds = rounds

    def measure(self) -> tuple[float, float]:
        """Processor milliseconds of one save: the program's, and the bare SQL's."""
        savers = [self._saver(desk) for desk in self._desks()]
        plain = BareSaver(self.file, [desk.form for desk in self._desks(at=2)])
        turns = [(_cpu(savers), _cpu([plain.save] * SEATS)) for _ in range(TIMES)]
        plain.close()
        return median(ours for ours, _ in turns), median(bare for _, bare in turns)

    def _saver(self, desk: Desk) -> Callable[[], None]:
        client, token = signed_in(self.site.app, desk.login)
        with opened(self.file) as database:
            version = database.execute(f"{VERSION_OF} WHERE f.uid = ?", (desk.form,)).fetchone()[0]
        save = saver(client, f"/assessments/{desk.form}/answers", token, since=version)
        save()  # the first one fills the caches
        return save

    def _desks(self, at: int = 1) -> list[Desk]:
        """Copies at even distances, with their form of the open round."""
        step = max(1, self.schools // SEATS)
        with opened(self.file) as database:
            rows = database.execute(
                "SELECT u.login, f.uid FROM user_account u JOIN assessment f ON f.id = u.id "
                "WHERE u.id BETWEEN ? AND ? AND (u.id - ?) % ? = 0",
                (APART + 1, APART + self.schools, APART + at, step),
            )
            return [Desk(*row) for row in rows][:SEATS]


VERSION_OF = (
    "SELECT coalesce(max(a.version), 0) FROM assessment f LEFT JOIN answer a ON a.assessment_id = f.id "
    f"AND a.indicator = '{INDICATOR}'"
)


def _cpu(acts: list[Callable[[], None]]) -> float:
    spent = []
    for act in acts * SAVES:
        start = time.process_time()
        act()
        spent.append(time.process_time() - start)
    return 1000 * median(spent)


def copy_rows(database: sqlite3.Connection, table: str, source: str, **changed: str) -> None:
    """Copy the rows of a table that `source` (FROM …) names, with other values in the columns `changed`."""
    names = [column.name for column in Base.metadata.tables[table].columns]
    own = [name for name in names if name != "id" or "id" in changed]
    values = ", ".join(changed.get(name, f's."{name}"') for name in own)
    columns = ", ".join(f'"{name}"' for name in own)
    database.execute(f"INSERT INTO {table} ({columns}) SELECT {values} {source}")


def _numbered(database: sqlite3.Connection, schools: int) -> None:
    database.execute("CREATE TABLE IF NOT EXISTS temp.n (k INTEGER PRIMARY KEY)")
    database.execute("DELETE FROM temp.n")
    database.execute(f"{NUMBERS}INSERT INTO temp.n SELECT k FROM n", {"schools": schools})


def copy_people(database: sqlite3.Connection, schools: int) -> None:
    """Copies of the school that fills in, each with a head who has the same password."""
    _numbered(database, schools)
    key, login = f"{APART} + k", "printf('88%07d', k)"
    every = "s, temp.n WHERE s.id = (SELECT max(id) FROM {0} WHERE id < " + f"{APART})"
    unit = "FROM organisation_unit " + every.format("organisation_unit")
    copy_rows(database, "organisation_unit", unit, id=key, code=login, uid=UID)
    user = "FROM user_account " + every.format("user_account")
    copy_rows(database, "user_account", user, id=key, login=login, uid=UID, fs_uniquifier=UID)
    copy_rows(
        database, "membership", "FROM membership " + every.format("membership"), user_id=key, unit_id=key
    )


def copy_round(database: sqlite3.Connection, schools: int, number: int) -> None:
    """The copies take part in one more round: 0 is the open one itself, the others are copies of it."""
    _numbered(database, schools)
    values: Mapping[str, str] = {"id": f"{APART} * {number + 1} + k", "uid": UID}
    first = "(SELECT min(id) FROM {0})"
    if number:
        one = f"FROM round s WHERE s.id = {first.format('round')}"
        copy_rows(database, "round", one, id=str(APART + number), uid=UID, state="'closed'")
    round_id = str(APART + number) if number else "s.round_id"
    of_first = "s, temp.n WHERE s.id = "
    place = f"FROM participation {of_first}{first.format('participation')}"
    copy_rows(database, "participation", place, **values, round_id=round_id, unit_id=f"{APART} + k")
    least = "(SELECT min(participation_id) FROM school_profile)"
    profile = f"FROM school_profile s, temp.n WHERE s.participation_id = {least}"
    copy_rows(database, "school_profile", profile, participation_id=values["id"])
    form = f"FROM assessment {of_first}{first.format('assessment')}"
    copy_rows(database, "assessment", form, **values, round_id=round_id, participation_id=values["id"])
    _copy_answers(database, values["id"], number)


def _copy_answers(database: sqlite3.Connection, form: str, number: int) -> None:
    """Answers form by form as they come in, each with the change that made it."""
    first = f"SELECT * FROM answer WHERE assessment_id < {APART} AND indicator <> '{INDICATOR}'"
    source = f"FROM temp.n, ({first} LIMIT {ANSWERS}) s ORDER BY k"
    copy_rows(database, "answer", source, assessment_id=form)
    database.execute(
        "INSERT INTO answer_change (answer_id, key, base_version, version, new_value, old_comment, "
        "new_comment, actor_id, at) SELECT id, assessment_id || ':' || hex(randomblob(8)), 0, 1, value, '', "
        "comment, updated_by_id, updated_at FROM answer WHERE assessment_id > ? AND assessment_id < ?",
        (APART * (number + 1), APART * (number + 2)),
    )


class BareSaver:
    """The same save as SQL alone: no session, no permission, no rule; the same durability."""

    def __init__(self, file: Path, forms: list[str]) -> None:
        self.database = sqlite3.connect(file, isolation_level=None)
        self.database.execute("PRAGMA synchronous=FULL")
        self.forms = itertools.cycle(forms)

    def save(self) -> None:
        """Give the answer of the next form its next version."""
        uid, run = next(self.forms), self.database.execute
        run("BEGIN IMMEDIATE")
        form = run("SELECT id FROM assessment WHERE uid = ?", (uid,)).fetchone()[0]
        place = "assessment_id = ? AND indicator = ? AND site_id = 0"
        row = run(f"SELECT id, version FROM answer WHERE {place}", (form, INDICATOR)).fetchone()
        if row is None:
            new = "INSERT INTO answer (assessment_id, indicator, value, version, updated_at)"
            done = run(f"{new} VALUES (?, ?, 1, 0, '2027-05-12')", (form, INDICATOR))
            row = (done.lastrowid, 0)
        run("UPDATE answer SET value = 2, comment = 'x', version = version + 1 WHERE id = ?", row[:1])
        run(
            "INSERT INTO answer_change (answer_id, key, base_version, version, new_value, at) "
            "VALUES (?, ?, ?, ?, 2, '2027-05-12')",
            (row[0], f"{form}:{uuid.uuid4().hex}", row[1], row[1] + 1),
        )
        run("UPDATE assessment SET answered = answered + 1 WHERE id = ?", (form,))
        run("COMMIT")

    def close(self) -> None:
        """Let the file go."""
        self.database.close()
