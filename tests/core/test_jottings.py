"""The answer of a form says which jotting of the browser was taken, and only when it was."""

from pathlib import Path

import pytest
from flask import Flask, redirect
from flask.testing import FlaskClient

from survey_app.app import create_app
from survey_app.core.access import requires
from survey_app.core.db import mark_refused, unit_of_work
from survey_app.core.edge import set_actor_loader, set_signed_out_answer
from survey_app.core.jottings import COOKIE, MOST_KEYS
from survey_app.rules.permissions import Role
from tests.conftest import Seat, make_settings
from tests.factories.accounts import make_actor
from tests.factories.organisations import make_school
from tests.plans.test_pages import WORK, Site

KEY = "mfa1b2c3k4l5"


@pytest.fixture
def site(app: Flask, client: FlaskClient, seat: Seat) -> Site:
    with app.app_context(), unit_of_work():
        return Site(app, client, seat)


def taken(client: FlaskClient) -> str:
    cookie = client.get_cookie(COOKIE)
    return cookie.value if cookie else ""


def test_a_form_that_was_taken_is_named_to_the_script(site: Site) -> None:
    answer = site.add(jotting=KEY)
    assert answer.status_code == 302 and len(site.items()) == 1
    (said,) = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(COOKIE)]
    assert said.startswith(f"taken={KEY}; ") and "HttpOnly" not in said and "SameSite=Lax" in said


def test_a_refused_form_is_not(site: Site) -> None:
    assert site.add(jotting=KEY, action="").status_code == 422
    assert taken(site.client) == ""


@pytest.mark.parametrize(
    "key", ["", "short", KEY * 9, "mfa1b2c3; Path=/", "mfa1b2c3\x00k4l5", "<b>mfa1b2c3</b>"]
)
def test_only_a_key_is_named(site: Site, key: str) -> None:
    assert site.add(jotting=key).status_code == 302
    assert taken(site.client) == ""


def test_several_tabs_may_send_before_one_reads_it(site: Site) -> None:
    for number in range(MOST_KEYS + 3):
        site.add(jotting=f"{KEY}{number}")
    assert taken(site.client).split(".") == [f"{KEY}{number}" for number in range(3, MOST_KEYS + 3)]


def probe(app: Flask, *, refused: bool) -> None:
    app._got_first_request = False

    def view() -> object:
        if refused:
            mark_refused()
        return redirect("/")

    app.add_url_rule("/probe", "probe", requires("plans.edit")(view), methods=["POST"])  # type: ignore[arg-type]


@pytest.mark.parametrize("refused", [True, False])
def test_a_refusal_that_leads_elsewhere_takes_nothing(site: Site, refused: bool) -> None:
    probe(site.app, refused=refused)
    assert site.client.post("/probe", data={"jotting": KEY}).status_code == 302
    assert taken(site.client) == ("" if refused else KEY)


def test_who_is_led_away_unheard_keeps_the_words(site: Site) -> None:
    """Somebody who must first choose a workplace is sent there; nobody has looked at the form."""
    site.seat.actor = None
    set_signed_out_answer(site.app, lambda: redirect("/account/workplaces"))
    assert site.add(jotting=KEY).status_code == 302 and site.items() == []
    assert taken(site.client) == ""


def test_over_https_it_is_the_hosts_own(tmp_path: Path, app: Flask) -> None:
    secure = create_app(make_settings(tmp_path, SESSION_COOKIE_SECURE=True, WTF_CSRF_ENABLED=False))
    with secure.app_context(), unit_of_work():
        actor = make_actor(Role.UNIT_HEAD, make_school())
    set_actor_loader(secure, lambda: actor)
    probe(secure, refused=False)
    answer = secure.test_client().post("/probe", data={"jotting": KEY, **WORK}, base_url="https://localhost")
    (said,) = [line for line in answer.headers.getlist("Set-Cookie") if "taken" in line]
    assert said.startswith(f"__Host-taken={KEY};") and "Secure" in said and "Path=/" in said
    assert "Domain" not in said
