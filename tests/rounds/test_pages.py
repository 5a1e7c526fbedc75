"""The pages of rounds over HTTP: who may see and do what, bad input, two people at once."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from survey_app.core.access import Actor
from survey_app.core.audit import AuditEvent
from survey_app.core.db import session, unit_of_work
from survey_app.frameworks.models import FrameworkVersion
from survey_app.notices.models import Notice
from survey_app.rounds import service
from survey_app.rounds.models import Participation, Round, VetoEvent
from survey_app.rounds.ports import FormState
from survey_app.rounds.service import opening
from survey_app.rounds.service.vetoes import VetoFacts
from survey_app.rules.permissions import Role
from tests.factories.organisations import make_school
from tests.factories.rounds import make_participation, make_round
from tests.rounds.conftest import FormsInMemory, make_land

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
VETO = {
    "event_date": "15/3/27",
    "place": "Bếp ăn điểm chính",
    "document_number": "45/KL-SYT",
    "document_date": "2/4/27",
    "concluding_authority": "Sở Y tế",
}


@dataclass
class Site:
    """The addresses of a department's rounds, and the people who may ask for them."""

    client: FlaskClient
    seat: Any
    people: dict[str, Actor]
    uids: dict[str, str]
    ids: dict[str, int]

    def sit(self, who: str) -> None:
        self.seat.actor = self.people[who]

    def page(self, address: str, status: int = 200) -> str:
        answer = self.client.get(address.format(**self.uids))
        assert answer.status_code == status, (address, answer.status_code)
        return answer.get_data(as_text=True)

    def post(self, address: str, status: int = 302, **data: Any) -> str:
        answer = self.client.post(address.format(**self.uids), data=data)
        text = answer.get_data(as_text=True)
        assert answer.status_code == status, (address, answer.status_code, text)
        return text


@pytest.fixture(autouse=True)
def at_noon_in_may(now: datetime) -> Iterator[None]:
    """The pages' clock stands still in the school year of the tests."""
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def site(app: Flask, client: FlaskClient, seat: Any, now: datetime) -> Site:
    """One open round with every school, one planned round, people of each role."""
    with app.app_context(), unit_of_work():
        land, foreign = make_land(), make_land()
        open_round = make_round(land.department, [land.general, land.preschool], title="Đợt <b>mở</b>")
        parts = {name: make_participation(open_round, unit) for name, unit in land.schools.items()}
        plan = service.create_round(land.plan(title="Đợt sắp mở"), actor=land.admin, now=now)
        late = make_school(land.far, name="THCS Mới Lập")
        facts = VetoFacts(land.general.id, "V3", now.date(), "Bếp", "45/KL", now.date(), "Sở Y tế")
        veto = service.record_veto(parts["thcs"], facts, actor=land.admin, now=now)
        people = {
            "admin": land.admin,
            "head": land.sits(Role.UNIT_HEAD, land.schools["thcs"]),
            "member": land.sits(Role.UNIT_MEMBER, land.schools["thcs"]),
            "neighbour": land.sits(Role.UNIT_HEAD, land.schools["both"]),
            "officer": land.sits(Role.COMMUNE_OFFICER, land.ward),
            "leader": land.sits(Role.COMMUNE_LEADER, land.ward),
            "far leader": land.sits(Role.COMMUNE_LEADER, land.far),
            "department officer": land.sits(Role.DEPARTMENT_OFFICER, land.department),
            "department leader": land.sits(Role.DEPARTMENT_LEADER, land.department),
            "viewer": land.sits(Role.VIEWER, land.department),
            "foreign admin": foreign.admin,
        }
        uids = {
            "open": open_round.uid,
            "plan": plan.uid,
            "veto": veto.uid,
            "ward": land.ward.uid,
            "far": land.far.uid,
            "late": late.uid,
            **{name: part.uid for name, part in parts.items()},
        }
        ids = {"general": land.general.id, "far": land.far.id, "version": open_round.version}
        ids |= {f"unit {name}": unit.id for name, unit in land.schools.items()}
    site = Site(client, seat, people, uids, ids)
    site.sit("admin")
    return site


def count(app: Flask, table: Any, *where: Any) -> int:
    with app.app_context():
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0


READ = ["/rounds", "/rounds/{open}", "/rounds/{open}/participants", "/rounds/participations/{thcs}"]
MANAGE = [
    "/rounds/new",
    "/rounds/{plan}/edit",
    "/rounds/{plan}/units",
    "/rounds/{plan}/open",
    "/rounds/{open}/deadlines",
    "/rounds/{open}/add",
    "/rounds/participations/{thcs}/reviewer",
]
DECIDE = [
    "/rounds/participations/{thcs}/deadline",
    "/rounds/participations/{thcs}/vetoes/new",
    "/rounds/vetoes/{veto}/withdraw",
]


@pytest.mark.parametrize("address", READ + MANAGE + DECIDE)
def test_a_page_opens_for_whom_it_is_meant(site: Site, address: str) -> None:
    for who in site.people:
        site.sit(who)
        status = 200
        if address in MANAGE and who not in ("admin", "foreign admin"):
            status = 403
        elif address in DECIDE and who not in ("admin", "foreign admin", "leader", "far leader"):
            status = 403  # officers and schools lack the permission, the department's leader the object
        elif address == "/rounds/participations/{thcs}" and who in ("neighbour", "far leader"):
            status = 404
        elif address in DECIDE and who == "far leader":
            status = 404
        elif who == "foreign admin" and "{" in address:
            status = 404
        site.page(address, status)


def test_names_are_escaped_and_wards_stand_beside_schools(site: Site) -> None:
    text = site.page("/rounds/{open}/participants")
    assert "Đợt &lt;b&gt;mở&lt;/b&gt;" in text and "<b>mở</b>" not in text
    assert "THCS Châu Văn Liêm" in text and "Phường Bình Thuỷ" in text


def test_a_list_is_narrowed_and_rubbish_in_the_address_does_no_harm(site: Site) -> None:
    text = site.page("/rounds/{open}/participants?q=chau+liem&stage=thcs&ward={ward}")
    assert "THCS Châu Văn Liêm" in text and "THPT Ấp Mới" not in text
    text = site.page("/rounds/{open}/participants?q=zzz&stage=%27&ward=%00&reviewer=x&page=-1")
    assert "Không có đơn vị nào khớp" in text
    site.page("/rounds/" + "0" * 32, 404)


def test_forms_are_shown_where_they_stand(site: Site, app: Flask, forms: FormsInMemory) -> None:
    with app.app_context():
        part_id = session.scalars(
            select(Participation.id).where(Participation.uid == site.uids["thcs"])
        ).one()
    forms.given[part_id] = [FormState("f" * 32, site.ids["general"], "in_review", "/assessments/ff")]
    for who in ("admin", "viewer"):
        site.sit(who)
        assert "Đang kiểm tra" in site.page("/rounds/{open}/participants?q=liem")
        text = site.page("/rounds/participations/{thcs}")
        assert "Đang kiểm tra" in text and ('href="/assessments/ff"' in text) is (who == "admin")


def test_a_fact_is_seen_by_authority_and_school_but_not_by_a_viewer(site: Site) -> None:
    for who, sees in (
        ("admin", True),
        ("officer", True),
        ("head", True),
        ("member", True),
        ("viewer", False),
    ):
        site.sit(who)
        text = site.page("/rounds/participations/{thcs}")
        assert ("Ngộ độc thực phẩm" in text) is sees and ("Sự việc loại trừ" in text) is sees, who
    assert "Sự việc loại trừ" not in site.page("/rounds/{open}/participants")
    site.sit("head")
    assert "Ghi nhận sự việc" not in site.page("/rounds/participations/{thcs}")


def test_a_round_is_planned_with_dates_as_people_type_them(site: Site, app: Flask) -> None:
    answer = site.client.post("/rounds/new", data=PLAN | {"thcs": str(site.ids["general"])})
    assert answer.status_code == 302 and answer.location.endswith("/units")
    text = site.page(answer.location.removesuffix("/units") + "/edit")
    for shown in ("00g00, 01/05/2027", "17g00, 20/05/2027", "17g00, 10/06/2027", "17g00, 20/06/2027"):
        assert shown in text
    assert 'value="2026-2027"' in text


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
    assert "Hãy tải lại trang" in text
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
        site.page(address, 409)
    text = site.page("/rounds/{plan}")
    assert "6 đơn vị tham gia" in text and "Đang mở" in text


def test_a_draft_set_is_marked_wherever_it_is_named(site: Site, app: Flask) -> None:
    with app.app_context(), unit_of_work() as writing:
        writing.get_one(FrameworkVersion, site.ids["general"]).status = "draft"
    for address in (
        "/rounds/{plan}",
        "/rounds/{plan}/open",
        "/rounds/{plan}/edit",
        "/rounds/participations/{thcs}",
    ):
        assert "BẢN NHÁP" in site.page(address), address


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
    assert "Hãy tải lại trang" in site.post("/rounds/{plan}/open", 409)


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
    assert "Hãy tải lại" in site.post("/rounds/{open}/deadlines", 409, **data, reason="Lần hai")
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


def test_writing_needs_the_permission_and_the_object(site: Site, app: Flask) -> None:
    posts = [*MANAGE[:4], "/rounds/{plan}/units/scope", *MANAGE[4:5], "/rounds/{open}/add/{late}", MANAGE[6]]
    for who in ("head", "officer", "leader", "department leader", "viewer"):
        site.sit(who)
        for address in posts:
            site.post(address, 403)
    site.sit("foreign admin")
    for address in posts[1:] + DECIDE:
        site.post(address, 404, reason="x", unit=site.uids["far"])
    assert count(app, AuditEvent, AuditEvent.outcome == "denied") == 5 * len(posts)


def test_a_page_costs_the_same_queries_whatever_its_length(
    site: Site, app: Flask, count_queries: Any
) -> None:
    def cost() -> list[int]:
        found = []
        for address in (*READ, *MANAGE, *DECIDE):
            with count_queries() as seen:
                site.page(address)
            found.append(len(seen))
        return found

    before = cost()
    with app.app_context(), unit_of_work():
        round_ = session.scalars(select(Round).where(Round.uid == site.uids["open"])).one()
        ward = session.scalars(select(Participation).where(Participation.uid == site.uids["thcs"])).one().ward
        for _ in range(30):
            make_participation(round_, make_school(ward))
    assert cost() == before and max(before) <= 16
