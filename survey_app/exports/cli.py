"""Commands of the exports room."""

from datetime import timedelta

import click
from flask.cli import AppGroup

from survey_app.core.clock import now
from survey_app.core.db import unit_of_work
from survey_app.exports import queries, service
from survey_app.exports.store import export_store

cli = AppGroup("exports", help="Tệp Excel đã xuất.")
KEEP_UNNAMED = timedelta(days=1)  # a file is stored before its row names it


@cli.command("sweep")
def sweep() -> None:
    """Xóa khỏi đĩa các tệp đã xuất quá 7 ngày (chạy lại được)."""
    with unit_of_work():
        service.let_go_of_expired(now=now())
    with unit_of_work():  # holds the write lock: no row can appear while the list is compared
        removed = export_store().sweep(queries.wanted_digests(now()), before=now() - KEEP_UNNAMED)
    click.echo(f"Đã xóa {removed} tệp hết hạn.")
