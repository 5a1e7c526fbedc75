"""One person in two browsers: what happens to the account ends the other session with its next request.

Each act goes through the real page or command, a copy of a cookie counts as a browser, and every kind of
request is tried: a page, a form, our scripts.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from survey_app.accounts.models import Membership
from survey_app.rules.permissions import Role
from tests.accounts.conftest import Browser, Tree
from tests.accounts.test_second_factor import proof, set_up
from tests.conftest import PASSWORD
from tests.factories.phones import Phone

NEW = "Một câu rất riêng của tôi"
JSON = {"Accept": "application/json"}


def is_over(browser: Browser) -> bool:
    """True when nothing of a session is left, whatever is asked; says so if requests differ."""
    page, script = browser.get("/account/own"), browser.get("/account/own", headers=JSON)
    form = browser.post("/account/own", {"name": "Tên của kẻ khác"})
    seen = (page.status_code, script.status_code, form.status_code)
    assert seen in ((302, 401, 401), (200, 200, 422), (200, 200, 302)), seen
    return seen[0] == 302 and str(page.location).startswith("/account/login")


@pytest.fixture
def two(new_browser: Any, person: Any, tree: Tree) -> tuple[Browser, Browser, int]:
    """A head of a school at the office and on the phone."""
    user_id, office, handy = person("92000F01"), new_browser("10.0.0.1"), new_browser("10.9.9.9")
    for one in (office, handy):
        one.sign_in("92000F01")
        assert not is_over(one)
    return office, handy, user_id


@pytest.fixture
def leader(seated: Any, tree: Tree) -> Browser:
    """Who manages the account, in a browser of their own."""
    browser: Browser = seated(Role.COMMUNE_LEADER, tree.commune)
    return browser


def membership_of(stored: Any, user_id: int) -> int:
    return int(stored(lambda session: session.query(Membership).filter_by(user_id=user_id).one().id))


def lock(leader: Browser, uid: str, **_more: Any) -> None:
    assert leader.post(f"/accounts/{uid}/deactivate").status_code == 302


def end_role(leader: Browser, uid: str, membership: int, **_more: Any) -> None:
    assert leader.post(f"/accounts/{uid}/memberships/{membership}/end").status_code == 302


def add_role(leader: Browser, uid: str, **_more: Any) -> None:
    data = {"unit_code": "31168", "role": "commune_officer"}
    assert leader.post(f"/accounts/{uid}/memberships", data).status_code == 302


def hand_over(leader: Browser, school: str, membership: int, **_more: Any) -> None:
    data = {"who": "new", "name": "Lê Mới"}
    assert leader.post(f"/accounts/units/{school}/hand-over/{membership}", data).status_code == 200


def new_password_by_code(leader: Browser, uid: str, third: Browser, **_more: Any) -> None:
    page = leader.post(f"/accounts/{uid}/code").get_data(as_text=True)
    code = re.search(r"<code>([2-9A-Z]{5}-[2-9A-Z]{5})</code>", page)
    assert code
    third.get("/account/activate")
    data = {"code": code.group(1), "password": NEW, "phone": "0292 3 888 999"}
    assert third.post("/account/activate", data).location == "/"


@pytest.mark.parametrize("act", [lock, end_role, add_role, hand_over, new_password_by_code])
def test_what_others_do_to_an_account_ends_both(
    two: Any,
    leader: Browser,
    new_browser: Any,
    tree: Tree,
    uid_of: Any,
    unit_uid: Any,
    stored: Any,
    act: Callable[..., None],
) -> None:
    office, handy, user_id = two
    place, third = membership_of(stored, user_id), new_browser("10.5.5.5")
    act(leader, uid=uid_of(user_id), membership=place, school=unit_uid(tree.school), third=third)
    assert is_over(office) and is_over(handy) and not is_over(leader)


def test_issuing_a_code_alone_ends_nothing(two: Any, leader: Browser, uid_of: Any) -> None:
    office, handy, user_id = two
    assert leader.post(f"/accounts/{uid_of(user_id)}/code").status_code == 200
    assert not is_over(office) and not is_over(handy)


@pytest.mark.parametrize("by", ["page", "console"])
def test_the_reset_of_a_second_factor_ends_both(
    two: Any, leader: Browser, uid_of: Any, phone_of: Any, app: Flask, by: str
) -> None:
    office, handy, user_id = two
    phone: Phone = phone_of(user_id)
    for place, one in enumerate((office, handy)):
        one.sign_in("92000F01")
        one.second_step(phone.recovery[place])
        assert not is_over(one)
    if by == "page":
        assert leader.post(f"/accounts/{uid_of(user_id)}/second-factor/reset").status_code == 302
    else:
        assert (
            app.test_cli_runner().invoke(args=["accounts", "reset-second-factor", "92000f01"]).exit_code == 0
        )
    assert is_over(office) and is_over(handy)


def copy_of(browser: Browser, new_browser: Any) -> Browser:
    other: Browser = new_browser("10.6.6.6")
    other.client.set_cookie("session", browser.cookie())
    assert not is_over(other)
    return other


def test_my_new_password_ends_the_other_and_every_copy_but_not_this_one(two: Any, new_browser: Any) -> None:
    office, handy, _ = two
    copies = copy_of(office, new_browser), copy_of(handy, new_browser)
    office.get("/account/own")
    data = {"current_password": PASSWORD, "password": NEW}
    assert office.post("/account/own/password", data).location == "/account/own"
    assert not is_over(office) and is_over(handy) and all(is_over(copy) for copy in copies)


def test_my_second_factor_switched_on_or_off_ends_the_other_but_not_this_one(
    two: Any, new_browser: Any
) -> None:
    office, handy, _ = two
    copy = copy_of(office, new_browser)
    phone = set_up(office)
    assert not is_over(office) and is_over(handy) and is_over(copy)
    handy.sign_in("92000F01")
    handy.second_step(phone.recovery[0])
    assert not is_over(handy)
    copy = copy_of(office, new_browser)
    office.get("/account/own")
    assert office.post("/account/second-factor/off", proof(phone)).location == "/account/own"
    assert not is_over(office) and is_over(handy) and is_over(copy)


def test_signing_out_ends_every_copy_of_this_session_and_leaves_the_phone_alone(
    two: Any, new_browser: Any
) -> None:
    office, handy, _ = two
    copy = copy_of(office, new_browser)
    office.get("/account/own")
    assert office.post("/account/logout").location == "/account/login"
    assert is_over(office) and is_over(copy) and not is_over(handy)


def test_choosing_another_workplace_ends_copies_made_before(
    two: Any, new_browser: Any, person: Any, tree: Tree, app: Flask, stored: Any
) -> None:
    """A role is tied to its session: the copy keeps neither the old one nor gets the new one."""
    from tests.accounts.conftest import add_role as also
    from tests.accounts.conftest import memberships

    user_id = person("hai")
    also(app, user_id, tree.other_school, Role.UNIT_MEMBER)
    browser, places = new_browser(), stored(lambda session: memberships(session, user_id))
    browser.sign_in("hai")
    browser.get("/account/workplaces")
    browser.post("/account/workplaces", {"membership": places[0]})
    copy = copy_of(browser, new_browser)
    browser.get("/account/workplaces")
    browser.post("/account/workplaces", {"membership": places[1]})
    assert not is_over(browser) and is_over(copy)
