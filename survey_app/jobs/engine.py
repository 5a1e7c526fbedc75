"""The one file that knows DBOS: its tables, its queue, its worker.

DBOS lives in the application's own database (SQLite: the same file; PostgreSQL: schema `dbos`), so that
`put_in_queue` commits together with the rows of the acting transaction (decision 7). It is imported at
first use: a request that enqueues nothing does not pay for it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, column, inspect, literal, select, table, update
from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from dbos import DBOSClient, DBOSConfig, EnqueueOptions

APPLICATION = "nha-truong-an-toan"
# Fixed: a job asked for before an update of the program is still run after it.
APPLICATION_VERSION = "1"
QUEUE = "jobs"
WORKFLOW = "run_job"
# The tables DBOS makes: in SQLite they stand beside ours, and `flask db check` leaves them alone.
TABLES = frozenset(
    {
        "application_versions",
        "dbos_migrations",
        "notifications",
        "operation_outputs",
        "queues",
        "streams",
        "workflow_events",
        "workflow_events_history",
        "workflow_input",
        "workflow_output",
        "workflow_schedules",
        "workflow_status",
    }
)
AT_ONCE = 2
ATTEMPTS = 5
POLL_SECONDS = 0.5


def prepare(database: Engine) -> None:
    """Create or update DBOS' own tables; does nothing when they are up to date."""
    from dbos import DBOS

    DBOS.migrate(_address(database))


def put_in_queue(transaction: Session | Connection, uid: str, *, wait: timedelta | None = None) -> None:
    """Queue the job with this address within the caller's transaction; it is taken after `wait`."""
    bind = transaction if isinstance(transaction, Connection) else transaction.get_bind()
    options: EnqueueOptions = {
        "workflow_name": WORKFLOW,
        "queue_name": QUEUE,
        "workflow_id": uid,
        "app_version": APPLICATION_VERSION,
    }
    if wait is not None:
        options["delay_seconds"] = wait.total_seconds()
    _client(bind.engine).enqueue_in_transaction(transaction, options, uid)


def holds_work(connection: Connection) -> bool:
    """True when the engine's tables are there and have ever had a job."""
    schema = "dbos" if connection.dialect.name == "postgresql" else None
    if not inspect(connection).has_table("workflow_status", schema=schema):
        return False
    known = table("workflow_status", schema=schema)
    return connection.execute(select(literal(1)).select_from(known).limit(1)).first() is not None


def forgive(transaction: Session, uid: str) -> None:
    """Count the worker's deaths anew, within the caller's transaction: a job that gets on does not kill it.

    Without this a long job is given up after `ATTEMPTS` restarts of the machine, however much it has done.
    """
    schema = "dbos" if transaction.get_bind().dialect.name == "postgresql" else None
    status = table("workflow_status", column("workflow_uuid"), column("recovery_attempts"), schema=schema)
    transaction.execute(update(status).where(status.c.workflow_uuid == uid).values(recovery_attempts=1))


@lru_cache(maxsize=8)
def _client(database: Engine) -> DBOSClient:
    from dbos import DBOSClient

    return DBOSClient(system_database_engine=database, lazy=True, application_name=APPLICATION)


def _address(database: Engine) -> str:
    return database.url.render_as_string(hide_password=False)


def launch(database: Engine, executor_id: str, run: Callable[[str], None]) -> None:
    """Start taking jobs from the queue: `run` is called with the job's address, on a thread of its own.

    Jobs that this `executor_id` had begun when it died are taken up again first.
    """
    from dbos import DBOS

    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_url": _address(database),
        "executor_id": executor_id,
        "application_version": APPLICATION_VERSION,
        "log_level": "WARNING",
    }
    DBOS(config=config)

    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=ATTEMPTS)
    def run_job(uid: str) -> None:
        DBOS.run_step({"name": "run"}, run, uid)

    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=AT_ONCE, polling_interval_sec=POLL_SECONDS)


def stop() -> None:
    """Stop taking jobs; one in flight is taken up again at the next start."""
    from dbos import DBOS

    DBOS.destroy(workflow_completion_timeout_sec=0)


def take_over(executor_id: str) -> list[str]:
    """Put the unfinished jobs of a dead worker back in the queue; returns their addresses."""
    from dbos import DBOS

    left = DBOS.list_workflows(executor_id=executor_id, status="PENDING", load_input=False, load_output=False)
    uids = [workflow.workflow_id for workflow in left]
    if uids:
        DBOS.resume_workflows(uids, queue_name=QUEUE)
    return uids


def list_given_up() -> list[str]:
    """Addresses of jobs that killed their worker too often, or for which the database was away too long."""
    from dbos import DBOS

    dead: Any = DBOS.list_workflows(
        status=["MAX_RECOVERY_ATTEMPTS_EXCEEDED", "ERROR"], load_input=False, load_output=False
    )
    return [workflow.workflow_id for workflow in dead]
