"""The first page of a school: several forms, who has what, where each person goes on."""

import re
from typing import Any

from survey_app.assessments.models import (
    Assessment,
    SchoolProfile,
    TeamMember,
)
from survey_app.core.db import session, unit_of_work
from survey_app.rules.permissions import Role
from tests.factories.assessments import make_assessment
from tests.factories.rounds import make_framework_version
from tests.home.site import HIGH, MOST, Site, site

__all__ = ["site"]


def test_a_school_of_two_sets_asks_no_more_often_than_one_of_one(site: Site, count_queries: Any) -> None:
    site.open_round(HIGH)
    site.give_back(site.form_id)
    site.sit(Role.UNIT_HEAD, "school")
    with count_queries() as one:
        site.page()
    with site.app.app_context(), unit_of_work():
        part = session.get_one(Assessment, site.form_id).participation
        second = make_assessment(part, HIGH, framework_version_id=make_framework_version().id).id
    site.give_back(second)
    site.open_round(of_round={"title": "Làm quen", "purpose": "practice"})
    site.page()  # criteria sets are read once for all
    with count_queries() as three:
        text = site.page()
    assert text.count("Bổ sung theo yêu cầu") == 2 and "Làm quen" in text
    assert len(three) <= len(one) and len(three) <= MOST - 1


def test_a_head_sees_who_has_what_and_how_much_is_left(site: Site) -> None:
    site.open_round({"AT1.1": 2, "AT1.2": 2})
    site.sit(Role.UNIT_HEAD, "school")
    assert "Phân công" not in site.page()
    with site.app.app_context(), unit_of_work():
        session.add(
            TeamMember(assessment_id=site.form_id, name="Trần Văn Mẫu", duty="member", criteria=["AT1"])
        )
    text = " ".join(re.sub("<[^>]+>", " ", site.page()).split())
    assert "Phân công Trần Văn Mẫu AT1 Đã xong Chưa giao cho ai LM1 Còn 2 tiêu chí" in text


def test_a_member_goes_on_in_the_own_part(site: Site) -> None:
    site.open_round()
    site.sit(Role.UNIT_MEMBER, "school")
    assert "Tiếp tục: AT1." in site.page()
    with site.app.app_context(), unit_of_work():
        me = site.seat.actor.user_id  # type: ignore[union-attr]
        session.add(
            TeamMember(assessment_id=site.form_id, name="A", duty="member", criteria=["LM1"], user_id=me)
        )
    assert "Tiếp tục: LM1." in site.page()
    assert "Phần của tôi (LM1): còn 2 tiêu chí" in site.page()
    assert site.client.get(f"/assessments/{site.form_uid}/continue").location.endswith("/fill/LM1#LM1.1")


def test_a_member_whose_part_is_done_is_told_so_while_others_are_not(site: Site) -> None:
    site.open_round({"LM1.1": 1, "LM1.2": 1})
    site.sit(Role.UNIT_MEMBER, "school")
    with site.app.app_context(), unit_of_work():
        me = site.seat.actor.user_id  # type: ignore[union-attr]
        profile = session.get_one(SchoolProfile, session.get_one(Assessment, site.form_id).participation_id)
        profile.facts = {"bep_an": True}
        session.add(
            TeamMember(assessment_id=site.form_id, name="A", duty="member", criteria=["LM1"], user_id=me)
        )
    text = site.page()
    assert "Phần của Thầy/Cô đã xong." in text and "không có việc nào" not in text
