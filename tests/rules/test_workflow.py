"""The state table: every (state, action, role) cell, and stories that walk through it."""

from itertools import product

import pytest

from survey_app.rules.errors import NotAllowed
from survey_app.rules.permissions import ALLOWED, GRANTABLE, Role, may
from survey_app.rules.workflow import (
    HANDED_IN,
    STATE_NAMES,
    TRANSITIONS,
    Action,
    State,
    WrongState,
    actions_for,
    next_state,
)

HEAD, OFFICER, LEADER, ADMIN = (
    Role.UNIT_HEAD,
    Role.COMMUNE_OFFICER,
    Role.COMMUNE_LEADER,
    Role.DEPARTMENT_ADMIN,
)
S, A = State, Action


def walk(steps: list[tuple[Action, Role]], *, levels: int) -> State:
    state = S.DRAFT
    for action, role in steps:
        state = next_state(state, action, role, levels=levels)
    return state


def test_the_plain_story_ends_published() -> None:
    steps = [(A.SUBMIT, HEAD), (A.START_REVIEW, OFFICER), (A.APPROVE, OFFICER), (A.PUBLISH, ADMIN)]
    assert walk(steps, levels=1) is S.PUBLISHED


def test_two_levels_need_the_leader() -> None:
    steps = [(A.SUBMIT, HEAD), (A.START_REVIEW, OFFICER), (A.PROPOSE, OFFICER)]
    assert walk(steps, levels=2) is S.PROPOSED
    assert walk([*steps, (A.APPROVE, LEADER)], levels=2) is S.APPROVED
    assert walk([*steps, (A.SEND_BACK, LEADER)], levels=2) is S.IN_REVIEW
    with pytest.raises(NotAllowed):
        walk([*steps, (A.APPROVE, OFFICER)], levels=2)


def test_with_two_levels_the_officer_cannot_approve_alone() -> None:
    with pytest.raises(WrongState):
        walk([(A.SUBMIT, HEAD), (A.START_REVIEW, OFFICER), (A.APPROVE, OFFICER)], levels=2)


def test_a_returned_form_can_be_submitted_again() -> None:
    steps = [(A.SUBMIT, HEAD), (A.START_REVIEW, OFFICER), (A.RETURN, OFFICER), (A.SUBMIT, HEAD)]
    assert walk(steps, levels=2) is S.RESUBMITTED


def test_withdrawing_is_open_until_checking_begins() -> None:
    assert walk([(A.SUBMIT, HEAD), (A.WITHDRAW, HEAD)], levels=1) is S.DRAFT
    with pytest.raises(WrongState):
        walk([(A.SUBMIT, HEAD), (A.START_REVIEW, OFFICER), (A.WITHDRAW, HEAD)], levels=1)


@pytest.mark.parametrize("levels", [1, 2])
def test_every_cell_moves_as_the_table_says_or_refuses(levels: int) -> None:
    for state, action, role in product(State, Action, Role):
        row = next(
            (
                t
                for t in TRANSITIONS
                if (t.state, t.action) == (state, action) and levels in t.levels and role in t.roles
            ),
            None,
        )
        if row:
            assert next_state(state, action, role, levels=levels) is row.to
            assert action in actions_for(state, role, levels=levels)
        else:
            with pytest.raises((WrongState, NotAllowed)):
                next_state(state, action, role, levels=levels)
            assert action not in actions_for(state, role, levels=levels)


@pytest.mark.parametrize("levels", [1, 2])
def test_no_cell_is_ambiguous(levels: int) -> None:
    cells = [(t.state, t.action, role) for t in TRANSITIONS if levels in t.levels for role in t.roles]
    assert len(cells) == len(set(cells))


@pytest.mark.parametrize("levels", [1, 2])
def test_every_state_can_be_reached_and_left_towards_published(levels: int) -> None:
    steps = {(t.state, t.to) for t in TRANSITIONS if levels in t.levels}
    reached = {S.DRAFT}
    while more := {b for a, b in steps if a in reached} - reached:
        reached |= more
    assert reached == set(State) - ({S.PROPOSED} if levels == 1 else set())
    leading = {S.PUBLISHED}
    while more := {a for a, b in steps if b in leading} - leading:
        leading |= more
    assert leading >= reached


def test_a_refusal_names_the_state_in_vietnamese() -> None:
    with pytest.raises(WrongState) as refusal:
        next_state(S.PUBLISHED, A.SUBMIT, HEAD, levels=2)
    assert "Đã công bố" in str(refusal.value)


def test_every_state_has_a_name_and_only_a_draft_is_not_handed_in() -> None:
    assert set(STATE_NAMES) == set(State)
    assert set(State) - HANDED_IN == {S.DRAFT}


def test_an_unknown_permission_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        may(HEAD, "assessments.everything")


def test_no_role_hands_out_its_own_or_a_higher_one() -> None:
    for role, below in GRANTABLE.items():
        assert role not in below
        assert Role.DEPARTMENT_ADMIN not in below
    assert not any(role.startswith("unit") for role in ALLOWED["reviews.edit"])
