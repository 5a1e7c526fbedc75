"""Notices: seen by their unit, marked by hand, counted beside the bell."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts import queries as queries_of_people
from survey_app.core.access import Actor
from survey_app.core.db import session, unit_of_work
from survey_app.notices import queries, service
from survey_app.notices.models import Notice, NoticeReceipt
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.errors import NotFound
from survey_app.rules.permissions import Role
from tests.conftest import Seat
from tests.factories.accounts import make_actor, make_membership, make_user
from tests.factories.notices import make_notice
from tests.factories.organisations import make_commune, make_school


@pytest.fixture
def place(app: Flask, seat: Seat) -> dict[str, Any]:
    """A school with a seated head and one more member, its commune, and three notices."""
    with app.app_context(), unit_of_work():
        commune = make_commune()
        school, other = make_school(commune, name="THCS Mẫu"), make_school(commune)
        seat.take(Role.UNIT_HEAD, school, name="Trần Văn Trưởng")
        make_membership(make_user(name="Lê Thị Lan"), school, Role.UNIT_MEMBER)
        first = make_notice(school, title="Đợt đã mở")
        second = make_notice(
            school,
            title="<b>Yêu cầu</b> bổ sung",
            body="Dòng 1\nDòng 2",
            url="/forms/1",
            sender_id=commune.id,
        )
        foreign = make_notice(other)
        return {
            "school": school.id,
            "commune": commune.id,
            "first": first.uid,
            "second": second.uid,
            "foreign": foreign.uid,
        }


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def receipts(app: Flask) -> int:
    with app.app_context():
        return session.query(NoticeReceipt).count()


def test_the_list_is_of_ones_unit_newest_first(client: FlaskClient, place: dict[str, Any]) -> None:
    text = page(client, "/notices")
    assert text.index("&lt;b&gt;Yêu cầu&lt;/b&gt; bổ sung") < text.index("Đợt đã mở")
    assert text.count("Chưa đọc</span>") == 2 and "2 chưa đọc" in text


def test_looking_marks_nothing_opening_marks(client: FlaskClient, app: Flask, place: dict[str, Any]) -> None:
    text = page(client, f"/notices/{place['second']}")
    assert "Đánh dấu đã đọc" in text and "Dòng 1\nDòng 2" in text and 'href="/forms/1"' in text
    assert receipts(app) == 0
    for _ in range(2):
        assert client.post(f"/notices/{place['second']}/read").location == f"/notices/{place['second']}"
    assert receipts(app) == 1
    text = page(client, f"/notices/{place['second']}")
    assert "Đánh dấu đã đọc" not in text and "Đã đọc 1/2 người" in text and "Lê Thị Lan" in text
    assert "1 chưa đọc" in page(client, "/notices")


def test_a_foreign_notice_is_not_found(client: FlaskClient, app: Flask, place: dict[str, Any]) -> None:
    for uid in (place["foreign"], "0" * 32):
        page(client, f"/notices/{uid}", 404)
        assert client.post(f"/notices/{uid}/read").status_code == 404
    assert receipts(app) == 0


def test_the_sender_sees_who_has_read_but_marks_nothing(
    client: FlaskClient, app: Flask, seat: Seat, place: dict[str, Any]
) -> None:
    client.post(f"/notices/{place['second']}/read")
    with app.app_context(), unit_of_work():
        seat.take(Role.COMMUNE_OFFICER, session.get(OrganisationUnit, place["commune"]))
    text = page(client, f"/notices/{place['second']}")
    assert "Đã đọc 1/2 người" in text and "Gửi đến THCS Mẫu" in text and 'href="/forms/1"' not in text
    client.post(f"/notices/{place['second']}/read")
    assert receipts(app) == 1
    page(client, f"/notices/{place['first']}", 404)


def test_an_empty_list_says_what_will_come(client: FlaskClient, app: Flask, seat: Seat) -> None:
    with app.app_context(), unit_of_work():
        seat.take(Role.UNIT_HEAD, make_school())
    assert "Chưa có thông báo nào" in page(client, "/notices")


def test_a_stranger_is_sent_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/notices").status_code == 302
    assert client.post(f"/notices/{'0' * 32}/read").status_code == 401


def test_fifty_a_page_with_few_statements(
    client: FlaskClient, app: Flask, place: dict[str, Any], count_queries: Any
) -> None:
    with app.app_context(), unit_of_work():
        school = session.get(OrganisationUnit, place["school"])
        assert school is not None
        for _ in range(60):
            make_notice(school)
    with count_queries() as seen:
        text = page(client, "/notices")
    assert text.count("Thông báo thử") == 50 and len(seen) <= 5
    assert page(client, "/notices?page=2").count('class="task"') == 12


def test_who_joins_later_need_not_catch_up(app: Flask, place: dict[str, Any]) -> None:
    with app.app_context(), unit_of_work():
        school = session.get(OrganisationUnit, place["school"])
        assert school is not None
        late = make_user()
        joined = make_membership(
            late, school, Role.UNIT_MEMBER, starts_at=datetime(2026, 10, 1, tzinfo=UTC) + timedelta(days=9)
        )
        actor = Actor(late.id, joined.id, Role.UNIT_MEMBER, school.id, "school", 1, school.name, "X", 0)
        assert queries.unread_count(actor) == 0 and queries.list_notices(actor).total == 2
        make_notice(school, now=datetime(2026, 10, 11, tzinfo=UTC))
        assert queries.unread_count(actor) == 1


def test_readers_are_those_who_work_there_now(app: Flask, place: dict[str, Any], now: datetime) -> None:
    with app.app_context(), unit_of_work():
        school = session.get(OrganisationUnit, place["school"])
        notice = session.query(Notice).filter_by(uid=place["first"]).one()
        assert school is not None
        gone = make_actor(Role.UNIT_MEMBER, school, name="Người Đã Đi")
        make_membership(make_user(name="Bị Khóa", active=False), school, Role.UNIT_MEMBER)
        service.mark_read(notice, actor=gone, now=datetime(2026, 11, 1, tzinfo=UTC))
        assert queries.readers_of(notice)[0].name == "Người Đã Đi"
        queries_of_people.get_membership(gone.membership_id, gone.user_id).ends_at = now
        assert {reader.name for reader in queries.readers_of(notice)} == {"Trần Văn Trưởng", "Lê Thị Lan"}


def test_two_tabs_that_open_at_once_leave_one_mark(
    app: Flask, place: dict[str, Any], seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "find_receipt", lambda *given: None)
    actor = seat.actor
    assert actor is not None
    with app.app_context(), unit_of_work():
        notice = queries.get_visible_notice(actor, place["first"])
        for _ in range(2):
            service.mark_read(notice, actor=actor, now=datetime(2026, 11, 1, tzinfo=UTC))
    assert receipts(app) == 1


@pytest.mark.parametrize("url", ["https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)"])
def test_a_notice_never_leads_elsewhere(app: Flask, place: dict[str, Any], url: str, now: datetime) -> None:
    with app.app_context(), pytest.raises(ValueError, match="page of this site"), unit_of_work():
        service.notify(place["school"], kind="test", title="x", url=url, now=now)


def test_a_notice_is_sent_with_the_act_or_not_at_all(
    app: Flask, place: dict[str, Any], now: datetime
) -> None:
    with app.app_context(), pytest.raises(NotFound), unit_of_work():
        service.notify(place["school"], kind="test", title="x", now=now)
        raise NotFound()
    with app.app_context():
        assert session.query(Notice).filter_by(title="x").count() == 0


def test_the_bell_counts_with_one_statement_and_only_where_it_is_drawn(
    client: FlaskClient, app: Flask, place: dict[str, Any], count_queries: Any
) -> None:
    app.context_processor(lambda: {"tools": {"notices": "/notices"}})
    with count_queries() as seen:
        text = page(client, f"/notices/{place['first']}")
    assert '<span class="count" aria-hidden="true">2</span>' in text
    assert len([s for s in seen.statements if "count(" in s]) == 1
    with count_queries() as seen:
        page(client, "/notices/" + "0" * 32, 404)
    assert not [s for s in seen.statements if "count(" in s]


def test_the_same_notice_goes_to_many_units_once_each(
    app: Flask, place: dict[str, Any], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CHUNK", 2)
    with app.app_context(), unit_of_work():
        units = [make_school().id for _ in range(5)]
        words = {"kind": "round.open", "title": "Đợt đã mở", "body": "Hạn", "sender_id": place["school"]}
        assert service.notify_units([*units, units[0]], **words, url="/rounds/1", now=now) == 5
        with pytest.raises(ValueError, match="page of this site"):
            service.notify_units(units, **words, url="//elsewhere", now=now)
    with app.app_context():
        sent = session.query(Notice).filter_by(kind="round.open").all()
        assert [notice.unit_id for notice in sent] == units and len({notice.uid for notice in sent}) == 5
