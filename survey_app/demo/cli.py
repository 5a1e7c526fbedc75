"""Commands of the demo: load it into an empty database, show its accounts."""

import json
import os
from datetime import datetime

import click
from flask import current_app
from flask.cli import AppGroup
from flask_migrate import upgrade

from survey_app.accounts.passwords import hash_password
from survey_app.core import clock
from survey_app.core.db import unit_of_work
from survey_app.demo import queries
from survey_app.demo.build import Settings, build
from survey_app.demo.cast import PASSWORD
from survey_app.demo.country.load import Load
from survey_app.demo.country.places import read_provinces
from survey_app.demo.pictures import make_album
from survey_app.demo.terms import openings
from survey_app.frameworks import service as frameworks
from survey_app.jobs.runner import run_job
from survey_app.rules.permissions import ROLE_NAMES, Role

MOST_TOLD = 2000  # schools whose story is told act by act; more are a country, written in bulk
MOST_SCHOOLS = 100_000

cli = AppGroup("demo", help="Dữ liệu demo: trường, người và đợt đánh giá ví dụ.")


@cli.command("load")
@click.option(
    "--schools", default=48, show_default=True, type=click.IntRange(10, MOST_SCHOOLS), help="Số trường."
)
@click.option(
    "--rounds", default=2, show_default=True, type=click.IntRange(1, 10), help="Số đợt; đợt cuối đang mở."
)
@click.option("--seed", default=2027, show_default=True, help="Cùng số thì ra cùng dữ liệu.")
def load(schools: int, rounds: int, seed: int) -> None:
    """Tạo demo trong cơ sở dữ liệu trống; hơn 2.000 trường là cả nước với 34 Sở."""
    if current_app.config["ENV"] == "production":
        raise click.ClickException("Không tạo demo trong cấu hình vận hành thật (ENV=production).")
    upgrade()
    settings = Settings(schools, rounds, seed, hash_password(PASSWORD), _moment(schools, rounds, seed))
    if schools > MOST_TOLD:
        _load_country(settings)
    else:
        _load_department(settings)
    click.echo(f"Đã tạo demo: {schools} trường, {rounds - 1} đợt đã công bố, một đợt đang mở.")


def _moment(schools: int, rounds: int, seed: int) -> datetime:
    """Now; of a country that was broken off, the moment it was begun. Raises when there must be no demo."""
    mark = queries.find_mark()
    if mark is None:
        if queries.has_schools():
            raise click.ClickException("Cơ sở dữ liệu đang có trường thật nên không tạo demo vào đó.")
        if queries.has_people():
            raise click.ClickException("Cơ sở dữ liệu này đã có tài khoản nên không tạo demo vào đó.")
        return clock.now()
    if mark.finished_at is not None:
        raise click.ClickException("Cơ sở dữ liệu này đã có demo.")
    if (mark.schools, mark.rounds, mark.seed) != (schools, rounds, seed):
        raise click.ClickException(
            "Lần tạo demo trước chưa xong. Để làm tiếp, hãy chạy lại với "
            f"--schools {mark.schools} --rounds {mark.rounds} --seed {mark.seed}."
        )
    click.echo("Lần tạo demo trước chưa xong: làm tiếp từ chỗ đã dừng.")
    return mark.made_at


def _load_department(settings: Settings) -> None:
    album = make_album(settings.seed, openings(settings.now, settings.rounds))
    with unit_of_work():
        frameworks.import_criteria_folder(frameworks.CRITERIA, now=settings.now)
        job_uids = [batch.job_uid for batch in build(settings, album)]
    for job_uid in job_uids:
        run_job(current_app._get_current_object(), job_uid)  # type: ignore[attr-defined]


def _load_country(settings: Settings) -> None:
    album, processes = make_album(settings.seed, openings(settings.now, settings.rounds)), os.cpu_count() or 1
    base_url = current_app.config["BASE_URL"]
    Load(settings, read_provinces(), album, base_url, processes, click.echo).run()


@cli.command("accounts")
@click.option("--json", "as_json", is_flag=True, help="Dạng JSON, cho chương trình khác.")
@click.option("--most", default=100, show_default=True, help="Nhiều nhất bao nhiêu người mỗi vai trò.")
def accounts(as_json: bool, most: int) -> None:
    """In các tài khoản của demo và mật khẩu."""
    mark = queries.find_mark()
    if mark is None:
        raise click.ClickException("Cơ sở dữ liệu này không phải demo.")
    rows = [
        {"login": account.login, "password": mark.password, "role": account.role, "unit": account.unit}
        for account in queries.list_accounts(most)
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
