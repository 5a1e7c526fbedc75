"""Many people from Excel: the template names the vacant roles, faults come all at once, codes come once."""

import io
from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from survey_app.accounts.models import Membership, User
from survey_app.core.db import session
from survey_app.invitations import people_list
from survey_app.invitations.people_columns import COLUMNS
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import Role
from tests.accounts.conftest import Browser, Tree

PLACE = "/accounts/people-list"
HEADINGS = [column.heading for column in COLUMNS]


@pytest.fixture
def admin(browser: Browser, person: Any, tree: Tree) -> Browser:
    person("quantri", Role.DEPARTMENT_ADMIN, tree.department)
    browser.sign_in("quantri")
    browser.get(PLACE)
    return browser


@pytest.fixture
def code(app: Flask, tree: Tree) -> dict[str, str]:
    """Codes of the units by their name in the tree."""
    with app.app_context():
        found = dict(session.execute(select(OrganisationUnit.id, OrganisationUnit.code)).all())
    return {name: found[getattr(tree, name)] for name in ("department", "commune", "school")}


def csv_of(rows: Iterable[dict[str, str]], headings: Iterable[str] = HEADINGS) -> bytes:
    fields = [column.field for column in COLUMNS]
    lines = [";".join(headings), *(";".join(row.get(field, "") for field in fields) for row in rows)]
    return "\n".join(lines).encode()


def hand_in(browser: Browser, content: bytes, name: str = "ds.csv") -> Any:
    return browser.post(PLACE, {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def sheet(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def people(app: Flask) -> int:
    with app.app_context():
        return session.scalar(select(func.count()).select_from(User)) or 0


def test_the_template_has_a_row_for_each_vacant_role(admin: Browser, code: dict[str, str]) -> None:
    rows = sheet(admin.get(PLACE + "/template.xlsx").data)
    assert rows[0][: len(HEADINGS)] == HEADINGS
    assert [code["commune"], "Cán bộ kiểm tra"] in [[row[0], row[2]] for row in rows]
    assert [code["commune"], "Lãnh đạo"] in [[row[0], row[2]] for row in rows]


def test_a_list_becomes_accounts_roles_and_codes_in_one_file(
    admin: Browser, new_browser: Any, app: Flask, code: dict[str, str]
) -> None:
    before = people(app)
    rows = [
        {"code": code["commune"], "role": "Lãnh đạo", "name": "Nguyễn Văn An", "position": "Chủ tịch"},
        {
            "code": code["commune"],
            "role": "cán bộ kiểm tra",
            "name": "Nguyễn Văn An",
            "phone": "0292 000 0100",
        },
        {"code": code["commune"], "role": "Cán bộ kiểm tra"},
    ]
    check = hand_in(admin, csv_of(rows)).location
    page = admin.get(check).get_data(as_text=True)
    login = f"annv.{code['commune'].lower()}"
    assert "Tạo 2 tài khoản và tải mã" in page and login in page and people(app) == before
    answer = admin.post(check)
    made = [row for row in sheet(answer.data) if "Nguyễn Văn An" in row]
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert [row[5] for row in made] == [login, f"annv2.{code['commune'].lower()}"]
    assert people(app) == before + 2
    with app.app_context():
        roles = session.scalars(select(Membership.role).join(User).where(User.name == "Nguyễn Văn An")).all()
        assert sorted(roles) == ["commune_leader", "commune_officer"]
    newcomer = new_browser()
    newcomer.get("/account/activate")
    fields = {"code": made[0][6], "password": "Mật khẩu rất dài 2027", "phone": "0292 000 0101"}
    assert newcomer.post("/account/activate", fields).status_code == 302


def test_a_second_press_makes_nobody_twice(admin: Browser, app: Flask, code: dict[str, str]) -> None:
    content = csv_of([{"code": code["commune"], "role": "Lãnh đạo", "name": "Lê Thị Mẫu"}])
    check = hand_in(admin, content).location
    assert admin.post(check).status_code == 200
    made = people(app)
    assert admin.post(check).status_code == 409 and people(app) == made
    assert "Không còn ai mới" in admin.get(check).get_data(as_text=True)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"code": "KHONG-CO"}, "Không có đơn vị mang mã này"),
        ({"role": "Bí thư"}, "Chưa rõ vai trò"),
        ({"code": "department", "role": "Quản trị"}, "không được giao vai trò đó"),
        ({"code": "school", "role": "Thủ trưởng"}, "Đơn vị đã có thủ trưởng."),
        ({"phone": "gọi sau"}, "Số điện thoại gồm 8 đến 15 chữ số."),
        ({"email": "khong-phai"}, "Thư điện tử chưa đúng"),
        ({"login": "quantri"}, "Tên đăng nhập này đã có người dùng."),
        ({"login": "có dấu"}, "Tên đăng nhập gồm"),
        ({"name": "x" * 121}, "Nội dung dài quá"),
    ],
)
def test_a_fault_is_named_and_nobody_is_made(
    admin: Browser,
    person: Any,
    tree: Tree,
    app: Flask,
    code: dict[str, str],
    row: dict[str, str],
    sentence: str,
) -> None:
    person("truong", Role.UNIT_HEAD, tree.school)
    before = people(app)
    good = {"code": code["commune"], "role": "Lãnh đạo", "name": "Lê Thị Mẫu"}
    row = row | ({"code": code[row["code"]]} if row.get("code") in code else {})
    check = hand_in(admin, csv_of([good, good | {"name": "Trần Văn Mẫu"} | row])).location
    page = admin.get(check).get_data(as_text=True)
    assert sentence in page and "Tạo" not in page.partition("<form")[2].partition("</form>")[0]
    assert admin.post(check).status_code == 409 and people(app) == before


def test_a_file_that_is_no_list_says_what_to_do(admin: Browser) -> None:
    assert "Thiếu cột: Vai trò, Họ và tên" in hand_in(admin, "Mã đơn vị\n1\n".encode()).get_data(as_text=True)
    assert hand_in(admin, b"%PDF-1.7", "ds.pdf").status_code == 422
    many = csv_of([{"code": "1", "role": "Lãnh đạo", "name": "A"}] * (people_list.MOST + 1))
    assert "hơn 500 dòng" in hand_in(admin, many).get_data(as_text=True)
    assert admin.get(f"{PLACE}/{'0' * 64}.csv").status_code == 404
    assert admin.get(f"{PLACE}/zz.csv").status_code == 404


def test_an_officer_reaches_only_units_of_the_commune(
    browser: Browser, person: Any, tree: Tree, code: dict[str, str]
) -> None:
    person("canbo", Role.COMMUNE_OFFICER, tree.commune)
    browser.sign_in("canbo")
    browser.get(PLACE)
    rows = [
        {"code": code["department"], "role": "Người xem", "name": "Lê Thị Mẫu"},
        {"code": code["commune"], "role": "Lãnh đạo", "name": "Lê Thị Mẫu"},
        {"code": code["school"], "role": "Thành viên", "name": "Lê Thị Mẫu"},
    ]
    page = browser.get(hand_in(browser, csv_of(rows)).location).get_data(as_text=True)
    assert "Không có đơn vị mang mã này trong phạm vi quản lý." in page
    assert "không được giao vai trò đó" in page and page.count("Lê Thị Mẫu") == 1
