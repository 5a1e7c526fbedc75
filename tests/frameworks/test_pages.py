"""The pages of the room over HTTP: who may see and do what, and what a workbook gets answered."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.core.db import unit_of_work
from survey_app.frameworks import queries, service
from survey_app.frameworks.loader import load_folder
from survey_app.frameworks.workbook import template_bytes, workbook_bytes
from survey_app.rules.framework import Framework, Words
from survey_app.rules.permissions import Role
from tests.conftest import Seat
from tests.factories.organisations import make_commune, make_department, make_school
from tests.factories.whole_framework import whole_framework
from tests.frameworks.conftest import FakeRounds

ROOT = Path(__file__).parents[2] / "criteria"
DECISION = "Quyết định số 123/QĐ-SGDĐT ngày 05/08/2027"
UNITS = {"unit": make_school, "commune": make_commune, "department": make_department}
GENERAL = "/frameworks/pho-thong/0.2"


def sit(app: Flask, seat: Seat, role: Role) -> None:
    """Sit down with a role at a unit of its kind."""
    with app.app_context(), unit_of_work():
        kind = "department" if role is Role.VIEWER else role.value.partition("_")[0]
        seat.take(role, UNITS[kind]())


@pytest.fixture(scope="module")
def general() -> Framework:
    """The shipped set of general schools, read once."""
    found = load_folder(ROOT / "pho-thong" / "0.2").framework
    assert found is not None
    return found


@pytest.fixture
def stored(app: Flask, seat: Seat, rounds: FakeRounds, general: Framework, now: datetime) -> FakeRounds:
    """Two editions of a small set and one of the shipped ones; an administrator sits."""
    with app.app_context(), unit_of_work():
        new = whole_framework(version="1.1", title=Words("Tên <b>mới</b>", "New name"))
        for framework in (whole_framework(), new, general):
            service.create_draft_from_workbook(framework, actor=None, now=now)
    sit(app, seat, Role.DEPARTMENT_ADMIN)
    return rounds


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    text = answer.get_data(as_text=True)
    assert answer.status_code == status, text[:2000]
    if status == 200:
        html5lib.HTMLParser(strict=True).parse(text)
    return text


def upload(client: FlaskClient, content: bytes, name: str = "bo.xlsx") -> Any:
    return client.post("/frameworks/import", data={"file": (io.BytesIO(content), name)})


READ = (
    "/frameworks",
    GENERAL,
    f"{GENERAL}/AT",
    "/frameworks/compare",
    "/frameworks/compare?from=thu/1.0&to=thu/1.1",
    f"{GENERAL}.xlsx",
)
MANAGE = ("/frameworks/import", "/frameworks/import/template.xlsx", f"/frameworks/import/{'0' * 64}.xlsx")


@pytest.mark.parametrize("role", list(Role))
def test_everybody_reads_and_only_the_administrator_manages(
    client: FlaskClient, app: Flask, seat: Seat, stored: FakeRounds, role: Role
) -> None:
    sit(app, seat, role)
    assert [client.get(address).status_code for address in READ] == [200] * len(READ)
    manager = role is Role.DEPARTMENT_ADMIN
    assert [client.get(address).status_code for address in MANAGE] == (
        [200, 200, 404] if manager else [403] * 3
    )
    posts = (f"{GENERAL}/publish", "/frameworks/import", f"/frameworks/import/{'0' * 64}.xlsx")
    assert [client.post(address).status_code for address in posts] == (
        [422, 422, 404] if manager else [403] * 3
    )
    text = page(client, GENERAL)
    assert ("Khóa phiên bản và đưa vào áp dụng" in text) == manager
    assert ("Nhập từ Excel" in page(client, "/frameworks")) == manager


def test_a_stranger_is_sent_to_sign_in(client: FlaskClient, seat: Seat, stored: FakeRounds) -> None:
    seat.actor = None
    assert client.get("/frameworks").status_code in (302, 401)


def test_the_list_names_status_and_rounds_and_escapes(
    client: FlaskClient, app: Flask, stored: FakeRounds
) -> None:
    with app.app_context():
        stored.by_version[queries.get_version("thu", "1.0").id] = ["Đợt cuối năm", "Đợt <i>thử</i>"]
    text = page(client, "/frameworks")
    assert "Đợt cuối năm; Đợt &lt;i&gt;thử&lt;/i&gt;" in text and "Tên &lt;b&gt;mới&lt;/b&gt;" in text
    assert text.count(">Nháp<") == 3


def test_an_empty_list_says_what_to_do(
    client: FlaskClient, app: Flask, seat: Seat, rounds: FakeRounds
) -> None:
    sit(app, seat, Role.UNIT_HEAD)
    assert "Chưa có bộ tiêu chí nào" in page(client, "/frameworks")


def test_an_edition_shows_its_scheme_in_words(client: FlaskClient, stored: FakeRounds) -> None:
    text = page(client, GENERAL)
    for words in (
        "BẢN NHÁP",
        "Ít nhất 80% số tiêu chí áp dụng đạt.",
        "Mọi tiêu chí bắt buộc áp dụng đều đạt.",
        "Không có sự việc loại trừ được ghi nhận trong năm học.",
        "Đạt, điểm chất lượng từ 75 và từng lĩnh vực từ 65.",
        "giấy chứng nhận có giá trị 2 năm",
        "Hai năm học liền",
        "Thiếu một chi tiết của mức 2 thì chọn mức 1",
        "không hỏi các em về trải nghiệm bị bạo lực",
        "Còn phải quyết định",
        "Xem tại chỗ",
        "Học sinh tử vong hoặc bị thương tích nặng",
    ):
        assert words in text, words
    assert "trung tâm: ít nhất 1 tiêu chí đạt" in page(client, "/frameworks/thu/1.0").lower()


def test_an_area_shows_every_level_step_anchor_and_condition(
    client: FlaskClient, stored: FakeRounds, general: Framework
) -> None:
    for area in general.areas:
        text = client.get(f"{GENERAL}/{area.code}").get_data(as_text=True)
        assert "BẢN NHÁP" in text and len(text.encode()) < 200_000
        for indicator in area.indicators():
            assert indicator.statement.vi in text
            for level in indicator.levels:
                assert level.sentence.vi in text.replace("&#34;", '"')
    text = page(client, f"{GENERAL}/AT")
    assert "chưa xác minh điều khoản" in text and "Chỉ áp dụng khi trường trả lời Có" in text
    assert "Chỉ xét ở cấp: Trung học cơ sở, Trung học phổ thông, Giáo dục thường xuyên" in text


def test_an_area_is_narrowed_to_mandatory_and_per_site(client: FlaskClient, stored: FakeRounds) -> None:
    text = page(client, f"{GENERAL}/AT?mandatory=1&per_site=1")
    assert 'id="AT1.1"' in text and 'id="AT1.4"' not in text and 'id="AT3.1"' not in text
    only_sites = page(client, f"{GENERAL}/TT?mandatory=1&per_site=1")
    assert "Không có tiêu chí nào khớp" in only_sites


@pytest.mark.parametrize(
    "address",
    [
        "/frameworks/pho-thong/9.9",
        "/frameworks/khong-co/0.2",
        f"{GENERAL}/XX",
        "/frameworks/khong-co/0.2.xlsx",
        "/frameworks/compare?from=thu/1.0&to=thu/9",
    ],
)
def test_what_is_not_there_is_not_found(client: FlaskClient, stored: FakeRounds, address: str) -> None:
    page(client, address, 404)


def test_english_is_shown_by_the_switch(client: FlaskClient, stored: FakeRounds) -> None:
    client.get("/language/en")
    text = page(client, f"{GENERAL}/AT")
    assert "Each site has a sound fence" in text and "Điểm trường có hàng rào" not in text
    assert "Criteria for a safe, healthy and friendly school" in page(client, GENERAL)


def test_the_difference_of_two_editions_is_marked(client: FlaskClient, stored: FakeRounds) -> None:
    text = page(client, "/frameworks/compare?from=thu/1.0&to=thu/1.1")
    assert "<del>Bộ</del>" in text and "&lt;b&gt;mới&lt;/b&gt;</ins>" in text
    assert "Hai phiên bản giống nhau" in page(client, "/frameworks/compare?from=thu/1.0&to=thu/1.0")


SIGNED = {"number": "123/QĐ-SGDĐT", "day": "05/08/2026", "agency": "Giám đốc Sở"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"number": " "}, "Hãy ghi số quyết định."),
        ({"number": "x"}, "Hãy ghi cả số và ký hiệu"),
        ({"day": ""}, "Hãy ghi ngày quyết định."),
        ({"day": "31/02/2026"}, "Ngày chưa đúng"),
        ({"day": "05/08/2126"}, "không"),
        ({"agency": "x"}, "Độ dài"),
    ],
)
def test_publishing_needs_every_part_of_a_decision(
    client: FlaskClient, app: Flask, stored: FakeRounds, change: dict[str, str], sentence: str
) -> None:
    answer = client.post("/frameworks/thu/1.0/publish", data=SIGNED | change)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    with app.app_context():
        assert queries.get_version("thu", "1.0").is_draft


def test_publishing_locks(client: FlaskClient, stored: FakeRounds) -> None:
    assert client.post("/frameworks/thu/1.0/publish", data=SIGNED).status_code == 302
    text = page(client, "/frameworks/thu/1.0")
    assert "Đang áp dụng" in text and "BẢN NHÁP" not in text
    assert "Quyết định số 123/QĐ-SGDĐT ngày 05/08/2026 của Giám đốc Sở" in text
    assert client.post("/frameworks/thu/1.0/publish", data=SIGNED).status_code == 409
    assert client.post("/frameworks/thu/1.0/delete").status_code == 409


def test_an_imported_draft_is_deleted_while_no_round_uses_it(
    client: FlaskClient, app: Flask, stored: FakeRounds, now: Any
) -> None:
    with app.app_context(), unit_of_work():
        service.create_draft_from_workbook(whole_framework(version="3.0"), actor=None, now=now)
    code = whole_framework().code
    assert "Xóa bản nháp này" in page(client, f"/frameworks/{code}/3.0")
    assert client.post(f"/frameworks/{code}/3.0/delete").location == "/frameworks"
    page(client, f"/frameworks/{code}/3.0", 404)


def test_a_workbook_is_checked_shown_and_stored(
    client: FlaskClient, app: Flask, stored: FakeRounds, now: Any
) -> None:
    framework = whole_framework(version="2.0", title=Words("Bộ hai", "Two"))
    answer = upload(client, workbook_bytes(framework, now))
    assert answer.status_code == 302
    text = page(client, answer.location)
    assert "Bộ hai – phiên bản 2.0" in text and "So với phiên bản 1.1" in text
    with app.app_context():
        assert queries.find_version("thu", "2.0") is None
    assert client.post(answer.location).status_code == 302
    assert "Đã nhập bản nháp 2.0." in page(client, "/frameworks/thu/2.0")
    with app.app_context():
        assert queries.get_framework(queries.get_version("thu", "2.0").id) == framework


def test_a_workbook_of_a_used_edition_is_refused(
    client: FlaskClient, app: Flask, stored: FakeRounds, now: Any
) -> None:
    with app.app_context():
        row = queries.get_version("thu", "1.0")
    stored.by_version[row.id] = ["Đợt cuối năm"]
    answer = upload(client, workbook_bytes(whole_framework(title=Words("Khác", "Other")), now))
    refused = client.post(answer.location)
    assert refused.status_code == 409 and "Hãy đặt số phiên bản mới" in refused.get_data(as_text=True)
    with app.app_context():
        assert queries.get_version("thu", "1.0") == row


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (
            template_bytes(datetime.fromisoformat("2027-05-12T00:00:00+00:00")),
            "a.xlsx",
            "Thiếu mục “Mã bộ tiêu chí”",
        ),
        (b"<html>", "a.xlsx", "Hãy mở bằng Excel"),
        (b"MZ", "a.exe", "Chỉ nhận tệp .xlsx"),
        (b"", "", "Hãy chọn tệp"),
    ],
)
def test_a_bad_workbook_is_answered_on_the_page(
    client: FlaskClient, app: Flask, stored: FakeRounds, content: bytes, name: str, sentence: str
) -> None:
    answer = upload(client, content, name)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    with app.app_context():
        assert len(queries.list_versions()) == 3


def test_a_huge_upload_is_refused(client: FlaskClient, stored: FakeRounds) -> None:
    assert upload(client, b"x" * (3 * 1024 * 1024)).status_code == 413


def test_the_workbook_of_an_edition_downloads(client: FlaskClient, stored: FakeRounds) -> None:
    answer = client.get(f"{GENERAL}.xlsx")
    assert (
        answer.data[:2] == b"PK" and "bo-tieu-chi-pho-thong-0.2.xlsx" in answer.headers["Content-Disposition"]
    )


@pytest.mark.parametrize("address", READ[:5])
def test_pages_ask_few_questions_of_the_database(
    client: FlaskClient, stored: FakeRounds, count_queries: Any, address: str
) -> None:
    client.get(address)  # the sets are read once in a process
    with count_queries() as seen:
        page(client, address)
    assert len(seen) <= 6, seen.statements
