"""The request edge: one transaction, deny by default, headers and refusals on every answer."""

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from survey_app.app import create_app
from survey_app.core import audit, clock
from survey_app.core.access import Policy, UndeclaredRoute, check_policies, public, requires
from survey_app.core.audit import AuditEvent
from survey_app.core.db import WriteInReadTransaction, begin_write, session, survive, unit_of_work
from survey_app.core.edge import set_actor_loader
from survey_app.rules.errors import BadInput, NotFound, RuleError
from survey_app.rules.permissions import Role
from tests.conftest import Seat, make_settings
from tests.factories.organisations import make_school


def add_route(app: Flask, view: object, **options: object) -> None:
    app._got_first_request = False
    app.add_url_rule("/probe", "probe", view, **options)  # type: ignore[arg-type]
    app.config["WTF_CSRF_ENABLED"] = False


def rows(app: Flask) -> int:
    with app.app_context():
        return session.query(AuditEvent).count()


def write(now: datetime) -> None:
    audit.record(None, "probe", ("probe", "1"), now=now)


def test_a_post_that_succeeds_commits(app: Flask, client: FlaskClient) -> None:
    add_route(app, public(lambda: write(clock.now()) or "ok"), methods=["POST"])
    assert client.post("/probe").status_code == 200
    assert rows(app) == 1


@pytest.mark.parametrize("answer", [("no", 422), ("no", 409), ("no", 500)])
def test_a_post_that_answers_an_error_changes_nothing(app: Flask, client: FlaskClient, answer: tuple) -> None:
    add_route(app, public(lambda: (write(clock.now()), answer)[1]), methods=["POST"])
    client.post("/probe")
    assert rows(app) == 0


def test_a_rule_error_changes_nothing_and_speaks_vietnamese(app: Flask, client: FlaskClient) -> None:
    def view() -> str:
        write(clock.now())
        raise BadInput()

    add_route(app, public(view), methods=["POST"])
    answer = client.post("/probe", headers={"Accept": "application/json"})
    assert (answer.status_code, rows(app)) == (422, 0)
    assert "chưa đúng" in answer.get_json()["error"]


def test_a_caught_rule_error_still_rolls_back_when_marked(app: Flask, client: FlaskClient) -> None:
    class Refused(RuleError):
        pass

    add_route(app, public(lambda: (_ for _ in ()).throw(Refused())), methods=["POST"])
    assert client.post("/probe", headers={"Accept": "application/json"}).status_code == 409


def test_a_get_never_writes(app: Flask, client: FlaskClient) -> None:
    def view() -> str:
        write(clock.now())
        session.flush()
        return "ok"

    add_route(app, public(view))
    with pytest.raises(WriteInReadTransaction):
        client.get("/probe")
    assert rows(app) == 0


def test_a_slow_post_writes_after_begin_write(app: Flask, client: FlaskClient) -> None:
    def view() -> str:
        session.query(AuditEvent).count()
        begin_write()
        write(clock.now())
        return "ok"

    add_route(app, public(slow=True)(view), methods=["POST"])
    assert client.post("/probe").status_code == 200
    assert rows(app) == 1


def test_whoever_loses_the_session_during_slow_work_may_not_finish_it(
    app: Flask, client: FlaskClient, seat: Seat
) -> None:
    with app.app_context(), unit_of_work():
        seat.take(Role.UNIT_HEAD, make_school())
    sitting = seat.actor

    def view() -> str:
        seat.actor = sitting if request.args["goes"] == "no" else None
        begin_write()
        write(clock.now())
        return "ok"

    add_route(app, requires("home.see", slow=True)(view), methods=["POST"])
    for goes, answered, stored in (("yes", 401, 0), ("no", 200, 1)):
        seat.actor = sitting
        assert (
            client.post(f"/probe?goes={goes}", headers={"Accept": "application/json"}).status_code == answered
        )
        assert rows(app) == stored


def test_the_caller_is_looked_at_again_only_after_the_slow_work(
    app: Flask, client: FlaskClient, seat: Seat
) -> None:
    with app.app_context(), unit_of_work():
        seat.take(Role.UNIT_HEAD, make_school())
    looked: list[int] = []
    set_actor_loader(app, lambda: looked.append(1) or seat.actor)

    def view() -> str:
        begin_write()
        before = len(looked)  # hashing a password would be here, without any lock
        write(clock.now())
        session.flush()
        return str((before, len(looked)))

    add_route(app, requires("home.see", slow=True)(view), methods=["POST"])
    assert client.post("/probe").get_data(as_text=True) == "(1, 2)"


def test_what_survives_is_kept_when_the_request_is_refused(app: Flask, client: FlaskClient) -> None:
    def view() -> str:
        survive(lambda: write(clock.now()))
        raise BadInput()

    add_route(app, public(view), methods=["POST"])
    client.post("/probe", headers={"Accept": "application/json"})
    assert rows(app) == 1


def test_who_asks_for_an_object_that_is_not_theirs_is_noted(
    app: Flask, client: FlaskClient, seat: Seat
) -> None:
    def view() -> str:
        raise NotFound()

    add_route(app, requires("home.see")(view))
    with app.app_context(), unit_of_work():
        actor = seat.take(Role.UNIT_HEAD, make_school())
    assert client.get("/probe").status_code == 404
    with app.app_context():
        event = session.query(AuditEvent).one()
        assert (event.outcome, event.action, event.actor_id) == ("denied", "NotFound", actor.user_id)


def test_an_undeclared_route_stops_the_start(app: Flask) -> None:
    add_route(app, lambda: "open to all")
    with pytest.raises(UndeclaredRoute, match="probe"):
        check_policies(app)


def test_a_misspelt_permission_stops_the_start() -> None:
    with pytest.raises(UndeclaredRoute):
        requires("asessments.edit")


def test_a_private_page_sends_a_stranger_to_sign_in(app: Flask, client: FlaskClient) -> None:
    add_route(app, requires("home.see")(lambda: "secret"))
    answer = client.get("/probe")
    assert answer.status_code == 302 and b"secret" not in answer.data


def test_headers_are_on_every_answer(client: FlaskClient) -> None:
    for address in ("/healthz", "/khong-co-trang-nay", "/account/login"):
        headers = client.get(address).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.2"), (2, "203.0.113.1")])
def test_an_address_is_believed_only_from_our_own_proxies(
    app: Flask, tmp_path: Path, proxies: int, seen: str
) -> None:
    behind = create_app(make_settings(tmp_path, PROXIES=proxies))
    add_route(behind, public(lambda: f"{request.remote_addr} {request.host}"))
    claimed = {"X-Forwarded-For": "203.0.113.1, 203.0.113.2", "X-Forwarded-Host": "evil.test"}
    assert behind.test_client().get("/probe", headers=claimed).text == f"{seen} localhost"


def test_a_foreign_host_is_refused_plainly(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"Host": "evil.test"}).status_code == 400


@pytest.mark.parametrize(
    "target", ["//evil.test", "https://evil.test", "/\\evil.test", "\\\\evil.test", "/\t/evil"]
)
def test_the_language_switch_never_leaves_the_site(client: FlaskClient, target: str) -> None:
    assert client.get("/language/en", query_string={"next": target}).location == "/"


def test_only_an_upload_route_takes_a_body_of_file_size(app: Flask, client: FlaskClient) -> None:
    app.config["MAX_UPLOAD_LENGTH"] = 3 * 1024 * 1024
    add_route(app, public(lambda: str(len(request.get_data()))), methods=["POST"])
    body = b"x" * (2 * 1024 * 1024 + 1)
    assert client.post("/probe", data=body).status_code == 413
    app.view_functions["probe"].__policy__ = Policy(None, upload=True)  # type: ignore[attr-defined]
    assert client.post("/probe", data=body).status_code == 200
    assert client.post("/probe", data=body * 2).status_code == 413


@pytest.mark.parametrize("body", ["[" * 5000, "1e308", "{}", "{"])
def test_a_body_of_json_is_refused_before_anybody_reads_it(
    app: Flask, client: FlaskClient, body: str
) -> None:
    app.config.update(WTF_CSRF_ENABLED=False, TESTING=False)
    answer = client.post("/account/login", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert "Yêu cầu gửi lên chưa đúng" in answer.text
