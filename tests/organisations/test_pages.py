"""The pages of the room over HTTP."""

import io
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.core.access import Actor
from survey_app.core.db import unit_of_work
from survey_app.core.edge import set_actor_loader
from survey_app.organisations import service
from survey_app.organisations.models import OrganisationUnit
from survey_app.organisations.queries import unit_by_code
from survey_app.rules.permissions import Role
from tests.factories.organisations import make_school

DATA = Path(__file__).parents[1] / "data"


class Seats:
    """Who the next request comes from."""

    def __init__(self) -> None:
        self.actor: Actor | None = None

    def sit(self, role: Role, unit: OrganisationUnit, department_id: int) -> None:
        self.actor = Actor(1, 1, role, unit.id, unit.kind, department_id, unit.name, "Người Thử", 1)


@pytest.fixture
def seats(app: Flask, now: datetime) -> Seats:
    """A tree with one school, and a seat for the administrator of its department."""
    app.config["WTF_CSRF_ENABLED"] = False
    seats = Seats()
    set_actor_loader(app, lambda: seats.actor)
    with app.app_context(), unit_of_work():
        service.load_communes(now=now)
        department, ward = service.the_department(), unit_by_code("31168")
        assert ward is not None
        make_school(
            ward,
            code="92000111",
            name="THCS Mẫu <b>Đậm</b>",
            sites=2,
            search_text="thcs mau dam phuong binh thuy",
        )
        seats.sit(Role.DEPARTMENT_ADMIN, department, department.id)
    return seats


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def upload(client: FlaskClient, name: str, content: bytes) -> Any:
    return client.post("/organisations/import", data={"file": (io.BytesIO(content), name)})


def test_the_list_shows_the_ward_beside_the_school_and_escapes(client: FlaskClient, seats: Seats) -> None:
    text = page(client, "/organisations?q=Bình Thủy dam")
    assert "THCS Mẫu &lt;b&gt;Đậm&lt;/b&gt;" in text and "Phường Bình Thuỷ" in text
    assert "Không có trường nào khớp" in page(client, "/organisations?q=zzz&stage=xx&page=99x")


def test_a_unit_shows_its_sites(client: FlaskClient, seats: Seats, app: Flask) -> None:
    with app.app_context():
        school = unit_by_code("92000111")
        assert school is not None
        uid = school.uid
    text = page(client, f"/organisations/{uid}")
    assert "Điểm lẻ 1" in text and "Phường Bình Thuỷ" in text
    page(client, "/organisations/" + "0" * 32, 404)


def test_a_list_is_checked_shown_and_written(client: FlaskClient, seats: Seats, app: Flask) -> None:
    answer = upload(client, "Danh sách.csv", (DATA / "schools_faults.csv").read_bytes())
    assert answer.status_code == 302
    text = page(client, answer.location)
    assert "Ghi 1 dòng đúng" in text and "Mã 31135 đang là mã của Phường Ninh Kiều" in text
    with app.app_context():
        assert unit_by_code("92000601") is None
    assert client.post(answer.location).status_code == 302
    assert "THCS Mẫu Một" in page(client, "/organisations?q=mau+mot")
    assert "Ghi" not in re.findall(r"<button[^>]*class=\"btn p\"[^>]*>([^<]*)", page(client, answer.location))
    with app.app_context():
        assert unit_by_code("92000602") is None


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.xlsx", b"<html>", "Hãy mở bằng Excel"),
        ("a.csv", "mã trường,tên\n".encode(), "Thiếu cột"),
        ("a.exe", b"MZ", "Chỉ nhận tệp"),
        ("", b"", "Hãy chọn tệp"),
    ],
)
def test_a_bad_file_is_answered_on_the_form(
    client: FlaskClient, seats: Seats, name: str, content: bytes, sentence: str
) -> None:
    answer = upload(client, name, content)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)


def test_a_huge_file_is_refused_with_the_limit_of_this_page(client: FlaskClient, seats: Seats) -> None:
    assert upload(client, "a.csv", b"x" * (3 * 1024 * 1024)).status_code == 422  # read, and no list
    answer = upload(client, "a.csv", b"x" * (21 * 1024 * 1024))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 413 and "nhiều nhất 20,0 MB" in text and "Quay lại trang trước" in text


def test_a_file_of_headings_alone_says_so(client: FlaskClient, seats: Seats) -> None:
    headings = (DATA / "schools_good.csv").read_bytes().partition(b"\n")[0]
    answer = upload(client, "a.csv", headings)
    assert "Tệp chỉ có dòng tiêu đề, chưa có trường nào." in page(client, answer.location)


def test_an_unknown_file_and_a_strange_digest_are_not_found(client: FlaskClient, seats: Seats) -> None:
    for digest in ("0" * 64, "..", "z" * 64):
        assert client.get(f"/organisations/import/{digest}.csv").status_code == 404


def test_the_template_downloads(client: FlaskClient, seats: Seats) -> None:
    answer = client.get("/organisations/import/template.xlsx")
    assert answer.status_code == 200 and answer.data[:2] == b"PK"


def test_only_the_administrator_imports(client: FlaskClient, seats: Seats, app: Flask) -> None:
    with app.app_context():
        department, school = service.the_department(), unit_by_code("92000111")
        assert school is not None
        seats.sit(Role.UNIT_HEAD, school, department.id)
    assert client.get("/organisations/import").status_code == 403
    assert upload(client, "a.csv", b"x").status_code == 403
    assert "92000111" in page(client, "/organisations")
