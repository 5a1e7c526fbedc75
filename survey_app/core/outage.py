"""Telling an outage from a mistake of ours: the database or the disk is not there, or not now.

An outage is answered in plain words with the time to come again (503), or that there is no room left (507);
nothing was stored, and what was typed can be sent again as it is. Anything else is a crash and answers 500.
"""

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

RETRY_SECONDS = 5
BROKEN = frozenset({errno.EIO, errno.EROFS})  # a disk that fails; Linux then makes it read-only
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DISK_FULL = "53100"  # SQLSTATE disk_full of PostgreSQL


def is_outage(error: BaseException) -> bool:
    """True when the database could not do its part, or the disk took no more bytes.

    A statement that SQLite does not understand is an `OperationalError` too, but a mistake of ours.
    """
    if isinstance(error, OperationalError | InterfaceError | NoFreeConnection):
        return getattr(getattr(error, "orig", None), "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR
    if isinstance(error, OSError):
        return error.errno in FULL | BROKEN
    return is_disk_full(error) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def is_disk_full(error: BaseException) -> bool:
    """True when there is no room left for a file or the database, also where a library wraps what it met."""
    return any(_says_full(one) for one in (error, error.__cause__, error.__context__) if one is not None)


def _says_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in FULL
    origin = getattr(error, "orig", None)
    if isinstance(origin, sqlite3.Error):
        return getattr(origin, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return getattr(origin, "sqlstate", None) == DISK_FULL
