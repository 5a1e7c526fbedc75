"""Two acts at once on PostgreSQL, where rows are held one by one. First each race without its guard."""

import threading
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from survey_app.assessments import attaching, profile, queries, service
from survey_app.assessments.models import Assessment
from survey_app.assessments.queries import Form
from survey_app.assessments.saving import COUNTED, Edit, recount, save_answer
from survey_app.core.db import session, unit_of_work
from survey_app.core.edge import set_actor_loader
from survey_app.evidence import service as evidence
from survey_app.evidence.models import EvidenceFile
from survey_app.rules.errors import RuleError
from survey_app.rules.workflow import State
from tests.assessments.conftest import Stage, set_stage
from tests.assessments.test_profile import Two, make_two
from tests.assessments.test_service import fill_in
from tests.factories.evidence import make_file

pytestmark = pytest.mark.postgres
LONG = 30.0


def both(app: Flask, *acts: Callable[[], Any]) -> list[Any]:
    """What each act, on a thread and in a transaction of its own, answered or raised."""
    answers: list[Any] = [None] * len(acts)

    def run(place: int) -> None:
        with app.app_context():
            try:
                with unit_of_work():
                    answers[place] = acts[place]()
            except Exception as error:
                answers[place] = error
            finally:
                session.remove()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return answers


def without_holding(form_ids: Collection[int]) -> list[Form]:
    return [queries.form_of(form_id) for form_id in sorted(form_ids)]


def kept_facts(two: Two) -> dict[str, bool]:
    session.rollback()
    form = two.form(two.second)
    return dict(form.profile.facts) if form.profile else {}


# ---- the profile that two forms share ----


def save_from_both(app: Flask, two: Two, now: datetime, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Both forms save the first profile at once; both have read before either writes, unless held."""
    have_read = threading.Barrier(2)

    def wait(form: Form, *given: Any, **named: Any) -> None:
        try:
            have_read.wait(1)
        except threading.BrokenBarrierError:
            pass  # the other one is held

    monkeypatch.setattr(service, "check_editable", wait)

    def act(uid: str, facts: dict[str, bool]) -> Callable[[], Any]:
        form = two.form
        return lambda: profile.save_profile(form(uid), facts, base_version=0, actor=two.head, now=now)

    return both(app, act(two.first, {"bep_an": True}), act(two.second, {"do_ngang": True}))


@pytest.fixture
def fresh(on_postgres: Flask) -> Two:
    with unit_of_work() as db:
        two = make_two(State.DRAFT)
        db.execute(profile.SchoolProfile.__table__.delete())  # type: ignore[attr-defined]
    return two


def test_without_holding_the_sisters_the_first_profile_breaks(
    on_postgres: Flask, fresh: Two, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "lock_forms", without_holding)
    answers = save_from_both(on_postgres, fresh, now, monkeypatch)
    assert any(type(answer).__name__ == "IntegrityError" for answer in answers), answers


def test_two_forms_that_save_the_first_profile_at_once_get_one_profile_and_one_sentence(
    on_postgres: Flask, fresh: Two, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = save_from_both(on_postgres, fresh, now, monkeypatch)
    assert sorted(type(answer).__name__ for answer in answers) == ["ProfileChanged", "SchoolProfile"]
    assert kept_facts(fresh) in ({"bep_an": True}, {"do_ngang": True})


# ---- the counts of a form whose file is hidden while it is being filled in ----


@pytest.fixture
def stage(on_postgres: Flask) -> Stage:
    with unit_of_work() as db:
        made = set_stage()
        db.flush()
        _ = made.assessment.uid, made.school.uid
    return made


def hide_while_saving(app: Flask, stage: Stage, now: datetime) -> dict[str, int]:
    """An answer that asks for evidence is saved while the officer hides the file; what is counted then."""
    with unit_of_work():
        file = make_file(stage.head)
        attaching.attach_evidence(stage.form(), "AT1.2", file, actor=stage.head, now=now)
        file_id = file.id
    held, hidden, saved = threading.Event(), threading.Event(), threading.Event()

    def save() -> None:
        form = stage.form()
        held.set()
        hidden.wait(1)  # the officer is through already, or waits for this form
        save_answer(form, Edit("AT1.2", 0, 2, "", 0, "k"), actor=stage.head, now=now)
        saved.set()

    def hide() -> None:
        held.wait(LONG)
        evidence.hide(
            session.get_one(EvidenceFile, file_id), "Lộ mặt học sinh", url="/", actor=stage.officer, now=now
        )
        session.flush()
        hidden.set()
        saved.wait(1)

    answers = both(app, save, hide)
    assert answers == [None, None]
    return counts(stage)


def counts(stage: Stage) -> dict[str, int]:
    session.rollback()
    row = session.get_one(Assessment, stage.assessment.id, populate_existing=True)
    return {name: getattr(row, name) for name in COUNTED}


def recounted(stage: Stage) -> dict[str, int]:
    with unit_of_work():
        recount(stage.form())
    return counts(stage)


def test_without_holding_the_form_a_hidden_file_is_counted(
    on_postgres: Flask, stage: Stage, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "lock_forms", without_holding)
    assert hide_while_saving(on_postgres, stage, now) != recounted(stage)


def test_the_counts_are_right_when_a_file_is_hidden_while_an_answer_is_saved(
    on_postgres: Flask, stage: Stage, now: datetime
) -> None:
    found = hide_while_saving(on_postgres, stage, now)
    assert found == recounted(stage) and (found["evidence_needed"], found["evidence_had"]) == (1, 0)


# ---- handing in ----


def test_a_file_is_not_deleted_from_a_form_that_is_just_handed_in(
    on_postgres: Flask, stage: Stage, now: datetime
) -> None:
    with unit_of_work():
        fill_in(stage, now)
        file = make_file(stage.head)
        attaching.attach_evidence(stage.form(), "AT1.2", file, actor=stage.head, now=now)
        file_id = file.id
    held, asked = threading.Event(), threading.Event()

    def submit() -> None:
        form = stage.form()
        held.set()
        asked.wait(1)
        service.submit_assessment(form, signatory="A", actor=stage.head, now=now)

    def delete() -> None:
        held.wait(LONG)
        evidence.delete(session.get_one(EvidenceFile, file_id), actor=stage.head, now=now)

    submitted, deleted = both(on_postgres, submit, delete)
    assert submitted is None and isinstance(deleted, RuleError)
    assert "AT1.2" in queries.indicators_with_evidence(stage.assessment.id)


@pytest.mark.parametrize("kind", ["app", "postgres_app"])
def test_two_presses_of_submit_at_once_hand_in_once(
    request: pytest.FixtureRequest, kind: str, now: datetime
) -> None:
    app: Flask = request.getfixturevalue(kind)
    with app.app_context(), unit_of_work() as db:
        stage = set_stage()
        fill_in(stage, now)
        db.flush()
        uid, form_id = stage.assessment.uid, stage.assessment.id
    app.config["WTF_CSRF_ENABLED"] = False
    set_actor_loader(app, lambda: stage.head)
    together, answers = threading.Barrier(4), []

    def press() -> None:
        client: FlaskClient = app.test_client()
        together.wait(LONG)
        form = {"signatory": "Nguyễn Thị Mẫu", "agreed": "y"}
        answer = client.post(f"/assessments/{uid}/submit", data=form)
        answers.append((answer.status_code, answer.location))

    with time_machine.travel(now, tick=False):
        threads = [threading.Thread(target=press) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert answers == [(302, f"/assessments/{uid}/receipt")] * 4
    with app.app_context():
        assert [event.action for event in queries.events_of(form_id)] == ["submit"]


def test_a_nul_in_a_field_that_no_form_reads_is_refused(on_postgres: Flask, stage: Stage) -> None:
    on_postgres.config.update(WTF_CSRF_ENABLED=False, TESTING=False)
    set_actor_loader(on_postgres, lambda: stage.head)
    address = f"/assessments/{stage.assessment.uid}/evidence/AT1.2/choose"
    answer = on_postgres.test_client().post(address, data={"file": "\x00"})
    assert answer.status_code == 422 and "ký tự không hợp lệ" in answer.get_data(as_text=True)
