"""What was entered, state by state, and what the database has of it: read by plain SQL."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine, text

State = tuple[str, str]  # value and comment, as a form shows them

CHANGES = """
SELECT a.indicator, c.key, c.new_value, c.new_comment FROM answer_change c JOIN answer a ON a.id = c.answer_id
JOIN assessment f ON f.id = a.assessment_id WHERE f.uid = :form ORDER BY a.indicator, c.version
"""
ANSWERS = """
SELECT a.indicator, a.value, a.comment FROM answer a JOIN assessment f ON f.id = a.assessment_id
WHERE f.uid = :form
"""


@dataclass
class Found:
    """What is not as it was entered, each as a sentence."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)


def compare(
    database: Engine, form: str, entered: dict[str, list[State]], delivered: Collection[str]
) -> Found:
    """What of it is not so: each answer's last state stands in the database, its changes are states that were
    entered, in their order, each at most once, and every key whose 200 reached the browser is there."""
    found, changes = Found(), defaultdict(list)
    with database.connect() as connection:
        for indicator, key, value, comment in connection.execute(text(CHANGES), {"form": form}):
            changes[indicator].append((key.partition(":")[2], (_shown(value), comment)))
        stored = {
            row[0]: (_shown(row[1]), row[2]) for row in connection.execute(text(ANSWERS), {"form": form})
        }
    for indicator, states in entered.items():
        if len(states) > 1 and stored.get(indicator) != states[-1]:
            found.lost.append(f"{indicator}: {stored.get(indicator)} instead of {states[-1]}")
        found.doubled += [f"{indicator}: {state}" for state in out_of_turn(changes[indicator], states)]
    keys = {key for rows in changes.values() for key, _ in rows}
    found.lost += [f"acknowledged {key}" for key in delivered if key not in keys]
    return found


def out_of_turn(rows: Iterable[tuple[str, State]], states: Sequence[State]) -> list[State]:
    """Changes that do not follow the order of what was entered: once more, or too late."""
    turn, wrong = 0, []
    for _, state in rows:
        try:
            turn = states.index(state, turn) + 1
        except ValueError:
            wrong.append(state)
    return wrong


def _shown(value: int | None) -> str:
    return "" if value is None else str(value)
