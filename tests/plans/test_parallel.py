"""Two presses of "Thêm vào kế hoạch" at once, on PostgreSQL; first without holding the form."""

import threading
from collections.abc import Callable, Collection
from typing import Any

import pytest
from flask import Flask

from survey_app.assessments.queries import Form, form_of
from survey_app.core.access import Actor
from survey_app.core.db import session, unit_of_work
from survey_app.plans import queries, service
from survey_app.rules.permissions import Role
from tests.assessments.test_parallel import both
from tests.factories.accounts import make_actor
from tests.factories.assessments import make_assessment
from tests.factories.organisations import make_school
from tests.factories.results import CHECKED
from tests.factories.rounds import make_open_round
from tests.plans.test_plans import OWN

pytestmark = pytest.mark.postgres


def press_twice(
    app: Flask, add: Callable[[Form, Actor], Any], monkeypatch: pytest.MonkeyPatch
) -> tuple[list[Any], list[str]]:
    """What two presses at once answered and what is planned; both read before either writes, unless held."""
    with unit_of_work() as db:
        school = make_school()
        _round, part = make_open_round(school)
        head, form_id = make_actor(Role.UNIT_HEAD, school), make_assessment(part, OWN).id
        db.flush()
    have_read, read = threading.Barrier(2), queries.planned_indicators

    def read_and_wait(assessment_id: int) -> frozenset[str]:
        found = read(assessment_id)
        try:
            have_read.wait(1)
        except threading.BrokenBarrierError:
            pass  # the other one is held
        return found

    monkeypatch.setattr(queries, "planned_indicators", read_and_wait)
    answers = both(app, *[lambda: add(form_of(form_id), head)] * 2)
    session.rollback()
    return answers, sorted(item.indicator for item in queries.list_items(form_id))


def take_suggestion(form: Form, head: Actor) -> bool:
    return service.add_suggestion(form, "AT1.1", actor=head, now=CHECKED) is not None


def take_way(form: Form, head: Actor) -> int:
    return len(service.add_way(form, None, actor=head, now=CHECKED))


def nobody_held(form_ids: Collection[int]) -> list[Form]:
    return []


@pytest.mark.parametrize("add", [take_suggestion, take_way])
def test_without_holding_the_form_two_presses_plan_it_twice(
    on_postgres: Flask, add: Callable[[Form, Actor], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "lock_forms", nobody_held)
    _answers, planned = press_twice(on_postgres, add, monkeypatch)
    assert len(planned) == 2 * len(set(planned)) > 0


@pytest.mark.parametrize("add", [take_suggestion, take_way])
def test_two_presses_at_once_plan_it_once(
    on_postgres: Flask, add: Callable[[Form, Actor], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, planned = press_twice(on_postgres, add, monkeypatch)
    assert len(planned) == len(set(planned)) > 0
    assert sorted(answers) == [0, len(planned)]  # False and True are 0 and 1
