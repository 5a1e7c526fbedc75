"""What the database holds of the saves that were sent: read by plain SQL, without the program's own code."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, text

from tests.faults.senders import Save, Sender

CHANGES = """
SELECT c.key, c.version, c.new_value, c.new_comment, c.answer_id, a.version, a.value, a.comment
FROM answer_change c JOIN answer a ON a.id = c.answer_id
"""


@dataclass(frozen=True)
class Found:
    """What is not as it was acknowledged."""

    lost: list[str]
    doubled: list[str]


def compare(database: Engine, senders: Sequence[Sender]) -> Found:
    """Every acknowledged save is there once, nothing is there that was never sent, versions count changes."""
    with database.connect() as connection:
        rows = connection.execute(text(CHANGES)).all()
    keys: Counter[str] = Counter(row[0].partition(":")[2] for row in rows)
    sent = {save.key: save for one in senders for save in (*one.acknowledged, *_pending(one))}
    acknowledged = [save.key for one in senders for save in one.acknowledged]
    lost = [key for key in acknowledged if not keys[key]]
    lost += [row[0] for row in rows if _differs(row, sent)]
    doubled = [key for key, count in keys.items() if count > 1 or key not in sent]
    return Found(lost, doubled + _miscounted(rows))


def _pending(one: Sender) -> tuple[Save, ...]:
    return (one.pending,) if one.pending else ()


def _differs(row: Sequence[object], sent: dict[str, Save]) -> bool:
    """True when a change is stored otherwise than it was sent, or its answer does not show the newest one."""
    key, version, value, comment, _, current, shown, said = row
    save = sent.get(str(key).partition(":")[2])
    if save is not None and (value, comment) != (save.value, save.comment):
        return True
    return version == current and (value, comment) != (shown, said)


def _miscounted(rows: Iterable[Sequence[object]]) -> list[str]:
    """Answers whose version is not the number of their changes (those of the schools' stock begin at 0)."""
    changes: Counter[object] = Counter(row[4] for row in rows)
    versions = {row[4]: row[5] for row in rows}
    return [f"answer {answer}" for answer, count in changes.items() if versions[answer] != count]


def missing_keys(database: Engine, keys: Collection[str]) -> list[str]:
    """Those of the keys of which the database has no change."""
    with database.connect() as connection:
        stored = {
            row[0].partition(":")[2] for row in connection.execute(text("SELECT key FROM answer_change"))
        }
    return [key for key in keys if key not in stored]


def integrity(database: Engine) -> list[str]:
    """What SQLite itself finds broken in its file."""
    with database.connect() as connection:
        said = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    return [f"integrity_check: {said}"] * (said != "ok") + [f"foreign_key_check: {broken}"] * bool(broken)
