"""The forms to check: scope, views, filters, order, how many statements a page takes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.accounts.models import Membership, User
from survey_app.core.access import Actor
from survey_app.core.db import unit_of_work
from survey_app.organisations.models import OrganisationUnit
from survey_app.reviews import queries
from survey_app.reviews.listing import list_lines
from survey_app.reviews.models import Review
from survey_app.reviews.queries import QueueFilter, View
from survey_app.rounds.models import Round
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.conftest import Seat
from tests.factories.accounts import make_actor
from tests.factories.assessments import LATER, all_at, make_assessment, make_submitted
from tests.factories.frameworks import plain_framework, plain_indicator
from tests.factories.organisations import make_commune, make_school
from tests.factories.reviews import Scene, make_review, make_scene, make_verified
from tests.factories.rounds import make_framework_version, make_participation, make_round


def add_form(scene: Scene, state: State = State.SUBMITTED, days: int = 0, **school: Any) -> Any:
    """One more school of the same commune with a form in this state, handed in some days later."""
    participation = make_participation(scene.round, make_school(scene.school.parent, **school))
    submitted_at = LATER + timedelta(days=days)
    return make_submitted(participation, all_at(scene.version, 2), state=state, submitted_at=submitted_at)


def uids(actor: Actor, round_: Round, now: datetime, **wanted: Any) -> list[str]:
    page = queries.queue(actor, round_, QueueFilter(**wanted), now=now)
    assert page.total == len(page.rows)
    return [row.form.assessment.uid for row in page.rows]


def test_the_longest_waiting_comes_first_and_drafts_never(session: Any, now: datetime) -> None:
    scene = make_scene()
    early, late = add_form(scene, days=-1), add_form(scene, days=2)
    make_assessment(make_participation(scene.round, make_school(scene.school.parent)))
    assert uids(scene.officer, scene.round, now) == [early.uid, scene.row.uid, late.uid]


def test_each_view_holds_its_states_and_counts_them(session: Any, now: datetime) -> None:
    scene = make_scene()
    rows = {state: add_form(scene, state) for state in State if state not in (State.DRAFT, State.SUBMITTED)}
    for state in (State.IN_REVIEW, State.RETURNED, State.PROPOSED, State.APPROVED):
        make_review(rows[state], scene.officer)
    expected = {
        View.WAITING: {scene.row.uid, rows[State.RESUBMITTED].uid},
        View.MINE: {rows[State.IN_REVIEW].uid},
        View.IN_REVIEW: {rows[State.IN_REVIEW].uid},
        View.RETURNED: {rows[State.RETURNED].uid},
        View.RESUBMITTED: {rows[State.RESUBMITTED].uid},
        View.ON_HOLD: {rows[State.ON_HOLD].uid},
        View.PROPOSED: {rows[State.PROPOSED].uid},
        View.APPROVED: {rows[State.APPROVED].uid, rows[State.PUBLISHED].uid},
        View.OVERDUE: set(),
        View.ALL: {scene.row.uid, *(row.uid for row in rows.values())},
    }
    counts = queries.view_counts(scene.officer, scene.round, QueueFilter(), now=now)
    for view, wanted in expected.items():
        assert set(uids(scene.officer, scene.round, now, view=view)) == wanted, view
        assert counts[view] == len(wanted), view


def test_what_is_not_concluded_by_the_deadline_is_overdue(session: Any, now: datetime) -> None:
    scene = make_scene()
    add_form(scene, State.APPROVED)
    late = scene.round.commune_closes_at
    assert uids(scene.officer, scene.round, late - timedelta(seconds=1), view=View.OVERDUE) == []
    assert uids(scene.officer, scene.round, late, view=View.OVERDUE) == [scene.row.uid]
    (row,) = queries.queue(scene.officer, scene.round, QueueFilter(view=View.WAITING), now=late).rows
    assert row.overdue


def test_a_form_whose_officer_has_left_waits_again(session: Any, now: datetime) -> None:
    scene = make_scene()
    make_review(scene.row, scene.officer)
    assert uids(scene.leader, scene.round, now, view=View.WAITING) == []
    place = session.scalars(select(Membership).where(Membership.user_id == scene.officer.user_id)).one()
    place.ends_at = now
    session.flush()
    assert uids(scene.leader, scene.round, now, view=View.WAITING) == [scene.row.uid]


def test_the_list_is_narrowed_by_words_ward_stage_and_officer(session: Any, now: datetime) -> None:
    scene = make_scene()
    other = add_form(scene, name="TH Châu Văn Liêm", stages=("tieu_hoc",), days=1)
    make_review(other, scene.officer)
    find = {
        "text": "chau van liem",
        "stage": "tieu_hoc",
        "officer_uid": session.get_one(User, scene.officer.user_id).uid,
    }
    for name, value in find.items():
        assert uids(scene.officer, scene.round, now, **{name: value}) == [other.uid], name
    ward = scene.school.parent
    assert len(uids(scene.officer, scene.round, now, ward_uid=ward.uid if ward else "")) == 2
    assert uids(scene.officer, scene.round, now, ward_uid="x") == []
    assert uids(scene.officer, scene.round, now, officer_uid="x") == []


def test_a_commune_sees_its_own_forms_the_department_may_look_at_all(session: Any, now: datetime) -> None:
    scene = make_scene()
    of_department = make_school(scene.school.parent, stages=("thpt",))
    upper = make_submitted(make_participation(scene.round, of_department), all_at(scene.version, 2))
    stranger = make_actor(Role.COMMUNE_OFFICER, make_commune(scene.round.department))
    officer = make_actor(Role.DEPARTMENT_OFFICER, scene.round.department)
    assert uids(scene.officer, scene.round, now) == [scene.row.uid]
    assert uids(stranger, scene.round, now, checker_uid=queries.EVERYBODY) == []
    assert uids(officer, scene.round, now) == [upper.uid]
    assert uids(officer, scene.round, now, checker_uid=queries.EVERYBODY) == [scene.row.uid, upper.uid]
    unit = scene.participation.reviewing_unit
    assert uids(officer, scene.round, now, checker_uid=unit.uid) == [scene.row.uid]


def test_weak_claims_are_counted_against_the_round_before(session: Any, now: datetime) -> None:
    framework = plain_framework([("AT", 1, [plain_indicator("AT1.1"), plain_indicator("AT1.2")])])
    version = make_framework_version(framework)
    school = make_school()
    assert school.parent is not None and school.parent.parent is not None
    rounds = [
        make_round(school.parent.parent, [version], opens_at=LATER - timedelta(days=age))
        for age in (800, 400, 3)
    ]
    parts = [make_participation(round_, school) for round_ in rounds]
    for part, value in zip(parts[:2], (2, 0), strict=True):
        made = make_submitted(part, {"AT1.1": 3, "AT1.2": 3}, state=State.PUBLISHED)
        make_verified(made, {"AT1.1": value, "AT1.2": 2})
    row = make_submitted(parts[2], {"AT1.1": 2, "AT1.2": 3})
    officer = make_actor(Role.COMMUNE_OFFICER, school.parent)
    page = queries.queue(officer, rounds[2], QueueFilter(), now=now)
    (line,) = list_lines(page.rows, now=now)
    assert (line.row.form.assessment.id, line.flags, line.waited) == (row.id, 1, 8)
    assert queries.prior_values_of([row.id]) == {row.id: {"AT1.1": 0, "AT1.2": 2}}


# ---- the page ----


@pytest.fixture
def scene(app: Flask, seat: Seat, now: datetime) -> Scene:
    """A form handed in; its officer sits down."""
    with app.app_context(), unit_of_work() as session:
        scene = make_scene()
        seat.actor = scene.officer
        session.expunge_all()
    return scene


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def test_the_address_says_what_is_shown(client: FlaskClient, scene: Scene) -> None:
    text = page(client, "/reviews?view=all&q=mau&stage=thcs&round=" + scene.round.uid)
    assert scene.school.name in text and 'name="q" value="mau"' in text
    assert "4/4 · bắt buộc 1/1" in text
    assert "Không có hồ sơ nào khớp" in page(client, "/reviews?view=all&q=zzz&stage=la&page=9x&view=la")
    page(client, "/reviews?round=" + "0" * 32, 404)


def test_each_role_is_shown_first_what_waits_for_it(
    client: FlaskClient, scene: Scene, seat: Seat, app: Flask
) -> None:
    current = '" aria-current="page">'
    assert "view=waiting" + current in page(client, "/reviews")
    seat.actor = scene.leader
    assert "view=proposed" + current in page(client, "/reviews")
    with app.app_context(), unit_of_work() as session:
        seat.take(Role.DEPARTMENT_ADMIN, session.get_one(OrganisationUnit, scene.round.department_id))
    assert "view=all" + current in page(client, "/reviews")


@pytest.mark.parametrize("role", [Role.UNIT_HEAD, Role.UNIT_MEMBER, Role.VIEWER])
def test_schools_and_viewers_have_no_such_list(
    client: FlaskClient, scene: Scene, seat: Seat, app: Flask, role: Role
) -> None:
    with app.app_context(), unit_of_work() as session:
        seat.take(role, session.get_one(OrganisationUnit, scene.school.id))
    for address in ("/reviews", f"/reviews/{scene.row.uid}", f"/reviews/{scene.row.uid}/AT1.1"):
        page(client, address, 403)


def test_without_a_round_the_page_says_what_will_come(client: FlaskClient, app: Flask, seat: Seat) -> None:
    with app.app_context(), unit_of_work():
        seat.take(Role.COMMUNE_OFFICER, make_commune())
    assert "Chưa có đợt đánh giá nào" in page(client, "/reviews")


def test_ticked_forms_are_handed_to_one_officer_all_or_none(
    client: FlaskClient, app: Flask, scene: Scene
) -> None:
    with app.app_context(), unit_of_work() as session:
        second = add_form_again(session, scene)
        other = make_actor(Role.COMMUNE_OFFICER, session.get_one(OrganisationUnit, scene.officer.unit_id))
        officer = session.get_one(User, other.user_id).uid
    forms = {"form": [scene.row.uid, second], "officer": officer, "next": "/reviews?view=all"}
    foreign = client.post("/reviews/assign", data=forms | {"form": [second, "0" * 32]})
    assert foreign.status_code == 404 and held_by(app) == []
    assert client.post("/reviews/assign", data=forms | {"officer": ""}).status_code == 422
    answer = client.post("/reviews/assign", data=forms)
    assert (answer.status_code, answer.location) == (302, "/reviews?view=all")
    assert held_by(app) == [other.user_id, other.user_id]
    assert "đánh dấu hồ sơ cần giao" in client.post(
        "/reviews/assign", data={"officer": officer}, follow_redirects=True
    ).get_data(as_text=True)


def add_form_again(session: Any, scene: Scene) -> str:
    ward = session.get_one(OrganisationUnit, scene.school.parent_id)
    round_ = session.get_one(Round, scene.round.id)
    participation = make_participation(round_, make_school(ward))
    uid: str = make_submitted(participation, {"AT1.1": 2}).uid
    return uid


def held_by(app: Flask) -> list[int | None]:
    with app.app_context(), unit_of_work() as session:
        return list(session.scalars(select(Review.officer_id)))


def test_a_longer_list_takes_no_more_statements(
    client: FlaskClient, app: Flask, scene: Scene, count_queries: Callable[[], Any]
) -> None:
    with count_queries() as few:
        page(client, "/reviews?view=all")
    with app.app_context(), unit_of_work() as session:
        for _ in range(30):
            add_form_again(session, scene)
    with count_queries() as many:
        assert "31" in page(client, "/reviews?view=all")
    assert len(many) == len(few) <= 20
