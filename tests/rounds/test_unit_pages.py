"""Deadlines, checkers, recorded facts and late schools over HTTP."""

from flask import Flask
from sqlalchemy import select

from survey_app.core.db import session
from survey_app.notices.models import Notice
from survey_app.rounds.models import Participation, VetoEvent
from survey_app.rounds.ports import FormState
from tests.rounds.conftest import FormsInMemory, Site, count

VETO = {
    "event_date": "15/3/27",
    "place": "Bếp ăn điểm chính",
    "document_number": "45/KL-SYT",
    "document_date": "2/4/27",
    "concluding_authority": "Sở Y tế",
}


def test_deadlines_move_with_a_reason(site: Site, app: Flask) -> None:
    data = {
        "closes_at": "17g, 25/5/27",
        "commune_closes_at": "10/6/27",
        "department_closes_at": "20/6/27",
        "version": str(site.ids["version"]),
    }
    assert "Hãy ghi lý do." in site.post("/rounds/{open}/deadlines", 422, **data)
    assert "17g00, 20/05/2027" in site.page("/rounds/{open}/deadlines")
    site.post("/rounds/{open}/deadlines", **data, reason="Mưa bão")
    assert "17g00, ngày 25/05/2027" in site.page("/rounds/{open}")
    site.post("/rounds/{open}/deadlines", 409, **data, reason="Lần hai")
    assert count(app, Notice, Notice.kind == "round.deadlines") == 8


def test_an_extension_is_shown_to_the_school(site: Site, app: Flask) -> None:
    site.sit("leader")
    address = "/rounds/participations/{thcs}/deadline"
    assert "phải sau hạn chung" in site.post(address, 422, until="17g00, 20/05/2027", reason="Ngập")
    assert "không được sau hạn kiểm tra" in site.post(address, 422, until="1/1/2028", reason="Ngập")
    assert "phải sau thời điểm hiện tại" in site.post(address, 422, until="1/1/2020", reason="Ngập")
    site.post(address, until="25/5/27 17g00", reason="Trường bị ngập")
    site.sit("head")
    text = site.page("/rounds/participations/{thcs}")
    assert "Gia hạn đến 17g00, ngày 25/05/2027" in text and "Trường bị ngập" in text
    site.sit("neighbour")
    assert "Gia hạn đến" not in site.page("/rounds/participations/{both}")
    site.sit("far leader")
    site.post(address, 404, until="25/5/27 17g00", reason="Khác")


def test_another_unit_is_set_to_check(site: Site, app: Flask) -> None:
    address = "/rounds/participations/{thcs}/reviewer"
    assert "Hãy chọn đơn vị khác" in site.post(address, 422, unit=site.uids["ward"], reason="Lý do")
    site.post(address, 404, unit="0" * 32, reason="Lý do")
    site.post(address, unit=site.uids["far"], reason="Trường thực hành")
    assert "Xã Đông Thuận" in site.page("/rounds/participations/{thcs}")
    site.sit("leader")
    site.page("/rounds/participations/{thcs}", 404)


def test_a_form_under_examination_keeps_its_checker(site: Site, app: Flask, forms: FormsInMemory) -> None:
    with app.app_context():
        ids = session.scalars(select(Participation.id)).all()
    forms.given = {part_id: [FormState("f" * 32, 1, "proposed")] for part_id in ids}
    address = "/rounds/participations/{thcs}/reviewer"
    assert "đang được kiểm tra" in site.post(address, 409, unit=site.uids["far"], reason="Lý do")


def test_a_fact_is_recorded_and_withdrawn_over_the_pages(site: Site, app: Flask) -> None:
    site.sit("leader")
    address = "/rounds/participations/{thcs}/vetoes/new"
    kind = f"{site.ids['general']}:V1"
    assert "Hãy chọn loại sự việc" in site.post(address, 422, **VETO)
    for field, value, sentence in (
        ("event_date", "31/2/27", "Ngày chưa đúng"),
        ("event_date", "1/1/20", "trong năm học của đợt"),
        ("document_date", "1/3/27", "không được trước ngày xảy ra"),
        ("place", "Nhà em Nguyễn Văn Mẫu", "Không ghi tên"),
        ("kind", "x:y", "Hãy chọn loại sự việc"),
    ):
        text = site.post(address, 422, **VETO | {"kind": kind} | {field: value})
        assert sentence in text and "Sở Y tế" in text
    assert count(app, VetoEvent) == 1
    site.post(address, **VETO, kind=kind)
    assert count(app, VetoEvent) == 2
    assert "Hãy ghi lý do." in site.post("/rounds/vetoes/{veto}/withdraw", 422, reason="")
    site.post("/rounds/vetoes/{veto}/withdraw", reason="Ghi nhầm trường")
    site.post("/rounds/vetoes/{veto}/withdraw", 409, reason="Ghi nhầm trường")
    assert "Ghi nhầm trường" in site.page("/rounds/participations/{thcs}")
    site.sit("head")
    text = site.page("/rounds/participations/{thcs}")
    assert "Ghi nhầm trường" not in text and "thương tích nặng" in text


def test_a_late_school_is_found_and_added(site: Site, app: Flask) -> None:
    text = site.page("/rounds/{open}/add?q=moi+lap")
    assert "THCS Mới Lập" in text and "Xã Đông Thuận" in text
    site.post("/rounds/{open}/add/{late}")
    assert "Không có trường nào khớp" in site.page("/rounds/{open}/add?q=moi+lap")
    site.post("/rounds/{open}/add/{late}", 409)
    site.post("/rounds/{open}/add/" + "0" * 32, 404)
    assert count(app, Participation) == 6
