"""The pages of a form as a whole over HTTP: taking it, giving it back, concluding."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask

from survey_app.accounts.models import User
from survey_app.core.db import unit_of_work
from survey_app.organisations.models import OrganisationUnit
from survey_app.reviews import service
from survey_app.rounds.models import Round
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.conftest import Seat
from tests.factories.accounts import make_actor
from tests.factories.frameworks import plain_framework, plain_indicator
from tests.factories.reviews import Scene, make_verified
from tests.reviews.conftest import state_of, stored, written

WHY = "Ảnh chụp năm 2024, hãy chụp lại."
ALL_TWO = {"AT1.1": 2, "AT1.2": 2, "LM1.1": 2, "LM1.2": 1}


# ---- the form as a whole ----


def test_starting_leads_to_the_first_indicator(build: Any, send: Any, page: Any, app: Flask) -> None:
    scene = build(state=State.SUBMITTED)
    text = page(f"/reviews/{scene.row.uid}")
    assert "Nhận và bắt đầu kiểm tra" in text and "Đạt 4/4 tiêu chí áp dụng · bắt buộc 1/1" in text
    answer = send(scene, "start")
    assert answer.location == f"/reviews/{scene.row.uid}/AT1.1" and state_of(app, scene) == State.IN_REVIEW
    assert send(scene, "start").status_code == 409


def test_the_list_is_narrowed_by_the_address(build: Any, page: Any, app: Flask) -> None:
    scene = build()
    with app.app_context(), unit_of_work():
        make_verified(scene.row, {"AT1.1": 1}, reason=WHY)
    text = page(f"/reviews/{scene.row.uid}?group=different")
    assert (
        f"/reviews/{scene.row.uid}/AT1.1?group=different" in text
        and "/AT1.2" not in text.partition("<table")[2]
    )
    assert "Không có tiêu chí nào ở nhóm này" in page(f"/reviews/{scene.row.uid}?group=flagged")
    assert "đã xem 1/4" in page(f"/reviews/{scene.row.uid}?group=rubbish")


def test_copying_laying_aside_and_going_on(build: Any, send: Any, page: Any, app: Flask) -> None:
    scene = build()
    assert send(scene, "copy").status_code == 302 and stored(app, scene) == (2, "", False, 1)
    answer = send(scene, "hold", reason="")
    assert answer.status_code == 422 and "Hãy ghi lý do" in written(answer)
    assert send(scene, "hold", reason="Chờ đi thực tế").location == "/reviews"
    assert "Chờ đi thực tế" in page(f"/reviews/{scene.row.uid}")
    assert send(scene, "AT1.1", value="2", base_version="1").status_code == 409
    assert send(scene, "resume").status_code == 302 and state_of(app, scene) == State.IN_REVIEW


def test_handing_over_to_a_colleague(build: Any, send: Any, app: Flask) -> None:
    scene = build()
    with app.app_context(), unit_of_work() as session:
        unit = session.get_one(OrganisationUnit, scene.officer.unit_id)
        other = make_actor(Role.COMMUNE_OFFICER, unit)
        uid = session.get_one(User, other.user_id).uid
    assert send(scene, "assign", officer="x").status_code == 422
    assert send(scene, "assign", officer=uid).status_code == 302
    assert send(scene, "AT1.1", value="2", base_version="0").status_code == 409


# ---- giving back ----


def marked(build: Any, app: Flask) -> Scene:
    scene: Scene = build()
    with app.app_context(), unit_of_work():
        make_verified(scene.row, ALL_TWO)
        form = scene.form
        now = form.round.opens_at
        service.mark_for_return(form, "AT1.2", WHY, base_version=1, actor=scene.officer, now=now)
    return scene


def test_giving_back_shows_what_and_asks_until_when(
    build: Any, send: Any, page: Any, app: Flask, set_clock: Any, now: datetime
) -> None:
    scene = marked(build, app)
    set_clock(now)
    text = page(f"/reviews/{scene.row.uid}/return")
    assert WHY in text and 'value="19/05/2027"' in text and '<option selected value="17">17g00' in text
    for fields, sentence in (
        ({"day": "31/02/2027", "hour": "17"}, "Ngày chưa đúng"),
        ({"day": "", "hour": "17"}, "Hãy ghi hạn bổ sung."),
        ({"day": "20/05/2027", "hour": "99"}, "Giá trị gửi lên chưa đúng."),
        ({"day": "1/5/27", "hour": "17"}, "Hạn bổ sung phải sau thời điểm hiện tại."),
        ({"day": "20/06/2027", "hour": "17"}, "Hạn này muộn hơn hạn kiểm tra của đơn vị"),
        ({"day": "20/05/2027", "hour": "17", "message": "a" * 2001}, "nhiều nhất là 2000 ký tự"),
    ):
        answer = send(scene, "return", **fields)
        assert answer.status_code == 422 and sentence in written(answer), sentence
    assert state_of(app, scene) == State.IN_REVIEW
    answer = send(scene, "return", day="20/6/27", hour="17", late_is_meant="y", message="Mong sớm.")
    assert answer.status_code == 302 and state_of(app, scene) == State.RETURNED
    text = page(f"/reviews/{scene.row.uid}")
    assert "hạn bổ sung 17g00, ngày 20/06/2027" in text and "Còn 1 tiêu chí trường chưa bổ sung" in text
    assert "Kiểm tra tiếp" not in text and send(scene, "start").status_code == 409
    set_clock(now + timedelta(days=50))
    assert "Kiểm tra tiếp với phiếu hiện có" in page(f"/reviews/{scene.row.uid}")
    assert send(scene, "start").location == f"/reviews/{scene.row.uid}/AT1.2"


def test_the_suggested_deadline_stays_before_the_authoritys_own(
    build: Any, page: Any, app: Flask, set_clock: Any, now: datetime
) -> None:
    scene = marked(build, app)
    with app.app_context(), unit_of_work() as session:
        round_ = session.get_one(Round, scene.round.id)
        round_.commune_closes_at = now + timedelta(days=3)
    set_clock(now)
    assert 'value="15/05/2027"' in page(f"/reviews/{scene.row.uid}/return")


def test_with_nothing_marked_the_page_says_how_to_mark(build: Any, send: Any, page: Any) -> None:
    scene = build()
    assert "Chưa có tiêu chí nào được đánh dấu" in page(f"/reviews/{scene.row.uid}/return")
    assert send(scene, "return", day="20/05/2099", hour="17").status_code == 422


# ---- concluding ----


def test_an_unfinished_examination_is_not_concluded_and_names_what_is_left(
    build: Any, send: Any, page: Any, app: Flask
) -> None:
    scene = build()
    with app.app_context(), unit_of_work():
        make_verified(scene.row, {"AT1.1": 2, "LM1.1": 2})
    text = page(f"/reviews/{scene.row.uid}/conclude")
    assert "Còn 2 tiêu chí chưa xem" in text and "Trình lãnh đạo" not in text
    answer = send(scene, "conclude", conclusion="Đề nghị xác nhận.")
    assert answer.status_code == 422 and "AT1.2, LM1.2" in written(answer)
    assert state_of(app, scene) == State.IN_REVIEW


def test_the_leader_decides_what_the_officer_proposed(
    build: Any, send: Any, page: Any, app: Flask, seat: Seat
) -> None:
    scene = build()
    with app.app_context(), unit_of_work():
        make_verified(scene.row, ALL_TWO | {"AT1.2": 1}, reason=WHY)
    text = page(f"/reviews/{scene.row.uid}/conclude")
    assert "Đạt 3/4 tiêu chí áp dụng" in text and WHY in text and "Trình lãnh đạo" in text
    send(scene, "conclude", conclusion="Đề nghị xác nhận.")
    assert send(scene, "approve").status_code == 403 and state_of(app, scene) == State.PROPOSED
    seat.actor = scene.leader
    text = page(f"/reviews/{scene.row.uid}/conclude")
    assert "Đề nghị xác nhận." in text and "Duyệt và xác nhận kết quả" in text
    answer = send(scene, "send-back", reason="ngắn")
    assert answer.status_code == 422 and "ít nhất 5 chữ cái" in written(answer)
    assert send(scene, "send-back", reason="Xem lại AT1.2 giúp.").status_code == 302
    seat.actor = scene.officer
    assert "Xem lại AT1.2 giúp." in page(f"/reviews/{scene.row.uid}")
    send(scene, "conclude", conclusion="Đã xem lại.")
    seat.actor = scene.leader
    assert send(scene, "approve").status_code == 302 and state_of(app, scene) == State.APPROVED
    late = send(scene, "approve")
    assert late.status_code == 409 and "Đã xác nhận" in written(late) and "Kết luận" in written(late)
    assert send(scene, "reopen", reason="").status_code == 422
    assert send(scene, "reopen", reason="Có đơn kiến nghị.").status_code == 302
    assert state_of(app, scene) == State.IN_REVIEW


def test_with_one_level_the_officer_confirms_on_the_page(
    build: Any, send: Any, page: Any, app: Flask
) -> None:
    scene = build(levels=1)
    with app.app_context(), unit_of_work():
        make_verified(scene.row, ALL_TWO)
    assert "Xác nhận kết quả" in page(f"/reviews/{scene.row.uid}/conclude")
    long = send(scene, "conclude", conclusion="x" * 2001)
    assert long.status_code == 422 and "Nội dung dài 2001 ký tự" in written(long)
    assert "Lý do dài" not in written(long)
    assert send(scene, "conclude", conclusion="").location == "/reviews"
    assert state_of(app, scene) == State.APPROVED


def test_the_administrator_opens_a_communes_confirmed_form_again(
    build: Any, send: Any, page: Any, app: Flask, seat: Seat
) -> None:
    scene = build(state=State.APPROVED)
    with app.app_context(), unit_of_work() as session:
        seat.take(Role.DEPARTMENT_ADMIN, session.get_one(OrganisationUnit, scene.round.department_id))
    assert "Mở lại hồ sơ" in page(f"/reviews/{scene.row.uid}/conclude")
    assert send(scene, "reopen", reason="Sai số liệu gốc.").status_code == 302
    assert state_of(app, scene) == State.IN_REVIEW


# ---- size ----


def test_forty_indicators_are_gone_through_and_take_no_more_statements(
    build: Any, send: Any, page: Any, app: Flask, seat: Seat, count_queries: Callable[[], Any]
) -> None:
    members = [plain_indicator(f"AT{1 + n // 10}.{1 + n % 10}") for n in range(40)]
    small, large = build(), build(framework=plain_framework([("AT", 1, members)]), levels=1)
    counts = []
    for scene in (small, large):
        seat.actor = scene.officer
        page(f"/reviews/{scene.row.uid}/AT1.1")
        with count_queries() as seen:
            page(f"/reviews/{scene.row.uid}/AT1.1")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 20
    address, count = f"/reviews/{large.row.uid}/AT1.1", 0
    while re.search(r"/AT\d", address):
        count += 1
        value, reason = ("1", WHY) if count % 4 == 0 else ("2", "")
        answer = send(large, address.rpartition("/")[2], value=value, reason=reason, base_version="0")
        address = answer.location
    assert count == 40 and "Khác tự đánh giá (10)" in page(address)
    assert send(large, "conclude", conclusion="").status_code == 302
    assert state_of(app, large) == State.APPROVED
