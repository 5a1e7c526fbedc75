"""Commands of the audit trail: its head, an export for outsiders, a check of everything."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from survey_app.core.clock import now
from survey_app.core.db import db, snapshot
from survey_app.operations.fault_words import say
from survey_app.operations.heads import head_line, heads_file, load_heads
from survey_app.operations.sealing import Report, check_database, check_trail
from survey_app.operations.trail import (
    UnreadableTrail,
    export_lines,
    last_block,
    read_lines,
    stream_blocks,
)
from survey_app.rules.chain import Head
from survey_app.rules.errors import RuleError

cli = AppGroup("audit", help="Nhật ký: niêm phong, kiểm tra, trích xuất.")
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW = click.Path(dir_okay=False, path_type=Path)


@cli.command("head")
def head() -> None:
    """In khối niêm phong mới nhất (một dòng JSON); người ngoài giữ dòng này để đối chiếu về sau."""
    with snapshot(db.engine) as connection:
        block = last_block(connection)
    if block is None:
        raise click.ClickException("Nhật ký chưa có khối niêm phong nào. Tiến trình xử lý nền có chạy không?")
    click.echo(head_line(block, now=now()))


@cli.command("export")
@click.argument("file", type=NEW)
def export(file: Path) -> None:
    """Ghi nhật ký đã niêm phong vào FILE (mỗi dòng một JSON), để kiểm tra không cần cơ sở dữ liệu."""
    count = 0
    with snapshot(db.engine) as connection, file.open("w", encoding="utf-8") as stream:
        for line in export_lines(stream_blocks(connection)):
            stream.write(line + "\n")
            count += 1
    click.echo(f"Đã ghi {count} dòng vào {file}.")


@cli.command("verify")
@click.option("--heads", "heads_path", type=EXISTING, help="Tệp mã niêm phong đã giữ (mặc định: DATA_DIR).")
@click.option("--file", "exported", type=EXISTING, help="Kiểm tra tệp đã trích xuất thay cho cơ sở dữ liệu.")
def verify(heads_path: Path | None, exported: Path | None) -> None:
    """Tính lại mọi khối: dòng nào bị sửa, bị xóa, bị thêm, chuỗi có bị viết lại không. Có lỗi: mã thoát 1."""
    try:
        heads = load_heads(heads_path or heads_file(Path(current_app.config["DATA_DIR"])))
        report = _check_file(exported, heads) if exported else _check_database(heads)
    except RuleError as error:
        raise click.ClickException(str(error)) from error
    except UnreadableTrail as error:
        raise click.ClickException(f"Dòng {error} của tệp không phải là nhật ký đã trích xuất.") from error
    _tell(report, len(heads))
    if not report.ok:
        raise SystemExit(1)


def _check_database(heads: list[Head]) -> Report:
    with snapshot(db.engine) as connection:
        return check_database(connection, heads)


def _check_file(file: Path, heads: list[Head]) -> Report:
    with file.open(encoding="utf-8") as stream:
        return check_trail(read_lines(stream), heads)


def _tell(report: Report, heads: int) -> None:
    for finding in report.findings:
        click.echo(f"LỖI  {say(finding)}")
    if report.faults > len(report.findings):
        click.echo(f"… và {report.faults - len(report.findings)} lỗi khác.")
    click.echo(
        f"{report.blocks} khối, {report.events} sự kiện đã niêm phong, {report.unsealed} chưa niêm phong; "
        f"đối chiếu {heads} mã đã công bố: " + ("không có lỗi." if report.ok else f"{report.faults} lỗi.")
    )
    if report.head:
        click.echo(f"Khối cuối: {report.head.number} {report.head.hash}")
