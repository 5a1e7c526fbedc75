"""Control characters in an address: PostgreSQL takes no NUL as a value, so none may reach a statement."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.core.db import unit_of_work
from survey_app.core.edge import set_actor_loader
from survey_app.rules.permissions import Role
from tests.factories.accounts import make_actor
from tests.factories.organisations import make_school

ADDRESSES = (
    "/assessments/%00",
    "/evidence/%00",
    "/certificates/%00",
    "/reviews/%00/AT1.1",
    "/rounds/%1b",
    "/results/forms/%7f",
    "/jobs/%00",
    "/tra-cuu/%00",
    "/khong-co/%00",
    "/static/%00.css",
)
QUESTIONS = (
    "/?x=%00",
    "/evidence?q=%00",
    "/rounds?ward=%00",
    "/organisations?q=a%1bb",
    "/tra-cuu?number=%00",
    "/evidence?%00=1",
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def browser(request: pytest.FixtureRequest) -> Iterator[FlaskClient]:
    """A principal's browser, over each kind of database."""
    app: Flask = request.getfixturevalue("app" if request.param == "sqlite" else "postgres_app")
    with app.app_context(), unit_of_work():
        head = make_actor(Role.UNIT_HEAD, make_school())
    app.config.update(WTF_CSRF_ENABLED=False, TESTING=False)
    set_actor_loader(app, lambda: head)
    yield app.test_client()


def test_an_address_with_a_control_character_is_not_there(browser: FlaskClient) -> None:
    for address in ADDRESSES:
        answer = browser.get(address)
        assert answer.status_code == 404, address
        assert "Không tìm thấy trang này" in answer.get_data(as_text=True), address
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_question_with_a_control_character_is_refused_in_words(browser: FlaskClient) -> None:
    for address in QUESTIONS:
        answer = browser.get(address)
        assert answer.status_code == 400, address
        assert "Yêu cầu gửi lên chưa đúng" in answer.get_data(as_text=True), address


def test_a_tab_pasted_into_a_search_is_no_fault(browser: FlaskClient) -> None:
    assert browser.get("/evidence?q=b%C3%ACnh%09ch%E1%BB%AFa").status_code == 200
