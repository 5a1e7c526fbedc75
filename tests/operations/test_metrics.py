"""/metrics: who may read it and what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine

from survey_app.app import create_app
from survey_app.core import clock
from survey_app.core.db import db, unit_of_work
from survey_app.core.files import free_bytes
from survey_app.jobs import service
from tests.conftest import make_settings
from tests.core.watching import PRIVATE, leaks
from tests.databases import take_away
from tests.factories.accounts import make_user

TOKEN = "t0ken-of-the-monitoring"


def values(text: str) -> dict[str, float]:
    """Each line of the exposition: {name and labels: number}."""
    rows = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in rows}


def read(client: FlaskClient) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200 and answer.mimetype == "text/plain"
    return values(answer.get_data(as_text=True))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {TOKEN}"[:-1]},
        {"X-Forwarded-For": "127.0.0.1"},
    ],
)
def test_a_stranger_does_not_learn_that_it_is_there(app: Flask, headers: dict[str, str]) -> None:
    app.config["METRICS_TOKEN"] = TOKEN
    far = {"REMOTE_ADDR": "203.0.113.9"}
    unknown = app.test_client().get("/khong-co-trang-nay", environ_base=far)
    answer = app.test_client().get("/metrics", environ_base=far, headers=headers)
    assert answer.status_code == unknown.status_code == 404 and "http_requests" not in answer.text


def test_the_token_opens_it_from_anywhere_and_an_unset_token_opens_nothing(app: Flask) -> None:
    far = {"REMOTE_ADDR": "203.0.113.9"}
    for token, given, status in ((TOKEN, TOKEN, 200), ("", "", 404), ("", TOKEN, 404)):
        app.config["METRICS_TOKEN"] = token
        headers = {"Authorization": f"Bearer {given}"}
        answer = app.test_client().get("/metrics", environ_base=far, headers=headers)
        assert answer.status_code == status


def test_this_machine_reads_it_without_a_token_only_when_no_proxy_stands_in_front(
    app: Flask, tmp_path: Path
) -> None:
    client = app.test_client()
    assert client.get("/metrics").status_code == 200
    for trace in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert client.get("/metrics", headers={trace: "127.0.0.1"}).status_code == 404
    behind = create_app(make_settings(tmp_path, PROXIES=1))
    assert behind.test_client().get("/metrics").status_code == 404


def test_requests_are_counted_by_rule_method_and_class_of_status(client: FlaskClient) -> None:
    before = read(client)
    for path in ("/healthz", "/healthz", "/khong-co"):
        client.get(path)
    looked_up = client.get(f"/tra-cuu/{PRIVATE['code']}").status_code // 100
    after = read(client)

    def more(rule: str, status: str) -> float:
        key = f'http_requests_total{{method="GET",rule="{rule}",status="{status}"}}'
        return after.get(key, 0) - before.get(key, 0)

    assert (more("/healthz", "2xx"), more("/tra-cuu/<code>", f"{looked_up}xx"), more("-", "4xx")) == (2, 1, 1)
    assert after['http_request_seconds_count{method="GET",rule="/healthz"}'] >= 2
    assert after["http_requests_in_flight"] == 1  # the one that asks
    assert after["process_resident_memory_bytes"] > 1e6 and after["process_cpu_seconds_total"] > 0
    assert not any(leaks(name) for name in after)


def test_jobs_worker_storage_and_connections_are_told(app: Flask, client: FlaskClient) -> None:
    assert read(client)["worker_up"] == 0
    with app.app_context(), unit_of_work():
        service.beat("worker-1", "host", 1, now=clock.now())
    found = read(client)
    assert found["worker_up"] == 1 and found["worker_heartbeat_age_seconds"] >= 0
    assert found['jobs{state="queued"}'] == found["job_oldest_waiting_seconds"] == 0
    assert found["database_up"] == 1 and found["database_bytes"] > 1e5 and found["disk_free_bytes"] > 0
    assert found["evidence_bytes"] == 0 and found["database_connections_in_use"] >= 1


def test_sign_ins_are_counted(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context(), unit_of_work():
        make_user(login="ai-do")
    before = read(client)
    client.post("/account/login", data={"login": "ai-do", "password": "sai mật khẩu 123"})
    after = read(client)
    denied = 'sign_ins_total{outcome="denied"}'
    assert after[denied] - before.get(denied, 0) == 1


def test_an_absent_database_is_told_not_failed(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    with app.app_context():
        db.engine.dispose()
    take_away(tmp_path)
    found = read(client)
    assert found["database_up"] == 0 and 'jobs{state="queued"}' not in found and found["disk_free_bytes"] > 0
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json) == (503, {"database": "away"})
    assert ready.headers["Retry-After"] == "5"


def test_room_is_told_before_the_first_file_is_stored(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "data" / "files") > 0


def test_postgres_tells_its_size(postgres_url: str, tmp_path: Path) -> None:
    app = create_app(make_settings(tmp_path, SQLALCHEMY_DATABASE_URI=postgres_url))
    with app.app_context():
        db.create_all()
    assert read(app.test_client())["database_bytes"] > 1e6
    with app.app_context():
        db.engine.dispose()
    create_engine(postgres_url).dispose()


TOGETHER = """
import os, sys
from survey_app.core import measures
measures.began(); measures.ended("/x", "GET", 500, 0.01, "id"); measures.began()
os.fork() and os.wait()
measures.ended("/x", "GET", 500, 0.01, "id")
if len(sys.argv) > 1:
    os._exit(0)
print(measures.failures_since_start()); print(measures.exposition().decode())
"""


def test_the_processes_of_one_server_count_together(tmp_path: Path) -> None:
    env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", TOGETHER, "die"], env=env, cwd=root, check=True)
    said = subprocess.run(
        [sys.executable, "-c", TOGETHER], env=env, cwd=root, check=True, capture_output=True, text=True
    ).stdout
    last = said[said.rindex("http_requests_total{") :]
    assert re.match(r'http_requests_total\{method="GET",rule="/x",status="5xx"\} 6\.0', last), said
