"""What every answer carries: each rule of the map, each kind of refusal, each kind of file."""

import errno
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from survey_app.app import create_app
from survey_app.core import limits
from survey_app.core.access import policy_of, public
from survey_app.core.db import unit_of_work
from survey_app.core.web import CSP
from survey_app.rules.errors import RuleError
from survey_app.rules.permissions import Role
from tests.conftest import Seat, make_settings
from tests.core.answer_headers import DECISION_13, lacking
from tests.factories.certificates import make_batch, make_town
from tests.factories.evidence import make_file
from tests.factories.organisations import make_school

STAND_IN = {"lang": "en", "ending": "xlsx", "which": "1", "filename": "css/base.css"}
AWAY = (
    *("https://evil.test", "//evil.test", "///evil.test", "/\\evil.test", "\\\\evil.test", "/\t/evil.test"),
    *("http:evil.test", "javascript:alert(1)", " //evil.test", "//evil.test/%2f..", "/\u200b/evil.test"),
    "https:/\\evil.test",
)


def addresses(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every rule with values that fit its converters and name nothing."""
    for rule in app.url_map.iter_rules():
        values = {name: STAND_IN.get(name, "0" * 32) for name in rule.arguments}
        for name, converter in rule._converters.items():
            if type(converter).__name__ == "IntegerConverter":
                values[name] = "1"
        address = rule.rule
        for name, value in values.items():
            address = re.sub(rf"<(?:[^<>]*:)?{name}>", value, address)
        yield rule, address


def assert_headers(answer: TestResponse, *, private: bool = True) -> None:
    assert lacking(answer, private=private) == [], f"{answer.request.path} {answer.status_code}"


@pytest.fixture
def browser(app: Flask, seat: Seat) -> FlaskClient:
    """A browser that sees the pages people see when something fails."""
    app.config["TESTING"] = False
    return app.test_client()


def sit(app: Flask, seat: Seat) -> str:
    """Sit down as an administrator with a batch to issue; returns the address of a paper's preview."""
    with app.app_context(), unit_of_work():
        town = make_town(1)
        seat.actor = town.admin
        return f"/certificates/batches/{make_batch(town).uid}/preview/longest.pdf"


def test_our_policy_is_the_one_decided() -> None:
    assert CSP == DECISION_13


def test_every_rule_answers_with_every_header(app: Flask, seat: Seat, browser: FlaskClient) -> None:
    sit(app, seat)
    admin, rules = seat.actor, list(addresses(app))
    for seat.actor in (None, admin):
        for rule, address in rules:
            answer = browser.get(address)
            assert answer.status_code < 500 or rule.endpoint == "jobs.readyz", address
            assert_headers(answer, private=rule.endpoint != "static")


def test_every_rule_refuses_a_foreign_host_plainly(app: Flask, seat: Seat, browser: FlaskClient) -> None:
    sit(app, seat)
    for _, address in (*addresses(app), (None, "/nothing-here")):
        for method in ("GET", "POST"):
            answer = browser.open(address, method=method, headers={"Host": "evil.test"})
            assert answer.status_code == 400, (method, address)
            assert_headers(answer, private="/static/" not in address)


def test_every_rule_takes_a_rubbish_question_calmly(app: Flask, seat: Seat, browser: FlaskClient) -> None:
    sit(app, seat)
    names = "page q round ward stage tab view read saved from to actor next".split()
    for rubbish in ("%FF%FE'%22%3Cx%3E", "9" * 400):
        question = "&".join(f"{name}={rubbish}" for name in names)
        for rule, address in addresses(app):
            if "GET" in (rule.methods or ()) and rule.endpoint != "static":
                answer = browser.get(f"{address}?{question}")
                assert answer.status_code < 500 or rule.endpoint == "jobs.readyz", (address, rubbish)


def test_no_public_rule_leads_to_another_site(app: Flask, browser: FlaskClient) -> None:
    asking = []
    for rule, address in addresses(app):
        policy = policy_of(app, rule.endpoint)
        if policy is not None and policy.permission is None and rule.endpoint != "static":
            asking += [(method, address) for method in ("GET", "POST") if method in (rule.methods or ())]
    assert ("GET", "/language/en") in asking
    for away in AWAY:
        for method, address in asking:
            given = {"query_string" if method == "GET" else "data": {"next": away}}
            where = browser.open(address, method=method, **given).location or "/"
            assert where.startswith("/") and not re.match(r"/[/\\\s]", where), (method, address, where)


class Refused(RuleError):
    """A refusal with any status."""

    message = "Chưa được."

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


def fail(error: Exception) -> Callable[[], str]:
    def view() -> str:
        raise error

    return view


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_refusals_have_every_header(app: Flask, seat: Seat, browser: FlaskClient, accept: str) -> None:
    outage = OperationalError("SELECT 1", None, sqlite3.OperationalError("database is locked"))
    planted = {status: Refused(status) for status in (401, 403, 404, 409, 413, 422, 429)}
    planted |= {500: ValueError("planted"), 503: outage, 507: OSError(errno.ENOSPC, "full")}
    for status, error in planted.items():
        app.add_url_rule(f"/{status}", f"planted{status}", public(fail(error)), methods=["GET", "POST"])
    for status in planted:
        for method in ("GET", "POST"):
            answer = browser.open(f"/{status}", method=method, headers={"Accept": accept})
            assert answer.status_code == status
            assert_headers(answer)


def test_what_the_edge_refuses_has_every_header(app: Flask, seat: Seat, browser: FlaskClient) -> None:
    app.add_url_rule("/take", "take", public(lambda: "ok"), methods=["POST"])
    app.config["MAX_CONTENT_LENGTH"] = 1000
    with app.app_context(), unit_of_work():
        head = seat.take(Role.UNIT_HEAD, make_school())
    seat.actor = None
    answers = [(401, browser.post("/account/own")), (404, browser.get("/nothing-here"))]
    seat.actor = head
    answers += [
        (403, browser.get("/audit")),
        (405, browser.post("/healthz")),
        (413, browser.post("/account/login", data={"login": "x" * 2000})),
        (400, browser.get("/?q=%00")),
        (400, browser.post("/take", json={})),
        (400, browser.post("/take", headers={"Origin": "https://evil.test"})),
    ]
    app.config["WTF_CSRF_ENABLED"] = True
    answers.append((400, browser.post("/take")))
    for status, answer in answers:
        assert answer.status_code == status, answer.request.path
        assert_headers(answer)


def test_too_many_requests_have_every_header(
    tmp_path: Path, new_database: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    new_database(tmp_path)
    monkeypatch.setattr(limits, "PER_ADDRESS", "1 per minute")
    client = create_app(make_settings(tmp_path, RATELIMIT_ENABLED=True)).test_client()
    answers = [client.get("/account/login", environ_base={"REMOTE_ADDR": "10.9.9.9"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert_headers(answers[-1])


def test_files_have_every_header(app: Flask, seat: Seat, browser: FlaskClient) -> None:
    paper = sit(app, seat)
    answers = [browser.get(paper), browser.get("/certificates/register.xlsx")]
    with app.app_context(), unit_of_work():
        picture = make_file(seat.take(Role.UNIT_HEAD, make_school())).uid
    answers += [browser.get(f"/evidence/{picture}/{which}") for which in ("thumb", "p/1", "download")]
    for answer in answers:
        assert answer.status_code == 200, answer.request.path
        assert_headers(answer)
        assert "html" not in (answer.mimetype or "")
    assert_headers(browser.get("/static/css/base.css"), private=False)
