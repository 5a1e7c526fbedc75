"""Hand-over: the old holder is out at once, the successor is in, nothing that was done is lost."""

import re
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from survey_app.accounts import handing_over, queries
from survey_app.accounts.handing_over import NewPerson
from survey_app.accounts.models import ActivationCode, Membership
from survey_app.core.db import session
from survey_app.notices.models import Notice
from survey_app.reviews.models import Review
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.accounts.conftest import Tree, add_role
from tests.conftest import PASSWORD
from tests.factories.accounts import make_actor, make_membership, make_user
from tests.factories.organisations import make_school
from tests.factories.reviews import make_scene

CODE = re.compile(r"<code>([2-9A-Z]{5}-[2-9A-Z]{5})</code>")
MINE = "Một câu rất riêng của tôi"


@pytest.fixture
def page_of(stored: Any, unit_uid: Any) -> Any:
    """The hand-over page of a person's open role at a unit."""

    def find(user_id: int, unit_id: int) -> str:
        held = stored(
            lambda session: (
                session.query(Membership.id)
                .filter_by(user_id=user_id, unit_id=unit_id, ends_at=None)
                .scalar()
            )
        )
        return f"/accounts/units/{unit_uid(unit_id)}/hand-over/{held}"

    return find


def hand_over(browser: Any, path: str, **data: str) -> Any:
    browser.get(path)
    return browser.post(path, {"who": "new", "name": "Lê Thị Mới", "position": "Hiệu trưởng"} | data)


def activate(browser: Any, page: str) -> None:
    code = CODE.search(page)
    assert code
    browser.get("/account/activate")
    data = {"code": code[1], "password": MINE, "phone": "0900000000"}
    assert browser.post("/account/activate", data).location == "/"
    browser.get("/account/own")
    browser.post("/account/logout")


def test_a_school_is_handed_over_by_somebody_above(
    seated: Any, new_browser: Any, person: Any, tree: Tree, page_of: Any, app: Flask, acts: Any
) -> None:
    old_id = person("92000F01", name="Trần Văn Cũ")
    old = new_browser()
    old.sign_in("92000F01")
    browser = seated(Role.COMMUNE_LEADER, tree.commune)
    path = page_of(old_id, tree.school)
    assert "Trần Văn Cũ bị đăng xuất ngay" in browser.get(path).get_data(as_text=True)
    page = hand_over(browser, path).get_data(as_text=True)
    told = old.get("/account/own", follow_redirects=True).get_data(as_text=True)
    assert "đã được bàn giao cho người khác" in told and not old.signed_in
    assert old.sign_in("92000F01").status_code == 200  # the old password opens nothing
    new = new_browser()
    activate(new, page)
    assert new.sign_in("92000F01", MINE).status_code == 302
    with app.app_context():
        head = queries.head_of(tree.school)
        assert head is not None and (head.name, head.position, head.login) == (
            "Lê Thị Mới",
            "Hiệu trưởng",
            "92000F01",
        )
        assert queries.names_of([old_id]) == {old_id: "Trần Văn Cũ"} and not queries.get_user(old_id).active
        told_units = set(session.scalars(select(Notice.unit_id).where(Notice.kind == "unit.handed_over")))
        assert told_units == {tree.school, tree.commune}
    assert ("unit.hand_over", "done") in acts()


def test_an_old_sessions_post_is_told_why_it_was_not_written(
    seated: Any, new_browser: Any, person: Any, tree: Tree, page_of: Any
) -> None:
    old_id = person("92000F01")
    old = new_browser()
    old.sign_in("92000F01")
    hand_over(seated(Role.COMMUNE_OFFICER, tree.commune), page_of(old_id, tree.school))
    answer = old.post("/account/own", {"name": "Tên"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401 and "đã được bàn giao" in page and 'name="kept"' not in page


def test_a_head_names_the_successor_with_the_password_and_is_out(
    browser: Any, new_browser: Any, person: Any, tree: Tree, page_of: Any
) -> None:
    old_id = person("92000F01")
    browser.sign_in("92000F01")
    path = page_of(old_id, tree.school)
    for password in ("", "sai mật khẩu này rồi"):
        assert hand_over(browser, path, current_password=password).status_code == 422
    answer = hand_over(browser, path, current_password=PASSWORD)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "Phiên làm việc của Thầy/Cô đã kết thúc" in page
    assert not browser.signed_in
    new = new_browser()
    activate(new, page)
    assert new.sign_in("92000f01", MINE).status_code == 302


@pytest.mark.parametrize("by", ["head", "leader"])
def test_a_deputy_with_an_account_takes_over_and_keeps_their_own_login(
    seated: Any, browser: Any, new_browser: Any, person: Any, tree: Tree, page_of: Any, stored: Any, by: str
) -> None:
    old_id, deputy_id = person("92000F01"), person("lan", Role.UNIT_MEMBER, email="lan@truong.edu.vn")
    deputy = new_browser()
    deputy.sign_in("lan")
    if by == "head":
        browser.sign_in("92000F01")
        data = {"current_password": PASSWORD}
    else:
        browser, data = seated(Role.DEPARTMENT_LEADER, tree.department), {}
    page = hand_over(
        browser, page_of(old_id, tree.school), who="account", account="LAN@truong.edu.vn", **data
    )
    assert page.status_code == 200 and "<code>" not in page.get_data(as_text=True)
    assert not deputy.signed_in  # the role has changed: sign in again
    for login in ("lan", "92000F01", "92000f01", "lan@truong.edu.vn"):
        one = new_browser()
        assert one.sign_in(login).status_code == 302
        assert "Thủ trưởng đơn vị" in one.get("/account/own").get_data(as_text=True)
    places = stored(
        lambda session: session.query(Membership).filter_by(user_id=deputy_id, ends_at=None).all()
    )
    assert [place.role for place in places] == ["unit_head"]


def test_heads_rotate_and_each_code_leads_to_whoever_heads_the_school_now(
    seated: Any, new_browser: Any, person: Any, app: Flask, tree: Tree, page_of: Any
) -> None:
    first = person("92000F01", name="Thầy Một")
    second = person("92000F02", Role.UNIT_HEAD, tree.other_school, name="Cô Hai")
    admin = seated(Role.DEPARTMENT_ADMIN, tree.department)
    done = hand_over(admin, page_of(second, tree.other_school), who="account", account="92000F01")
    assert done.status_code == 200  # the first one heads both for a moment
    page = hand_over(admin, page_of(first, tree.school), name="Cô Ba").get_data(as_text=True)
    third = new_browser()
    activate(third, page)
    assert third.sign_in("92000F01", MINE).status_code == 302
    one = new_browser()
    assert one.sign_in("92000F02").status_code == 302
    assert "Thầy Một" in one.get("/account/own").get_data(as_text=True)
    with app.app_context():
        assert queries.get_user(first).login == f"92000F01.{first}" and not queries.get_user(second).active
        assert {tree.school: "Cô Ba", tree.other_school: "Thầy Một"} == {
            unit_id: found.name
            for unit_id in (tree.school, tree.other_school)
            if (found := queries.head_of(unit_id))
        }


def test_nobody_takes_the_code_of_a_school_as_a_login(seated: Any, tree: Tree, unit_uid: Any) -> None:
    browser = seated(Role.UNIT_HEAD, tree.school)
    path = f"/accounts/units/{unit_uid(tree.school)}"
    browser.get(path)
    for login in ("92000F02", "92000f02"):
        data = {"name": "Ai Đó", "login": login, "role": "unit_member"}
        answer = browser.post(f"{path}/people", data)
        assert answer.status_code == 422 and "đã có người dùng" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"name": ""}, "Hãy nhập họ và tên"),
        ({"who": "account"}, "Hãy ghi tên đăng nhập của người nhận"),
        ({"who": "account", "account": "khong-co"}, "Không có tài khoản này trong phạm vi"),
        ({"who": "account", "account": "truongkhac"}, "Không có tài khoản này trong phạm vi"),
        ({"who": "account", "account": "92000F01"}, "chính là người đang giữ vai trò này"),
        ({"who": "account", "account": "khoa"}, "đang bị khóa"),
        ({"who": "king"}, "Lựa chọn không hợp lệ"),
        ({"phone": "abc"}, "8 đến 15 chữ số"),
    ],
)
def test_a_bad_successor_is_named_and_nothing_changes(
    seated: Any, new_browser: Any, person: Any, tree: Tree, page_of: Any, data: dict[str, str], sentence: str
) -> None:
    old_id = person("92000F01")
    person("truongkhac", Role.UNIT_MEMBER, tree.other_school)
    person("khoa", Role.UNIT_MEMBER, active=False)
    old = new_browser()
    old.sign_in("92000F01")
    answer = hand_over(seated(Role.COMMUNE_OFFICER, tree.commune), page_of(old_id, tree.school), **data)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    assert old.signed_in


def test_it_is_not_for_the_same_height_another_area_or_a_member(
    new_browser: Any, person: Any, tree: Tree, page_of: Any, app: Flask
) -> None:
    head = person("92000F01")
    member = person("lan", Role.UNIT_MEMBER)
    leader = person("lanhdao", Role.COMMUNE_LEADER, tree.commune)
    admin = person("quantri", Role.DEPARTMENT_ADMIN, tree.department)
    person("xakhac", Role.COMMUNE_LEADER, tree.other_commune)
    person("canbo", Role.COMMUNE_OFFICER, tree.commune)
    person("quantri2", Role.DEPARTMENT_ADMIN, tree.department)
    person("lan2", Role.UNIT_MEMBER)
    paths = {
        name: page_of(user_id, getattr(tree, unit))
        for name, user_id, unit in (
            ("head", head, "school"),
            ("member", member, "school"),
            ("leader", leader, "commune"),
            ("admin", admin, "department"),
        )
    }
    cells = [
        ("xakhac", "head", 404),
        ("canbo", "leader", 403),
        ("quantri2", "admin", 403),
        ("quantri", "admin", 403),  # an administrator is made on the command line only
        ("lan2", "head", 403),
        ("lan2", "member", 403),
        ("92000F01", "leader", 404),
        ("92000F01", "member", 200),
        ("lanhdao", "head", 200),
    ]
    for login, name, status in cells:
        browser = new_browser()
        browser.sign_in(login)
        assert browser.get(paths[name]).status_code == status, (login, name)
        if status != 200:
            assert hand_over(browser, paths[name]).status_code == status, (login, name)
    browser = new_browser()
    browser.sign_in("quantri")
    assert browser.get(paths["head"].rpartition("/")[0] + "/999999").status_code == 404


def test_nobody_takes_over_for_themselves(seated: Any, person: Any, tree: Tree, page_of: Any) -> None:
    officer = person("canbo", Role.COMMUNE_OFFICER, tree.commune)
    leader = seated(Role.COMMUNE_LEADER, tree.commune)
    path = page_of(officer, tree.commune)
    assert hand_over(leader, path, who="account", account="toi-commune-leader").status_code == 403


def test_an_account_that_stands_elsewhere_too_is_not_opened_by_a_code(
    browser: Any, person: Any, app: Flask, tree: Tree, page_of: Any, stored: Any
) -> None:
    old_id = person("92000F01")
    other = person("chua-kich-hoat", Role.UNIT_MEMBER, password=None)
    add_role(app, other, tree.other_commune, Role.COMMUNE_LEADER)
    browser.sign_in("92000F01")
    page = hand_over(
        browser,
        page_of(old_id, tree.school),
        who="account",
        account="chua-kich-hoat",
        current_password=PASSWORD,
    ).get_data(as_text=True)
    assert "cơ quan quản lý nơi đó cấp mã kích hoạt" in page and "<code>" not in page
    assert stored(lambda session: session.query(ActivationCode).count()) == 0


def test_an_officers_forms_go_to_the_successor_but_not_those_of_the_successors_school(
    app: Flask, session: Any, now: datetime
) -> None:
    scenes = [make_scene(state=State.IN_REVIEW)]
    officer, commune = scenes[0].officer, scenes[0].participation.reviewing_unit
    for state in (State.ON_HOLD, State.SUBMITTED, State.PROPOSED, State.IN_REVIEW):
        scenes.append(make_scene(school=make_school(commune), state=state))
        scenes[-1].row.state = state
        taken = scenes[-1]
        review = _review_of(session, taken.row.id)
        review.officer_id = officer.user_id
    successor = make_user(name="Người Kế Nhiệm", password="x")
    make_membership(successor, scenes[-1].school, Role.UNIT_MEMBER)
    session.flush()
    held = queries.open_membership_of(commune.id, officer.membership_id)
    leader = scenes[0].leader
    done = handing_over.hand_over(held, successor, actor=leader, now=now)
    session.expire_all()
    assert done.moved == 4 and done.code is None
    holders = [_review_of(session, scene.row.id).officer_id for scene in scenes]
    assert holders == [successor.id, successor.id, successor.id, officer.user_id, None]
    assert queries.has_role(successor.id, commune.id, Role.COMMUNE_OFFICER)
    assert not queries.get_user(officer.user_id).active


def _review_of(session: Any, form_id: int) -> Any:
    found = session.get(Review, form_id)
    if found is None:
        found = Review(assessment_id=form_id)
        session.add(found)
    return found


def test_a_colleague_with_the_same_role_takes_the_work_and_no_second_role(
    app: Flask, session: Any, now: datetime
) -> None:
    scene = make_scene(state=State.IN_REVIEW)
    commune = scene.participation.reviewing_unit
    colleague = queries.get_user(make_actor(Role.COMMUNE_OFFICER, commune).user_id)
    held = queries.open_membership_of(commune.id, scene.officer.membership_id)
    assert handing_over.hand_over(held, colleague, actor=scene.leader, now=now).moved == 1
    assert len(queries.workplaces_of([colleague.id])[colleague.id]) == 1


def test_of_two_who_hand_over_at_once_the_second_is_told(app: Flask, session: Any, now: datetime) -> None:
    scene = make_scene()
    held = queries.open_membership_of(scene.school.id, scene.head.membership_id)
    handing_over.hand_over(held, NewPerson("Cô Mới"), actor=scene.officer, now=now)
    with pytest.raises(handing_over.HandedOverMeanwhile):
        handing_over.hand_over(held, NewPerson("Thầy Nữa"), actor=scene.officer, now=now)
