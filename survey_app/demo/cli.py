"""Commands of the demo: load it into an empty database, show its accounts."""

import json

import click
from flask import current_app
from flask.cli import AppGroup
from flask_migrate import upgrade

from survey_app.accounts.passwords import hash_password
from survey_app.core import clock
from survey_app.core.db import unit_of_work
from survey_app.demo import queries
from survey_app.demo.build import Settings, build, openings
from survey_app.demo.cast import PASSWORD
from survey_app.demo.pictures import make_album
from survey_app.frameworks import service as frameworks
from survey_app.jobs.runner import run_job
from survey_app.rules.permissions import ROLE_NAMES, Role

cli = AppGroup("demo", help="Dữ liệu demo: trường, người và đợt đánh giá ví dụ.")


@cli.command("load")
@click.option("--schools", default=48, show_default=True, type=click.IntRange(10, 2000), help="Số trường.")
@click.option("--seed", default=2027, show_default=True, help="Cùng số thì ra cùng dữ liệu.")
def load(schools: int, seed: int) -> None:
    """Tạo demo trong cơ sở dữ liệu trống."""
    if current_app.config["ENV"] == "production":
        raise click.ClickException("Không tạo demo trong cấu hình vận hành thật (ENV=production).")
    upgrade()
    if queries.find_mark() is not None:
        raise click.ClickException("Cơ sở dữ liệu này đã có demo.")
    if queries.has_schools():
        raise click.ClickException("Cơ sở dữ liệu đang có trường thật nên không tạo demo vào đó.")
    if queries.has_people():
        raise click.ClickException("Cơ sở dữ liệu này đã có tài khoản nên không tạo demo vào đó.")
    now = clock.now()
    settings = Settings(schools, seed, hash_password(PASSWORD), now)
    album = make_album(seed, openings(now))
    with unit_of_work():
        frameworks.import_criteria_folder(frameworks.CRITERIA, now=now)
        job_uid = build(settings, album).job_uid
    run_job(current_app._get_current_object(), job_uid)  # type: ignore[attr-defined]
    click.echo(f"Đã tạo demo: {schools} trường, một đợt đã công bố, một đợt đang mở.")


@cli.command("accounts")
@click.option("--json", "as_json", is_flag=True, help="Dạng JSON, cho chương trình khác.")
def accounts(as_json: bool) -> None:
    """In các tài khoản của demo và mật khẩu."""
    mark = queries.find_mark()
    if mark is None:
        raise click.ClickException("Cơ sở dữ liệu này không phải demo.")
    rows = [
        {"login": account.login, "password": mark.password, "role": account.role, "unit": account.unit}
        for account in queries.list_accounts()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['login']:<20} {row['password']}  {ROLE_NAMES[Role(row['role'])]:<26} {row['unit']}")


@cli.command("look-up")
def look_up() -> None:
    """In số và mã của một giấy chứng nhận demo để thử tra cứu."""
    found = queries.first_certificate()
    if queries.find_mark() is None or found is None:
        raise click.ClickException("Cơ sở dữ liệu này không phải demo hoặc chưa có giấy chứng nhận.")
    click.echo(f"{found.printed_number}   {current_app.config['BASE_URL']}/tra-cuu/{found.code}")
