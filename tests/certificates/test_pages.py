"""The pages of the department, the commune and the school over HTTP."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import python_calamine
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.certificates import queries, service
from survey_app.certificates.models import Certificate, CertificateBatch, Issuer
from survey_app.certificates.service import IssuerFacts
from survey_app.core.db import session as db_session
from survey_app.core.db import unit_of_work
from survey_app.core.files import file_store
from survey_app.organisations.models import OrganisationUnit
from survey_app.results.models import Result
from survey_app.rules.permissions import Role
from tests.conftest import Seat
from tests.factories.accounts import make_actor
from tests.factories.certificates import ISSUED_AT, Town, issue_now, make_batch, make_town
from tests.factories.jobs import run_queued_jobs
from tests.factories.organisations import make_school
from tests.factories.rounds import make_open_round

NOW = "2027-06-20T03:00:00+00:00"


@pytest.fixture(autouse=True)
def in_june() -> Iterator[None]:
    """After the Decision."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def town(app: Flask, seat: Seat) -> Town:
    """A published round of two schools and one without a title; the administrator sits."""
    with app.app_context(), unit_of_work():
        made = make_town(2, failing=1)
        seat.actor = made.admin
    return made


@pytest.fixture
def uid(app: Flask, town: Town) -> str:
    """The address of an issued certificate without a paper."""
    with app.app_context(), unit_of_work():
        return str(issue_now(town, make_batch(town))[0].uid)


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def result_ids(text: str) -> list[str]:
    return re.findall(r'name="result" value="(\d+)"', text)


DECISION = {
    "decision_number": "345/QĐ-SGDĐT",
    "decision_date": "10/5/27",
    "signer_title": "Giám đốc",
    "signer_name": "Lê Văn Mẫu",
}


def test_the_whole_way_from_the_list_to_the_files(client: FlaskClient, town: Town, app: Flask) -> None:
    text = page(client, "/certificates/new")
    assert "2 trường đủ điều kiện" in text and "Gần đủ điều kiện" in text and "AT1.1" in text
    answer = client.post("/certificates/new", data={"round": town.round_uid, "result": result_ids(text)})
    assert answer.status_code == 302
    decision = answer.location
    assert "Bước 2/3" in page(client, decision)
    answer = client.post(decision, data=DECISION)
    assert answer.status_code == 302
    text = page(client, answer.location)
    assert "Phát hành 2 giấy chứng nhận" in text
    for link in re.findall(r'href="([^"]+preview/\w+\.pdf)"', text):
        preview = client.get(link)
        assert preview.status_code == 200 and preview.data[:5] == b"%PDF-"
    with app.app_context():
        assert db_session.scalar(select(Certificate.id)) is None
    answer = client.post(answer.location + "/issue")
    assert answer.status_code == 302 and "/jobs/" in answer.location
    run_queued_jobs(app)
    link = re.search(r'href="(/certificates/batches/\w+)"', page(client, answer.location))
    assert link is not None
    text = page(client, link[1])
    assert "2/2 giấy" in text and "Mở tệp gộp để in" in text
    packed = zipfile.ZipFile(io.BytesIO(client.get(link[1] + "/all.zip").data))
    assert packed.testzip() is None
    assert [name.partition("_")[0] for name in packed.namelist()] == ["0001-gcn-sgddt", "0002-gcn-sgddt"]
    bound = client.get(link[1] + "/all.pdf")
    assert bound.status_code == 200 and bound.data[:5] == b"%PDF-"
    assert "0001/GCN-SGDĐT" in page(client, "/certificates")
    assert "Không có trường nào chờ cấp giấy" in page(client, "/certificates/new")


def test_a_download_is_the_stored_bytes_each_time(
    client: FlaskClient, town: Town, uid: str, app: Flask
) -> None:
    with app.app_context(), unit_of_work():
        one = db_session.scalar(select(Certificate).where(Certificate.uid == uid))
        digest, _ = file_store().write(b"%PDF-1.7 as it was drawn then")
        service.keep_pdf(one.id, digest)
    first = client.get(f"/certificates/{uid}/certificate.pdf")
    second = client.get(f"/certificates/{uid}/certificate.pdf")
    assert first.data == second.data == b"%PDF-1.7 as it was drawn then"
    assert first.headers["Content-Disposition"].startswith("inline; filename=0001-gcn-sgddt_thcs-mau")


def test_a_paper_that_is_not_drawn_yet_is_not_found_and_can_be_asked_for(
    client: FlaskClient, uid: str, app: Flask
) -> None:
    assert client.get(f"/certificates/{uid}/certificate.pdf").status_code == 404
    text = page(client, f"/certificates/{uid}")
    form = re.search(r'action="(/certificates/batches/\w+/continue)"', text)
    assert form is not None and client.post(form[1]).status_code == 302
    run_queued_jobs(app)
    assert client.get(f"/certificates/{uid}/certificate.pdf").data[:5] == b"%PDF-"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"decision_number": ""}, "Hãy ghi số quyết định."),
        ({"decision_date": ""}, "Hãy ghi ngày quyết định."),
        ({"decision_date": "\u3000"}, "Hãy ghi ngày quyết định."),
        ({"decision_date": "31/02/2027"}, "Ngày chưa đúng"),
        ({"decision_date": "01/01/2030"}, "không thể sau ngày hôm nay"),
        ({"decision_date": "01/01/2020"}, "không thể trước ngày 01/05/2027"),
        ({"decision_date": "02/05/2027"}, "Chưa khai báo cơ quan cấp"),
        ({"signer_title": " "}, "Hãy ghi chức vụ người ký."),
        ({"decision_number": "x\x00y"}, "ký tự"),
        ({"decision_number": "x" * 65}, "dài quá 64 ký tự"),
    ],
)
def test_a_bad_decision_is_answered_on_the_form(
    client: FlaskClient, town: Town, app: Flask, change: dict[str, str], sentence: str
) -> None:
    with app.app_context(), unit_of_work():
        db_session.scalars(select(Issuer)).one().valid_from = date(2027, 5, 3)
    ids = result_ids(page(client, "/certificates/new"))
    decision = client.post("/certificates/new", data={"round": town.round_uid, "result": ids}).location
    answer = client.post(decision, data=DECISION | change)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    with app.app_context():
        assert db_session.scalar(select(CertificateBatch.decision_number)) == ""
    address = decision.removesuffix("/decision")
    assert client.post(address + "/issue").status_code == 422


def test_a_number_of_another_day_is_asked_about_once(client: FlaskClient, town: Town, app: Flask) -> None:
    with app.app_context(), unit_of_work():
        other = make_batch(town, number="345/QĐ-SGDĐT", day=date(2027, 5, 11))
        other.state = "ordered"
    ids = result_ids(page(client, "/certificates/new"))
    decision = client.post("/certificates/new", data={"round": town.round_uid, "result": ids}).location
    same_day = client.post(decision, data=DECISION | {"decision_date": "11/05/2027"})
    assert same_day.status_code == 302
    asked = client.post(decision, data=DECISION | {"decision_number": "345/qđ-sgdđt"})
    text = asked.get_data(as_text=True)
    assert asked.status_code == 422 and "một đợt cấp khác, ngày 11/05/2027" in text and 'name="again"' in text
    assert client.post(decision, data=DECISION | {"again": "y"}).status_code == 302


def test_choosing_nobody_is_said_on_the_list_itself(client: FlaskClient, town: Town) -> None:
    answer = client.post("/certificates/new?q=a", data={"round": town.round_uid})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "Hãy chọn ít nhất một trường" in text
    assert result_ids(text) and "checked" not in text


@pytest.mark.parametrize("ids", [[], ["999999"], ["x", "-1", "1e5"]])
def test_choosing_nobody_or_nobody_known_is_refused(
    client: FlaskClient, town: Town, app: Flask, ids: list[str]
) -> None:
    answer = client.post("/certificates/new", data={"round": town.round_uid, "result": ids})
    assert answer.status_code in (409, 422)
    with app.app_context():
        assert db_session.scalar(select(CertificateBatch.id)) is None


def test_a_school_without_a_title_cannot_be_slipped_in(client: FlaskClient, town: Town, app: Flask) -> None:
    with app.app_context():
        failed = db_session.scalar(select(Result.id).where(Result.award.is_(None)))
    answer = client.post("/certificates/new", data={"round": town.round_uid, "result": [failed]})
    assert answer.status_code == 409


def test_revoking_over_http(client: FlaskClient, uid: str) -> None:
    address = f"/certificates/{uid}/revoke"
    assert "Thu hồi" in page(client, address)
    answer = client.post(address, data={"reason": "", "decision_number": "", "decision_date": "x"})
    assert answer.status_code == 422 and "Hãy ghi lý do thu hồi." in answer.get_data(as_text=True)
    good = {"reason": "Sai hồ sơ", "decision_number": "12/QĐ-SGDĐT", "decision_date": "15/6/2027"}
    assert client.post(address, data=good).status_code == 302
    assert "Thu hồi theo Quyết định số 12/QĐ-SGDĐT, ngày 15/06/2027" in page(client, f"/certificates/{uid}")
    assert client.post(address, data=good).status_code == 409


def test_reissuing_over_http(client: FlaskClient, uid: str, app: Flask) -> None:
    address = f"/certificates/{uid}/reissue"
    assert "Giấy mới có số mới" in page(client, address)
    answer = client.post(address, data=DECISION | {"decision_date": "15/06/2027"})
    assert answer.status_code == 302
    assert "0003/GCN-SGDĐT" in page(client, f"/certificates/{uid}")
    text = page(client, answer.location)
    assert "Thay giấy số" in text and "Tệp PDF" not in text
    assert client.post(address, data=DECISION | {"decision_date": "15/06/2027"}).status_code == 409
    run_queued_jobs(app)
    assert "Mở tệp PDF" in page(client, answer.location)


def test_filters_of_the_register(client: FlaskClient, uid: str, town: Town, app: Flask) -> None:
    assert "0001/GCN-SGDĐT" in page(client, "/certificates?q=o mon&standing=valid&round=" + town.round_uid)
    assert "0001/GCN-SGDĐT" in page(client, "/certificates?q=1/gcn-sgddt")
    assert "Không có giấy chứng nhận nào khớp" in page(client, "/certificates?standing=revoked")
    page(client, "/certificates?q=%25&standing=zz&round=zz&page=-1")


def test_the_register_as_a_workbook(client: FlaskClient, uid: str) -> None:
    answer = client.get("/certificates/register.xlsx")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    rows = book.get_sheet_by_index(0).to_python()
    line = next(row for row in rows if "0002/GCN-SGDĐT" in row)
    assert line[0] == 2 and "Phường Ô Môn" in line and date(2027, 5, 10) in line and "Còn hiệu lực" in line


def test_who_sees_which_certificates(
    client: FlaskClient, seat: Seat, app: Flask, town: Town, uid: str
) -> None:
    with app.app_context():
        one = db_session.scalar(select(Certificate).where(Certificate.uid == uid))
        own_unit = one.unit_id
    with app.app_context(), unit_of_work():
        school = db_session.get(OrganisationUnit, own_unit)
        ward = school.parent
        other_school, other_town = make_school(ward), make_school()
        make_open_round(other_school)
        people = {
            "own": make_actor(Role.UNIT_HEAD, school),
            "ward": make_actor(Role.COMMUNE_OFFICER, ward),
            "viewer": make_actor(Role.VIEWER, ward.parent),
            "neighbour": make_actor(Role.UNIT_HEAD, other_school),
            "other ward": make_actor(Role.COMMUNE_LEADER, other_town.parent),
            "other department": make_actor(Role.DEPARTMENT_ADMIN, other_town.parent.parent),
        }
    for who, actor in people.items():
        seat.actor = actor
        seen = client.get(f"/certificates/{uid}").status_code
        assert seen == (200 if who in ("own", "ward", "viewer") else 404), who
        if who == "other department":
            assert client.get(f"/certificates/{uid}/revoke").status_code == 404
        else:
            assert client.get(f"/certificates/{uid}/revoke").status_code == 403
    seat.actor = people["own"]
    assert client.get("/certificates").location == "/certificates/own"
    assert "/GCN-SGDĐT" in page(client, "/certificates/own")
    seat.actor = people["neighbour"]
    assert "Trường chưa có giấy chứng nhận" in page(client, "/certificates/own")
    seat.actor = people["other ward"]
    assert "Chưa cấp giấy chứng nhận nào" in page(client, "/certificates")


ADMIN_ONLY = (
    "/certificates/new",
    "/certificates/batches",
    "/certificates/issuers",
    "/certificates/issuers/new",
)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DEPARTMENT_OFFICER, Role.DEPARTMENT_LEADER])
def test_only_the_administrator_issues(
    client: FlaskClient, seat: Seat, app: Flask, town: Town, role: Role
) -> None:
    with app.app_context(), unit_of_work():
        seat.actor = make_actor(role, town.department)
    for address in ADMIN_ONLY:
        assert client.get(address).status_code == 403
    assert client.post("/certificates/new").status_code == 403


def test_a_foreign_batch_is_not_found(client: FlaskClient, seat: Seat, app: Flask, town: Town) -> None:
    with app.app_context(), unit_of_work():
        address = f"/certificates/batches/{make_batch(town).uid}"
        seat.actor = make_actor(Role.DEPARTMENT_ADMIN, make_school().parent.parent)
    for end in ("", "/decision", "/preview/first.pdf", "/all.pdf", "/all.zip"):
        assert client.get(address + end).status_code == 404
    for end in ("/issue", "/continue", "/discard", "/decision"):
        assert client.post(address + end).status_code == 404


def test_a_prepared_batch_can_be_discarded(client: FlaskClient, app: Flask, town: Town) -> None:
    with app.app_context(), unit_of_work():
        address = f"/certificates/batches/{make_batch(town).uid}"
    assert client.get(address + "/preview/nothing.pdf").status_code == 404
    assert client.post(address + "/discard").status_code == 302
    assert client.get(address).status_code == 404


def test_an_issuer_gets_a_new_version_and_the_old_one_ends(
    client: FlaskClient, app: Flask, town: Town
) -> None:
    text = page(client, "/certificates/issuers")
    assert "Sở cần có quyết định hoặc hướng dẫn riêng" in text and "0012/GCN-SGDĐT" in text
    data = {
        "stage": "",
        "agency": "Sở Giáo dục và Đào tạo",
        "heading": "Giám đốc Sở",
        "place": "Cần Thơ",
        "signer_title": "Giám đốc",
        "number_pattern": "[Số:5]/GCN",
        "valid_from": "01/07/2027",
    }
    for change, sentence in (
        ({"number_pattern": "GCN"}, "đúng một chỗ ghi"),
        ({"number_pattern": "[số]/[số]"}, "đúng một chỗ ghi"),
        ({"number_pattern": "{number.__class__}"}, "đúng một chỗ ghi"),
        ({"valid_from": "01/01/2020"}, "phải sau ngày 01/09/2026"),
        ({"stage": "zz"}, ""),
    ):
        answer = client.post("/certificates/issuers/new", data=data | change)
        assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    assert client.post("/certificates/issuers/new", data=data).status_code == 302
    with app.app_context():
        ends = db_session.scalars(select(Issuer.valid_to).order_by(Issuer.id)).all()
        assert ends == [date(2027, 7, 1), None]
        department = town.admin.department_id
        assert queries.issuer_for(department, ["thcs"], date(2027, 6, 30)).number_pattern.startswith(
            "{number:04}"
        )
        assert queries.issuer_for(department, ["thcs"], date(2027, 7, 1)).number_pattern == "{number:05}/GCN"
        with pytest.raises(queries.NoIssuer):
            queries.issuer_for(department, ["thcs"], date(2020, 1, 1))


def test_a_stage_may_have_an_issuer_of_its_own(session: Any) -> None:
    made = make_town(1)
    facts = IssuerFacts(
        "", "Sở", "Giám đốc Sở", "Cần Thơ", "Giám đốc", "{number}/THPT", date(2026, 9, 2), stage="thpt"
    )
    service.add_issuer(made.department.id, facts, actor=None, now=ISSUED_AT)
    on = date(2027, 6, 1)
    assert queries.issuer_for(made.department.id, ["thpt"], on).number_pattern == "{number}/THPT"
    assert queries.issuer_for(made.department.id, ["thcs", "thpt"], on).number_pattern == "{number}/THPT"
    assert queries.issuer_for(made.department.id, ["thcs"], on).stage == ""


def test_the_register_takes_the_same_statements_for_one_or_many(
    client: FlaskClient, seat: Seat, app: Flask, count_queries: Any
) -> None:
    counts = []
    for schools in (2, 9):
        with app.app_context(), unit_of_work():
            made = make_town(schools)
            issue_now(made, make_batch(made))
            seat.actor = made.admin
        with count_queries() as seen:
            page(client, "/certificates")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 8, counts


@pytest.mark.parametrize("rubbish", ["x", "0" * 32, "%00", "../..", "ắ" * 40])
def test_rubbish_addresses_are_not_found(client: FlaskClient, town: Town, rubbish: str) -> None:
    for address in (
        f"/certificates/{rubbish}",
        f"/certificates/batches/{rubbish}",
        f"/certificates/{rubbish}/revoke",
    ):
        assert client.get(address).status_code in (404, 308)
