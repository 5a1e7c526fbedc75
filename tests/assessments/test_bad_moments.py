"""Saves that come at a bad moment: many at once, into a form just given back, at a site just closed."""

import threading
from collections import Counter
from typing import Any

from sqlalchemy import func, select, update

from survey_app.assessments import queries, service
from survey_app.assessments.models import AnswerChange, Assessment
from survey_app.assessments.saving import COUNTED, recount
from survey_app.core.db import session, unit_of_work
from survey_app.organisations.models import Site
from survey_app.rounds.models import Participation
from survey_app.rules.workflow import State
from tests.assessments.desk import JSON, Desk, clock, desk

__all__ = ["clock", "desk"]
AT_ONCE = 100


def counts(desk: Desk) -> dict[str, int]:
    session.rollback()
    row = session.get_one(Assessment, desk.stage.assessment.id, populate_existing=True)
    return {name: getattr(row, name) for name in COUNTED}


def changes() -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(AnswerChange)) or 0


def post_at_once(desk: Desk, bodies: list[dict[str, str]]) -> list[tuple[int, Any]]:
    """What every one of the saves got, all sent at the same instant."""
    together, answers, address = threading.Barrier(len(bodies)), [], desk.url("/answers")

    def send(body: dict[str, str]) -> None:
        client = desk.client.application.test_client()
        together.wait(60)
        answer = client.post(address, data=body, headers=JSON)
        answers.append((answer.status_code, answer.json))

    threads = [threading.Thread(target=send, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(answers) == len(bodies)
    return answers


def body(number: int, key: str) -> dict[str, str]:
    fields = {"indicator": "AT1.2", "site": "0", "value": str(number % 4), "comment": f"người {number}"}
    return fields | {"base_version": "0", "key": key}


def test_of_a_hundred_saves_of_one_field_at_once_one_is_stored_and_the_others_see_it(desk: Desk) -> None:
    answers = post_at_once(desk, [body(number, f"k{number}") for number in range(AT_ONCE)])
    assert Counter(status for status, _ in answers) == {200: 1, 409: AT_ONCE - 1}
    stored = desk.stored()
    assert stored is not None and stored.version == changes() == 1
    for status, said in answers:
        if status == 409:
            assert "Hãy xem hai bản rồi chọn" in said["error"]
            assert (said["theirs"]["comment"], said["theirs"]["version"]) == (stored.comment, 1)
    before = counts(desk)
    with unit_of_work():
        recount(desk.stage.form())
    assert counts(desk) == before


def test_one_save_that_comes_a_hundred_times_at_once_is_stored_once(desk: Desk) -> None:
    answers = post_at_once(desk, [body(2, "the-same")] * AT_ONCE)
    assert [status for status, _ in answers] == [200] * AT_ONCE
    assert {said["version"] for _, said in answers} == {1} and changes() == 1


def hand_in(desk: Desk, state: State = State.SUBMITTED) -> None:
    with unit_of_work() as db:
        db.get_one(Assessment, desk.stage.assessment.id).state = state


def test_a_form_that_was_handed_in_while_somebody_typed_takes_nothing_more(desk: Desk) -> None:
    desk.save(comment="trước khi nộp", key="a")
    hand_in(desk)
    answer = desk.save(comment="sau khi nộp", key="b", base_version="1")
    assert answer.status_code == 409 and "Đã nộp" in answer.json["error"]  # type: ignore[index]
    assert desk.stored().comment == "trước khi nộp" and changes() == 1  # type: ignore[union-attr]


def test_a_form_given_back_while_somebody_typed_takes_only_what_was_given_back(desk: Desk, now: Any) -> None:
    desk.save(comment="trước", key="a")
    hand_in(desk, State.IN_REVIEW)
    with unit_of_work():
        reasons = {"LM1.2": "Chưa rõ"}
        form, officer = desk.stage.form(desk.stage.officer), desk.stage.officer
        more = {"deadline": form.round.closes_at, "message": "Bổ sung"}
        service.return_assessment(form, reasons, **more, actor=officer, now=now)  # type: ignore[arg-type]
    before = counts(desk)
    answer = desk.save(comment="đang gõ dở", key="b", base_version="1")
    assert answer.status_code == 409 and "tiêu chí AT1.2 đã khóa" in answer.json["error"]  # type: ignore[index]
    assert desk.stored().comment == "trước" and counts(desk) == before  # type: ignore[union-attr]
    assert desk.save(indicator="LM1.2", value="1", key="c").status_code == 200


def test_a_site_that_closes_in_mid_round_stays_in_the_forms_of_that_round(desk: Desk, now: Any) -> None:
    _, other = desk.stage.sites
    with unit_of_work() as db:
        db.execute(update(Site).where(Site.id == other).values(valid_to=now.date()))
    answer = desk.save(indicator="AT1.1", site=str(other), key="s")
    assert answer.status_code == 200 and desk.stored("AT1.1", other)


def test_a_save_at_a_site_that_the_form_no_longer_has_is_refused_in_words(desk: Desk) -> None:
    main, other = desk.stage.sites
    desk.save(indicator="AT1.1", site=str(other), key="a", comment="điểm lẻ")
    with unit_of_work() as db:
        part = db.get_one(Participation, desk.stage.form().participation.id)
        part.sites = [site for site in part.sites if site["id"] == main]
    before = counts(desk)
    answer = desk.save(indicator="AT1.1", site=str(other), key="b", base_version="1", value="3")
    assert answer.status_code == 422 and "điểm trường đó" in answer.json["error"]  # type: ignore[index]
    kept = queries.answers_of(desk.stage.assessment.id)[("AT1.1", other)]
    assert (kept.value, kept.comment) == (2, "điểm lẻ") and counts(desk) == before
