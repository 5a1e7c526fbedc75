"""Whatever an officer or a leader typed stands in the page again when the act is refused."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from survey_app.assessments.models import Assessment
from survey_app.core.db import unit_of_work
from survey_app.organisations.models import OrganisationUnit
from survey_app.reviews.models import Review
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.factories.accounts import make_actor
from tests.factories.reviews import Scene, make_verified
from tests.reviews.conftest import state_of, stored, written

WORDS = "Biên bản <kiểm tra> thực tế ngày 10/5."
SHOWN = "Biên bản &lt;kiểm tra&gt; thực tế ngày 10/5."
ALL_TWO = {"AT1.1": 2, "AT1.2": 2, "LM1.1": 2, "LM1.2": 1}
OF_THE_OFFICER = [
    ("AT1.1", {"value": "1", "reason": WORDS, "base_version": "1"}),
    ("AT1.1/mark", {"return_reason": WORDS, "base_version": "1"}),
    ("AT1.1/unmark", {"return_reason": WORDS, "base_version": "1"}),
    ("return", {"day": "19/05/2027", "hour": "17", "message": WORDS}),
    ("conclude", {"conclusion": WORDS}),
    ("hold", {"reason": WORDS}),
]


def moved(app: Flask, scene: Scene, state: State) -> None:
    """Somebody else moved the form on while the page stood open."""
    with app.app_context(), unit_of_work() as session:
        session.get_one(Assessment, scene.row.id).state = state


def taken(app: Flask, scene: Scene) -> str:
    """A colleague took the form meanwhile; returns their name."""
    with app.app_context(), unit_of_work() as session:
        unit = session.get_one(OrganisationUnit, scene.officer.unit_id)
        colleague = make_actor(Role.COMMUNE_OFFICER, unit)
        session.get_one(Review, scene.row.id).officer_id = colleague.user_id
        return colleague.name


@pytest.fixture
def checked(build: Callable[..., Scene], app: Flask) -> Scene:
    """A form whose every indicator has a confirmed value."""
    scene = build()
    with app.app_context(), unit_of_work():
        make_verified(scene.row, ALL_TWO)
    return scene


@pytest.mark.parametrize(("act", "fields"), OF_THE_OFFICER)
def test_an_officers_words_stay_when_the_form_has_moved_on(
    checked: Scene, send: Any, app: Flask, act: str, fields: dict[str, str]
) -> None:
    moved(app, checked, State.PROPOSED)
    answer = send(checked, act, **fields)
    assert answer.status_code == 409 and "Chờ lãnh đạo duyệt" in written(answer)
    assert re.search(rf">\s*{re.escape(SHOWN)}</textarea>", written(answer))
    assert stored(app, checked) == (2, "", False, 1) and state_of(app, checked) == State.PROPOSED


@pytest.mark.parametrize(("act", "fields"), OF_THE_OFFICER)
def test_an_officers_words_stay_when_a_colleague_took_the_form(
    checked: Scene, send: Any, app: Flask, act: str, fields: dict[str, str]
) -> None:
    name = taken(app, checked)
    answer = send(checked, act, **fields)
    assert answer.status_code == 409 and f"đang do {name} kiểm tra" in written(answer)
    assert re.search(rf">\s*{re.escape(SHOWN)}</textarea>", written(answer))
    assert stored(app, checked) == (2, "", False, 1) and state_of(app, checked) == State.IN_REVIEW


@pytest.mark.parametrize(("act", "fields"), [OF_THE_OFFICER[2]])
def test_taking_a_note_back_on_an_old_version_shows_both(
    checked: Scene, send: Any, act: str, fields: dict[str, str]
) -> None:
    answer = send(checked, act, **fields | {"base_version": "0"})
    assert answer.status_code == 409 and "Có hai bản khác nhau" in written(answer)
    assert SHOWN in written(answer)


def test_a_conclusion_stays_while_something_is_left_to_look_at(build: Any, send: Any) -> None:
    answer = send(build(), "conclude", conclusion=WORDS)
    assert answer.status_code == 422 and "chưa có kết quả kiểm tra" in written(answer)
    assert SHOWN in written(answer)


@pytest.mark.parametrize("act", ["send-back", "reopen"])
def test_a_leaders_reason_stays_when_the_form_has_moved_on(
    checked: Scene, send: Any, app: Flask, seat: Any, act: str
) -> None:
    seat.actor = checked.leader
    answer = send(checked, act, reason=WORDS)
    assert answer.status_code == 409 and "Đang kiểm tra" in written(answer) and SHOWN in written(answer)
    assert state_of(app, checked) == State.IN_REVIEW
