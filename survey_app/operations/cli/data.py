"""Commands on the data as a whole: moving them to another database."""

import click
from flask.cli import AppGroup

from survey_app.config import BadSetting, database_url
from survey_app.core.db import db, session
from survey_app.operations.moving import Copied, copy_installation
from survey_app.rules.errors import RuleError

cli = AppGroup("data", help="Dữ liệu: chuyển sang cơ sở dữ liệu khác.")


@cli.command("copy")
@click.option("--to", "target", required=True, help="Nơi nhận: sqlite:///… hoặc postgresql://…, còn trống.")
def copy(target: str) -> None:
    """Chép mọi dòng sang cơ sở dữ liệu trống, rồi so số dòng và mã băm từng bảng. Dừng chương trình trước."""
    session.remove()
    try:
        done = copy_installation(db.engine, database_url(target), _tell)
    except (RuleError, BadSetting) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Đã chép {len(done)} bảng, {sum(one.rows for one in done)} dòng; hai bên khớp nhau.")
    click.echo("Đặt DATABASE_URL là nơi nhận rồi chạy lại chương trình; thư mục dữ liệu giữ nguyên.")


def _tell(copied: Copied) -> None:
    click.echo(f"{copied.table:<24} {copied.rows:>10}  {copied.sha256[:16]}  khớp")
