"""Whose turn it is to write to SQLite: threads of one process queue, instead of each asking again and again.

SQLite lets one transaction write at a time. Whoever finds another at it sleeps for 1, 2, 5 … 100 ms and asks
again; so the file lay idle while all of them slept, and the unlucky ones waited longest. Here the next thread
goes on as soon as the one before it is done, and while another process writes the one thread whose turn it is
asks SQLite every half millisecond. SQLite's own lock still decides: whoever has waited long enough for a turn
asks it in any case.
"""

import sqlite3
import threading
import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

PLACE = "has_the_turn"  # in the notes that the pool keeps of a connection
BEGIN = "BEGIN IMMEDIATE"
PAUSE, QUICKLY = 0.0005, 1.0  # seconds: between two questions, and how long they are asked so often


class Turns:
    """The queue of one engine. A connection that has the turn keeps it until it goes back to the pool."""

    def __init__(self, engine: Engine, most_seconds: float) -> None:
        self._free, self._most_seconds = threading.Lock(), most_seconds
        self._patience = f"PRAGMA busy_timeout={int(1000 * most_seconds)}"
        event.listen(engine, "checkin", self._give_back)

    def take(self, connection: Connection) -> None:
        """Wait until no other connection of this engine writes."""
        notes = connection.connection.record_info
        if notes is not None and not notes.get(PLACE):
            notes[PLACE] = self._free.acquire(timeout=self._most_seconds)

    def begin(self, connection: Connection) -> None:
        """Open a write transaction once nobody else writes. Raises `OperationalError` when that lasts."""
        self.take(connection)
        if not self._begin_soon(connection):
            connection.exec_driver_sql(BEGIN)  # SQLite asks on, as patiently as it was told to

    def _begin_soon(self, connection: Connection) -> bool:
        raw: Any = connection.connection.dbapi_connection
        end = time.monotonic() + QUICKLY
        raw.execute("PRAGMA busy_timeout=0")
        try:
            while time.monotonic() < end:
                try:
                    raw.execute(BEGIN)
                except sqlite3.OperationalError as refusal:
                    if refusal.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                        break  # a full disk and the like are told where every other statement is
                    time.sleep(PAUSE)
                else:
                    return True
        finally:
            raw.execute(self._patience)
        return False

    def _give_back(self, _connection: object, record: Any) -> None:
        if record.record_info.pop(PLACE, False):
            self._free.release()
