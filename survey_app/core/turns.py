"""Whose turn it is to write to SQLite: threads of one process queue, instead of each asking again and again.

SQLite lets one transaction write at a time. Whoever finds another at it sleeps for 1, 2, 5 … 100 ms and asks
again; so the file lay idle while all of them slept, and the unlucky ones waited longest. Here the next thread
goes on as soon as the one before it is done. SQLite's own lock still decides, also between processes: whoever
has waited long enough for a turn asks it in any case.
"""

import threading
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

PLACE = "has_the_turn"  # in the notes that the pool keeps of a connection


class Turns:
    """The queue of one engine. A connection that has the turn keeps it until it goes back to the pool."""

    def __init__(self, engine: Engine, most_seconds: float) -> None:
        self._free, self._most_seconds = threading.Lock(), most_seconds
        event.listen(engine, "checkin", self._give_back)

    def take(self, connection: Connection) -> None:
        """Wait until no other connection of this engine writes."""
        notes = connection.connection.record_info
        if notes is not None and not notes.get(PLACE):
            notes[PLACE] = self._free.acquire(timeout=self._most_seconds)

    def _give_back(self, _connection: object, record: Any) -> None:
        if record.record_info.pop(PLACE, False):
            self._free.release()
