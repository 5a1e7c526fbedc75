"""Commands of the evidence room."""

import click
from flask.cli import AppGroup

from survey_app.core.clock import now
from survey_app.core.db import unit_of_work
from survey_app.evidence import service

cli = AppGroup("evidence", help="Minh chứng: tệp của các trường.")


@cli.command("sweep")
def sweep() -> None:
    """Xóa khỏi đĩa các tệp đã quá một ngày mà không minh chứng nào dùng (chạy lại được)."""
    with unit_of_work():  # holds the write lock: no row can appear while the list is compared
        removed = service.sweep_files(now=now())
    click.echo(f"Đã xóa {removed} tệp không còn dùng.")
