"""What leaves for Sentry, by a transport of the test's own: where it failed, nothing of anybody."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sentry_sdk
from flask import Flask
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from survey_app.core import logs, sentry
from tests.core.watching import PRIVATE, add_view, crash, leaks, serious_app


class Kept(Transport):
    """Keeps what would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        """Keep one message."""
        self.sent.append(envelope.serialize())


@pytest.fixture
def kept(app: Flask, tmp_path: Path) -> Iterator[tuple[Flask, Kept]]:
    """An app that reports its failures to us."""
    reporting = serious_app(tmp_path)
    reporting.config["SENTRY_DSN"] = "http://key@127.0.0.1:9/1"
    transport = Kept()
    sentry.init_sentry(reporting, transport=transport)
    yield reporting, transport
    logs.report_to()
    sentry_sdk.init()


def event_of(sent: bytes) -> dict[str, Any]:
    return dict(json.loads(sent.splitlines()[-1]))


def test_a_failure_is_reported_without_anything_private(kept: tuple[Flask, Kept]) -> None:
    app, transport = kept
    add_view(app, crash)
    client = app.test_client()
    client.set_cookie("session", PRIVATE["token"])
    answer = client.post(
        f"/probe/{PRIVATE['code']}?t={PRIVATE['token']}", data=PRIVATE, headers={"X-Note": PRIVATE["plain"]}
    )
    (sent,) = transport.sent
    event = event_of(sent)
    kinds = [one["type"] for one in event["exception"]["values"]]
    assert kinds == ["ValueError", "LookupError"]
    assert event["tags"] == {"request_id": answer.headers["X-Request-Id"]}
    assert "request" not in event and "user" not in event and "server_name" not in event
    assert leaks(sent.decode()) == [] and PRIVATE["token"].encode() not in sent


def test_what_a_library_adds_is_taken_away_before_it_leaves(kept: tuple[Flask, Kept]) -> None:
    _app, transport = kept
    with sentry_sdk.new_scope() as scope:
        scope.set_user({"id": 1, "email": PRIVATE["name"], "ip_address": PRIVATE["phone"]})
        scope.set_extra("form", PRIVATE)
        scope.set_context("form", PRIVATE)
        scope.set_tag("unit", PRIVATE["plain"])
        scope.add_breadcrumb(message=PRIVATE["note"])
        scope.capture_event(
            {
                "message": PRIVATE["note"],
                "logentry": {"message": "%s", "params": [PRIVATE["name"]]},
                "request": {"url": PRIVATE["code"], "headers": {"Cookie": PRIVATE["token"]}},
                "exception": {
                    "values": [
                        {
                            "type": "E",
                            "value": PRIVATE["name"],
                            "mechanism": {"type": "x", "data": {"a": PRIVATE["phone"]}},
                            "stacktrace": {"frames": [{"lineno": 1, "vars": {"name": PRIVATE["plain"]}}]},
                        }
                    ]
                },
            }
        )
    (sent,) = transport.sent
    assert leaks(sent.decode()) == []
    assert event_of(sent)["exception"]["values"][0]["stacktrace"]["frames"] == [{"lineno": 1}]


def test_a_refusal_is_not_a_failure(kept: tuple[Flask, Kept]) -> None:
    app, transport = kept
    app.test_client().get("/khong-co-trang-nay")
    assert transport.sent == []


def test_without_a_dsn_the_library_is_not_even_loaded(tmp_path: Path) -> None:
    program = "import sys, survey_app.app as a; a.create_app(); sys.exit('sentry_sdk' in sys.modules)"
    env, root = {"DATA_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"}, Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", program], cwd=root, env=env, check=False).returncode == 0
