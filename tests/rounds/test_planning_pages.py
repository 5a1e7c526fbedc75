"""Planning and opening over HTTP: dates as typed, bad input, page by page, two people at once."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from survey_app.core.audit import AuditEvent
from survey_app.core.db import session
from survey_app.notices.models import Notice
from survey_app.rounds.models import Participation, Round
from survey_app.rounds.service import opening
from tests.rounds.conftest import FormsInMemory, Site, count

PLAN = {
    "title": "Đánh giá cuối năm",
    "purpose": "end_of_year",
    "school_year": "2026 – 2027",
    "opens_at": "1/5/27",
    "closes_at": "17g00, 20/05/2027",
    "commune_closes_at": "10/6/27 17:00",
    "department_closes_at": "17h ngày 20.6.2027",
    "grace_minutes": "10",
    "checking_levels": "2",
}


def test_a_round_is_planned_with_dates_as_people_type_them(site: Site, app: Flask) -> None:
    answer = site.client.post("/rounds/new", data=PLAN | {"thcs": str(site.ids["general"])})
    assert answer.status_code == 302 and answer.location.endswith("/units")
    text = site.page(answer.location.removesuffix("/units") + "/edit")
    for shown in ("00g00, 01/05/2027", "17g00, 20/05/2027", "17g00, 10/06/2027", "17g00, 20/06/2027"):
        assert shown in text
    assert 'value="2026-2027"' in text


@pytest.mark.parametrize("asked", [True, False])
def test_a_round_says_whether_the_signed_print_is_asked_for(site: Site, app: Flask, asked: bool) -> None:
    choice = {"signed_copy_required": "y"} if asked else {}
    answer = site.client.post("/rounds/new", data=PLAN | {"thcs": str(site.ids["general"])} | choice)
    address = answer.location.removesuffix("/units")
    box = re.search(r'<input[^>]*name="signed_copy_required"[^>]*>', site.page(address + "/edit"))
    assert box and ("checked" in box[0]) is asked
    assert ("Trường phải tải lên bản phiếu đã ký" in site.page(address)) is asked


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "", "Hãy đặt tên đợt."),
        ("title", "x" * 161, "dài quá 160 ký tự"),
        ("title", "a\x00b", "ký tự không hợp lệ"),
        ("purpose", "", "Hãy chọn loại đợt."),
        ("purpose", "x", "Hãy chọn loại đợt."),
        ("school_year", "2026-2028", "hai năm liền nhau"),
        ("closes_at", "31/02/2027", "Giờ, ngày chưa đúng"),
        ("closes_at", "25g00 20/05/2027", "Giờ, ngày chưa đúng"),
        ("closes_at", "", "Hãy ghi hạn nộp của trường."),
        ("closes_at", "30/4/27", "phải sau thời điểm mở đợt"),
        ("commune_closes_at", "20/5/27", "phải sau hạn nộp của trường"),
        ("department_closes_at", "9/6/27", "không được trước hạn của xã, phường"),
        ("grace_minutes", "mười", "từ 0 đến 60"),
        ("grace_minutes", "99", "từ 0 đến 60"),
        ("checking_levels", "7", "một hoặc hai cấp"),
        ("thcs", "", "Hãy chọn bộ tiêu chí"),
        ("thcs", "abc", "Bộ tiêu chí đã chọn không có"),
        ("thcs", "9" * 30, "Bộ tiêu chí đã chọn không có"),
        ("note", "x" * 1001, "dài quá 1000 ký tự"),
    ],
)
def test_a_bad_plan_is_answered_on_the_form_and_nothing_is_written(
    site: Site, app: Flask, field: str, value: str, sentence: str
) -> None:
    data = PLAN | {"thcs": str(site.ids["general"])} | {field: value}
    text = site.post("/rounds/new", 422, **data)
    assert sentence in text and "problems" in text
    assert field == "title" or "Đánh giá cuối năm" in text
    assert (
        count(app, Round) == 2
        and "Not a valid" not in text
        and "required" not in text.lower().split("novalidate")[0]
    )


def test_a_plan_changed_meanwhile_is_not_overwritten(site: Site, app: Flask) -> None:
    data = PLAN | {"thcs": str(site.ids["general"]), "version": "1"}
    site.post("/rounds/{plan}/edit", **data)
    text = site.post("/rounds/{plan}/edit", 409, **data | {"title": "Của người khác"})
    assert "Hãy mở lại trang của đợt" in text
    assert count(app, Round, Round.title == "Đánh giá cuối năm") == 1


def test_scope_and_ticks_are_kept_page_by_page(site: Site, app: Flask) -> None:
    site.post("/rounds/{plan}/units/scope", ward=[str(site.ids["far"])], stage=["thcs", "tieu_hoc"])
    text = site.page("/rounds/{plan}/units")
    assert "THCS Mới Lập" in text and "THCS Châu Văn Liêm" not in text and "checked" in text
    shown = [str(site.ids["unit early"]), str(site.ids["unit by_hand"])]
    site.post("/rounds/{plan}/units", shown=shown, kept=shown[:1])
    assert "THCS Dân tộc nội trú" in site.page("/rounds/{plan}/units?show=excluded")
    assert "Mầm non và Tiểu học" not in site.page("/rounds/{plan}/units?show=excluded")


def test_a_scope_that_cannot_be_is_refused(site: Site, app: Flask) -> None:
    for data in ({"ward": "9" * 40}, {"stage": "x"}, {"type": "x"}, {"ward": str(site.ids["unit thcs"])}):
        assert "chưa đúng" in site.post("/rounds/{plan}/units/scope", 422, **data)
    site.post("/rounds/{plan}/units", shown="9" * 40, kept="x")
    assert count(app, AuditEvent, AuditEvent.action == "round.choose") == 1


def test_the_last_look_says_what_will_be_frozen_and_opening_does_it(
    site: Site, app: Flask, forms: FormsInMemory
) -> None:
    text = site.page("/rounds/{plan}/open")
    assert "Mở đợt với 6 đơn vị" in text and "do 2 xã, phường kiểm tra" in text
    site.post("/rounds/{plan}/open")
    assert len(forms.asked) == 1 and count(app, Notice, Notice.kind == "round.open") == 6
    for address in ("/rounds/{plan}/open", "/rounds/{plan}/edit", "/rounds/{plan}/units"):
        site.page(address, 302)  # an old tab or the way back
        assert "đợt này đã mở" in site.page("/rounds/{plan}")
    text = site.page("/rounds/{plan}")
    assert "6 đơn vị tham gia" in text and "Đang mở" in text


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act answered or raised, all begun at the same moment."""
    barrier, answers = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            answers.append(act())
        except Exception as error:
            answers.append(type(error))

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def open_twice(app: Flask, site: Site) -> list[Any]:
    address = "/rounds/{plan}/open".format(**site.uids)
    return at_once(*[lambda: app.test_client().post(address).status_code] * 2)


def test_two_people_open_a_round_at_once_and_one_is_told(
    site: Site, app: Flask, forms: FormsInMemory
) -> None:
    assert sorted(open_twice(app, site)) == [302, 409]
    assert count(app, Participation) == 5 + 6 and len(forms.asked) == 1
    assert count(app, Notice, Notice.kind == "round.open") == 6
    assert count(app, AuditEvent, AuditEvent.action == "round.open") == 1


def test_without_the_condition_both_would_open_it(
    site: Site, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The canary of the test above: with the guard off the second gets as far as writing schools twice."""

    def unguarded(round_: Round, *, start: str, **values: Any) -> None:
        for name, value in values.items():
            setattr(round_, name, value)

    monkeypatch.setattr(opening, "move", unguarded)
    assert set(open_twice(app, site)) == {302, IntegrityError}


def test_a_double_click_on_opening_is_a_plain_409(site: Site, app: Flask) -> None:
    site.post("/rounds/{plan}/open")
    assert "Hãy mở lại trang của đợt" in site.post("/rounds/{plan}/open", 409)


def test_a_round_that_has_not_opened_can_be_deleted(site: Site, app: Flask) -> None:
    assert "Xóa đợt đang chuẩn bị" in site.page("/rounds/{plan}")
    before = count(app, Round)
    site.post("/rounds/{plan}/delete")
    assert count(app, Round) == before - 1
    assert count(app, AuditEvent, AuditEvent.action == "round.delete") == 1
    site.page("/rounds/{plan}", 404)


def test_an_open_round_is_not_deleted(site: Site, app: Flask) -> None:
    site.post("/rounds/{plan}/open")
    site.post("/rounds/{plan}/delete", 409)
    assert "Xóa đợt" not in site.page("/rounds/{plan}")


def test_a_second_round_of_the_same_kind_and_year_is_warned_of(site: Site, app: Flask) -> None:
    assert "“Đánh giá cuối năm” cùng loại" not in site.page("/rounds/{plan}/open")
    plan = PLAN | {"thcs": str(site.ids["general"])}
    with app.app_context():
        found = session.scalars(select(Round).where(Round.uid == site.uids["plan"])).one()
        plan |= {"purpose": found.purpose, "school_year": found.school_year}
    site.post("/rounds/new", **plan)
    assert "“Đánh giá cuối năm” cùng loại, cùng năm học" in site.page("/rounds/{plan}/open")
