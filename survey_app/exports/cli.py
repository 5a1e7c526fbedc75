"""Commands of the exports room."""

import click
from flask.cli import AppGroup

from survey_app.core.clock import now
from survey_app.core.db import unit_of_work
from survey_app.exports import service

cli = AppGroup("exports", help="Tệp Excel đã xuất.")


@cli.command("sweep")
def sweep() -> None:
    """Xóa khỏi đĩa các tệp đã xuất quá 7 ngày (chạy lại được)."""
    with unit_of_work():
        service.let_go_of_expired(now=now())
    with unit_of_work():  # holds the write lock: no row can appear while the list is compared
        removed = service.sweep_files(now=now())
    click.echo(f"Đã xóa {removed} tệp hết hạn.")
