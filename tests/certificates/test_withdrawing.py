"""A result is withdrawn at the moment its certificate is made (PostgreSQL): one of the two happens."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from survey_app.assessments.queries import forms as form_queries
from survey_app.certificates import queries as certificate_queries
from survey_app.certificates import service
from survey_app.certificates.models import ORDERED, Certificate, CertificateBatch
from survey_app.certificates.service import issuing
from survey_app.core.db import session, unit_of_work
from survey_app.results import queries as result_queries
from survey_app.results.models import Result
from survey_app.results.service import unpublish_result
from tests.certificates.test_parallel import both
from tests.factories.certificates import BASE_URL, ISSUED_AT, Town, a_decision, make_batch, make_town

pytestmark = pytest.mark.postgres
REASON = "Có đơn kiến nghị."


@pytest.fixture
def town(postgres_app: Flask) -> Iterator[Town]:
    with postgres_app.app_context():
        with unit_of_work():
            made = make_town(1)
        yield made
        session.remove()


def order(town: Town) -> tuple[int, int]:
    """(batch, its only result) with a Decision, ready to be issued."""
    with unit_of_work():
        batch = make_batch(town)
        service.set_decision(batch, a_decision(), actor=town.admin, now=ISSUED_AT)
        batch.state = ORDERED
        batch_id, result_id = batch.id, batch.result_ids[0]
    return batch_id, result_id


def issue_one(batch_id: int, result_id: int, town: Town) -> list[int]:
    return service.issue_part(batch_id, [result_id], base_url=BASE_URL, actor=town.admin, now=ISSUED_AT)


@pytest.fixture
def race(postgres_app: Flask, town: Town) -> Callable[[], list[Any]]:
    """The certificate is made but not yet committed while the administrator withdraws the result."""
    batch_id, result_id = order(town)
    made, withdrawn = threading.Event(), threading.Event()

    def issue() -> list[int]:
        with unit_of_work():
            ids = service.issue_part(
                batch_id, [result_id], base_url=BASE_URL, actor=town.admin, now=ISSUED_AT
            )
            made.set()
            withdrawn.wait(1)  # the administrator is through already, or waits for this result
            return ids

    def withdraw() -> None:
        made.wait(30)
        with unit_of_work():
            result = session.get_one(Result, result_id)
            unpublish_result(result, reason=REASON, actor=town.admin, now=ISSUED_AT)
        withdrawn.set()

    return lambda: both(postgres_app, lambda place: (issue, withdraw)[place]())


def test_without_holding_the_result_a_certificate_stands_on_nothing(
    race: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in (issuing, result_queries):
        monkeypatch.setattr(room, "hold_results", lambda ids: None)
    monkeypatch.setattr(certificate_queries, "hold_forms_of", lambda ids: None)
    monkeypatch.setattr(form_queries, "hold", lambda rows: None)
    issued, withdrawn = race()
    assert len(issued) == 1 and withdrawn is None


def test_a_result_is_not_withdrawn_while_its_certificate_is_made(race: Callable[[], list[Any]]) -> None:
    issued, withdrawn = race()
    assert len(issued) == 1 and type(withdrawn).__name__ == "CertificateStands"
    session.rollback()
    assert session.scalar(select(func.count()).where(Result.superseded_at.is_(None))) == 1


def test_no_certificate_is_made_of_a_result_that_is_just_withdrawn(postgres_app: Flask, town: Town) -> None:
    batch_id, result_id = order(town)
    taken, waiting = threading.Event(), threading.Event()

    def withdraw() -> None:
        with unit_of_work():
            unpublish_result(
                session.get_one(Result, result_id), reason=REASON, actor=town.admin, now=ISSUED_AT
            )
            taken.set()
            waiting.wait(1)

    def issue() -> list[int]:
        taken.wait(30)
        with unit_of_work():
            return issue_one(batch_id, result_id, town)

    assert both(postgres_app, lambda place: (withdraw, issue)[place]()) == [None, []]
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Certificate)) == 0
    assert session.get_one(CertificateBatch, batch_id).state == ORDERED
