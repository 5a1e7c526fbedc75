"""The yes/no facts of a unit that fills in two sets: what is locked, what a refusal keeps."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from survey_app.assessments import profile, queries
from survey_app.assessments.composing import blank_paper
from survey_app.assessments.models import SchoolProfile
from survey_app.assessments.profile import ProfileLocked
from survey_app.assessments.queries import Form
from survey_app.core.access import Actor
from survey_app.core.db import session as db_session
from survey_app.core.db import unit_of_work
from survey_app.rules.framework import ProfileQuestion, Words
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.assessments.desk import clock
from tests.conftest import Seat
from tests.factories.accounts import make_actor
from tests.factories.assessments import all_at, make_assessment, make_submitted
from tests.factories.frameworks import plain_framework, plain_indicator
from tests.factories.organisations import make_school
from tests.factories.rounds import (
    OPENS,
    make_framework_version,
    make_open_round,
    make_participation,
    make_round,
)

__all__ = ["clock"]
KITCHEN = ProfileQuestion("bep_an", Words("Trường có bếp ăn không?"))
BOAT = ProfileQuestion("do_ngang", Words("Học sinh có đi đò không?"))
ROOF = ProfileQuestion("nha_lau", Words("Trường có nhà lầu không?"))
KNOWN = {"bep_an": True, "nha_lau": False}


@dataclass
class Two:
    """A school with a form against each of two sets: the first handed in, the second a draft."""

    first: str
    second: str
    participation_id: int
    head: Actor

    def form(self, uid: str) -> Form:
        return queries.get_visible_form(self.head, uid)


def make_two(first_state: State = State.SUBMITTED, facts: dict[str, bool] | None = None) -> Two:
    """The first set asks for the kitchen and upper floors, the second for the kitchen and boats."""
    school = make_school()
    second_areas = [
        ("DN", 100, [plain_indicator("DN1.1"), plain_indicator("DN1.2", applies_when=("do_ngang",))])
    ]
    versions = [
        make_framework_version(plain_framework(profile=(KITCHEN, ROOF))),
        make_framework_version(plain_framework(second_areas, profile=(KITCHEN, BOAT))),
    ]
    _, participation = make_open_round(school, versions=versions)
    known = KNOWN if facts is None else facts
    make = make_assessment if first_state is State.DRAFT else make_submitted
    first = make(participation, all_at(versions[0], 1), version=versions[0], profile=known, state=first_state)
    second = make_assessment(participation, all_at(versions[1], 1), version=versions[1], profile=known)
    return Two(first.uid, second.uid, participation.id, make_actor(Role.UNIT_HEAD, school))


@pytest.fixture
def two(app: Flask, seat: Seat) -> Iterator[Two]:
    with app.app_context():
        with unit_of_work():
            made = make_two()
        seat.actor = made.head
        yield made


def stored(two: Two) -> dict[str, bool]:
    db_session.rollback()
    form = two.form(two.second)
    return dict(form.profile.facts) if form.profile else {}


def test_the_second_form_is_filled_in_and_handed_in_after_the_first(
    two: Two, client: FlaskClient, now: datetime
) -> None:
    page = client.get(f"/assessments/{two.second}/profile").get_data(as_text=True)
    assert page.count("đã khóa") == 1  # the kitchen, which the first form has used
    address = f"/assessments/{two.second}/profile"
    answer = client.post(address, data={"base_version": "1", "do_ngang": "no"})
    assert answer.status_code == 302 and stored(two) == KNOWN | {"do_ngang": False}
    form = {"signatory": "Nguyễn Thị Mẫu", "agreed": "y"}
    assert client.post(f"/assessments/{two.second}/submit", data=form).location.endswith("/receipt")


def test_a_fact_that_a_form_handed_in_has_used_stays_and_what_was_typed_too(
    two: Two, client: FlaskClient
) -> None:
    typed = {"base_version": "1", "bep_an": "no", "do_ngang": "yes"}
    answer = client.post(f"/assessments/{two.second}/profile", data=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "Hãy rút phiếu đó trước" in page
    assert 'name="do_ngang" value="yes" checked' in page and "Bản đã lưu: Có" in page
    assert stored(two) == KNOWN


def test_the_same_facts_again_are_no_change(two: Two, now: datetime) -> None:
    with unit_of_work():
        facts = {"bep_an": True, "do_ngang": True}
        profile.save_profile(two.form(two.second), facts, base_version=1, actor=two.head, now=now)
    with pytest.raises(ProfileLocked), unit_of_work():
        profile.save_profile(two.form(two.second), {"bep_an": False}, base_version=2, actor=two.head, now=now)


def test_a_profile_saved_in_another_tab_shows_both_and_one_press_keeps_mine(
    two: Two, client: FlaskClient, now: datetime
) -> None:
    with unit_of_work():
        profile.save_profile(
            two.form(two.second), {"do_ngang": False}, base_version=1, actor=two.head, now=now
        )
    address = f"/assessments/{two.second}/profile"
    answer = client.post(address, data={"base_version": "1", "do_ngang": "yes"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "Có người vừa lưu" in page and "Bản đã lưu: Không" in page
    assert 'name="do_ngang" value="yes" checked' in page and 'name="base_version" value="2"' in page
    assert client.post(address, data={"base_version": "2", "do_ngang": "yes"}).status_code == 302
    assert stored(two)["do_ngang"] is True


def test_a_profile_typed_after_the_deadline_stays_in_the_page(
    two: Two, client: FlaskClient, now: datetime
) -> None:
    with time_machine.travel(now.replace(day=25), tick=False):
        answer = client.post(
            f"/assessments/{two.second}/profile", data={"base_version": "1", "do_ngang": "yes"}
        )
    assert answer.status_code == 409 and "gia hạn" in (page := answer.get_data(as_text=True))
    assert 'name="do_ngang" value="yes" checked' in page and stored(two) == KNOWN


def test_the_counts_of_both_forms_follow_the_profile(app: Flask, session: Any, now: datetime) -> None:
    two = make_two(State.DRAFT)
    profile.save_profile(two.form(two.second), {"do_ngang": False}, base_version=1, actor=two.head, now=now)
    assert [form.assessment.applicable for form in queries.list_sisters(two.participation_id)] == [4, 1]


def size_of(two: Two) -> tuple[int | None, int | None]:
    db_session.rollback()
    row = two.form(two.second).profile
    assert row is not None
    return row.classes, row.pupils


def test_classes_and_pupils_are_kept_also_beside_a_form_handed_in(two: Two, client: FlaskClient) -> None:
    address = f"/assessments/{two.second}/profile"
    typed = {"base_version": "1", "do_ngang": "no", "classes": "12", "pupils": "1.345"}
    assert client.post(address, data=typed).status_code == 302 and size_of(two) == (12, 1345)
    assert 'value="1.345"' in client.get(address).get_data(as_text=True)
    form = two.form(two.second)
    paper = blank_paper(form, now=datetime(2026, 9, 10, tzinfo=UTC))
    assert ("Quy mô", "12 lớp, 1.345 học sinh") in paper.facts
    empty = {"base_version": "2", "classes": "", "pupils": ""}
    assert client.post(address, data=empty).status_code == 302 and size_of(two) == (None, None)


@pytest.mark.parametrize("pupils", ["0", "-3", "100001", "12,5", "ba trăm", "9" * 40])
def test_a_number_that_is_none_is_refused_beside_its_box_and_nothing_typed_is_lost(
    two: Two, client: FlaskClient, pupils: str
) -> None:
    typed = {"base_version": "1", "do_ngang": "yes", "classes": "12", "pupils": pupils}
    answer = client.post(f"/assessments/{two.second}/profile", data=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'id="pupils-error"' in page
    assert 'name="do_ngang" value="yes" checked' in page and 'value="12"' in page
    assert size_of(two) == (None, None) and stored(two) == KNOWN


def test_a_page_from_before_the_numbers_leaves_them(two: Two, client: FlaskClient) -> None:
    address = f"/assessments/{two.second}/profile"
    client.post(address, data={"base_version": "1", "classes": "12", "pupils": "345"})
    assert client.post(address, data={"base_version": "2", "do_ngang": "no"}).status_code == 302
    assert size_of(two) == (12, 345) and stored(two)["do_ngang"] is False


def test_another_size_saved_meanwhile_stands_beside_mine(two: Two, client: FlaskClient) -> None:
    address = f"/assessments/{two.second}/profile"
    client.post(address, data={"base_version": "1", "classes": "12", "pupils": "345"})
    answer = client.post(address, data={"base_version": "1", "classes": "12", "pupils": "350"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "Bản đã lưu: 345" in page and 'value="350"' in page
    assert page.count("Bản đã lưu") == 1
    wrong = client.post(address, data={"base_version": "2", "classes": "12", "pupils": "12,5"})
    assert wrong.status_code == 422 and "Bản đã lưu" not in wrong.get_data(as_text=True)  # nobody else's


@pytest.mark.parametrize("purpose", ["end_of_year", "practice"])
def test_a_new_round_starts_from_what_the_unit_said_before_and_stores_nothing_unseen(
    app: Flask, seat: Seat, client: FlaskClient, purpose: str
) -> None:
    with app.app_context():
        with unit_of_work():
            school, version = make_school(), make_framework_version(plain_framework(profile=(KITCHEN, ROOF)))
            department = school.parent.parent  # type: ignore[union-attr]
            past = make_round(department, [version], opens_at=OPENS - timedelta(days=365), purpose=purpose)
            make_assessment(make_participation(past, school), version=version, profile=KNOWN)
            last = db_session.query(SchoolProfile).one()
            last.classes, last.pupils = 12, 345
            _, participation = make_open_round(school, versions=[version])
            form = make_assessment(participation, version=version)
            db_session.delete(db_session.get_one(SchoolProfile, participation.id))
            uid, seat.actor = form.uid, make_actor(Role.UNIT_HEAD, school)
        page = client.get(f"/assessments/{uid}/profile").get_data(as_text=True)
        if purpose == "practice":  # what was tried out is not what the unit says of itself
            assert "Điền sẵn" not in page and 'value="345"' not in page
            return
        assert "Điền sẵn theo năm học" in page and 'value="345"' in page
        assert 'name="bep_an" value="yes" checked' in page and 'name="nha_lau" value="no" checked' in page
        db_session.rollback()
        assert db_session.get(SchoolProfile, participation.id) is None
        typed = {"base_version": "0", "bep_an": "yes", "nha_lau": "no", "classes": "13", "pupils": "345"}
        assert client.post(f"/assessments/{uid}/profile", data=typed).status_code == 302
        assert "Điền sẵn" not in client.get(f"/assessments/{uid}/profile").get_data(as_text=True)
