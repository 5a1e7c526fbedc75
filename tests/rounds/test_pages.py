"""The pages of rounds: who may see and do what, how they stand, what they cost."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from survey_app.core.audit import AuditEvent
from survey_app.core.db import session, unit_of_work
from survey_app.frameworks.models import FrameworkVersion
from survey_app.rounds.models import Participation, Round
from survey_app.rounds.ports import FormState
from tests.factories.organisations import make_school
from tests.factories.rounds import make_participation
from tests.rounds.conftest import FormsInMemory, Site, count

READ = ["/rounds", "/rounds/{open}", "/rounds/{open}/participants", "/rounds/participations/{thcs}"]
MANAGE = [
    "/rounds/new",
    "/rounds/{plan}/edit",
    "/rounds/{plan}/units",
    "/rounds/{plan}/open",
    "/rounds/{open}/deadlines",
    "/rounds/{open}/add",
    "/rounds/{open}/end",
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


def test_head_is_answered_as_get_and_ends_nothing(site: Site) -> None:
    assert site.client.head("/rounds/{open}/end".format(**site.uids)).status_code == 200
    assert "Kết thúc đợt" in site.page("/rounds/{open}")


def test_a_round_is_ended_and_opened_again_with_a_reason(site: Site, app: Flask) -> None:
    site.page("/rounds/{open}/reopen", 302)
    site.post("/rounds/{open}/reopen", 409, reason="Chưa kết thúc")
    site.post("/rounds/{open}/end")
    assert "Mở lại đợt" in site.page("/rounds/{open}")
    site.post("/rounds/{open}/end", 409)
    assert "Hãy ghi lý do." in site.post("/rounds/{open}/reopen", 422, reason=" ")
    site.post("/rounds/{open}/reopen", reason="Ghi nhận thêm một sự việc")
    assert "Kết thúc đợt" in site.page("/rounds/{open}")
    assert count(app, AuditEvent, AuditEvent.action.in_(("round.publish", "round.reopen"))) == 2


def test_names_are_escaped_and_wards_stand_beside_schools(site: Site) -> None:
    text = site.page("/rounds/{open}/participants")
    assert "Đợt &lt;b&gt;mở&lt;/b&gt;" in text and "<b>mở</b>" not in text
    assert "THCS Châu Văn Liêm" in text and "Phường Bình Thuỷ" in text


def test_a_list_is_narrowed_and_rubbish_in_the_address_does_no_harm(site: Site) -> None:
    text = site.page("/rounds/{open}/participants?q=chau+liem&stage=thcs&ward={ward}")
    assert "THCS Châu Văn Liêm" in text and "THPT Ấp Mới" not in text
    text = site.page("/rounds/{open}/participants?q=zzz&stage=%27&ward=%25&reviewer=x&page=-1")
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
    forms.given[part_id] = [FormState("f" * 32, site.ids["general"], "draft", "/assessments/ff")]
    for who in ("admin", "head"):
        site.sit(who)
        text = site.page("/rounds/participations/{thcs}")
        assert "Nháp" in text and ('href="/assessments/ff"' in text) is (who == "head")


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


def test_writing_needs_the_permission_and_the_object(site: Site, app: Flask) -> None:
    posts = [*MANAGE[:4], "/rounds/{plan}/units/scope", *MANAGE[4:5], "/rounds/{open}/add/{late}", MANAGE[6]]
    for who in ("head", "officer", "leader", "department leader", "viewer"):
        site.sit(who)
        for address in posts:
            site.post(address, 403)
    site.sit("foreign admin")
    for address in posts[1:] + DECIDE:
        site.post(address, 404, reason="x", unit=site.uids["far"])
    asked = 5 * len(posts) + len(posts[1:] + DECIDE)  # what is not there for somebody is noted as well
    assert count(app, AuditEvent, AuditEvent.outcome == "denied") == asked


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
    assert cost() == before and max(before) <= 20
