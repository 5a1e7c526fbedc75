"""Reminders 7, 3 and 1 days before the deadline: to those who have not handed in, each once."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from survey_app.app import create_app
from survey_app.core import db as core_db
from survey_app.core.db import session, unit_of_work
from survey_app.notices import service
from survey_app.notices.models import Notice
from survey_app.notices.reminding import send_due_reminders
from survey_app.rounds.models import PUBLISHED, Participation, Round
from tests.conftest import make_settings
from tests.factories.assessments import make_assessment, make_submitted
from tests.factories.organisations import make_commune, make_school
from tests.factories.rounds import CLOSES, make_participation, make_round

DAY = timedelta(days=1)


@pytest.fixture
def places(app: Flask) -> dict[str, int]:
    """A round with a school that has not handed in, one that has, and one with more time."""
    with app.app_context():
        return lay()


def lay() -> dict[str, int]:
    with unit_of_work():
        commune = make_commune()
        round_ = make_round(commune.parent, title="Đợt cuối năm")
        late, done, longer = (make_school(commune, name=f"THCS {n}") for n in range(3))
        make_assessment(make_participation(round_, late), {})
        make_submitted(make_participation(round_, done), {})
        part = make_participation(round_, longer, extended_until=CLOSES + 9 * DAY, extension_reason="Bão")
        make_assessment(part, {})
        return {"late": late.id, "done": done.id, "longer": longer.id, "round": round_.id}


def remind(app: Flask, now: datetime) -> int:
    with app.app_context(), unit_of_work():
        return send_due_reminders(now)


def told(app: Flask, unit_id: int) -> list[str]:
    with app.app_context():
        return list(
            session.scalars(select(Notice.title).where(Notice.unit_id == unit_id).order_by(Notice.id))
        )


def test_three_reminders_and_no_more_however_often_it_runs(app: Flask, places: dict[str, int]) -> None:
    sent = []
    for hours in range(24 * 12, -30, -7):  # several times a day, over the deadline and beyond
        sent.append(remind(app, CLOSES - timedelta(hours=hours)))
    assert told(app, places["late"]) == [
        "Còn 7 ngày đến hạn nộp phiếu tự đánh giá",
        "Còn 3 ngày đến hạn nộp phiếu tự đánh giá",
        "Còn 1 ngày đến hạn nộp phiếu tự đánh giá",
    ]
    assert told(app, places["done"]) == [] and sum(sent) == 3 + len(told(app, places["longer"]))


def test_an_extension_is_a_deadline_of_its_own(app: Flask, places: dict[str, int]) -> None:
    remind(app, CLOSES - DAY)
    assert told(app, places["longer"]) == []
    remind(app, CLOSES + 2 * DAY)
    assert told(app, places["longer"]) == ["Còn 7 ngày đến hạn nộp phiếu tự đánh giá"]
    with app.app_context(), unit_of_work():
        part = session.scalar(select(Participation).where(Participation.unit_id == places["late"]))
        assert part is not None
        part.extended_until = CLOSES + 5 * DAY
    remind(app, CLOSES + 2 * DAY)
    assert told(app, places["late"])[-1] == "Còn 3 ngày đến hạn nộp phiếu tự đánh giá"
    assert len(told(app, places["late"])) == 2


def test_a_day_that_was_missed_is_made_up_for_with_the_days_left(app: Flask, places: dict[str, int]) -> None:
    assert remind(app, CLOSES - 5 * DAY) == 1 and remind(app, CLOSES - 4 * DAY) == 0
    assert remind(app, CLOSES - timedelta(hours=2)) == 1
    assert told(app, places["late"]) == [
        "Còn 5 ngày đến hạn nộp phiếu tự đánh giá",
        "Hôm nay là hạn nộp phiếu tự đánh giá",
    ]


def test_whoever_hands_in_between_hears_no_more(app: Flask, places: dict[str, int]) -> None:
    remind(app, CLOSES - 7 * DAY)
    with app.app_context(), unit_of_work():
        session.execute(core_db.db.text("UPDATE assessment SET state = 'submitted'"))
    assert remind(app, CLOSES - 3 * DAY) == 0


@pytest.mark.parametrize("change", [{"state": PUBLISHED}, {"opens_at": CLOSES - DAY}])
def test_a_round_that_is_not_on_reminds_nobody(
    app: Flask, places: dict[str, int], change: dict[str, Any]
) -> None:
    with app.app_context(), unit_of_work():
        found = session.get_one(Round, places["round"])
        for name, value in change.items():
            setattr(found, name, value)
    assert remind(app, CLOSES - 3 * DAY) == 0


def test_the_days_are_days_of_vietnam(app: Flask, places: dict[str, int]) -> None:
    late_evening = datetime(2027, 5, 12, 16, 59, tzinfo=CLOSES.tzinfo)  # 23:59 on the 12th: eight days left
    assert remind(app, late_evening) == 0
    assert remind(app, late_evening + timedelta(minutes=1)) == 1


def test_the_command_says_how_many(
    app: Flask, places: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey_app.notices.cli.now", lambda: CLOSES - 3 * DAY)
    run = app.test_cli_runner().invoke
    assert "Đã nhắc 1 trường." in run(args=["notices", "remind"]).output
    assert "Đã nhắc 0 trường." in run(args=["notices", "remind"]).output


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An app on each of the two databases."""
    if request.param == "sqlite":
        yield request.getfixturevalue("app")
        return
    url = {"SQLALCHEMY_DATABASE_URI": request.getfixturevalue("postgres_url")}
    app = create_app(make_settings(tmp_path, **url))
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        core_db.db.engine.dispose()


def two_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> int:
    """Two runs that have both seen who is due before either writes; how many reminders the school has."""
    with app.app_context():
        places = lay()
    barrier, real = threading.Barrier(2), service._check_address

    def wait(url: str) -> None:
        real(url)
        if not app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
            barrier.wait(20)

    monkeypatch.setattr(service, "_check_address", wait)
    threads = [threading.Thread(target=remind, args=(app, CLOSES - 7 * DAY)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    return len(told(app, places["late"]))


def test_two_that_run_at_once_tell_nobody_twice(either: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert two_at_once(either, monkeypatch) == 1


@pytest.mark.postgres
def test_without_the_unique_pair_both_would_tell(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(make_settings(tmp_path, SQLALCHEMY_DATABASE_URI=postgres_url))
    with app.app_context():
        upgrade()
        with unit_of_work():
            drop = "ALTER TABLE notice DROP CONSTRAINT uq_notice_unit_id_occasion"
            session.connection().exec_driver_sql(drop)
    monkeypatch.setattr(service.postgresql.Insert, "on_conflict_do_nothing", lambda self, **given: self)
    assert two_at_once(app, monkeypatch) == 2
    with app.app_context():
        core_db.db.engine.dispose()
