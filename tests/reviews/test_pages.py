"""The page of one indicator over HTTP: what it says, who may, what a refusal leaves behind."""

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.models import User
from survey_app.assessments.models import EvidenceUse
from survey_app.assessments.queries import answers_of_indicator
from survey_app.core.db import unit_of_work
from survey_app.organisations.models import OrganisationUnit
from survey_app.reviews import queries
from survey_app.rounds.models import Participation
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.conftest import Seat
from tests.factories.accounts import make_membership
from tests.factories.evidence import make_file, make_pdf_file
from tests.factories.frameworks import plain_framework, plain_indicator
from tests.factories.organisations import make_commune, make_school
from tests.factories.reviews import make_scene, make_verified
from tests.reviews.conftest import stored, written

WHY = "Ảnh chụp năm 2024, hãy chụp lại."
SCRIPT = "<script>alert(1)</script>"


# ---- one indicator ----


def test_both_values_stand_side_by_side(build: Any, page: Any) -> None:
    scene = build()
    text = page(f"/reviews/{scene.row.uid}/AT1.1")
    assert re.search(r'<b class="self">2</b>', text) and 'name="value" value="3" data-key="3"' in text
    assert "AT1.1 ở mức 0" in text and "Bắt buộc đạt" in text and "Lưu và sang AT1.2" in text
    assert "Trường không gửi minh chứng cho tiêu chí này." in text
    page(f"/reviews/{scene.row.uid}/ZZ9.9", 404)


def test_saving_goes_on_to_the_next_and_at_the_end_to_the_list(build: Any, send: Any, app: Flask) -> None:
    scene = build()
    answer = send(scene, "AT1.1", value="2", base_version="0")
    assert (answer.status_code, answer.location) == (302, f"/reviews/{scene.row.uid}/AT1.2")
    assert stored(app, scene) == (2, "", False, 1)
    answer = send(scene, "LM1.2?group=unseen", value="1", base_version="0")
    assert answer.location == f"/reviews/{scene.row.uid}"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"value": "1"}, "Hãy ghi lý do, ít nhất 5 chữ cái."),
        ({"value": "1", "reason": "a" * 1001}, "Nội dung dài 1001 ký tự"),
        ({}, "Hãy chọn một mức ở Kết quả kiểm tra."),
        ({"value": "9"}, "Tiêu chí AT1.1 không có giá trị này."),
        ({"value": "²"}, "Thông tin gửi lên chưa đúng."),
        ({"value": "1e3"}, "Thông tin gửi lên chưa đúng."),
        ({"value": "1", "reason": "có ký tự lạ \x07"}, "Thông tin gửi lên chưa đúng."),
        ({"value": "2", "base_version": "-1"}, "Thông tin gửi lên chưa đúng."),
    ],
)
def test_a_refused_verdict_says_why_and_keeps_what_was_typed(
    build: Any, send: Any, app: Flask, fields: dict[str, str], sentence: str
) -> None:
    scene = build()
    answer = send(scene, "AT1.1", **({"base_version": "0", "reason": "Thì"} | fields))
    kept = "Thì" if "reason" not in fields else fields["reason"][:9]
    assert f">{kept}" in written(answer)
    assert answer.status_code == 422 and sentence in written(answer)
    assert stored(app, scene) is None


def test_a_stale_verdict_shows_both(build: Any, send: Any, app: Flask) -> None:
    scene = build()
    send(scene, "AT1.1", value="1", reason="Lời của máy kia", base_version="0")
    answer = send(scene, "AT1.1", value="3", reason="Lời của máy này", base_version="0")
    text = written(answer)
    assert answer.status_code == 409 and "Có hai bản khác nhau" in text
    assert "Lời của máy kia" in text and "Lời của máy này" in text
    assert 'name="base_version" value="1"' in text
    assert stored(app, scene) == (1, "Lời của máy kia", False, 1)


def test_a_double_click_saves_once(build: Any, send: Any, app: Flask) -> None:
    scene = build()
    answers = [send(scene, "AT1.1", value="2", base_version="0").status_code for _ in range(2)]
    assert answers == [302, 302] and stored(app, scene) == (2, "", False, 1)


def test_an_indicator_is_marked_and_unmarked(build: Any, send: Any, page: Any, app: Flask) -> None:
    scene = build()
    answer = send(scene, "AT1.1/mark", base_version="0", return_reason="?", value="3")
    text = written(answer)
    assert answer.status_code == 422 and "ít nhất 5 chữ cái" in text
    assert re.search(r'value="3" data-key="3"[^>]* checked', text)
    send(scene, "AT1.1/mark", base_version="0", return_reason=WHY)
    assert stored(app, scene) == (None, "", True, 1)
    assert "Trả lại để bổ sung (1)" in page(f"/reviews/{scene.row.uid}/AT1.2")
    send(scene, "AT1.1/unmark", base_version="1")
    assert stored(app, scene) == (None, "", False, 2)


def test_what_others_wrote_is_shown_as_text(build: Any, page: Any, app: Flask) -> None:
    scene = build()
    with app.app_context(), unit_of_work() as session:
        answer = next(iter(answers_of_indicator(scene.row.id, "AT1.1").values()))
        answer.comment = SCRIPT
        file = make_file(scene.head, SCRIPT)
        session.add(
            EvidenceUse(
                assessment_id=scene.row.id,
                indicator="AT1.1",
                evidence_id=file.id,
                number=1,
                added_at=file.added_at,
            )
        )
        make_verified(scene.row, {"AT1.1": 1}, reason=SCRIPT, to_return=True, return_reason=SCRIPT)
    for address in ("AT1.1", "", "return", "conclude"):
        text = page(f"/reviews/{scene.row.uid}/{address}".rstrip("/"))
        assert SCRIPT not in text
        assert address == "" or "&lt;script&gt;" in text, address


def test_evidence_is_seen_without_a_download(build: Any, page: Any, client: FlaskClient, app: Flask) -> None:
    scene = build()
    with app.app_context(), unit_of_work() as session:
        photo = make_file(scene.head, "Bình tầng 1", captured_on=date(2024, 11, 2))
        files = [photo, make_pdf_file(scene.head), make_file(scene.head, "Ảnh lớp", hidden_at=photo.added_at)]
        for number, file in enumerate(files, start=1):
            session.add(
                EvidenceUse(
                    assessment_id=scene.row.id,
                    indicator="AT1.1",
                    evidence_id=file.id,
                    number=number,
                    added_at=file.added_at,
                )
            )
        addresses = [f"/evidence/{file.uid}" for file in files]
    text = page(f"/reviews/{scene.row.uid}/AT1.1")
    assert f'<img src="{addresses[0]}/p/1" alt="MC-AT1.1-01 · Bình tầng 1"' in text
    assert f'href="{addresses[1]}/p/2"' in text and "trang 2/2" in text
    assert "ngày chụp 02/11/2024 (theo máy, có thể sai)" in text
    assert f'href="{addresses[0]}#hide-title"' in text and "Ẩn ảnh này" in text
    assert "Đã ẩn" in text and f'href="{addresses[2]}#hide-title"' not in text
    assert "Minh chứng cũ hơn năm học" in text
    assert client.get(f"{addresses[0]}/p/1").mimetype == "image/jpeg"


def test_a_photograph_names_its_site_to_the_reviewer(app: Flask, seat: Seat, page: Any) -> None:
    with app.app_context(), unit_of_work() as session:
        scene = make_scene(school=make_school(sites=2), state=State.IN_REVIEW)
        site = session.get_one(Participation, scene.row.participation_id).sites[1]
        file = make_file(scene.head, "Bình tầng 1", site_id=site["id"])
        use = {"indicator": "AT1.1", "number": 1, "added_at": file.added_at}
        session.add(EvidenceUse(assessment_id=scene.row.id, evidence_id=file.id, **use))
        session.flush()
        session.expunge_all()
        seat.actor = scene.officer
    assert " · Điểm lẻ 1" in page(f"/reviews/{scene.row.uid}/AT1.1")


def test_of_several_sites_the_lowest_counts(app: Flask, seat: Seat, page: Any) -> None:
    framework = plain_framework([("AT", 1, [plain_indicator("AT1.1", per_site=True)])])
    with app.app_context(), unit_of_work() as session:
        scene = make_scene(framework=framework, school=make_school(sites=2), state=State.IN_REVIEW)
        answers = answers_of_indicator(scene.row.id, "AT1.1")
        answers[max(answers)].value = 1
        session.flush()
        session.expunge_all()
        seat.actor = scene.officer
    text = page(f"/reviews/{scene.row.uid}/AT1.1")
    assert "Điểm lẻ 1" in text and "lấy mức của điểm trường thấp nhất" in text and 'data-self="1"' in text


# ---- who may ----


def test_another_officer_sees_who_has_it_and_may_take_it_over(
    build: Any, send: Any, page: Any, app: Flask, seat: Seat
) -> None:
    scene = build()
    with app.app_context(), unit_of_work() as session:
        unit = session.get_one(OrganisationUnit, scene.officer.unit_id)
        other = seat.take(Role.COMMUNE_OFFICER, unit)
    text = page(f"/reviews/{scene.row.uid}/AT1.1")
    assert (
        f"Đang mở bởi {scene.officer.name}" in text
        and "Nhận hồ sơ" in text
        and "Lưu và sang AT1.2" not in text
    )
    answer = send(scene, "AT1.1", value="1", reason=WHY, base_version="0")
    text = written(answer)
    assert answer.status_code == 409 and f"đang do {scene.officer.name} kiểm tra" in text
    assert WHY in text and "Nhận hồ sơ" in text and stored(app, scene) is None
    answer = send(scene, "take-over", code="AT1.1")
    assert answer.location == f"/reviews/{scene.row.uid}/AT1.1"
    assert send(scene, "AT1.1", value="2", base_version="0").status_code == 302
    with app.app_context():
        review = queries.find_review(scene.row.id)
        assert review is not None and review.officer_id == other.user_id


def test_a_foreign_commune_finds_nothing(
    build: Any, send: Any, page: Any, client: FlaskClient, app: Flask, seat: Seat
) -> None:
    scene = build()
    with app.app_context(), unit_of_work():
        seat.take(Role.COMMUNE_OFFICER, make_commune())
    for address in ("", "/AT1.1", "/return", "/conclude"):
        page(f"/reviews/{scene.row.uid}{address}", 404)
    for act in ("start", "copy", "hold", "return", "conclude", "AT1.1", "AT1.1/mark", "take-over", "assign"):
        answer = send(scene, act, value="2", base_version="0", reason=WHY)
        assert answer.status_code == 404, act


def test_the_department_looks_at_a_communes_form_and_changes_nothing(
    build: Any, send: Any, page: Any, app: Flask, seat: Seat
) -> None:
    scene = build()
    with app.app_context(), unit_of_work() as session:
        seat.take(Role.DEPARTMENT_OFFICER, session.get_one(OrganisationUnit, scene.round.department_id))
    for address in ("", "/AT1.1", "/conclude"):
        text = page(f"/reviews/{scene.row.uid}{address}")
        assert "Thầy/Cô chỉ xem" in text and 'class="btn p"' not in text
    for act in ("start", "copy", "hold", "AT1.1", "AT1.1/mark", "take-over", "assign", "approve"):
        answer = send(scene, act, value="2", base_version="0", reason=WHY, return_reason=WHY)
        assert answer.status_code == 403, act
    assert stored(app, scene) is None


def test_the_own_school_is_only_looked_at(build: Any, send: Any, page: Any, app: Flask) -> None:
    scene = build(state=State.SUBMITTED)
    with app.app_context(), unit_of_work() as session:
        school = session.get_one(OrganisationUnit, scene.school.id)
        make_membership(session.get_one(User, scene.officer.user_id), school, Role.UNIT_MEMBER)
    text = page(f"/reviews/{scene.row.uid}")
    assert "công tác tại trường này" in text and "bắt đầu kiểm tra" not in text
    assert send(scene, "start").status_code == 403


def test_a_draft_is_nothing_to_check(build: Any, send: Any, page: Any) -> None:
    scene = build(state=State.DRAFT)
    for address in ("", "/AT1.1", "/return", "/conclude"):
        assert "Trường chưa nộp phiếu này" in page(f"/reviews/{scene.row.uid}{address}", 404)
    assert send(scene, "start").status_code == 404


def test_a_leader_looks_but_does_not_confirm_values(build: Any, send: Any, page: Any, seat: Seat) -> None:
    scene = build()
    seat.actor = scene.leader
    assert "Lưu và sang AT1.2" not in page(f"/reviews/{scene.row.uid}/AT1.1")
    assert send(scene, "AT1.1", value="2", base_version="0").status_code == 403
