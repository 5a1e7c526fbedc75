"""The log: one line per request and job, nothing private in it; nobody can forge a line."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from gunicorn.config import Config
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from survey_app.config import BadSetting, load_settings
from survey_app.core import logs
from survey_app.core.access import Actor
from survey_app.core.db import db, open_database, session, unit_of_work
from survey_app.core.edge import set_actor_loader
from survey_app.core.server_log import ServerLogger
from survey_app.jobs import service
from survey_app.jobs.models import Job
from survey_app.jobs.registry import HANDLERS, JobCall, job
from survey_app.organisations.models import UnitAlias
from survey_app.rules.permissions import Role
from tests.conftest import Seat
from tests.core.watching import PRIVATE, add_view, crash, leaks, serious_app
from tests.databases import ON_POSTGRES
from tests.factories.jobs import run_queued_jobs
from tests.factories.organisations import make_school

HOSTILE = 'x\r\n{"event": "forged"}\n\x1b[2J\x1b]0;t\x07\u2028\x85\x9b31m'


@pytest.fixture
def serious(app: Flask, tmp_path: Path) -> Flask:
    """The app on the test's database, logging as in production."""
    return serious_app(tmp_path)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def seated(app: Flask) -> Seat:
    seat = Seat()
    set_actor_loader(app, lambda: seat.actor)
    with app.app_context(), unit_of_work():
        seat.take(Role.UNIT_HEAD, make_school())
    return seat


def test_a_request_is_one_line_with_its_rule_and_the_number_of_the_person(
    serious: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    actor = seated(serious).actor
    assert actor is not None
    capsys.readouterr()
    answer = serious.test_client().get(f"/tra-cuu/{PRIVATE['code']}?phone={PRIVATE['phone']}")
    (line,) = lines(capsys)
    told = {name: line[name] for name in ("event", "rule", "method", "status", "user", "role", "request_id")}
    assert told == {
        "event": "request",
        "rule": "/tra-cuu/<code>",
        "method": "GET",
        "status": answer.status_code,
        "user": actor.user_id,
        "role": "unit_head",
        "request_id": answer.headers["X-Request-Id"],
    }
    assert line["ms"] > 0 and line["at"].endswith("+00:00") and line["level"] == "info"


def test_probes_and_static_files_are_no_news_but_an_unknown_address_is(
    serious: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    client = serious.test_client()
    for path in ("/healthz", "/readyz", "/static/css/base.css"):
        client.get(path)
    client.open("/khong-co", method="FORGED")
    assert [(line["rule"], line["method"], line["status"]) for line in lines(capsys)] == [("-", "OTHER", 404)]


def test_a_failure_is_told_with_its_trace_and_without_anything_private(
    serious: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    add_view(serious, crash)
    address = f"/probe/{PRIVATE['code']}?token={PRIVATE['token']}"
    answer = serious.test_client().post(address, data=PRIVATE, headers={"X-Note": PRIVATE["plain"]})
    said = capsys.readouterr().err
    failed, line = (json.loads(one) for one in said.splitlines())
    assert failed["event"] == "request failed" and failed["error"] == "LookupError"
    assert "tests/core/watching.py" in failed["trace"] and "ValueError\n↓\n" in failed["trace"]
    assert line["status"] == answer.status_code == 500
    assert failed["request_id"] == line["request_id"] == answer.headers["X-Request-Id"]
    assert line["request_id"] in answer.get_data(as_text=True)
    assert "Traceback" not in answer.get_data(as_text=True) and leaks(said) == []


def test_a_refusing_database_is_named_without_the_values_it_refused(
    serious: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    def twice(code: str) -> str:
        unit = make_school()
        for _ in range(2):
            session.add(UnitAlias(unit_id=unit.id, code=PRIVATE["code"], name=PRIVATE["name"], source="x"))
        session.flush()
        session.add(Job(kind=PRIVATE["token"], label=PRIVATE["plain"], params={}, state=None))  # type: ignore[arg-type]
        session.flush()
        return "no"

    add_view(serious, twice)
    serious.test_client().post("/probe/x")
    said = capsys.readouterr().err
    trace = json.loads(said.splitlines()[0])["trace"]
    named = "NotNullViolation 23502" if ON_POSTGRES else "IntegrityError SQLITE_CONSTRAINT_"
    assert named in trace and "INSERT INTO" in trace and leaks(said) == []


def test_postgres_names_the_constraint_only(postgres_url: str) -> None:
    from sqlalchemy import create_engine

    from survey_app.core.traces import trace_of

    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE person (phone text CONSTRAINT uq_phone UNIQUE)"))
    statement = text("INSERT INTO person VALUES (:phone)")
    with pytest.raises(IntegrityError) as caught, engine.begin() as connection:
        for _ in range(2):
            connection.execute(statement, {"phone": PRIVATE["phone"]})
    engine.dispose()
    told = trace_of(caught.value)
    assert "UniqueViolation 23505 uq_phone INSERT INTO person" in told and leaks(told) == []


@pytest.mark.parametrize("form", ["json", "plain"])
def test_nobody_can_forge_a_line_or_speak_to_the_terminal(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(form, "info", words=True)
    logs.log.warning(HOSTILE, value=HOSTILE)
    logging.getLogger("library").warning("said %s", HOSTILE)
    logging.getLogger("library").warning(HOSTILE)
    try:
        raise ValueError(HOSTILE)
    except ValueError as error:
        logs.failure("failed", error)
    said = capsys.readouterr().err
    assert all(letter == "\n" or letter.isprintable() for letter in said)
    begun = [line for line in said.split("\n") if line and not line.startswith("  ")]
    assert len(begun) == (4 if form == "json" else 5)  # in words the exception follows its line
    assert not any(line.startswith('{"event": "forged"') for line in begun)


def test_a_library_is_masked_but_still_understood(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json", "info")
    library = logging.getLogger("library")
    library.warning("Worker (pid:%s) was sent %s!", 4711, "SIGKILL")
    library.warning("No image at %s for '%s', call 0912 345 678", "/files/a?b=c", PRIVATE["name"])
    library.error("%(a)s and %(b)d", {"a": ValueError(PRIVATE["name"]), "b": 7})
    library.info("SELECT %s", PRIVATE["token"])
    assert [line["event"] for line in lines(capsys)] == [
        "Worker (pid:4711) was sent SIGKILL!",
        "No image at … for …, call …",
        "ValueError and 7",
    ]


def test_gunicorn_writes_in_the_same_form(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENV", "production")
    server = ServerLogger(Config())
    server.warning("Worker (pid:%s) was sent %s!", 12, "SIGTERM")
    server.exception("Error handling request %s", f"/tra-cuu/{PRIVATE['code']}")
    first, second = lines(capsys)
    assert (first["logger"], first["level"]) == ("gunicorn.error", "warning")
    assert second["event"] == "Error handling request …"


def test_the_engine_of_the_jobs_writes_in_the_same_form_and_the_drawer_of_papers_is_silent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from dbos._logger import dbos_logger, init_logger

    logs.configure("json", "info")
    init_logger()
    dbos_logger.warning("Workflow %s: retrying", "0a1b")
    logging.getLogger("weasyprint").error("Image … has no alt")
    assert [line["event"] for line in lines(capsys)] == ["Workflow 0a1b: retrying"]


def test_a_job_carries_the_id_of_the_request_that_asked_for_it(
    serious: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    @job("test.said")
    def say(call: JobCall) -> None:
        if call.params["fail"]:
            raise RuntimeError(PRIVATE["name"])

    with serious.app_context(), unit_of_work():
        unit = make_school()
        person = Actor(5, 1, Role.UNIT_HEAD, unit.id, "school", unit.id, unit.name, PRIVATE["name"], 1)
        asked = Actor(**{**person.__dict__, "request_id": "abc123"})
        for fail in (False, True):
            service.enqueue(
                "test.said", {"fail": fail}, label=PRIVATE["note"], actor=asked, now=logs.clock.now()
            )
    capsys.readouterr()
    run_queued_jobs(serious)
    del HANDLERS["test.said"]
    said = capsys.readouterr().err
    done, failed, ended = (json.loads(line) for line in said.splitlines())
    assert [(x["event"], x.get("state")) for x in (done, failed, ended)] == [
        ("job", "done"),
        ("job failed", None),
        ("job", "failed"),
    ]
    for line in (done, failed, ended):
        assert (line["request_id"], line["kind"], line["user"]) == ("abc123", "test.said", 5)
    assert leaks(said) == []


def test_words_for_a_person_in_development(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("plain", "info", words=True)
    app.test_client().get("/tra-cuu")
    said = capsys.readouterr().err
    assert said[2] == ":" and " INFO    request rule=/tra-cuu method=GET status=200 ms=" in said


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, ("plain", "warning")),
        (
            {"ENV": "production", "SECRET_KEY": "x" * 40, "BASE_URL": "https://a.vn", "PROXIES": "1"},
            ("json", "info"),
        ),
        ({"LOG_FORMAT": "json", "LOG_LEVEL": "error"}, ("json", "error")),
    ],
)
def test_the_form_follows_the_environment(env: dict[str, str], said: tuple[str, str], tmp_path: Path) -> None:
    found = load_settings({"DATA_DIR": str(tmp_path), **env})
    assert (found["LOG_FORMAT"], found["LOG_LEVEL"]) == said


@pytest.mark.parametrize(
    "wrong",
    [
        {"LOG_FORMAT": "xml"},
        {"LOG_LEVEL": "debug"},
        {"METRICS_TOKEN": "short"},
        {"SENTRY_DSN": "sentry"},
        {"WEB_PROCESSES": "0"},
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=next(iter(wrong))):
        load_settings({"DATA_DIR": str(tmp_path), **wrong})


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("y" * 40 + "\n")
    env = {"DATA_DIR": str(tmp_path), "SECRET_KEY_FILE": str(tmp_path / "key")}
    assert load_settings(env)["SECRET_KEY"] == "y" * 40
    with pytest.raises(BadSetting, match="SECRET_KEY_FILE"):
        load_settings({**env, "SECRET_KEY_FILE": str(tmp_path / "none")})


def test_a_failing_statement_is_told_without_its_values_even_in_full_words(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    """A developer's terminal shows the words of exceptions; the answers of schools are not among them."""
    logs.configure("plain", "info", words=True)
    for database in (app_engine(app), open_database("sqlite://")):
        with pytest.raises(DBAPIError) as caught, database.connect() as connection:
            statement = text("INSERT INTO no_such_table (phone, note) VALUES (:phone, :note)")
            connection.execute(statement, {name: PRIVATE[name] for name in ("phone", "note")})
        logs.failure("failed", caught.value)
        told = capsys.readouterr().err
        assert "INSERT INTO no_such_table" in told and leaks(told) == []
        assert leaks(str(caught.value)) == []


def app_engine(app: Flask) -> Engine:
    with app.app_context():
        return db.engine
