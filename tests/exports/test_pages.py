"""Asking for a workbook, waiting, fetching it, and what happens after a week."""

import io
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import python_calamine
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.core.db import session as db_session
from survey_app.core.db import unit_of_work
from survey_app.exports import tasks
from survey_app.exports.models import ExportFile
from survey_app.exports.store import export_store
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import Role
from tests.conftest import Seat
from tests.factories.accounts import make_actor
from tests.factories.certificates import Town, make_town
from tests.factories.jobs import run_queued_jobs
from tests.factories.organisations import make_school

NOW = datetime(2027, 5, 12, 7, 5, tzinfo=UTC)
NAME = "TongHop_DanhGia_2026-2027_20270512.xlsx"


@pytest.fixture(autouse=True)
def in_may() -> Iterator[None]:
    """While the round is on."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def town(app: Flask, seat: Seat) -> Town:
    """A published round of three schools; the administrator sits."""
    with app.app_context(), unit_of_work():
        made = make_town(3)
        seat.actor = made.admin
    return made


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def ask(client: FlaskClient, town: Town, **values: str) -> Any:
    start = {
        "round": town.round_uid,
        "kind": "wards",
        "cells": "words",
        "ward": "",
        "stage": "",
        "ownership": "",
    }
    return client.post("/exports/new", data=start | values)


def test_from_the_dialog_to_the_file(client: FlaskClient, town: Town, app: Flask) -> None:
    text = page(client, f"/exports/new?round={town.round_uid}")
    assert "3 trường, 3 phiếu" in text and "Tổng hợp theo phường, xã" in text
    answer = ask(client, town)
    assert answer.status_code == 302
    assert "data-poll" in page(client, answer.location) and "Đang tạo tệp" in page(client, answer.location)
    run_queued_jobs(app)
    text = page(client, answer.location)
    assert "Tải tệp Excel" in text and "data-poll" not in text
    fetched = client.get(answer.location + "/file")
    assert (
        fetched.headers["Content-Disposition"]
        == "attachment; filename=TongHop_DanhGia_2026-2027_20270512.xlsx"
    )
    assert client.get(answer.location + "/file").data == fetched.data
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(fetched.data))
    assert book.sheet_names == ["Tổng hợp", "Chưa đạt"]
    assert NAME in page(client, "/exports")


@pytest.mark.parametrize("kind", ["schools", "indicators", "full"])
@pytest.mark.parametrize("cells", ["words", "codes"])
def test_every_kind_is_made(client: FlaskClient, town: Town, app: Flask, kind: str, cells: str) -> None:
    answer = ask(client, town, kind=kind, cells=cells)
    run_queued_jobs(app)
    assert "Tải tệp Excel" in page(client, answer.location)


def test_the_filters_of_the_page_one_comes_from_are_chosen(
    client: FlaskClient, town: Town, app: Flask
) -> None:
    with app.app_context():
        ward = db_session.scalar(select(OrganisationUnit.uid).where(OrganisationUnit.name == "Phường Ô Môn"))
    text = page(client, f"/exports/new?round={town.round_uid}&ward={ward}&stage=thcs&kind=full")
    assert f'<option value="{ward}" selected>' in text
    assert re.search(r'<input checked [^>]*value="full"', text)
    page(client, "/exports/new?ward=zz&stage=%25&kind=zz&cells=zz")


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"kind": "zz"}, 422),
        ({"ward": "zz"}, 422),
        ({"cells": ""}, 422),
        ({"stage": "ệ" * 25_000}, 422),
        ({"stage": "thpt"}, 409),
        ({"round": "0" * 32}, 404),
    ],
)
def test_a_bad_wish_makes_no_file(
    client: FlaskClient, town: Town, app: Flask, values: dict[str, str], status: int
) -> None:
    assert ask(client, town, **values).status_code == status
    with app.app_context():
        assert db_session.scalar(select(ExportFile.id)) is None


def test_a_file_is_for_the_person_who_asked_for_it(
    client: FlaskClient, seat: Seat, town: Town, app: Flask
) -> None:
    address = ask(client, town).location
    run_queued_jobs(app)
    with app.app_context(), unit_of_work():
        ward = db_session.scalar(select(OrganisationUnit).where(OrganisationUnit.name == "Phường Ô Môn"))
        officer = make_actor(Role.COMMUNE_OFFICER, ward)
        stranger = make_actor(Role.DEPARTMENT_ADMIN, make_school().parent.parent)
        here = db_session.get_one(OrganisationUnit, town.department.id)
        colleague = make_actor(Role.DEPARTMENT_ADMIN, here)
    for actor in (officer, stranger, colleague, replace(town.admin, unit_id=officer.unit_id)):
        seat.actor = actor
        assert client.get(address).status_code == 404 and client.get(address + "/file").status_code == 404
        assert "TongHop" not in page(client, "/exports")
    seat.actor = stranger
    assert ask(client, town).status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.UNIT_HEAD, Role.UNIT_MEMBER])
def test_only_authorities_export(client: FlaskClient, seat: Seat, town: Town, app: Flask, role: Role) -> None:
    with app.app_context(), unit_of_work():
        unit = town.department if role is Role.VIEWER else town.parts[0].unit
        seat.actor = make_actor(role, unit)
    for address in ("/exports", "/exports/new", "/exports/" + "0" * 32):
        assert client.get(address).status_code == 403
    assert ask(client, town).status_code == 403


def test_after_a_week_the_page_says_so_and_the_bytes_go(client: FlaskClient, town: Town, app: Flask) -> None:
    address = ask(client, town).location
    run_queued_jobs(app)
    with app.app_context():
        digest = db_session.scalar(select(ExportFile.sha256))
        path = export_store().path(str(digest))
    with time_machine.travel(NOW + timedelta(days=7, minutes=1), tick=False):
        text = page(client, address, 410)
        assert "Tệp đã hết hạn ngày 19/05/2027" in text
        again = re.search(r'href="(/exports/new[^"]+)">Xuất lại', text)
        assert again is not None and "3 trường, 3 phiếu" in page(client, again[1].replace("&amp;", "&"))
        assert client.get(address + "/file").status_code == 302
        stray = export_store_file(app, b"a workbook whose row comes next")
        for file, at in ((path, NOW), (stray, NOW + timedelta(days=7))):  # files carry the machine's time
            os.utime(file, (at.timestamp(), at.timestamp()))
        result = app.test_cli_runner().invoke(args=["exports", "sweep"])
        assert result.exit_code == 0 and "Đã xóa 1 tệp" in result.output
        assert not path.exists() and stray.exists()
        page(client, address, 410)
        assert "Hết hạn" in page(client, "/exports")


def export_store_file(app: Flask, content: bytes) -> Any:
    with app.app_context():
        digest, _ = export_store().write(content)
        return export_store().path(digest)


def test_a_failed_job_says_so_and_offers_another_try(
    client: FlaskClient, town: Town, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = ask(client, town).location
    monkeypatch.setattr(tasks.service, "write_export", lambda *_args, **_values: 1 / 0)
    run_queued_jobs(app)
    text = page(client, address)
    assert "gặp trục trặc" in text and "Xuất lại" in text
    assert client.get(address + "/file").status_code == 302


def test_without_any_round_the_page_says_what_to_do(client: FlaskClient, seat: Seat, app: Flask) -> None:
    with app.app_context(), unit_of_work():
        seat.actor = make_actor(Role.DEPARTMENT_ADMIN, make_school().parent.parent)
    assert "Chưa có đợt đánh giá nào" in page(client, "/exports/new")
    assert "Chưa xuất tệp nào" in page(client, "/exports")


@pytest.mark.parametrize("rubbish", ["x", "%00", "ắ" * 50, "..%2f.."])
def test_rubbish_addresses_are_not_found(client: FlaskClient, town: Town, rubbish: str) -> None:
    assert client.get(f"/exports/{rubbish}").status_code == 404
    assert client.get(f"/exports/{rubbish}/file").status_code == 404


def test_the_list_takes_few_statements(
    client: FlaskClient, town: Town, app: Flask, count_queries: Any
) -> None:
    for _ in range(3):
        ask(client, town)
    run_queued_jobs(app)
    with count_queries() as seen:
        page(client, "/exports")
    assert len(seen) <= 6, seen.statements
