"""Writing to many schools from the page: to whom, once, who has read it, reminding the others."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.accounts.models import User
from survey_app.core import clock
from survey_app.core.audit import AuditEvent
from survey_app.core.db import session, unit_of_work
from survey_app.notices.models import Message, Notice, NoticeReceipt
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import AUTHORITY, Role
from survey_app.rules.workflow import State
from tests.conftest import Seat
from tests.factories.accounts import make_actor, make_membership, make_user
from tests.factories.assessments import make_assessment, make_submitted
from tests.factories.organisations import make_commune, make_department, make_school
from tests.factories.rounds import make_participation, make_round

KEY = re.compile(r'name="key" type="hidden" value="([0-9a-f]{32})"')
STEPS = ("look", "change", "send")
WORDS = {"title": "Tập huấn sử dụng hệ thống", "body": "Sáng thứ Hai, 8 giờ.\nMời thầy cô dự."}


class Town:
    """A department with two communes of two schools each, and an open round with forms in several states."""

    def __init__(self, app: Flask, seat: Seat) -> None:
        self.app, self.seat, now = app, seat, clock.now()
        department = make_department()
        wards = [make_commune(department, name=f"Phường {name}") for name in ("An", "Bình")]
        schools = [make_school(ward, name=f"THCS Số {n}") for n, ward in enumerate((*wards, *wards), 1)]
        self.ids = {"department": department.id, "an": wards[0].id, "binh": wards[1].id}
        self.ids |= {f"school{n}": school.id for n, school in enumerate(schools, 1)}
        self.ward_uid = wards[0].uid
        times = {"opens_at": now - timedelta(days=9), "closes_at": now + timedelta(days=12)}
        times |= {
            "commune_closes_at": now + timedelta(days=30),
            "department_closes_at": now + timedelta(days=40),
        }
        round_ = make_round(department, title="Đợt cuối năm", **times)
        self.round_uid = round_.uid
        parts = [make_participation(round_, school) for school in schools]
        make_assessment(parts[0], {})
        make_submitted(parts[1], {})
        make_submitted(parts[2], {}, state=State.RETURNED)
        make_assessment(parts[3], {})
        make_membership(make_user(password="x", phone="0909 000 111"), schools[0], Role.UNIT_HEAD)

    def sit(self, role: Role, unit: str = "department") -> None:
        with self.app.app_context(), unit_of_work():
            self.seat.take(role, session.get_one(OrganisationUnit, self.ids[unit]), name="Võ Thị Quản Trị")

    def got(self) -> set[str]:
        """The schools that have a notice."""
        with self.app.app_context():
            ids = set(session.scalars(select(Notice.unit_id)))
            return {name for name, unit_id in self.ids.items() if unit_id in ids}


@pytest.fixture
def town(app: Flask, seat: Seat) -> Town:
    with app.app_context(), unit_of_work():
        made = Town(app, seat)
    made.sit(Role.DEPARTMENT_ADMIN)
    return made


@pytest.fixture
def write(client: FlaskClient) -> Callable[..., Any]:
    """Send the form as its button `step` does."""

    def post(step: str = "send", **values: str) -> Any:
        key = KEY.search(client.get("/notices/new").get_data(as_text=True))
        assert key
        return client.post("/notices/new", data={"step": step, "key": key[1], "to": "all"} | WORDS | values)

    return post


def test_only_a_message_that_was_sent_lets_a_browser_forget_its_words(town: Town, write: Any) -> None:
    taken = {step: write(step, jotting="abcd12345").headers.getlist("Set-Cookie") for step in STEPS}
    assert {step: any("taken=abcd12345" in one for one in cookies) for step, cookies in taken.items()} == {
        "look": False,
        "change": False,
        "send": True,
    }


@pytest.mark.parametrize(
    ("role", "unit", "to", "got"),
    [
        (Role.DEPARTMENT_ADMIN, "department", "all", {"school1", "school2", "school3", "school4"}),
        (Role.DEPARTMENT_OFFICER, "department", "not_activated", {"school2", "school3", "school4"}),
        (Role.DEPARTMENT_LEADER, "department", "not_submitted", {"school1", "school4"}),
        (Role.DEPARTMENT_LEADER, "department", "returned", {"school3"}),
        (Role.COMMUNE_OFFICER, "an", "all", {"school1", "school3"}),
        (Role.COMMUNE_LEADER, "an", "not_activated", {"school3"}),
        (Role.COMMUNE_OFFICER, "binh", "not_submitted", {"school4"}),
    ],
)
def test_each_group_holds_the_schools_it_says_in_the_senders_area(
    town: Town, write: Any, client: FlaskClient, role: Role, unit: str, to: str, got: set[str]
) -> None:
    town.sit(role, unit)
    code = f"{to}:{town.round_uid}" if to in ("not_submitted", "returned") else to
    look = write("look", to=code)
    assert look.status_code == 200 and f"Gửi đến {len(got)} trường" in look.get_data(as_text=True)
    assert town.got() == set()
    answer = write(to=code)
    assert answer.status_code == 302 and town.got() == got
    assert f"Đã đọc 0/{len(got)} trường" in client.get(answer.location).get_data(as_text=True)


def test_a_ward_narrows_and_an_empty_group_is_named(town: Town, write: Any) -> None:
    assert write(ward=town.ward_uid).status_code == 302 and town.got() == {"school1", "school3"}
    answer = write("look", to=f"returned:{town.round_uid}", ward="0" * 32)
    assert answer.status_code == 422
    town.sit(Role.COMMUNE_OFFICER, "binh")
    for step in ("look", "send"):
        answer = write(step, to=f"returned:{town.round_uid}")
        assert answer.status_code == 422 and "Không có trường nào" in answer.get_data(as_text=True)


def test_sending_twice_with_one_key_sends_once(town: Town, client: FlaskClient, app: Flask) -> None:
    data = {"step": "send", "key": "a" * 32, "to": "all"} | WORDS
    assert client.post("/notices/new", data=data).location == client.post("/notices/new", data=data).location
    with app.app_context():
        assert session.query(Message).count() == 1 and session.query(Notice).count() == 4
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "notice.send")).all()
        assert [event.new["units"] for event in events] == [4]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"title": ""}, "Hãy ghi tiêu đề"),
        ({"body": " "}, "Hãy ghi nội dung"),
        ({"title": "x" * 151}, "dài quá 150"),
        ({"body": "x" * 4001}, "dài quá 4000"),
        ({"body": "a\x00b"}, "ký tự không hợp lệ"),
        ({"to": "everybody"}, "Lựa chọn không hợp lệ"),
        ({"to": "not_submitted:" + "0" * 32}, "Lựa chọn không hợp lệ"),
        ({"url": "https://evil.test/x"}, "Chỉ nhận liên kết trong hệ thống"),
        ({"url": "//evil.test"}, "Chỉ nhận liên kết trong hệ thống"),
        ({"url": "/\\evil.test"}, "Chỉ nhận liên kết trong hệ thống"),
        ({"url": "javascript:alert(1)"}, "Chỉ nhận liên kết trong hệ thống"),
    ],
)
def test_a_bad_field_is_named_and_nobody_gets_anything(
    town: Town, write: Any, values: dict[str, str], sentence: str
) -> None:
    answer = write(**values)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True) and town.got() == set()


def test_the_words_arrive_as_plain_text_with_a_local_link(
    town: Town, write: Any, client: FlaskClient, app: Flask
) -> None:
    write(title="<b>Đậm</b> {{7*7}}", body="<script>x</script>\nDòng 2", url="http://localhost/assessments")
    town.sit(Role.UNIT_HEAD, "school1")
    with app.app_context():
        uid = session.scalar(select(Notice.uid).where(Notice.unit_id == town.ids["school1"]))
    page = client.get(f"/notices/{uid}").get_data(as_text=True)
    assert "&lt;b&gt;Đậm&lt;/b&gt; {{7*7}}" in page and "<script>x" not in page
    assert 'href="/assessments"' in page
    assert "&lt;b&gt;Đậm" in client.get("/notices").get_data(as_text=True)


def test_the_sender_sees_who_read_it_when_and_reminds_only_the_others(
    town: Town, write: Any, client: FlaskClient, app: Flask
) -> None:
    sent = write().location
    for who in ("Lê Thị Đọc", "Người Đọc Sau"):
        with app.app_context(), unit_of_work():
            school = session.get_one(OrganisationUnit, town.ids["school2"])
            town.seat.actor = make_actor(Role.UNIT_MEMBER, school, name=who)
            uid = session.scalar(select(Notice.uid).where(Notice.unit_id == school.id))
        client.post(f"/notices/{uid}/read")
    town.sit(Role.DEPARTMENT_LEADER)
    page = client.get(sent).get_data(as_text=True)
    assert "Đã đọc 1/4 trường" in page and "0909 000 111" in page and "THCS Số 2" not in page
    read = client.get(f"{sent}?read=1").get_data(as_text=True)
    assert (
        "THCS Số 2" in read and "Lê Thị Đọc" in read and "và 1 người khác" in read and "THCS Số 1" not in read
    )
    assert "1/4" in client.get("/notices/sent").get_data(as_text=True)
    data = {"key": "b" * 32}
    again = client.post(f"{sent}/remind", data=data)
    assert client.post(f"{sent}/remind", data=data).location == again.location
    page = client.get(again.location).get_data(as_text=True)
    assert "Đã đọc 0/3 trường" in page and "Nhắc lại: Tập huấn" in page
    with app.app_context():
        twice = [row.unit_id for row in session.scalars(select(Notice)) if row.title.startswith("Nhắc lại")]
        assert set(twice) == {town.ids[name] for name in ("school1", "school3", "school4")}


def test_when_all_have_read_there_is_nobody_to_remind(
    town: Town, write: Any, client: FlaskClient, app: Flask
) -> None:
    sent = write(to=f"returned:{town.round_uid}").location
    with app.app_context(), unit_of_work():
        notice = session.scalar(select(Notice))
        assert notice is not None
        session.add(
            NoticeReceipt(notice_id=notice.id, user_id=session.scalar(select(User.id)), read_at=clock.now())
        )
    assert "Mọi trường đã đọc" in client.get(sent).get_data(as_text=True)
    assert client.post(f"{sent}/remind", data={"key": "c" * 32}).status_code == 409


def test_what_another_unit_sent_is_not_found(town: Town, write: Any, client: FlaskClient) -> None:
    sent = write().location
    town.sit(Role.COMMUNE_LEADER, "an")
    assert client.get(sent).status_code == 404
    assert client.post(f"{sent}/remind", data={"key": "d" * 32}).status_code == 404
    assert "Tập huấn" not in client.get("/notices/sent").get_data(as_text=True)


@pytest.mark.parametrize("role", sorted(set(Role) - AUTHORITY))
def test_schools_and_viewers_send_nothing(town: Town, client: FlaskClient, role: Role) -> None:
    town.sit(role, "department" if role is Role.VIEWER else "school1")
    for path in ("/notices/new", "/notices/sent", "/notices/sent/" + "0" * 32):
        assert client.get(path).status_code == 403
    assert (
        client.post("/notices/new", data={"step": "send", "key": "e" * 32, "to": "all"} | WORDS).status_code
        == 403
    )
    assert "Viết thông báo" not in client.get("/notices").get_data(as_text=True)


def test_the_page_that_leads_here_proposes_group_and_words(town: Town, client: FlaskClient) -> None:
    overview = client.get(f"/results/{town.round_uid}").get_data(as_text=True)
    link = re.search(r'href="(/notices/new\?[^"]+)"[^>]*>Nhắc các trường chưa nộp', overview)
    assert link
    page = client.get(link[1].replace("&amp;", "&")).get_data(as_text=True)
    assert f'<option selected value="not_submitted:{town.round_uid}">' in page
    assert "Nhắc nộp phiếu tự đánh giá" in page and "Đợt cuối năm: hạn nộp" in page


def test_a_flood_of_messages_is_slowed(town: Town, client: FlaskClient) -> None:
    codes = [
        client.post(
            "/notices/new", data={"step": "send", "key": f"{n:032x}", "to": "all"} | WORDS
        ).status_code
        for n in range(31)
    ]
    assert codes == [302] * 30 + [429]


def test_the_list_of_receivers_takes_few_statements(
    town: Town, write: Any, client: FlaskClient, app: Flask, count_queries: Any
) -> None:
    with app.app_context(), unit_of_work():
        ward = session.get_one(OrganisationUnit, town.ids["an"])
        for _ in range(60):
            make_school(ward)
    sent = write().location
    with count_queries() as seen:
        page = client.get(sent).get_data(as_text=True)
    assert page.count('class="first"') == 50 and len(seen) <= 6, seen.statements
    with count_queries() as seen:
        client.get("/notices/sent")
    assert len(seen) <= 5
