"""Commands of the room: the tidying of each day, for a machine that has its own timer."""

import click
from flask.cli import AppGroup

from survey_app.core.clock import now
from survey_app.invitations import tidying

cli = AppGroup("invitations", help="Phiếu cấp tài khoản và đề nghị thêm trường.")


@cli.command("tidy")
def tidy() -> None:
    """Xóa tệp phiếu quá hạn và thông tin người đề nghị sau 90 ngày (chạy lại được)."""
    removed, forgotten = tidying.tidy(now())
    click.echo(f"Đã xóa {removed} tệp; đã xóa thông tin của {forgotten} người đề nghị.")
