"""The malware scanner: what it finds is refused and noted; without its verdict nothing is taken."""

import socket
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.core.audit import AuditEvent
from survey_app.core.db import session
from survey_app.evidence import scanning
from survey_app.evidence.scanning import Infected, Scanner, ScannerAway
from tests.evidence.browsing import JSON, rows, stored_names, text_of, upload
from tests.evidence.clamd import EICAR, NAME, clamd
from tests.evidence.conftest import Town
from tests.factories.evidence import make_photo

FOUND, UNSCANNED = "Máy chủ phát hiện mã độc", "Chưa kiểm tra được mã độc"


def dead_port() -> tuple[str, int]:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        name: tuple[str, int] = taken.getsockname()
    return name


def at(server: Any) -> Scanner:
    return Scanner(server.server_address)


def noted(app: Flask) -> list[Any]:
    with app.app_context():
        found = session.scalars(select(AuditEvent).where(AuditEvent.action == "evidence.malware"))
        return [(event.outcome, event.new, event.actor_name, event.unit_id) for event in found]


@pytest.mark.parametrize("where", ["tcp", "unix"])
def test_the_scanner_sees_every_byte_and_tells_what_it_knows(tmp_path: Path, where: str) -> None:
    big = bytes(range(256)) * 1024 + b"end"  # several parts and a rest
    with clamd(tmp_path / "c" if where == "unix" else None) as server:
        scanner = at(server)
        assert scanner.signature_in(big) == "" and server.seen == [big]
        assert scanner.signature_in(EICAR) == NAME
        with pytest.raises(Infected):
            scanner.check(EICAR)


@pytest.mark.parametrize("says", ["INSTREAM size limit exceeded. ERROR", "stream: OK?", "", "x" * 9000])
def test_what_is_no_verdict_is_none(says: str) -> None:
    with clamd(says=says or "\0") as server, pytest.raises(ScannerAway):
        at(server).signature_in(b"x")


def test_a_scanner_that_never_answers_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(ScannerAway):
        Scanner(silent.getsockname()).signature_in(b"x")


@pytest.mark.parametrize("headers", [None, JSON])
def test_malware_is_refused_in_words_and_noted(
    app: Flask, client: FlaskClient, seated: Town, headers: Any
) -> None:
    with clamd() as server:
        app.config["MALWARE_SCANNER"] = server.server_address
        answer = upload(client, make_photo() + EICAR, "Ảnh bếp.jpg", headers=headers)
    assert answer.status_code == 422
    said = answer.get_json()["error"] if headers else text_of(answer, 422)
    assert FOUND in said and NAME not in said
    assert rows(app) == 0 and stored_names(app) == set()
    new = {"signature": NAME, "file": "Ảnh bếp"}
    assert noted(app) == [("denied", new, seated.head.name, seated.head.unit_id)]


def test_a_clean_file_is_taken(app: Flask, client: FlaskClient, seated: Town) -> None:
    photo = make_photo()
    with clamd() as server:
        app.config["MALWARE_SCANNER"] = server.server_address
        assert upload(client, photo, headers=JSON).status_code == 201
    assert server.seen == [photo] and rows(app) == 1 and noted(app) == []


def test_without_a_verdict_nothing_is_taken(app: Flask, client: FlaskClient, seated: Town) -> None:
    app.config["MALWARE_SCANNER"] = dead_port()
    assert UNSCANNED in text_of(upload(client), 503)
    assert upload(client, headers=JSON).status_code == 503
    assert rows(app) == 0 and stored_names(app) == set()


def test_an_installation_may_take_files_unscanned(app: Flask, client: FlaskClient, seated: Town) -> None:
    app.config.update(MALWARE_SCANNER=dead_port(), MALWARE_SCANNER_DOWN="accept")
    assert upload(client, headers=JSON).status_code == 201


def test_without_the_setting_nobody_is_asked(app: Flask, client: FlaskClient, seated: Town) -> None:
    assert app.config["MALWARE_SCANNER"] == ""
    assert upload(client, make_photo() + EICAR, headers=JSON).status_code == 201
