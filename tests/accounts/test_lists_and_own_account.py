"""Finding people and units, one's own account, and what other rooms ask."""

from typing import Any

import pytest
from flask import Flask

from survey_app.accounts import queries, scope
from survey_app.accounts.models import Membership, User, UserSession
from survey_app.core.access import Actor
from survey_app.core.db import unit_of_work
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import Role
from tests.accounts.conftest import Browser, Tree
from tests.factories.accounts import make_actor


def test_search_is_without_marks_and_filters_narrow(
    seated: Any, person: Any, tree: Tree, unit_uid: Any
) -> None:
    person("a1", Role.UNIT_MEMBER, tree.school, name="Nguyễn Thị Đào")
    person("a2", Role.UNIT_MEMBER, tree.other_school, name="Trần Văn Đáo", active=False)
    person("a3", Role.COMMUNE_OFFICER, tree.commune, name="Lê Văn Hòa", password=None)
    browser = seated(Role.DEPARTMENT_ADMIN, tree.department)

    def found(query: str) -> set[str]:
        text = browser.get(f"/accounts?{query}").get_data(as_text=True)
        return {login for login in ("a1", "a2", "a3") if f"<td>{login}</td>" in text}

    assert found("q=thi+dao") == {"a1"} and found("q=đao") == {"a1", "a2"}
    assert found("role=commune_officer") == {"a3"} and found("role=king") == {"a1", "a2", "a3"}
    assert found(f"ward={unit_uid(tree.commune)}") == {"a1", "a3"}
    assert found("state=locked") == {"a2"} and found("state=new") == {"a3"}
    assert found("q=%25") == {"a1", "a2", "a3"} and found("q=zzz") == set()
    assert found("page=x&q=%09") == {"a1", "a2", "a3"}


def test_the_list_is_in_order_of_given_names_fifty_a_page(
    seated: Any, app: Flask, tree: Tree, person: Any, count_queries: Any
) -> None:
    for number in range(60):
        person(f"p{number}", Role.UNIT_MEMBER, name=f"Nguyễn Văn {'ĐBAC'[number % 4]}{number}", password=None)
    browser = seated(Role.DEPARTMENT_ADMIN, tree.department)
    with count_queries() as seen:
        text = browser.get("/accounts").get_data(as_text=True)
    names = [part.partition("<")[0] for part in text.split("Nguyễn Văn ")[1:]]
    assert names == sorted(names, key=queries.person_sort_key) and text.count('scope="row"') == 50
    assert len(seen) <= 8
    assert browser.get("/accounts?page=2").get_data(as_text=True).count('scope="row"') == 11


def test_units_show_whether_their_head_can_sign_in(seated: Any, person: Any, tree: Tree) -> None:
    person("92000F01", password=None)
    browser = seated(Role.DEPARTMENT_ADMIN, tree.department)
    text = browser.get("/accounts/units").get_data(as_text=True)
    assert text.count("Chưa có tài khoản</span>") == 2 and text.count("Chưa kích hoạt</span>") == 1
    narrowed = browser.get("/accounts/units?state=none&q=binh+thuy").get_data(as_text=True)
    assert "THCS Bình Thuỷ" in narrowed and "THCS Châu Văn Liêm" not in narrowed
    assert "Phường Mẫu" in browser.get("/accounts/units?kind=commune").get_data(as_text=True)


def test_a_person_changes_only_their_own_details(browser: Browser, person: Any, stored: Any) -> None:
    mine, other = person("toi", Role.UNIT_MEMBER), person("khac", Role.UNIT_MEMBER)
    browser.sign_in("toi")
    forged = {
        "name": "Tên Mới",
        "phone": "0900 000 000",
        "email": "moi@truong.edu.vn",
        "email_confirmed_at": "2026-01-01",
        "id": str(other),
        "login": "quantri",
        "role": "department_admin",
        "active": "",
        "password": "x",
        "fs_uniquifier": "x",
    }
    assert browser.post("/account/own", forged).location == "/account/own"
    rows = stored(lambda session: {user.id: user for user in session.query(User)})
    assert (rows[mine].name, rows[mine].email, rows[mine].login) == ("Tên Mới", None, "toi")
    assert rows[mine].email_confirmed_at is None
    assert rows[mine].active and rows[other].name != "Tên Mới"
    assert (
        stored(lambda session: session.query(Membership).filter_by(user_id=mine).one().role) == "unit_member"
    )


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"name": ""}, "Hãy nhập họ và tên."),
        ({"phone": "mười số"}, "8 đến 15 chữ số"),
    ],
)
def test_bad_details_are_named(
    browser: Browser, person: Any, stored: Any, data: dict[str, str], sentence: str
) -> None:
    mine = person("toi")
    before = stored(lambda session: session.get(User, mine).name)
    browser.sign_in("toi")
    answer = browser.post("/account/own", {"name": "Tên Mới"} | data)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    assert stored(lambda session: session.get(User, mine).name) == before


def test_a_new_password_needs_the_present_one(browser: Browser, person: Any, stored: Any) -> None:
    user_id = person("toi")
    browser.sign_in("toi")
    before = stored(lambda session: session.get(User, user_id).password)
    data = {"current_password": "sai mật khẩu này rồi", "password": "Một câu rất riêng của tôi"}
    answers = [browser.post("/account/own/password", data) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert "Mật khẩu hiện nay chưa đúng" in answers[0].get_data(as_text=True)
    assert stored(lambda session: session.get(User, user_id).password) == before
    assert stored(lambda session: session.query(UserSession).filter_by(ended_at=None).count()) == 1


def test_other_rooms_ask_who_works_where(app: Flask, person: Any, tree: Tree) -> None:
    person("92000F01", name="Trần Văn A")
    person("lan", Role.UNIT_MEMBER, name="Lê Thị Lan")
    person("khoa", Role.UNIT_MEMBER, name="Lê Thị Khóa", active=False)
    person("xa1", Role.COMMUNE_OFFICER, tree.commune, name="Phạm Cán Bộ")
    person("xa2", Role.COMMUNE_LEADER, tree.commune, name="Phạm Lãnh Đạo")
    with app.app_context():
        assert [person.name for person in queries.people_of(tree.school)] == ["Trần Văn A", "Lê Thị Lan"]
        assert len(queries.people_of(tree.school, locked=True)) == 3
        assert [person.name for person in queries.officers_of(tree.commune)] == ["Phạm Cán Bộ"]
        head = queries.head_of(tree.school)
        assert head is not None and head.login == "92000F01"
        assert queries.head_of(tree.other_school) is None and queries.names_of([]) == {}


def test_a_viewer_manages_nothing(app: Flask, tree: Tree) -> None:
    with app.app_context(), unit_of_work() as session:
        unit = session.get(OrganisationUnit, tree.department)
        actor: Actor = make_actor(Role.VIEWER, unit)
        assert not scope.manages_unit(actor, tree.department)
        assert scope.list_accounts(actor, scope.AccountFilter()).total == 0
