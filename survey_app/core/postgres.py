"""How the program holds its connections to PostgreSQL, and how long a request may wait there.

The database may be restarted under load: a connection is tried before it is used (`pool_pre_ping`), so that
the first request after the return finds a good one. Limits hold for requests only; jobs, commands and
migrations may take as long as they need.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

# Eight threads of the web process, and room for what a job holds beside them.
POOL = {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 10, "pool_timeout": 10, "pool_recycle": 1800}
# A host that is gone answers nothing at all: without these a request would wait for minutes, not for seconds.
CONNECTION = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "nha-truong-an-toan",
}
# No page needs a statement of 30 s; one that does would hold a thread of eight that save answers. A lock is
# waited for as long as on SQLite (`db.BUSY_TIMEOUT_MS`). A request that sits idle in a transaction for two
# minutes has lost its thread (reading an upload takes up to 40 s) and must not hold its locks.
IN_A_REQUEST = """
SET statement_timeout = '30s'; SET lock_timeout = '20s'; SET idle_in_transaction_session_timeout = '2min'
"""
ELSEWHERE = """
SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0
"""


def engine_options(url: str) -> dict[str, Any]:
    """What `create_engine` is given for this address.

    On both databases an error names its statement without the values: those are what schools answered.
    """
    if make_url(url).get_backend_name() != "postgresql":
        return {"hide_parameters": True}
    return {**POOL, "hide_parameters": True, "connect_args": dict(CONNECTION)}


def limit_requests(engine: Engine, in_request: Callable[[], bool]) -> None:
    """Set the limits of a connection when it is taken from the pool, unless they are as they should be."""

    @event.listens_for(engine, "checkout")
    def _checkout(connection: Any, record: Any, proxy: object) -> None:
        wanted = IN_A_REQUEST if in_request() else ELSEWHERE
        if record.info.get("limits", ELSEWHERE) == wanted:
            return
        before, connection.autocommit = connection.autocommit, True  # a rollback would undo the setting
        try:
            connection.execute(wanted)
        finally:
            connection.autocommit = before
        record.info["limits"] = wanted
