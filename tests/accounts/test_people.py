"""Looking after people: each in their own area, only those below, and nothing by a forged field."""

import re
from typing import Any

import pytest
from flask import Flask

from survey_app.accounts.models import ActivationCode, User
from survey_app.rules.permissions import Role
from tests.accounts.conftest import Tree, add_role, memberships

WHO_SEES = [
    (Role.UNIT_HEAD, "school", {"truong"}),
    (Role.COMMUNE_LEADER, "commune", {"truong", "xa"}),
    (Role.COMMUNE_OFFICER, "commune", {"truong", "xa"}),
    (Role.DEPARTMENT_LEADER, "department", {"truong", "truongkhac", "thpt", "xa", "so"}),
    (Role.DEPARTMENT_ADMIN, "department", {"truong", "truongkhac", "thpt", "xa", "so"}),
]


@pytest.mark.parametrize(("role", "place", "seen"), WHO_SEES)
def test_everybody_sees_the_people_of_their_own_area_only(
    seated: Any, person: Any, tree: Tree, uid_of: Any, role: Role, place: str, seen: set[str]
) -> None:
    people = {
        "truong": person("truong", Role.UNIT_MEMBER, tree.school),
        "truongkhac": person("truongkhac", Role.UNIT_MEMBER, tree.other_school),
        "thpt": person("thpt", Role.UNIT_MEMBER, tree.department_school),
        "xa": person("xa", Role.COMMUNE_OFFICER, tree.commune),
        "so": person("so", Role.DEPARTMENT_OFFICER, tree.department),
    }
    browser = seated(role, getattr(tree, place))
    text = browser.get("/accounts").get_data(as_text=True)
    assert {login for login in people if f"<td>{login}</td>" in text} == seen
    for login, user_id in people.items():
        uid = uid_of(user_id)
        expected = 200 if login in seen else 404
        assert browser.get(f"/accounts/{uid}").status_code == expected
        for act in ("memberships", "memberships/1/end", "deactivate", "reactivate", "code"):
            if login not in seen:
                data = {"unit_code": "92000F01", "role": "unit_member"}
                assert browser.post(f"/accounts/{uid}/{act}", data).status_code == 404


@pytest.mark.parametrize("role", [Role.UNIT_MEMBER, Role.DEPARTMENT_OFFICER, Role.VIEWER])
def test_who_looks_after_nobody_gets_no_page(seated: Any, tree: Tree, role: Role) -> None:
    browser = seated(role, tree.school if role is Role.UNIT_MEMBER else tree.department)
    for path in ("/accounts", "/accounts/units", "/accounts/codes"):
        assert browser.get(path).status_code == 403


def test_units_of_others_are_not_found(seated: Any, tree: Tree, unit_uid: Any) -> None:
    browser = seated(Role.COMMUNE_LEADER, tree.commune)
    assert browser.get(f"/accounts/units/{unit_uid(tree.school)}").status_code == 200
    data = {"name": "Ai Đó", "login": "aido", "role": "unit_member"}
    for unit_id in (tree.other_school, tree.other_commune, tree.department, tree.department_school):
        uid = unit_uid(unit_id)
        assert browser.get(f"/accounts/units/{uid}").status_code == 404
        assert browser.post(f"/accounts/units/{uid}/people", data).status_code == 404
        assert browser.post(f"/accounts/units/{uid}/hand-over", {"next-name": "Ai"}).status_code == 404


def test_a_head_adds_a_member_who_activates(
    seated: Any, tree: Tree, unit_uid: Any, new_browser: Any, stored: Any
) -> None:
    browser = seated(Role.UNIT_HEAD, tree.school)
    path = f"/accounts/units/{unit_uid(tree.school)}"
    assert browser.get("/accounts/units").location == path
    browser.get(path)
    page = browser.post(
        f"{path}/people",
        {
            "name": "Nguyễn  Thị Lan",
            "login": "Lan.Nguyen",
            "role": "unit_member",
            "position": "Nhân viên y tế",
            "email": "LAN@truong.edu.vn",
            "active": "0",
            "password": "x",
            "must_change_password": "1",
            "unit_id": "1",
        },
    ).get_data(as_text=True)
    code = re.search(r"<code>([2-9A-Z]{5}-[2-9A-Z]{5})</code>", page)
    user = stored(lambda session: session.query(User).filter_by(login="lan.nguyen").one())
    assert code and (user.name, user.email) == ("Nguyễn Thị Lan", "lan@truong.edu.vn")
    assert (user.active, user.password, user.must_change_password) == (True, None, False)
    member = new_browser()
    member.get("/account/activate")
    data = {"code": code.group(1), "password": "Một câu rất riêng của tôi", "phone": "0900000000"}
    assert member.post("/account/activate", data).location == "/"
    assert "Thành viên của đơn vị" in member.get("/account/own").get_data(as_text=True)


@pytest.mark.parametrize(
    ("role", "place", "granted"),
    [
        (Role.UNIT_HEAD, "school", "unit_head"),
        (Role.COMMUNE_OFFICER, "commune", "commune_officer"),
        (Role.COMMUNE_LEADER, "commune", "commune_leader"),
        (Role.COMMUNE_LEADER, "commune", "department_admin"),
        (Role.DEPARTMENT_LEADER, "department", "department_leader"),
        (Role.DEPARTMENT_LEADER, "department", "department_admin"),
        (Role.DEPARTMENT_ADMIN, "department", "department_admin"),
    ],
)
def test_nobody_gives_a_role_of_their_own_height_or_above(
    seated: Any, tree: Tree, unit_uid: Any, stored: Any, role: Role, place: str, granted: str, acts: Any
) -> None:
    browser = seated(role, getattr(tree, place))
    browser.get("/accounts")
    data = {"name": "Ai Đó", "login": "aido", "role": granted}
    answer = browser.post(f"/accounts/units/{unit_uid(getattr(tree, place))}/people", data)
    assert answer.status_code == 403
    assert stored(lambda session: session.query(User).filter_by(login="aido").count()) == 0
    assert ("NotAllowed", "denied") in acts()


def test_a_role_must_fit_the_unit(seated: Any, tree: Tree, unit_uid: Any) -> None:
    browser = seated(Role.DEPARTMENT_ADMIN, tree.department)
    browser.get("/accounts")
    path = f"/accounts/units/{unit_uid(tree.school)}/people"
    answer = browser.post(path, {"name": "Ai Đó", "login": "aido", "role": "commune_officer"})
    assert answer.status_code == 422 and "không có ở loại đơn vị" in answer.get_data(as_text=True)
    answer = browser.post(path, {"name": "Ai Đó", "login": "aido", "role": "king"})
    assert answer.status_code == 422 and "Not a valid" not in answer.get_data(as_text=True)


def test_a_school_has_one_head(seated: Any, person: Any, tree: Tree, unit_uid: Any) -> None:
    person("92000F01")
    browser = seated(Role.DEPARTMENT_ADMIN, tree.department)
    browser.get("/accounts")
    path = f"/accounts/units/{unit_uid(tree.school)}/people"
    answer = browser.post(path, {"name": "Ai Đó", "login": "aido", "role": "unit_head"})
    assert answer.status_code == 422 and "đã có thủ trưởng" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"login": "92000f01"}, "đã có người dùng"),
        ({"login": "có dấu"}, "chữ cái không dấu"),
        ({"login": "ab"}, "chữ cái không dấu"),
        ({"login": "a@b.vn"}, "chữ cái không dấu"),
        ({"email": "Da.Co@truong.edu.vn"}, "đã dùng cho tài khoản khác"),
        ({"email": "không phải thư"}, "Thư điện tử chưa đúng"),
        ({"name": ""}, "Hãy nhập họ và tên."),
        ({"name": "A\x00B"}, "ký tự không hợp lệ"),
        ({"name": "x" * 121}, "dài quá 120 ký tự"),
        ({"phone": "abc"}, "8 đến 15 chữ số"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_stored(
    seated: Any, person: Any, tree: Tree, unit_uid: Any, stored: Any, data: dict[str, str], sentence: str
) -> None:
    person("92000F01", email="da.co@truong.edu.vn")
    browser = seated(Role.DEPARTMENT_ADMIN, tree.department)
    browser.get("/accounts")
    before = stored(lambda session: session.query(User).count())
    full = {"name": "Ai Đó", "login": "aido", "role": "unit_member"} | data
    answer = browser.post(f"/accounts/units/{unit_uid(tree.school)}/people", full)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    assert stored(lambda session: session.query(User).count()) == before


def test_a_further_role_ends_the_session_and_is_audited(
    seated: Any, new_browser: Any, person: Any, tree: Tree, uid_of: Any, acts: Any
) -> None:
    user_id = person("lan", Role.UNIT_MEMBER)
    lan = new_browser()
    lan.sign_in("lan")
    browser = seated(Role.DEPARTMENT_ADMIN, tree.department)
    path = f"/accounts/{uid_of(user_id)}"
    browser.get(path)
    for code, sentence in (("KHONGCO", "Không có đơn vị nào"), ("92000F01", "đã có vai trò đó")):
        answer = browser.post(f"{path}/memberships", {"unit_code": code, "role": "unit_member"})
        assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    assert lan.signed_in
    done = browser.post(f"{path}/memberships", {"unit_code": "92000F02", "role": "unit_head"})
    assert done.location == path
    assert not lan.signed_in and ("membership.add", "done") in acts()


def test_nobody_gives_themselves_a_further_role(seated: Any, tree: Tree, stored: Any, uid_of: Any) -> None:
    browser = seated(Role.COMMUNE_LEADER, tree.commune)
    me = stored(lambda session: session.query(User).one().id)
    browser.get("/accounts")
    answer = browser.post(
        f"/accounts/{uid_of(me)}/memberships", {"unit_code": "31168", "role": "commune_officer"}
    )
    assert answer.status_code == 403


def test_nobody_gives_a_role_to_somebody_above(
    seated: Any, new_browser: Any, person: Any, tree: Tree, uid_of: Any
) -> None:
    """A role at a school would keep the leader from approving its form, and sign the leader out."""
    leader_id = person("lanh-dao", Role.COMMUNE_LEADER, tree.commune)
    leader = new_browser()
    leader.sign_in("lanh-dao")
    browser, path = seated(Role.COMMUNE_OFFICER, tree.commune), f"/accounts/{uid_of(leader_id)}"
    assert "/memberships" not in browser.get(path).get_data(as_text=True)
    answer = browser.post(f"{path}/memberships", {"unit_code": "92000F01", "role": "unit_member"})
    assert answer.status_code == 403 and leader.signed_in


def test_a_role_ends_and_can_be_given_again(
    seated: Any, new_browser: Any, person: Any, tree: Tree, uid_of: Any, stored: Any
) -> None:
    user_id = person("lan", Role.UNIT_MEMBER)
    lan = new_browser()
    lan.sign_in("lan")
    browser = seated(Role.UNIT_HEAD, tree.school)
    path = f"/accounts/{uid_of(user_id)}"
    browser.get(path)
    place = stored(lambda session: memberships(session, user_id))[0]
    assert browser.post(f"{path}/memberships/{place}/end").location == path
    assert not lan.signed_in
    assert "Không còn vai trò nào" in browser.get("/accounts").get_data(as_text=True)
    again = browser.post(f"{path}/memberships", {"unit_code": "92000F01", "role": "unit_member"})
    assert again.location == path and lan.sign_in("lan").status_code == 302


def test_a_membership_of_another_person_or_unit_cannot_be_ended(
    seated: Any, person: Any, app: Flask, tree: Tree, uid_of: Any, stored: Any
) -> None:
    lan, other = person("lan", Role.UNIT_MEMBER), person("khac", Role.UNIT_MEMBER, tree.other_school)
    add_role(app, lan, tree.other_school, Role.UNIT_MEMBER)
    browser = seated(Role.UNIT_HEAD, tree.school)
    browser.get("/accounts")
    theirs = stored(lambda session: memberships(session, other))[0]
    elsewhere = stored(lambda session: memberships(session, lan))[1]
    for membership in (theirs, elsewhere, 9999):
        assert browser.post(f"/accounts/{uid_of(lan)}/memberships/{membership}/end").status_code == 404


@pytest.mark.parametrize("act", ["deactivate", "reactivate", "code"])
def test_an_account_with_a_role_beyond_the_actors_reach_cannot_be_taken_over(
    seated: Any, person: Any, app: Flask, tree: Tree, uid_of: Any, stored: Any, act: str
) -> None:
    """A head may end a member's role here, but not reset a person who is an officer elsewhere too."""
    lan = person("lan", Role.UNIT_MEMBER)
    add_role(app, lan, tree.department, Role.DEPARTMENT_OFFICER)
    browser = seated(Role.UNIT_HEAD, tree.school)
    page = browser.get(f"/accounts/{uid_of(lan)}").get_data(as_text=True)
    assert "chỉ xem được" in page and "Cấp mã" not in page and "Sở Giáo dục" not in page.partition("<main")[2]
    assert browser.post(f"/accounts/{uid_of(lan)}/{act}").status_code == 403
    assert stored(lambda session: session.query(ActivationCode).count()) == 0


def test_locking_ends_sessions_and_unlocking_lets_in_again(
    seated: Any, new_browser: Any, person: Any, tree: Tree, uid_of: Any, acts: Any
) -> None:
    user_id = person("92000F01")
    head = new_browser()
    head.sign_in("92000F01")
    browser = seated(Role.COMMUNE_LEADER, tree.commune)
    path = f"/accounts/{uid_of(user_id)}"
    browser.get(path)
    assert browser.post(f"{path}/deactivate").location == path
    assert not head.signed_in and head.sign_in("92000F01").status_code == 200
    assert browser.post(f"{path}/reactivate").location == path
    assert head.sign_in("92000F01").status_code == 302
    assert {("account.deactivate", "done"), ("account.reactivate", "done")} <= set(acts())


def test_a_new_code_is_shown_once_and_the_password_lives_until_it_is_used(
    seated: Any, new_browser: Any, person: Any, tree: Tree, uid_of: Any
) -> None:
    user_id = person("92000F01")
    browser = seated(Role.COMMUNE_OFFICER, tree.commune)
    path = f"/accounts/{uid_of(user_id)}"
    browser.get(path)
    page = browser.post(f"{path}/code").get_data(as_text=True)
    assert "Mã chỉ hiện một lần này" in page and "<code>" in page
    later = browser.get(path).get_data(as_text=True)
    assert "Đã cấp, có giá trị đến" in later and "<code>" not in later
    assert new_browser().sign_in("92000F01").status_code == 302


def test_the_page_of_a_code_opened_again_leads_to_where_a_new_one_comes_from(
    seated: Any, person: Any, tree: Tree, unit_uid: Any, uid_of: Any
) -> None:
    browser = seated(Role.COMMUNE_OFFICER, tree.commune)
    unit, somebody = unit_uid(tree.school), uid_of(person("y-te", Role.UNIT_HEAD, tree.school))
    for path, leads_to in (
        (f"/accounts/units/{unit}/people", f"/accounts/units/{unit}"),
        (f"/accounts/{somebody}/code", f"/accounts/{somebody}"),
    ):
        answer = browser.get(path)
        assert (answer.status_code, answer.location) == (302, leads_to)
    assert "Mã kích hoạt chỉ hiện một lần" in browser.get(leads_to).get_data(as_text=True)


def test_ones_own_account_in_the_list_leads_to_where_it_is_changed(
    browser: Any, person: Any, tree: Tree, uid_of: Any
) -> None:
    me = uid_of(person("toi", Role.UNIT_HEAD, tree.school))
    browser.sign_in("toi")
    text = browser.get(f"/accounts/{me}").get_data(as_text=True)
    assert "Đây là tài khoản của Thầy/Cô" in text and "ngang hoặc cao hơn" not in text
