"""Commands: check, load, publish and compare criteria sets; from and to the documented workbook."""

from pathlib import Path

import click
from flask.cli import AppGroup

from survey_app.core.clock import now
from survey_app.core.db import unit_of_work
from survey_app.documents.xlsx_intake import UnreadableTable
from survey_app.frameworks import loader, queries, service
from survey_app.frameworks.checking import check_path
from survey_app.frameworks.compare import KIND_NAMES, Kind, compare
from survey_app.frameworks.documents import HEAD
from survey_app.frameworks.lock import Locked, read_lock, write_lock
from survey_app.frameworks.spreadsheet import read_workbook
from survey_app.frameworks.workbook import template_bytes, workbook_bytes
from survey_app.rules.errors import RuleError
from survey_app.rules.framework import Framework

cli = AppGroup("frameworks", help="Bộ tiêu chí: kiểm tra, nạp, khóa, so sánh, Excel.")
folder_option = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=service.CRITERIA,
    help="Thư mục các bộ tiêu chí.",
)
xlsx_to_write = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@cli.command("check")
@click.argument("path", type=click.Path(path_type=Path), default=service.CRITERIA)
def check(path: Path) -> None:
    """Kiểm tra mọi tệp trong PATH và published.lock; nêu hết chỗ sai, có chỗ sai thì mã thoát 1."""
    checked = check_path(path)
    for fault in checked.faults:
        click.echo(str(fault))
    if checked.faults:
        click.echo(f"Có {len(checked.faults)} chỗ cần sửa.", err=True)
        raise SystemExit(1)
    for folder in checked.folders:
        assert folder.framework is not None
        click.echo(f"{_key(folder.framework)}: {len(folder.framework.by_code)} tiêu chí, không có chỗ sai.")


@cli.command("load")
@folder_option
def load(folder: Path) -> None:
    """Nạp các bộ tiêu chí trong thư mục vào cơ sở dữ liệu (chạy lại được)."""
    with unit_of_work():
        report = service.import_criteria_folder(folder, now=now())
    for line in report.lines():
        click.echo(line)
    if not report.fine:
        raise SystemExit(1)


@cli.command("publish")
@click.argument("code")
@click.argument("version")
@click.option("--decision", required=True, help="Quyết định ban hành: số, ngày, cơ quan.")
@folder_option
def publish(code: str, version: str, decision: str, folder: Path) -> None:
    """Khóa phiên bản và đưa vào áp dụng theo một quyết định; nội dung từ đó không sửa được nữa."""
    place = folder / code / version
    try:
        with unit_of_work():
            if place.is_dir():
                framework = _read(place)
                service.import_criteria_folder(folder, now=now())
            row = queries.get_version(code, version)
            row = service.publish_version(row.id, decision=decision, actor=None, now=now())
            if place.is_dir():
                _lock(folder, row.decision, framework, row.sha256)
    except RuleError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Đã khóa {row.key} và đưa vào áp dụng theo: {row.decision}.")
    if questions := queries.get_framework(row.id).texts.get("open_questions"):
        click.echo(f"Bộ này còn ghi {len(questions)} câu hỏi chưa quyết:")
        for question in questions:
            click.echo(f"  - {question.vi}")


def _lock(folder: Path, decision: str, framework: Framework, sha256: str) -> None:
    locked = [one for one in read_lock(folder) if one.key != (framework.code, framework.version)]
    write_lock(folder, [*locked, Locked(framework.code, framework.version, sha256, decision)])


@cli.command("diff")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@folder_option
def diff(old: str, new: str, folder: Path) -> None:
    """So sánh hai phiên bản A và B, mỗi phiên bản ghi mã/phiên-bản."""
    changes = compare(_find(folder, old), _find(folder, new))
    for kind in Kind:
        for change in (change for change in changes if change.kind is kind):
            click.echo(f"{KIND_NAMES[kind]} | {change.code or '–'} | {change.part_name}")
            for sign, text in (("-", change.old), ("+", change.new)):
                for line in text.split("\n") if text else ():
                    click.echo(f"    {sign} {line}")
    counted = ", ".join(
        f"{KIND_NAMES[kind].lower()} {sum(change.kind is kind for change in changes)}" for kind in Kind
    )
    click.echo(f"{len(changes)} thay đổi: {counted}." if changes else "Hai phiên bản giống nhau.")


@cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Chỉ kiểm tra, không ghi gì.")
@folder_option
def import_file(file: Path, dry_run: bool, folder: Path) -> None:
    """Nhập bộ tiêu chí từ FILE (.xlsx) thành bản nháp: ghi tệp vào thư mục và nạp vào cơ sở dữ liệu."""
    try:
        reading = read_workbook(file.read_bytes())
    except UnreadableTable as error:
        raise click.ClickException(str(error)) from error
    for fault in reading.faults:
        click.echo(str(fault))
    framework = reading.framework
    if framework is None:
        click.echo(f"Có {len(reading.faults)} chỗ cần sửa nên chưa nhập gì.", err=True)
        raise SystemExit(1)
    click.echo(f"{_key(framework)}: {framework.title.vi}; {len(framework.by_code)} tiêu chí.")
    if dry_run:
        click.echo("Chạy thử: chưa ghi gì.")
        return
    files = loader.write_files(framework)
    try:
        _refuse_locked(folder, framework)
        with unit_of_work():
            service.create_draft_from_workbook(
                framework, actor=None, now=now(), source_sha256=loader.digest_of(files)
            )
            loader.replace_folder(folder / framework.code / framework.version, files)
    except RuleError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Đã nhập bản nháp vào {folder / framework.code / framework.version}.")


def _refuse_locked(folder: Path, framework: Framework) -> None:
    if (framework.code, framework.version) in {one.key for one in read_lock(folder)}:
        raise service.EditionFixed(key=_key(framework))


@cli.command("template")
@xlsx_to_write
def template(file: Path) -> None:
    """Ghi tệp mẫu (.xlsx) để nhập một bộ tiêu chí vào FILE."""
    file.write_bytes(template_bytes(now()))
    click.echo(f"Đã ghi mẫu vào {file}.")


@cli.command("export")
@click.argument("code")
@click.argument("version")
@xlsx_to_write
@folder_option
def export(code: str, version: str, file: Path, folder: Path) -> None:
    """Ghi một phiên bản ra FILE (.xlsx), đúng dạng tệp mẫu, nhập lại được."""
    framework = _find(folder, f"{code}/{version}")
    file.write_bytes(workbook_bytes(framework, now()))
    click.echo(f"Đã ghi {_key(framework)} vào {file}.")


def _key(framework: Framework) -> str:
    return f"{framework.code}/{framework.version}"


def _read(place: Path) -> Framework:
    loaded = loader.load_folder(place)
    if loaded.framework is None:
        raise click.ClickException("\n".join(map(str, loaded.faults)))
    return loaded.framework


def _find(folder: Path, key: str) -> Framework:
    """An edition from its files, or from the database when it has none."""
    code, _, version = key.partition("/")
    if (folder / code / version / HEAD).is_file():
        return _read(folder / code / version)
    row = queries.find_version(code, version)
    if row is None:
        raise click.ClickException(f"Không có phiên bản {key}. Hãy ghi mã/phiên-bản, ví dụ pho-thong/0.2.")
    return queries.get_framework(row.id)
