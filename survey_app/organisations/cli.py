"""Commands: load the shipped communes, import a checked list of schools, write the empty template."""

from pathlib import Path

import click
from flask.cli import AppGroup

from survey_app.core.clock import now
from survey_app.core.db import unit_of_work
from survey_app.organisations import intake, service
from survey_app.organisations.spreadsheet import read_table
from survey_app.organisations.workbook import template_bytes
from survey_app.rules.errors import RuleError

cli = AppGroup("organisations", help="Đơn vị: Sở, xã phường, trường.")


@cli.command("load-communes")
def load_communes() -> None:
    """Nạp Sở và 103 xã, phường của thành phố Cần Thơ (chạy lại được)."""
    with unit_of_work():
        count = service.load_communes(now=now())
    click.echo(f"Xã, phường: thêm {count.added}, đổi {count.changed}, giữ nguyên {count.same}.")


@cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Chỉ kiểm tra, không ghi gì.")
@click.option("--good-rows", is_flag=True, help="Vẫn ghi các dòng đúng khi có dòng sai.")
@click.option("--department", default="92", show_default=True, help="Mã của Sở.")
def import_file(file: Path, dry_run: bool, good_rows: bool, department: str) -> None:
    """Nhập danh sách trường từ FILE (.csv hoặc .xlsx): đúng hết thì ghi, có dòng sai thì không ghi gì."""
    try:
        table = read_table(file.name, file.read_bytes())
        with unit_of_work():
            home = service.the_department(department)
            plan = service.plan_import(table, department_id=home.id)
            _print_plan(plan)
            counted = plan.count()
            refused = bool(counted[intake.WRONG]) and not good_rows
            if not dry_run and not refused:
                done = service.apply_import(
                    plan, department_id=home.id, source=file.name, actor=None, now=now()
                )
                click.echo(f"Đã ghi: thêm {done.created}, sửa {done.changed}.")
    except RuleError as error:
        raise click.ClickException(str(error)) from error
    if dry_run:
        click.echo("Chạy thử: chưa ghi gì.")
    elif refused:
        click.echo(
            "Có dòng sai nên chưa ghi gì. Sửa tệp rồi nhập lại, hoặc thêm --good-rows để ghi các dòng đúng."
        )
    if counted[intake.WRONG]:
        raise SystemExit(1)


def _print_plan(plan: intake.ImportPlan) -> None:
    for row, note in plan.faults:
        click.echo(f"SAI    dòng {row} | {note.column} | {note.text}")
    for row, note in plan.warnings:
        click.echo(f"LƯU Ý  dòng {row} | {note.column} | {note.text}")
    if plan.ignored:
        click.echo("Các cột không dùng: " + ", ".join(plan.ignored))
    counted = plan.count()
    click.echo(
        f"{len(plan.rows)} dòng: mới {counted[intake.NEW]}, thay đổi {counted[intake.CHANGED]}, "
        f"giữ nguyên {counted[intake.SAME]}, sai {counted[intake.WRONG]}; lưu ý {len(plan.warnings)}."
    )


@cli.command("template")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def template(file: Path) -> None:
    """Ghi mẫu danh sách trường (.xlsx) vào FILE."""
    file.write_bytes(template_bytes())
    click.echo(f"Đã ghi mẫu vào {file}.")
