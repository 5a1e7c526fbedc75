"""Commands of backups: make one, check one, bring one back."""

import sqlite3
from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from survey_app.config import BadSetting, database_url
from survey_app.core import clock
from survey_app.core.db import db, session, unit_of_work
from survey_app.core.filters import write_deadline
from survey_app.operations import backing, restoring
from survey_app.operations.archive import Manifest
from survey_app.operations.models import HAND
from survey_app.rules.errors import RuleError

cli = AppGroup("backup", help="Sao lưu: tạo, kiểm tra, khôi phục.")
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
FAULTS = (RuleError, OSError, SQLAlchemyError, sqlite3.Error)  # a full disk speaks with all their voices
FOLDER = click.Path(file_okay=False, path_type=Path)


@cli.command("create")
@click.option("--to", "folder", type=FOLDER, help="Thư mục nhận (mặc định: BACKUP_DIR).")
@click.option("--unencrypted", is_flag=True, help="Không mã hóa: ai có tệp đều đọc được.")
def create(folder: Path | None, unencrypted: bool) -> None:
    """Sao lưu cơ sở dữ liệu và tệp vào một tệp, trong khi hệ thống vẫn chạy."""
    folder = folder or current_app.config["BACKUP_DIR"]
    if folder is None:
        raise click.ClickException("Hãy chỉ thư mục nhận bằng --to hoặc đặt BACKUP_DIR.")
    try:
        key = backing.require_key(current_app.config["BACKUP_KEY"], unencrypted=unencrypted)
        source = backing.Source(db.engine, Path(current_app.config["DATA_DIR"]))
        made, run_id = backing.make_backup(source, folder, key, made_by=HAND, now=clock.now())
    except FAULTS as error:
        raise click.ClickException(f"Chưa sao lưu được: {error}") from error
    with unit_of_work():
        backing.note_made(run_id, made, now=clock.now())
    _tell(made.manifest)
    click.echo(f"Đã ghi {made.path} ({made.bytes} byte, SHA-256 {made.sha256}).")


@cli.command("verify")
@click.argument("file", type=EXISTING)
def verify(file: Path) -> None:
    """Đọc hết FILE và đối chiếu mọi mã băm; không cần cơ sở dữ liệu."""
    try:
        told = restoring.verify(restoring.Backup(file, current_app.config["BACKUP_KEY"]))
    except RuleError as error:
        raise click.ClickException(str(error)) from error
    _tell(told)
    click.echo("Bản sao lưu nguyên vẹn.")


@cli.command("restore")
@click.argument("file", type=EXISTING)
@click.option("--to-database", "address", help="Cơ sở dữ liệu trống (mặc định: DATABASE_URL).")
@click.option("--to-folder", "folder", type=FOLDER, help="Thư mục dữ liệu (mặc định: DATA_DIR).")
@click.option("--accept-broken-trail", is_flag=True, help="Vẫn khôi phục khi nhật ký trong bản sao có lỗi.")
def restore(file: Path, address: str | None, folder: Path | None, accept_broken_trail: bool) -> None:
    """Khôi phục FILE vào cơ sở dữ liệu và thư mục còn trống: đủ và đúng tất cả, hoặc không ghi gì."""
    session.remove()
    db.engine.dispose()
    backup = restoring.Backup(file, current_app.config["BACKUP_KEY"])
    try:
        target = restoring.Target(
            database_url(address) if address else current_app.config["SQLALCHEMY_DATABASE_URI"],
            folder or Path(current_app.config["DATA_DIR"]),
        )
        told = restoring.restore(backup, target, now=clock.now(), accept_broken_trail=accept_broken_trail)
    except (*FAULTS, BadSetting) as error:
        raise click.ClickException(f"Chưa khôi phục: {error}") from error
    _tell(told)
    click.echo("Đã khôi phục và đối chiếu xong. Mọi người cần đăng nhập lại.")


def _tell(told: Manifest) -> None:
    opening, rows = told.opening, sum(rows for rows, _ in told.tables.values())
    made = write_deadline(datetime.fromisoformat(opening["made_at"]))
    click.echo(f"Sao lưu lúc {made}, chương trình {opening['program']}, cấu trúc {opening['revision']}.")
    click.echo(f"{len(told.tables)} bảng, {rows} dòng; {told.files[0]} tệp, {told.files[1]} byte.")
    if told.head:
        click.echo(f"Nhật ký: khối {told.head['block']} {told.head['hash']}.")
    if told.missing:
        first = ", ".join(told.missing_first[:3])
        click.echo(
            f"LƯU Ý: {told.missing} tệp bị thiếu hoặc hỏng trên máy chủ từ trước khi sao lưu: {first} …"
        )
