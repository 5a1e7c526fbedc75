"""Commands of the room: the reminders of the day, for a machine that has its own timer."""

import click
from flask.cli import AppGroup

from survey_app.core.clock import now
from survey_app.core.db import unit_of_work
from survey_app.notices.reminding import send_due_reminders

cli = AppGroup("notices", help="Thông báo: nhắc hạn nộp phiếu.")


@cli.command("remind")
def remind() -> None:
    """Nhắc các trường chưa nộp phiếu khi còn 7, 3 và 1 ngày; chạy nhiều lần cũng chỉ nhắc một lần."""
    with unit_of_work():
        reminded = send_due_reminders(now())
    click.echo(f"Đã nhắc {reminded} trường.")
