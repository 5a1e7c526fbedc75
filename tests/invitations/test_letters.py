"""Codes for many schools: one answer with the file, nothing left behind; and the commands."""

import io
import re
import zipfile
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from survey_app.accounts import queries
from survey_app.accounts.models import ActivationCode, Membership, User
from survey_app.core import clock
from survey_app.core.db import unit_of_work
from survey_app.documents.pdf import pdf_available
from survey_app.invitations import packing, pdf
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import Role
from tests.accounts.conftest import Browser, Tree

CODE = re.compile(r"[2-9A-Z]{5}-[2-9A-Z]{5}")


@pytest.fixture
def officer(browser: Browser, person: Any, tree: Tree) -> Browser:
    """An officer of the commune with one school that it manages."""
    person("canbo", Role.COMMUNE_OFFICER, tree.commune)
    browser.sign_in("canbo")
    return browser


@pytest.fixture
def admin(browser: Browser, person: Any, tree: Tree) -> Browser:
    person("quantri", Role.DEPARTMENT_ADMIN, tree.department)
    browser.sign_in("quantri")
    return browser


def cells(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def rows_of(content: bytes) -> dict[str, list[Any]]:
    """Rows of the workbook that hold a code, by login."""
    rows = [row for row in cells(content) if any(CODE.fullmatch(str(cell)) for cell in row)]
    return {str(row[3]): row for row in rows}


def test_the_workbook_has_unit_ward_login_and_code(
    admin: Browser, new_browser: Any, tree: Tree, stored: Any
) -> None:
    admin.get("/accounts/codes")
    answer = admin.post("/accounts/codes", {"form": "xlsx"})
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].endswith(".xlsx")
    assert answer.headers["Cache-Control"] == "no-store"
    heads = [row for row in cells(answer.data) if "Mã kích hoạt" in row]
    assert heads[0][1:5] == ["Đơn vị", "Xã, phường", "Tên đăng nhập", "Mã kích hoạt"]
    rows = rows_of(answer.data)
    assert set(rows) == {"92000F01", "92000F02", "92000701"}
    assert rows["92000F01"][1] == "THCS Châu Văn Liêm" and rows["92000F01"][2].startswith("Phường Mẫu")
    head = new_browser()
    head.get("/account/activate")
    code = next(str(cell) for cell in rows["92000F01"] if CODE.fullmatch(str(cell)))
    data = {"code": code, "password": "Một câu rất riêng của tôi", "phone": "0900000000"}
    assert head.post("/account/activate", data).location == "/"
    codes = stored(lambda session: [row.code_hash for row in session.query(ActivationCode)])
    assert len(codes) == 3 and code.replace("-", "") not in "".join(codes)


def test_a_name_that_looks_like_a_formula_stays_text(admin: Browser, app: Flask, tree: Tree) -> None:
    with app.app_context(), unit_of_work() as session:
        session.get(OrganisationUnit, tree.school).name = "=1+1"
    admin.get("/accounts/codes")
    assert rows_of(admin.post("/accounts/codes", {"form": "xlsx"}).data)["92000F01"][1] == "=1+1"


def test_a_commune_gets_codes_of_the_schools_it_manages_only(officer: Browser) -> None:
    page = officer.get("/accounts/codes").get_data(as_text=True)
    assert "92000F01" in page and "92000F02" not in page and "92000701" not in page
    assert set(rows_of(officer.post("/accounts/codes", {"form": "xlsx"}).data)) == {"92000F01"}


def test_filters_narrow_and_an_activated_school_is_left_alone(
    admin: Browser, person: Any, tree: Tree, stored: Any
) -> None:
    person("92000F02", Role.UNIT_HEAD, tree.other_school)
    ward = stored(lambda session: session.get(OrganisationUnit, tree.commune).uid)
    admin.get("/accounts/codes")
    assert set(rows_of(admin.post("/accounts/codes", {"form": "xlsx", "ward": ward}).data)) == {
        "92000F01",
        "92000701",
    }
    assert set(rows_of(admin.post("/accounts/codes", {"form": "xlsx"}).data)) == {"92000F01", "92000701"}
    assert admin.post("/accounts/codes", {"form": "xlsx", "q": "binh thuy"}).status_code == 422


def test_issuing_again_makes_the_first_file_worthless(admin: Browser, new_browser: Any) -> None:
    admin.get("/accounts/codes")
    first = rows_of(admin.post("/accounts/codes", {"form": "xlsx"}).data)["92000F01"]
    admin.post("/accounts/codes", {"form": "xlsx"})
    head = new_browser()
    head.get("/account/activate")
    code = next(str(cell) for cell in first if CODE.fullmatch(str(cell)))
    data = {"code": code, "password": "Một câu rất riêng của tôi", "phone": "0900000000"}
    assert head.post("/account/activate", data).status_code == 422


def test_an_account_changed_while_the_file_was_made_spoils_the_whole_file(
    admin: Browser, stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = packing.pack

    def meanwhile(*given: Any) -> bytes:
        with unit_of_work() as session:
            unit = session.query(OrganisationUnit).filter_by(code="92000F02").one()
            user = User(login="truoc", name="Trước", fs_uniquifier="u", password="x", created_at=clock.now())
            session.add(user)
            session.flush()
            session.add(Membership(user_id=user.id, unit_id=unit.id, role="unit_head", starts_at=clock.now()))
        return real(*given)

    monkeypatch.setattr(packing, "pack", meanwhile)
    admin.get("/accounts/codes")
    assert admin.post("/accounts/codes", {"form": "xlsx"}).status_code == 409
    assert stored(lambda session: session.query(ActivationCode).count()) == 0
    assert stored(lambda session: session.query(User).filter_by(login="92000F01").count()) == 0


def test_rubbish_for_a_file_kind_is_refused(admin: Browser, stored: Any) -> None:
    admin.get("/accounts/codes")
    answer = admin.post("/accounts/codes", {"form": "docm"})
    assert answer.status_code == 422 and "Lựa chọn không hợp lệ" in answer.get_data(as_text=True)
    assert stored(lambda session: session.query(ActivationCode).count()) == 0


def test_a_head_hands_out_no_codes_for_schools(browser: Browser, person: Any) -> None:
    person("92000F01")
    browser.sign_in("92000F01")
    assert browser.get("/accounts/codes").status_code == 403
    assert browser.post("/accounts/codes", {"form": "xlsx"}).status_code == 403


@pytest.mark.skipif(not pdf_available(), reason="Pango is not installed")
def test_letters_carry_login_code_and_qr(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    real = pdf.qr_svg
    monkeypatch.setattr(pdf, "qr_svg", lambda text, **more: drawn.append(text) or real(text, **more))
    admin.get("/accounts/codes")
    answer = admin.post("/accounts/codes", {"form": "zip"})
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        papers = [name for name in archive.namelist() if name.endswith(".pdf")]
        assert [name[:4] for name in papers] == ["001-", "002-"]  # a PDF for each ward
        letters = [archive.read(name) for name in papers]
        rows = rows_of(archive.read("danh-sach-ma-kich-hoat.xlsx"))
    text = "\n".join(map(text_of, letters))
    for login, row in rows.items():
        code = next(str(cell) for cell in row if CODE.fullmatch(str(cell)))
        assert login in text and code in text
        assert f"http://localhost/account/activate#{code}" in drawn
    assert "PHIẾU CẤP TÀI KHOẢN" in text and "THCS Bình Thuỷ" in text


@pytest.mark.skipif(not pdf_available(), reason="Pango is not installed")
def test_each_ward_begins_with_a_sheet_to_sign_that_holds_no_code(admin: Browser, stored: Any) -> None:
    admin.get("/accounts/codes")
    answer = admin.post("/accounts/codes", {"form": "pdf"})
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(answer.data)]
    assert len(pages) == 4  # two wards: a sheet and a page of letters each
    for sheet, letters, count in ((pages[0], pages[1], 2), (pages[2], pages[3], 1)):
        assert "PHIẾU GIAO NHẬN" in sheet and f"{count} trường" in sheet and not CODE.search(sheet)
        for head in ("STT", "Tên trường", "Mã", "Ngày nhận", "Ký nhận", "NGƯỜI GIAO PHIẾU"):
            assert head in sheet
        assert len(CODE.findall(letters)) == count
    one_ward = pages[0] if "THCS Bình Thuỷ" in pages[0] else pages[2]
    assert "92000F02" in one_ward and "92000F01" not in one_ward


def text_of(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_bounded() for page in pages)


def test_the_first_administrator_is_made_by_a_command(app: Flask, tree: Tree, browser: Browser) -> None:
    run = app.test_cli_runner().invoke
    done = run(args=["accounts", "create-admin", "--login", "quan.tri", "--name", "Võ Thị Quản Trị"])
    code = CODE.search(done.output)
    assert done.exit_code == 0 and code and "quan.tri" in done.output
    browser.get("/account/activate")
    data = {"code": code.group(), "password": "Một câu rất riêng của tôi", "phone": "0900000000"}
    assert browser.post("/account/activate", data).location == "/"
    assert browser.get("/accounts/units").status_code == 200
    again = run(args=["accounts", "create-admin", "--login", "quan.tri", "--name", "Võ Thị Quản Trị"])
    assert again.exit_code == 0 and CODE.search(again.output)
    with app.app_context():
        assert len(queries.people_of(tree.department)) == 1


def test_the_commands_say_what_is_wrong(app: Flask, tree: Tree) -> None:
    run = app.test_cli_runner().invoke
    wrong = run(args=["accounts", "create-admin", "--login", "có dấu", "--name", "A"])
    assert wrong.exit_code == 1 and "chữ cái không dấu" in wrong.output
    missing = run(args=["accounts", "create-admin", "--login", "abc", "--name", "A", "--department", "00"])
    assert missing.exit_code == 1 and "mang mã 00; mã đang có: 92" in missing.output
    nameless = run(args=["accounts", "create-admin", "--login", "abc", "--name", " "])
    assert nameless.exit_code == 1 and "Hãy ghi họ và tên" in nameless.output
    nowhere = run(args=["accounts", "activation-codes", "--unit", "99"])
    assert nowhere.exit_code == 1 and "Không có đơn vị" in nowhere.output


def test_an_administrator_without_a_name_gets_one_from_the_next_run(
    app: Flask, tree: Tree, stored: Any
) -> None:
    run = app.test_cli_runner().invoke
    assert run(args=["accounts", "create-admin", "--login", "quan.tri", "--name", "Tên"]).exit_code == 0
    with app.app_context(), unit_of_work():
        queries.user_by_login("quan.tri").name = ""  # as it could be made before
    run(args=["accounts", "create-admin", "--login", "quan.tri", "--name", "Võ Thị Quản Trị"])
    other = run(args=["accounts", "create-admin", "--login", "quan.tri", "--name", "Tên khác"])
    assert "giữ nguyên tên này" in other.output
    assert stored(lambda session: queries.user_by_login("quan.tri").name) == "Võ Thị Quản Trị"


def test_codes_of_one_unit_come_from_the_command_line(app: Flask, tree: Tree) -> None:
    run = app.test_cli_runner().invoke
    done = run(args=["accounts", "activation-codes", "--unit", "92000F01"])
    assert done.exit_code == 0 and "92000F01" in done.output and len(CODE.findall(done.output)) == 2
    with app.app_context():
        head = queries.head_of(tree.school)
        assert head is not None and not head.activated
    nobody = run(args=["accounts", "activation-codes", "--unit", "31168"])
    assert nobody.exit_code == 0 and "đã kích hoạt" in nobody.output
