"""Two batches at once: every number once, none missing, no school twice. First the race without the guard."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from survey_app.certificates import service
from survey_app.certificates.models import ORDERED, Certificate, CertificateBatch, NumberSeries
from survey_app.certificates.service import issuing
from survey_app.core.db import session as db_session
from survey_app.core.db import unit_of_work
from tests.factories.certificates import BASE_URL, ISSUED_AT, Town, a_decision, make_batch, make_town


def both(app: Flask, act: Callable[[int], Any]) -> list[Any]:
    """`act(0)` and `act(1)` on two threads at once, each in an app context; what they answered or raised."""
    answers: list[Any] = [None, None]

    def run(place: int) -> None:
        with app.app_context():
            try:
                answers[place] = act(place)
            except Exception as error:
                answers[place] = error
            finally:
                db_session.remove()

    threads = [threading.Thread(target=run, args=(place,)) for place in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


@pytest.fixture
def batches(app: Flask, session: Any) -> list[tuple[int, list[int]]]:
    """Two ordered batches, of six and of four schools, of which two schools are in both."""
    town = make_town(8)
    whole = make_batch(town).result_ids
    made = []
    for ids in (whole[:6], whole[4:]):
        batch = service.prepare_batch(town.round, ids, allow_draft=False, actor=town.admin, now=ISSUED_AT)
        service.set_decision(batch, a_decision(), actor=town.admin, now=ISSUED_AT)
        batch.state = ORDERED
        made.append((batch.id, list(batch.result_ids)))
    session.commit()
    return made


def issue_in_pieces(batch_id: int, ids: list[int]) -> None:
    for result_id in ids:
        with unit_of_work():
            service.issue_part(batch_id, [result_id], base_url=BASE_URL, actor=None, now=ISSUED_AT)


def test_without_the_counter_row_two_batches_take_the_same_number(
    app: Flask, session: Any, batches: list[tuple[int, list[int]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The canary: reading the last number before the write lock is taken, as a naive program would."""
    barrier = threading.Barrier(2, timeout=30)
    last_read: dict[int, int] = {}
    monkeypatch.setattr(issuing, "take_numbers", lambda *_: last_read[threading.get_ident()] + 1)

    def act(place: int) -> None:
        last_read[threading.get_ident()] = db_session.scalar(select(NumberSeries.last)) or 0
        db_session.rollback()
        barrier.wait()
        batch_id, ids = batches[place]
        with unit_of_work():
            service.issue_part(batch_id, [ids[place]], base_url=BASE_URL, actor=None, now=ISSUED_AT)

    answers = both(app, act)
    assert sum(isinstance(answer, Exception) for answer in answers) == 1, answers


def test_two_batches_at_once_leave_no_gap_and_certify_nobody_twice(
    app: Flask, session: Any, batches: list[tuple[int, list[int]]]
) -> None:
    answers = both(app, lambda place: issue_in_pieces(*batches[place]))
    assert answers == [None, None]
    session.rollback()
    rows = session.scalars(select(Certificate)).all()
    assert sorted(row.number for row in rows) == list(range(1, 9))
    assert len({row.assessment_id for row in rows}) == 8
    assert session.scalar(select(NumberSeries.last)) == 8


def test_two_clicks_at_once_order_one_job(app: Flask, session: Any) -> None:
    town: Town = make_town(1)
    batch_id = make_batch(town).id
    session.commit()

    def click(_place: int) -> None:
        with unit_of_work():
            batch = db_session.get_one(CertificateBatch, batch_id)
            service.issue_certificates(batch, actor=town.admin, now=ISSUED_AT)

    answers = both(app, click)
    assert sorted(type(answer).__name__ for answer in answers) == ["BatchMoved", "NoneType"]
