"""A school that is not on the list: asked by anybody, seen by ward and department, ended by the latter."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from survey_app.core import clock
from survey_app.core.db import session, unit_of_work
from survey_app.invitations import tidying
from survey_app.invitations.models import UnitRequest
from survey_app.organisations.models import OrganisationUnit, UnitStage
from survey_app.organisations.queries import open_sites
from survey_app.rules.permissions import Role
from tests.accounts.conftest import Browser, Tree
from tests.factories.organisations import make_school

WISH = {
    "name": "THCS Hướng Dương",
    "asker": "Nguyễn Thị Hỏi",
    "phone": "0292 000 0999",
    "email": "Hoi@Truong.edu.vn",
    "note": "Trường mới thành lập.\nXin cấp tài khoản.",
}


def ask(browser: Browser, place: str, **values: str) -> Any:
    browser.get("/school-requests/new")
    return browser.post("/school-requests/new", WISH | {"ward": place} | values)


@pytest.fixture
def ward(tree: Tree, unit_uid: Any) -> str:
    return str(unit_uid(tree.commune))


@pytest.fixture
def asked(new_browser: Any, ward: str, stored: Any) -> str:
    """A request of the tree's first ward; its address."""
    assert ask(new_browser("10.9.9.9"), ward).location == "/school-requests/asked"
    return "/school-requests/" + str(stored(lambda session: session.query(UnitRequest).one().uid))


def request_of(stored: Any) -> UnitRequest:
    return stored(lambda session: session.query(UnitRequest).one())


def test_anybody_may_ask_from_the_pages_one_comes_in_by(browser: Browser, ward: str, stored: Any) -> None:
    for path in ("/account/login", "/account/activate"):
        assert 'href="/school-requests/new"' in browser.get(path).get_data(as_text=True)
    answer = ask(browser, ward, code="92000f99")
    assert answer.location == "/school-requests/asked"
    assert "Đã nhận đề nghị" in browser.get(answer.location).get_data(as_text=True)
    row = request_of(stored)
    assert (row.name, row.code, row.asker_email) == ("THCS Hướng Dương", "92000F99", "hoi@truong.edu.vn")
    assert (row.state, row.note) == ("new", "Trường mới thành lập.\nXin cấp tài khoản.")


def test_the_answer_does_not_say_whether_we_know_the_school(browser: Browser, ward: str) -> None:
    pages = set()
    for name in ("THCS Châu Văn Liêm", "THCS Không Có Thật"):
        answer = ask(browser, ward, name=name)
        pages.add((answer.location, browser.get(answer.location).get_data(as_text=True)))
    assert len(pages) == 1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": ""}, "Hãy ghi tên trường"),
        ({"name": "ab"}, "từ 3 đến 255"),
        ({"name": "x" * 256}, "từ 3 đến 255"),
        ({"name": "A\x00B"}, "ký tự không hợp lệ"),
        ({"ward": ""}, "Hãy chọn xã, phường"),
        ({"ward": "0" * 32}, "Lựa chọn không hợp lệ"),
        ({"asker": ""}, "Hãy nhập họ và tên"),
        ({"phone": "", "email": ""}, "Hãy ghi điện thoại hoặc thư điện tử"),
        ({"phone": "gọi cho tôi"}, "8 đến 15 chữ số"),
        ({"email": "x@y\r\nBcc: z"}, "Thư điện tử chưa đúng"),
        ({"note": "x" * 1001}, "dài quá 1000"),
        ({"code": "9" * 33}, "dài quá 32"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_noted(
    browser: Browser, ward: str, stored: Any, values: dict[str, str], sentence: str
) -> None:
    answer = ask(browser, ward, **values)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    assert stored(lambda session: session.query(UnitRequest).count()) == 0


def test_names_are_stored_in_one_form(browser: Browser, ward: str, stored: Any) -> None:
    import unicodedata

    ask(browser, ward, name=unicodedata.normalize("NFD", "  THCS   Hướng Dương "), state="done", unit_id="1")
    assert request_of(stored).name == "THCS Hướng Dương" and request_of(stored).state == "new"


def test_a_post_without_the_token_is_refused(browser: Browser, ward: str, stored: Any) -> None:
    answer = browser.client.post("/school-requests/new", data=WISH | {"ward": ward})
    assert answer.status_code == 400 and stored(lambda session: session.query(UnitRequest).count()) == 0


def test_one_address_asks_five_times_an_hour(browser: Browser, new_browser: Any, ward: str) -> None:
    assert [ask(browser, ward).status_code for _ in range(6)] == [302] * 5 + [429]
    assert ask(new_browser("10.0.0.77"), ward).status_code == 302


@pytest.mark.parametrize(
    ("role", "place", "status"),
    [
        (Role.COMMUNE_OFFICER, "commune", 200),
        (Role.COMMUNE_LEADER, "commune", 200),
        (Role.DEPARTMENT_ADMIN, "department", 200),
        (Role.DEPARTMENT_LEADER, "department", 200),
        (Role.COMMUNE_OFFICER, "other_commune", 404),
        (Role.DEPARTMENT_OFFICER, "department", 403),
        (Role.VIEWER, "department", 403),
        (Role.UNIT_HEAD, "school", 403),
    ],
)
def test_the_wards_officers_and_the_department_see_it(
    seated: Any, tree: Tree, asked: str, role: Role, place: str, status: int
) -> None:
    browser = seated(role, getattr(tree, place))
    assert browser.get(asked).status_code == status
    listed = browser.get("/school-requests")
    assert listed.status_code == (403 if status == 403 else 200)
    assert ("Hướng Dương" in listed.get_data(as_text=True)) == (status == 200)
    home = browser.get("/").get_data(as_text=True)
    assert ("Đề nghị thêm trường chờ xử lý: 1" in home) == (status == 200)
    if role is not Role.DEPARTMENT_ADMIN:
        for act in ("refuse", "link", "create"):
            assert browser.post(f"{asked}/{act}", {"reason": "Không"}).status_code in (403, 404)


@pytest.fixture
def admin(seated: Any, tree: Tree, asked: str) -> Browser:
    browser: Browser = seated(Role.DEPARTMENT_ADMIN, tree.department)
    browser.get(asked)
    return browser


def test_the_administrator_makes_a_unit_of_it(
    admin: Browser, app: Flask, asked: str, ward: str, stored: Any, tree: Tree, acts: Any
) -> None:
    page = admin.get(f"{asked}/create").get_data(as_text=True)
    assert 'value="THCS Hướng Dương"' in page and f'<option selected value="{ward}">' in page
    data = {"code": "92000f88", "name": "THCS Hướng Dương", "stages": ["thcs"], "ward": ward}
    data |= {"unit_type": "truong", "ownership": "cong_lap", "address": "Số 1"}
    answer = admin.post(f"{asked}/create", data)
    assert answer.status_code == 302 and answer.location.startswith("/accounts/units/")
    with app.app_context():
        unit = session.query(OrganisationUnit).filter_by(code="92000F88").one()
        assert (unit.parent_id, unit.managing_authority_id) == (tree.commune, tree.commune)
        assert [row.stage for row in session.query(UnitStage).filter_by(unit_id=unit.id)] == ["thcs"]
        assert len(open_sites(unit.id)) == 1
    row = request_of(stored)
    assert (row.state, row.unit_id) == ("done", unit.id)
    assert {("organisation.create", "done"), ("unit_request.close", "done")} <= set(acts())
    assert admin.post(f"{asked}/create", data | {"code": "92000F89"}).status_code == 409
    assert stored(lambda session: session.query(OrganisationUnit).filter_by(code="92000F89").count()) == 0


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"code": "92000F01"}, "đã thuộc về THCS Châu Văn Liêm"),
        ({"code": "123"}, "chỉ có 3 chữ số"),
        ({"code": "có dấu"}, "chữ cái không dấu"),
        ({"stages": []}, "Hãy chọn ít nhất một cấp học"),
        ({"name": ""}, "Hãy ghi tên trường"),
        ({"unit_type": "king"}, "Lựa chọn không hợp lệ"),
    ],
)
def test_a_bad_unit_is_named_and_the_request_stays_open(
    admin: Browser, asked: str, ward: str, stored: Any, values: dict[str, Any], sentence: str
) -> None:
    data = {"code": "92000F88", "name": "THCS Hướng Dương", "stages": ["thcs"], "ward": ward}
    data |= {"unit_type": "truong", "ownership": "cong_lap", "address": ""}
    answer = admin.post(f"{asked}/create", data | values)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    assert request_of(stored).state == "new"


def test_schools_that_may_be_meant_are_suggested_and_one_is_chosen(
    admin: Browser, app: Flask, asked: str, stored: Any, tree: Tree, new_browser: Any, ward: str
) -> None:
    with app.app_context(), unit_of_work():
        here, there = (
            session.get_one(OrganisationUnit, unit_id) for unit_id in (tree.commune, tree.other_commune)
        )
        meant = make_school(here, name="Trường THCS Huớng Dương", code="92000F55").uid
        make_school(there, name="Tiểu học Hướng Dương")
        make_school(here, name="THCS Hoa Sen")
        foreign = make_school(name="THCS Hướng Dương Xa Lạ").uid
    page = admin.get(asked).get_data(as_text=True)
    assert page.index("Huớng Dương") < page.index("Tiểu học Hướng Dương") and "Cùng xã, phường" in page
    assert "Hoa Sen" not in page and "Xa Lạ" not in page
    for unit in (foreign, "0" * 32):
        assert admin.post(f"{asked}/link", {"unit": unit}).status_code == 404
    assert admin.post(f"{asked}/link", {"unit": meant}).location == f"/accounts/units/{meant}"
    assert request_of(stored).state == "done"
    assert admin.post(f"{asked}/link", {"unit": meant}).status_code == 409
    assert "92000F55" in admin.get(asked).get_data(as_text=True)


def test_a_known_code_is_suggested_whatever_the_name(
    admin: Browser, new_browser: Any, ward: str, stored: Any
) -> None:
    ask(new_browser("10.3.3.3"), ward, name="Tên lạ hẳn", code="92000f02")
    uid = stored(lambda session: session.query(UnitRequest).filter_by(code="92000F02").one().uid)
    assert "THCS Bình Thuỷ" in admin.get(f"/school-requests/{uid}").get_data(as_text=True)


def test_it_is_refused_with_a_reason(admin: Browser, asked: str, stored: Any) -> None:
    assert admin.post(f"{asked}/refuse", {"reason": " "}).status_code == 422
    assert admin.post(f"{asked}/refuse", {"reason": "Trường thuộc tỉnh khác."}).status_code == 302
    row = request_of(stored)
    assert (row.state, row.reason) == ("refused", "Trường thuộc tỉnh khác.")
    assert "Trường thuộc tỉnh khác." in admin.get(asked).get_data(as_text=True)
    assert "Hướng Dương" not in admin.get("/school-requests").get_data(as_text=True)
    assert "Hướng Dương" in admin.get("/school-requests?state=refused").get_data(as_text=True)
    assert admin.post(f"{asked}/refuse", {"reason": "Lần nữa nhé"}).status_code == 409


def test_what_askers_said_of_themselves_goes_ninety_days_after_closing(
    admin: Browser, app: Flask, asked: str, stored: Any, ward: str, new_browser: Any
) -> None:
    ask(new_browser("10.4.4.4"), ward, name="THCS Còn Mở")
    admin.post(f"{asked}/refuse", {"reason": "Trường thuộc tỉnh khác."})
    with app.app_context():
        assert tidying.tidy(clock.now() + timedelta(days=89))[1] == 0
        assert tidying.tidy(clock.now() + timedelta(days=90, minutes=1))[1] == 1
        assert tidying.tidy(clock.now() + timedelta(days=91))[1] == 0
        rows = {row.name: row for row in session.query(UnitRequest)}
    gone, still = rows["THCS Hướng Dương"], rows["THCS Còn Mở"]
    assert (gone.asker_name, gone.asker_phone, gone.asker_email, gone.note) == ("", "", "", "")
    assert gone.reason and still.asker_name == "Nguyễn Thị Hỏi"
    assert "Đã xóa sau 90 ngày" in admin.get(asked).get_data(as_text=True)
    output = app.test_cli_runner().invoke(args=["invitations", "tidy"]).output
    assert "Đã xóa 0 tệp; đã xóa thông tin của 0 người đề nghị." in output
