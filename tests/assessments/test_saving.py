"""Saving one answer: versions, keys, what is refused, and counts that never drift."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from survey_app.assessments import profile, queries
from survey_app.assessments.models import AnswerChange
from survey_app.assessments.saving import (
    COUNTED,
    CommentTooLong,
    Edit,
    KeyReused,
    NotApplicable,
    StaleAnswer,
    UnknownPlace,
    recount,
    save_answer,
)
from survey_app.core.db import session
from survey_app.rounds.service import RoundClosed
from survey_app.rules.deadlines import DeadlinePassed, NotOpenYet
from survey_app.rules.scoring import OutsideScale
from survey_app.rules.workflow import State, WrongState
from tests.assessments.conftest import Stage
from tests.factories.rounds import CLOSES, OPENS


def edit(code: str = "AT1.2", value: int | None = 2, base: int = 0, key: str = "k1", **more: Any) -> Edit:
    return Edit(code, more.get("site", 0), value, more.get("comment", ""), base, key)


def save(stage: Stage, change: Edit, now: datetime) -> int:
    return save_answer(stage.form(), change, actor=stage.head, now=now).version


def counts(stage: Stage) -> dict[str, int]:
    row = stage.form().assessment
    return {name: getattr(row, name) for name in COUNTED}


def test_each_change_raises_the_answers_own_version(stage: Stage, now: datetime) -> None:
    assert save(stage, edit(key="a"), now) == 1
    assert save(stage, edit(base=1, value=3, key="b", comment="Đã sửa"), now) == 2
    answer = queries.answers_of(stage.assessment.id)["AT1.2", 0]
    assert (answer.value, answer.comment, answer.version, answer.updated_by_id) == (
        3,
        "Đã sửa",
        2,
        stage.head.user_id,
    )


def test_a_stale_change_is_refused_with_what_stands(stage: Stage, now: datetime) -> None:
    save(stage, edit(key="a", value=1, comment="của người khác"), now)
    with pytest.raises(StaleAnswer) as refusal:
        save(stage, edit(key="b", value=3, base=0), now)
    current = refusal.value.current
    assert current is not None and (current.value, current.comment, current.version) == (
        1,
        "của người khác",
        1,
    )
    assert queries.answers_of(stage.assessment.id)["AT1.2", 0].value == 1


def test_a_version_from_the_future_is_refused_too(stage: Stage, now: datetime) -> None:
    with pytest.raises(StaleAnswer) as refusal:
        save(stage, edit(base=7), now)
    assert refusal.value.current is None


def test_a_repeated_key_has_no_second_effect(stage: Stage, now: datetime) -> None:
    first = save_answer(stage.form(), edit(), actor=stage.head, now=now)
    save(stage, edit(base=1, value=0, key="k2"), now)
    again = save_answer(stage.form(), edit(), actor=stage.head, now=now + timedelta(minutes=1))
    assert (again.version, again.at) == (first.version, first.at)
    assert queries.answers_of(stage.assessment.id)["AT1.2", 0].value == 0
    assert session.query(AnswerChange).count() == 2


@pytest.mark.parametrize(
    "other",
    [edit(value=3), edit(comment="khác"), edit(code="LM1.1"), edit(base=1)],
    ids=["value", "comment", "indicator", "base"],
)
def test_a_known_key_with_another_content_is_refused(stage: Stage, now: datetime, other: Edit) -> None:
    save(stage, edit(), now)
    with pytest.raises(KeyReused):
        save(stage, other, now)


def test_the_same_key_in_another_form_is_another_change(session: Any, stage: Stage, now: datetime) -> None:
    from tests.assessments.conftest import set_stage

    other = set_stage()
    save(stage, edit(), now)
    assert save(other, edit(), now) == 1


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (edit(value=4), OutsideScale),
        (edit(value=-1), OutsideScale),
        (edit(code="LM1.2", value=2), OutsideScale),
        (edit(code="XX9.9"), UnknownPlace),
        (edit(code="AT1.1"), UnknownPlace),
        (edit(site=999_999), UnknownPlace),
        (edit(comment="a" * 1001), CommentTooLong),
    ],
    ids=["above", "below", "pass2", "code", "whole unit", "foreign site", "long"],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    stage: Stage, now: datetime, change: Edit, error: type[Exception]
) -> None:
    before = counts(stage)
    with pytest.raises(error):
        save(stage, change, now)
    assert counts(stage) == before and not queries.answers_of(stage.assessment.id)


def test_an_indicator_the_profile_rules_out_is_refused(stage: Stage, now: datetime) -> None:
    profile.save_profile(stage.form(), {"bep_an": False}, base_version=1, actor=stage.head, now=now)
    with pytest.raises(NotApplicable):
        save(stage, edit(code="LM1.1"), now)


@pytest.mark.parametrize("state", sorted(set(State) - {State.DRAFT, State.RETURNED}))
def test_a_form_that_was_handed_in_is_locked(stage: Stage, now: datetime, state: State) -> None:
    stage.assessment.state = state
    session.flush()
    with pytest.raises(WrongState):
        save(stage, edit(), now)


def test_the_clock_of_the_server_decides(stage: Stage) -> None:
    with pytest.raises(NotOpenYet):
        save(stage, edit(), OPENS - timedelta(seconds=1))
    with pytest.raises(DeadlinePassed):
        save(stage, edit(), CLOSES)
    save(stage, edit(), CLOSES - timedelta(seconds=1))
    assert save(stage, edit(base=1, key="b"), CLOSES + timedelta(minutes=9)) == 2
    with pytest.raises(DeadlinePassed):
        save(stage, edit(base=2, key="c"), CLOSES + timedelta(minutes=10))


def test_a_round_that_has_ended_takes_nothing_more(stage: Stage, now: datetime) -> None:
    stage.form().round.state = "published"
    session.flush()
    with pytest.raises(RoundClosed):
        save(stage, edit(), now)


def test_an_extension_of_one_school_counts(stage: Stage) -> None:
    stage.form().participation.extended_until = CLOSES + timedelta(days=2)
    session.flush()
    assert save(stage, edit(), CLOSES + timedelta(days=1)) == 1


def test_an_answer_can_be_taken_back(stage: Stage, now: datetime) -> None:
    save(stage, edit(key="a"), now)
    assert counts(stage)["answered"] == 1
    save(stage, edit(key="b", base=1, value=None), now)
    assert counts(stage)["answered"] == 0


def test_a_site_counts_only_when_every_site_is_answered(stage: Stage, now: datetime) -> None:
    main, other = stage.sites
    save(stage, edit(code="AT1.1", site=main, value=3, key="a"), now)
    assert counts(stage)["answered"] == 0
    save(stage, edit(code="AT1.1", site=other, value=1, key="b"), now)
    assert (counts(stage)["answered"], counts(stage)["met"], counts(stage)["mandatory_met"]) == (1, 0, 0)
    save(stage, edit(code="AT1.1", site=other, value=2, base=1, key="c"), now)
    assert (counts(stage)["met"], counts(stage)["mandatory_met"]) == (1, 1)


@pytest.mark.parametrize("seed", range(5))
def test_the_counts_equal_their_recomputation_after_random_edits(
    stage: Stage, now: datetime, seed: int
) -> None:
    chance = random.Random(seed)
    places = [("AT1.1", stage.sites[0]), ("AT1.1", stage.sites[1]), ("AT1.2", 0), ("LM1.1", 0), ("LM1.2", 0)]
    versions = dict.fromkeys(places, 0)
    for number in range(40):
        code, site = place = chance.choice(places)
        value = chance.choice([None, 0, 1] if code == "LM1.2" else [None, 0, 1, 2, 3])
        save(stage, edit(code, value, versions[place], f"k{number}", site=site), now)
        versions[place] += 1
    kept = counts(stage)
    recount(stage.form())
    assert counts(stage) == kept


def test_the_history_tells_who_changed_what(stage: Stage, now: datetime) -> None:
    save(stage, edit(key="a", comment="một"), now)
    save_answer(stage.form(stage.member), edit(base=1, value=3, key="b"), actor=stage.member, now=now)
    changes = [change for change, _ in queries.changes_of(stage.assessment.id, "AT1.2")]
    assert [(c.old_value, c.new_value, c.old_comment, c.actor_id) for c in changes] == [
        (2, 3, "một", stage.member.user_id),
        (None, 2, "", stage.head.user_id),
    ]
