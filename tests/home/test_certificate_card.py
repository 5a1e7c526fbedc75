"""A school's first page shows its certificates: the year, what each is worth today, its number."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.certificates import service
from survey_app.certificates.models import Certificate
from survey_app.certificates.service import Revocation
from survey_app.core import clock
from survey_app.core.db import session, unit_of_work
from survey_app.rules.permissions import Role
from tests.assessments.desk import read
from tests.conftest import Seat
from tests.factories.certificates import ISSUED_AT, Town, issue_now, make_batch, make_town

DAY = timedelta(days=1)


@pytest.fixture
def moment() -> Iterator[Any]:
    with time_machine.travel(ISSUED_AT + DAY, tick=False) as travelling:
        yield travelling


@pytest.fixture
def town(app: Flask, seat: Seat, moment: Any) -> Town:
    """A school with a certificate beside one without; the head of the first is signed in."""
    with app.app_context(), unit_of_work():
        made = make_town(1, failing=1)
        issue_now(made, make_batch(made))
        seat.take(Role.UNIT_HEAD, made.parts[0].unit)
        return made


def card(client: FlaskClient) -> str:
    """The markup of the card; empty when there is none."""
    page = client.get("/")
    assert page.status_code == 200
    return page.get_data(as_text=True).partition('id="certificates-title"')[2].partition("</section>")[0]


def test_it_names_the_year_and_the_number_and_leads_to_the_certificate(
    app: Flask, client: FlaskClient, town: Town
) -> None:
    with app.app_context():
        uid = session.scalars(select(Certificate.uid)).one()
    shown = card(client)
    assert f'<a href="/certificates/{uid}">Năm học 2026 – 2027</a>' in shown
    assert "Còn hiệu lực Số 0001/GCN-SGDĐT" in read(shown)
    assert client.get(f"/certificates/{uid}").status_code == 200


def test_it_says_when_the_time_has_run_out(client: FlaskClient, town: Town, moment: Any) -> None:
    moment.move_to(ISSUED_AT + 3 * 366 * DAY)
    assert "Hết hạn Số 0001/GCN-SGDĐT" in read(card(client))


def test_it_says_what_was_revoked(app: Flask, client: FlaskClient, town: Town) -> None:
    with app.app_context(), unit_of_work():
        certificate = session.scalars(select(Certificate)).one()
        why = Revocation("Sai hồ sơ", "12/QĐ-SGDĐT", date(2027, 5, 14))
        service.revoke(certificate, why, actor=town.admin, now=clock.now())
    assert "Đã thu hồi Số 0001/GCN-SGDĐT" in read(card(client))


def test_a_school_without_a_certificate_has_no_such_card(
    app: Flask, client: FlaskClient, town: Town, seat: Seat
) -> None:
    with app.app_context(), unit_of_work():
        seat.take(Role.UNIT_HEAD, town.parts[1].unit)
    assert card(client) == ""
