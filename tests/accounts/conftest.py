"""People with passwords in a small tree, browsers that sign in through the real form, authenticator apps."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey_app.accounts import authenticator, second_factor
from survey_app.accounts.models import Membership, User
from survey_app.accounts.passwords import hash_password
from survey_app.accounts.sessions import Caller
from survey_app.core import audit, clock
from survey_app.core import db as core_db
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import Role
from tests.conftest import PASSWORD
from tests.factories.accounts import make_membership, make_user
from tests.factories.organisations import make_commune, make_department, make_school
from tests.factories.phones import Phone

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """A person's browser: keeps cookies, sends the CSRF token of the page it saw last."""

    def __init__(self, client: FlaskClient, address: str = "10.0.0.1") -> None:
        self.client, self.address, self.token = client, address, ""

    def get(self, path: str, **options: Any) -> TestResponse:
        answer = self.client.get(path, environ_base={"REMOTE_ADDR": self.address}, **options)
        self._note(answer)
        return answer

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        body = {"csrf_token": self.token} | (data or {})
        answer = self.client.post(path, data=body, environ_base={"REMOTE_ADDR": self.address}, **options)
        self._note(answer)
        return answer

    def _note(self, answer: TestResponse) -> None:
        found = TOKEN.search(answer.get_data(as_text=True)) if answer.mimetype == "text/html" else None
        if found:
            self.token = found.group(1)

    def sign_in(self, login: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        self.get("/account/login")
        answer = self.post("/account/login", {"login": login, "password": password, **more})
        if answer.status_code == 302:
            self.get("/account/own")  # the token of the new session
        return answer

    def sign_in_with(
        self, carried: dict[str, str], login: str = "biet", password: str = PASSWORD
    ) -> TestResponse:
        """Send the sign-in form of the page just seen, with its hidden fields."""
        return self.post("/account/login", carried | {"login": login, "password": password})

    def second_step(self, code: str, **more: str) -> TestResponse:
        """Send a code on the page that asks for it."""
        self.get("/account/second-step")
        answer = self.post("/account/second-step", {"one_time_code": code} | more)
        if answer.status_code == 302:
            self.get("/account/own")  # the token of the new session
        return answer

    @property
    def signed_in(self) -> bool:
        """True when a private page opens (or asks for a password or a workplace)."""
        answer = self.get("/account/own")
        return answer.status_code == 200 or "/account/login" not in (answer.location or "/account/login")

    def cookie(self) -> str:
        found = self.client.get_cookie("session")
        return found.value if found else ""


@dataclass
class Tree:
    """Ids of a department, two communes with a school each, and a school the department manages."""

    department: int
    commune: int
    school: int
    other_commune: int
    other_school: int
    department_school: int


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def new_browser(app: Flask) -> Callable[..., Browser]:
    """A further browser, from another address when one is given."""
    return lambda address="10.0.0.1": Browser(app.test_client(), address)


@pytest.fixture
def tree(app: Flask) -> Tree:
    with app.app_context(), core_db.unit_of_work():
        department = make_department(code="92", name="Sở Giáo dục và Đào tạo Mẫu")
        commune, other = make_commune(department, code="31168"), make_commune(department, code="31135")
        school = make_school(commune, code="92000F01", name="THCS Châu Văn Liêm")
        other_school = make_school(other, code="92000F02", name="THCS Bình Thuỷ")
        high = make_school(commune, stages=("thpt",), code="92000701", name="THPT Phan Ngọc Hiển")
        return Tree(department.id, commune.id, school.id, other.id, other_school.id, high.id)


@pytest.fixture
def person(app: Flask, tree: Tree) -> Callable[..., int]:
    """Make a person with PASSWORD and one role; returns the user's id."""

    def make(login: str, role: Role | None = Role.UNIT_HEAD, unit_id: int = 0, **values: Any) -> int:
        with app.app_context(), core_db.unit_of_work() as session:
            user = make_user(login=login, **({"password": hash_password(PASSWORD)} | values))
            if role is not None:
                unit = session.get(OrganisationUnit, unit_id or tree.school)
                make_membership(user, unit, role)
            return int(user.id)

    return make


@pytest.fixture
def stored(app: Flask) -> Iterator[Any]:
    """`stored(lambda session: …)` reads the database in a context of its own."""

    def read(look: Callable[[Any], Any]) -> Any:
        with app.app_context():
            return look(core_db.session)

    yield read


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Move the clock: `at(timedelta(minutes=61))` from now on."""
    start = datetime.now(UTC)  # noqa: TID251 - the clock itself is replaced

    def move(ahead: timedelta) -> None:
        monkeypatch.setattr(clock, "now", lambda: start + ahead)

    return move


@pytest.fixture
def acts(stored: Any) -> Callable[[], list[tuple[str, str]]]:
    """(action, outcome) of every audit row so far."""
    return lambda: stored(
        lambda session: [
            (row.action, row.outcome) for row in session.query(audit.AuditEvent).order_by(audit.AuditEvent.id)
        ]
    )


@pytest.fixture
def uid_of(stored: Any) -> Any:
    return lambda user_id: stored(lambda session: session.get(User, user_id).uid)


@pytest.fixture
def unit_uid(stored: Any) -> Any:
    return lambda unit_id: stored(lambda session: session.get(OrganisationUnit, unit_id).uid)


@pytest.fixture
def seated(browser: Browser, person: Any, tree: Tree) -> Any:
    """Sign in as a new person with a role: `seated(Role.COMMUNE_LEADER, tree.commune)`."""

    def sit(role: Role, unit_id: int) -> Browser:
        person(f"toi-{role.value.replace('_', '-')}", role, unit_id)
        browser.sign_in(f"toi-{role.value.replace('_', '-')}")
        return browser

    return sit


@pytest.fixture
def phone_of(app: Flask) -> Callable[[int], Phone]:
    """Switch the second factor of a person on, as if a while ago: `phone_of(user_id).code()`."""

    def switch_on(user_id: int) -> Phone:
        with app.app_context(), core_db.unit_of_work() as session:
            secret = authenticator.draw()
            sheet = second_factor.switch_on(
                session.get(User, user_id), secret, 0, actor=None, caller=Caller(), now=clock.now()
            )
            return Phone(secret, sheet)

    return switch_on


def add_role(app: Flask, user_id: int, unit_id: int, role: Role) -> None:
    """A further role, as if it had always been there."""
    with app.app_context(), core_db.unit_of_work() as session:
        make_membership(session.get(User, user_id), session.get(OrganisationUnit, unit_id), role)


def memberships(session: Any, user_id: int) -> list[int]:
    """Ids of a person's memberships, oldest first."""
    return [row.id for row in session.query(Membership).filter_by(user_id=user_id).order_by(Membership.id)]
