"""A unit is renamed, ended, merged into another: what it was called still leads to what goes on."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.core.audit import AuditEvent
from survey_app.core.db import session, unit_of_work
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import Role
from tests.conftest import Seat
from tests.factories.organisations import make_commune, make_department, make_school

FACTS = {"name": "THCS Mẫu Một", "address": "", "contact_name": "", "contact_phone": "", "contact_email": ""}
END = {"on": "01/07/2027", "document": "Quyết định 12/QĐ-UBND", "successor": ""}


class Town:
    """Two schools of one ward, one of another department, and the administrator."""

    def __init__(self, client: FlaskClient, seat: Seat) -> None:
        department = make_department()
        ward = make_commune(department, name="Phường Mẫu")
        one, two = (make_school(ward, name=name) for name in ("THCS Mẫu Một", "THCS Mẫu Hai"))
        far = make_school(make_commune(make_department()), name="THCS Xa")
        self.client = client
        self.uids = {"one": one.uid, "two": two.uid, "far": far.uid, "ward": ward.uid, "root": department.uid}
        self.codes = {"one": one.code, "two": two.code, "far": far.code, "ward": ward.code}
        seat.take(Role.DEPARTMENT_ADMIN, department)

    def get(self, place: str, status: int = 200) -> str:
        answer = self.client.get("/organisations" + place.format(**self.uids))
        assert answer.status_code == status
        return answer.get_data(as_text=True)

    def post(self, place: str, status: int = 302, **fields: str) -> str:
        answer = self.client.post("/organisations" + place.format(**self.uids), data=fields)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_data(as_text=True)


@pytest.fixture
def town(app: Flask, client: FlaskClient, seat: Seat) -> Town:
    with app.app_context(), unit_of_work():
        return Town(client, seat)


def test_the_department_itself_is_not_ended(town: Town) -> None:
    assert "đơn vị gốc" in town.post("/{root}/end", 422, **END)
    assert "Đã kết thúc" not in town.get("/{root}")


def acts(app: Flask) -> list[str]:
    with app.app_context():
        where = AuditEvent.action.startswith("organisation.")
        return list(session.scalars(select(AuditEvent.action).where(where).order_by(AuditEvent.id)))


def test_a_renamed_school_is_found_by_both_names(town: Town, app: Flask) -> None:
    town.post("/{one}/edit", **FACTS | {"name": "THCS Mẫu Đổi Tên", "contact_phone": "0292 000 0100"})
    assert "THCS Mẫu Một" in town.get("/{one}") and "0292 000 0100" in town.get("/{one}")
    for words in ("mau doi ten", "mau mot"):
        assert "THCS Mẫu Đổi Tên" in town.get(f"?q={words.replace(' ', '+')}")
    assert acts(app) == ["organisation.change"]
    town.post("/{one}/edit", **FACTS | {"name": "THCS Mẫu Đổi Tên", "contact_phone": "0292 000 0100"})
    assert acts(app) == ["organisation.change"]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " ", "Hãy ghi tên đơn vị."),
        ("name", "x" * 256, "dài quá 255 ký tự"),
        ("name", "a\x00b", "ký tự không hợp lệ"),
        ("contact_phone", "gọi cô Lan", "Số điện thoại chưa đúng."),
        ("contact_email", "khong-phai-thu", "Địa chỉ thư điện tử chưa đúng."),
    ],
)
def test_a_bad_fact_is_named_and_nothing_changes(
    town: Town, app: Flask, field: str, value: str, sentence: str
) -> None:
    assert sentence in town.post("/{one}/edit", 422, **FACTS | {field: value})
    assert acts(app) == []


def test_a_merged_school_leads_to_the_one_that_goes_on(town: Town, app: Flask) -> None:
    town.post("/{one}/end", **END | {"successor": town.codes["two"].lower()})
    old, new = town.get("/{one}"), town.get("/{two}")
    assert "Kết thúc từ 01/07/2027" in old and "Được tiếp nối bởi: THCS Mẫu Hai" in old
    assert "Tiếp nối: THCS Mẫu Một" in new and town.codes["one"] in new and "12/QĐ-UBND" in new
    assert "THCS Mẫu Hai" in town.get("?q=mau+mot") and "THCS Mẫu Hai" in town.get(f"?q={town.codes['one']}")
    assert "đã kết thúc" in town.post("/{one}/end", 409, **END)
    assert acts(app) == ["organisation.end"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"on": ""}, "Hãy ghi ngày."),
        ({"on": "31/02/2027"}, "Ngày chưa đúng"),
        ({"on": "01/01/1990"}, "phải sau ngày đơn vị có hiệu lực"),
        ({"document": " "}, "Hãy ghi văn bản."),
        ({"successor": "KHONG-CO"}, "Không có đơn vị mang mã này."),
        ({"successor": "far"}, "Không có đơn vị mang mã này."),
        ({"successor": "ward"}, "Đơn vị tiếp nối phải cùng loại"),
        ({"successor": "one"}, "Đơn vị tiếp nối phải cùng loại"),
    ],
)
def test_a_bad_end_is_named_and_nothing_changes(
    town: Town, app: Flask, values: dict[str, str], sentence: str
) -> None:
    values = {name: town.codes.get(value, value) for name, value in values.items()}
    assert sentence in town.post("/{one}/end", 422, **END | values)
    assert acts(app) == []


def test_an_end_written_in_error_is_taken_back(town: Town, app: Flask) -> None:
    town.post("/{one}/end", **END)
    town.post("/{one}/restore")
    town.post("/{one}/restore", 409)
    with app.app_context():
        unit = session.scalar(select(OrganisationUnit).where(OrganisationUnit.uid == town.uids["one"]))
        assert unit is not None and unit.valid_to is None
    assert acts(app) == ["organisation.end", "organisation.restore"]


def test_only_the_departments_administrator_changes_units(town: Town, app: Flask, seat: Any) -> None:
    town.get("/{far}/edit", 404)
    town.post("/{far}/end", 404, **END)
    town.post("/{far}/restore", 404)
    with app.app_context(), unit_of_work():
        unit = session.scalar(select(OrganisationUnit).where(OrganisationUnit.uid == town.uids["one"]))
        assert unit is not None
        seat.take(Role.UNIT_HEAD, unit)
    town.post("/{one}/edit", 403, **FACTS)
    assert "Sửa thông tin" not in town.get("/{one}")
