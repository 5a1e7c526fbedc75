"""The columns of a list of people, and how a role is written in it."""

import re
from dataclasses import dataclass

from survey_app.core.vietnamese import fold
from survey_app.organisations.models import COMMUNE, DEPARTMENT, SCHOOL
from survey_app.rules.errors import N_
from survey_app.rules.permissions import Role

TOO_LONG = N_("Nội dung dài quá. Hãy rút gọn.")


@dataclass(frozen=True)
class Column:
    """One column: field, heading, other headings understood (folded), limits, what it means."""

    field: str
    heading: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    longest: int = 120
    shape: re.Pattern[str] | None = None
    wrong: str = TOO_LONG
    note: str = ""

    def headings(self) -> tuple[str, ...]:
        """Every heading under which the column is found, folded."""
        return (fold(self.heading), *self.aliases)


COLUMNS: tuple[Column, ...] = (
    Column(
        "code", "Mã đơn vị", ("ma", "ma xa", "ma truong"), True, 32, note=N_("Mã xã, phường hoặc mã trường.")
    ),
    Column("unit", "Tên đơn vị", ("don vi",), note=N_("Để tiện đọc; hệ thống theo mã."), longest=255),
    Column("role", "Vai trò", (), True, 60, note=N_("Lãnh đạo hoặc Cán bộ kiểm tra; ở trường: Thành viên.")),
    Column("name", "Họ và tên", ("ho ten",), True, 120),
    Column("position", "Chức vụ", ("chuc danh",)),
    Column(
        "phone",
        "Điện thoại công việc",
        ("dien thoai", "so dien thoai"),
        longest=20,
        shape=re.compile(r"\+?[0-9][0-9 .-]{7,18}\Z"),
        wrong=N_("Số điện thoại gồm 8 đến 15 chữ số."),
    ),
    Column(
        "email",
        "Thư điện tử",
        ("email", "e mail"),
        longest=254,
        shape=re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z"),
        wrong=N_("Thư điện tử chưa đúng, ví dụ: ten@truong.edu.vn."),
    ),
    Column(
        "login",
        "Tên đăng nhập",
        (),
        longest=64,
        shape=re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,63}\Z"),
        wrong=N_(
            "Tên đăng nhập gồm 3 đến 64 chữ cái không dấu, chữ số, dấu chấm, gạch ngang hoặc gạch dưới."
        ),
        note=N_("Để trống thì hệ thống đặt, ví dụ annv.31135."),
    ),
)
BY_FIELD = {column.field: column for column in COLUMNS}

# How a role is written, by kind of unit; the words begin so, without marks and case.
ROLE_WORDS: dict[str, tuple[tuple[str, Role], ...]] = {
    SCHOOL: (
        ("thanh vien", Role.UNIT_MEMBER),
        ("thu truong", Role.UNIT_HEAD),
        ("hieu truong", Role.UNIT_HEAD),
        ("giam doc", Role.UNIT_HEAD),
    ),
    COMMUNE: (("lanh dao", Role.COMMUNE_LEADER), ("can bo", Role.COMMUNE_OFFICER)),
    DEPARTMENT: (
        ("lanh dao", Role.DEPARTMENT_LEADER),
        ("can bo", Role.DEPARTMENT_OFFICER),
        ("quan tri", Role.DEPARTMENT_ADMIN),
        ("nguoi xem", Role.VIEWER),
    ),
}
WRITTEN = {Role.COMMUNE_LEADER: "Lãnh đạo", Role.COMMUNE_OFFICER: "Cán bộ kiểm tra"}


def read_role(text: str, kind: str) -> Role | None:
    """The role that words mean at a kind of unit, None for others."""
    said = fold(text)
    return next((role for words, role in ROLE_WORDS[kind] if said.startswith(words)), None)
