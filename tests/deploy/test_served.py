"""nginx with TLS, two web processes and PostgreSQL as deploy/ has them, from sign-in to a large file."""

import http.client
import json
import re
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from survey_app.accounts.passwords import hash_password
from survey_app.app import create_app
from survey_app.core import db as core_db
from survey_app.core.db import unit_of_work
from survey_app.rules.permissions import Role
from tests.conftest import make_settings
from tests.deploy.front import (
    METRICS_TOKEN,
    NAME,
    Front,
    front,
    nginx_program,
    write_certificate,
    write_nginx,
)
from tests.factories.accounts import make_membership, make_user
from tests.factories.evidence import make_photo
from tests.factories.organisations import make_school

LOGIN, PASSWORD = "hieu-truong", "mật khẩu qua máy chủ 2027"
SPOOFED = "203.0.113.66"


@pytest.fixture
def served(tmp_path: Path, postgres_url: str) -> Iterator[Front]:
    """The whole, with one school whose head may sign in."""
    if nginx_program() is None:
        pytest.skip("nginx is not installed")
    with front(tmp_path, postgres_url) as running:
        settings = make_settings(tmp_path / "data", SQLALCHEMY_DATABASE_URI=postgres_url)
        app = create_app({**settings, "ARGON2_FAST": False})
        with app.app_context(), unit_of_work():
            user = make_user(login=LOGIN, password=hash_password(PASSWORD))
            make_membership(user, make_school(), Role.UNIT_HEAD)
        with app.app_context():
            core_db.db.engine.dispose()
        yield running


def photo(size: int) -> bytes:
    """A real photograph made as large as asked by comments inside it."""
    picture = make_photo()
    comment = b"\xff\xfe" + struct.pack(">H", 65_002) + b"x" * 65_000
    return picture[:2] + comment * ((size - len(picture)) // len(comment)) + picture[2:]


def test_nginx_takes_the_configuration(tmp_path: Path) -> None:
    if (nginx := nginx_program()) is None:
        pytest.skip("nginx is not installed")
    write_certificate(tmp_path)
    config = write_nginx(tmp_path, app=1, http=2, https=3)
    done = subprocess.run([nginx, "-t", "-c", str(config)], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "warn" not in done.stderr, done.stderr


def test_a_school_works_through_the_proxy(served: Front, postgres_url: str) -> None:
    _front_door(served)
    _headers(served)
    browser, spoofed = served.browser(), {"X-Forwarded-For": SPOOFED, "Forwarded": f"for={SPOOFED}"}
    assert browser.sign_in(LOGIN, "sai hoàn toàn mật khẩu", **spoofed).status == 200
    assert browser.sign_in(LOGIN, PASSWORD, **spoofed).status == 302
    assert list(browser.cookies) == ["__Host-session"]
    begun = time.monotonic()
    answer, said = browser.upload(photo(19 * 1024**2))
    assert answer.status == 201 and json.loads(said), said
    assert time.monotonic() - begun < 10
    answer, said = browser.upload(photo(20 * 1024**2 + 300_000))  # over ours, under nginx' limit
    assert answer.status == 413 and "quá lớn" in json.loads(said)["error"]
    answer, said = browser.upload(photo(22 * 1024**2))
    assert answer.status == 413 and answer.headers["Content-Type"].startswith("text/plain")
    assert "quá lớn" in said
    assert browser.get("/evidence")[0].status == 200
    _nothing_spoofed(served, postgres_url)
    _counted_together(served)
    _logs(served)


def _front_door(served: Front) -> None:
    """http leads to https under our own name; another name gets nothing; the program is not asked in vain."""
    plain = http.client.HTTPConnection("127.0.0.1", served.http, timeout=5)
    plain.request("GET", "/evidence?q=x", headers={"Host": NAME})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (308, f"https://{NAME}/evidence?q=x")
    plain.close()
    plain.request("GET", "/", headers={"Host": "evil.test"})
    with pytest.raises(http.client.RemoteDisconnected):
        plain.getresponse()
    for path in ("/metrics", "/metrics?x"):
        answer, said = served.browser().get(path, Authorization=f"Bearer {METRICS_TOKEN}")
        assert answer.status == 404 and "http_requests" not in said


def _headers(served: Front) -> None:
    browser = served.browser()
    answer, page = browser.get("/account/login")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=") and "Domain=" not in cookie
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    found = re.search(r'href="(/static/css/base\.css\?v=\w+)"', page)
    assert found is not None
    named, _ = browser.get(found.group(1))
    assert named.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert named.headers["X-Content-Type-Options"] == "nosniff"
    assert named.headers["Content-Type"] == "text/css"
    assert browser.get("/static/js/page.js")[0].headers["Cache-Control"] == "no-cache"
    assert browser.get("/static/../config.py")[0].status in (400, 404)


def _nothing_spoofed(served: Front, postgres_url: str) -> None:
    """What a caller says of its address reaches neither the audit trail nor the session."""
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        acts = connection.execute(
            text("SELECT outcome, address FROM audit_event WHERE action = 'account.sign_in' ORDER BY id")
        ).all()
        sessions = connection.execute(text("SELECT address FROM user_session")).scalars().all()
    engine.dispose()
    assert [tuple(row) for row in acts] == [("denied", "127.0.0.1"), ("done", "127.0.0.1")]
    assert set(sessions) == {"127.0.0.1"}


def _counted_together(served: Front) -> None:
    """Whichever of the two processes is asked, it tells of all requests."""
    for _ in range(12):
        served.browser().get("/healthz")
    bearer = {"Authorization": f"Bearer {METRICS_TOKEN}", "Host": "127.0.0.1"}
    told = [served.behind("/metrics", **bearer)[1] for _ in range(6)]
    key = re.compile(r'http_requests_total\{method="POST",rule="/evidence/new",status="(\w+)"\} (\S+)')
    assert {frozenset(key.findall(one)) for one in told} == {frozenset({("2xx", "1.0"), ("4xx", "1.0")})}
    assert served.behind("/metrics", Host="127.0.0.1")[0] == 404  # local, but a proxy stands in front


def _logs(served: Front) -> None:
    """Both logs are JSON, name the same requests and hold nothing that was typed."""
    ours = [json.loads(line) for line in (served.folder / "web.log").read_text().splitlines()]
    proxied = [json.loads(line) for line in (served.folder / "access.log").read_text().splitlines()]
    worker = [json.loads(line) for line in (served.folder / "worker.log").read_text().splitlines()]
    assert [line["event"] for line in worker] == ["worker began"]
    known = {line["request_id"] for line in ours if line["event"] == "request"}
    passed = {line["request_id"] for line in proxied}
    assert known and known <= passed
    said = (served.folder / "web.log").read_text() + (served.folder / "access.log").read_text()
    assert LOGIN not in said and "/evidence?q" not in said and SPOOFED not in said
