"""Commands of the job room."""

import os

import click
from flask import current_app
from flask.cli import AppGroup

from survey_app.core.db import db
from survey_app.jobs import engine
from survey_app.jobs.worker import work

cli = AppGroup("jobs", help="Việc chạy nền: bảng dữ liệu và tiến trình xử lý.")


@cli.command("prepare")
def prepare_command() -> None:
    """Create or update the engine's own tables."""
    engine.prepare(db.engine)


@cli.command("work")
@click.option(
    "--name",
    default=lambda: os.environ.get("WORKER_ID", "worker-1"),
    show_default="worker-1",
    help="Unique, stable name of this worker (WORKER_ID).",
)
@click.option("--with-parent", is_flag=True, help="End when the process that started this one is gone.")
def work_command(name: str, with_parent: bool) -> None:
    """Do the jobs in the queue until stopped."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    work(app, name, parent=os.getppid() if with_parent else None)
