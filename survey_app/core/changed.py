"""How many rows a write has changed: what a conditional UPDATE is judged by."""

from typing import Any

from sqlalchemy import CursorResult, Result


def rows_changed(done: Result[Any]) -> int:
    """The rows that an INSERT, UPDATE or DELETE has changed; 0 when its condition held for none.

    Sessions call every answer a `Result`; that of a write is a `CursorResult` and alone knows the number.
    """
    assert isinstance(done, CursorResult)
    return done.rowcount
