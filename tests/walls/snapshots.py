"""What stands in the database: every table whole, as plain values that can be compared and hashed."""

import hashlib
from typing import Any

from sqlalchemy import select

from survey_app.core.db import db, session

Snapshot = dict[str, list[dict[str, Any]]]
# A denied act is noted and a try at a certificate's code is counted on GET too, each in its own transaction.
LEFT_OUT = frozenset({"audit_event", "throttle"})


def take() -> Snapshot:
    """Every row of every table by its name (needs an app context)."""
    return {
        table.name: [
            {key: repr(value) for key, value in row.items()}
            for row in session.execute(select(table).order_by(*table.primary_key.columns)).mappings()
        ]
        for table in db.metadata.sorted_tables
        if table.name not in LEFT_OUT
    }


def digest(snapshot: Snapshot) -> str:
    """One hash over everything."""
    return hashlib.sha256(repr(sorted(snapshot.items())).encode()).hexdigest()


def differences(one: Snapshot, other: Snapshot) -> set[tuple[str, str]]:
    """(table, column) where two states differ; column "" when the number of rows does."""
    found = set()
    for name, rows in one.items():
        if len(rows) != len(other[name]):
            found.add((name, ""))
        for left, right in zip(rows, other[name], strict=False):
            found |= {(name, key) for key, value in left.items() if right[key] != value}
    return found
