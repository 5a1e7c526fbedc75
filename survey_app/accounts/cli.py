"""Commands: the first administrator, activation codes for a unit, the reset of a second factor."""

import click
from flask import current_app
from flask.cli import AppGroup

from survey_app.accounts import codes, queries, second_factor, service
from survey_app.accounts.models import User
from survey_app.core.clock import now
from survey_app.core.db import unit_of_work
from survey_app.core.filters import write_deadline
from survey_app.organisations import queries as organisations
from survey_app.organisations import service as units
from survey_app.organisations.models import SCHOOL
from survey_app.rules.errors import RuleError
from survey_app.rules.permissions import ROLE_NAMES, Role

NEXT_STEPS = """
Tiếp theo:
  1. Mở địa chỉ trên, đặt mật khẩu.
  2. Đơn vị › Nhập từ Excel: danh sách trường.
  3. Bộ tiêu chí: xem lại, hoặc nhập bộ chính thức từ Excel.
  4. Tài khoản › Theo đơn vị: cán bộ, lãnh đạo của xã, phường; cấp mã cho thủ trưởng các trường.
  5. Đợt đánh giá: lập đợt, chọn trường, mở đợt.
Trang chủ của quản trị nhắc việc đang chờ."""

cli = AppGroup("accounts", help="Tài khoản: quản trị đầu tiên, mã kích hoạt, xác nhận hai bước.")


@cli.command("create-admin")
@click.option("--login", prompt="Tên đăng nhập", help="Chữ không dấu, số, dấu chấm.")
@click.option("--name", prompt="Họ và tên")
@click.option("--department", default="92", show_default=True, help="Mã của Sở.")
def create_admin(login: str, name: str, department: str) -> None:
    """Tạo tài khoản quản trị của Sở và in mã kích hoạt; tài khoản đã có thì chỉ cấp mã mới."""
    try:
        with unit_of_work():
            user = _administrator(login, name, department)
            _print_code(user)
            click.echo(NEXT_STEPS)
    except RuleError as error:
        raise click.ClickException(str(error)) from error


def _administrator(login: str, name: str, department: str) -> User:
    home, at = units.the_department(department), now()
    user = queries.user_by_login(login) or service.create_user(login, name, actor=None, now=at)
    if not user.name.strip():  # made before a name was asked for
        service.change_details(user, name=name, phone=user.phone, actor=None, now=at)
    elif name.strip() and name.strip() != user.name:
        click.echo(f"Tài khoản {user.login} đã có, mang tên {user.name}; giữ nguyên tên này.")
    if not queries.has_role(user.id, home.id, Role.DEPARTMENT_ADMIN):
        service.add_membership(user, home, Role.DEPARTMENT_ADMIN, actor=None, now=at)
    return user


@cli.command("activation-codes")
@click.option("--unit", "unit_code", required=True, help="Mã đơn vị.")
def activation_codes(unit_code: str) -> None:
    """Cấp mã cho mọi tài khoản chưa kích hoạt của đơn vị; trường chưa có tài khoản thì tạo."""
    try:
        with unit_of_work():
            unit = organisations.unit_by_code(unit_code)
            if unit is None:
                raise click.ClickException(f"Không có đơn vị nào mang mã {unit_code}.")
            if unit.kind == SCHOOL:
                service.ensure_head(unit, actor=None, now=now())
            waiting = [person for person in queries.people_of(unit.id) if not person.activated]
            for person in waiting:
                click.echo(f"{unit.name} – {ROLE_NAMES[person.role]}: {person.name}")
                _print_code(queries.get_user(person.user_id))
            if not waiting:
                click.echo("Mọi tài khoản của đơn vị đã kích hoạt.")
    except RuleError as error:
        raise click.ClickException(str(error)) from error


@cli.command("reset-second-factor")
@click.argument("login")
def reset_second_factor(login: str) -> None:
    """Đặt lại xác nhận hai bước của tài khoản LOGIN và đăng xuất tài khoản đó khỏi mọi thiết bị."""
    try:
        with unit_of_work():
            user = queries.user_by_login(login)
            if user is None:
                raise click.ClickException(f"Không có tài khoản nào có tên đăng nhập {login}.")
            second_factor.reset(user, actor=None, now=now())
            click.echo(f"Đã đặt lại xác nhận hai bước của {user.name} ({user.login}).")
            click.echo("Lần đăng nhập sau chỉ hỏi mật khẩu; vai trò bắt buộc thì phải thiết lập lại ngay.")
    except RuleError as error:
        raise click.ClickException(str(error)) from error


def _print_code(user: User) -> None:
    code = codes.draw()
    row = codes.issue(user, code, actor=None, now=now())
    click.echo(f"  Tên đăng nhập: {user.login}")
    click.echo(f"  Mã kích hoạt:  {code} (dùng một lần, đến {write_deadline(row.expires_at)})")
    click.echo(f"  Mở:            {current_app.config['BASE_URL']}/account/activate#{code}")
