"""How far a form has come and when: the acts on it, each a step of the state table, with their moments."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from survey_app.demo.country.scene import RoundFacts
from survey_app.rules.permissions import ADMIN, HEAD, Role
from survey_app.rules.workflow import Action, State, next_state

A = Action
CHECKED = (A.SUBMIT, A.START_REVIEW, A.PROPOSE, A.APPROVE)
GIVEN_BACK = (A.SUBMIT, A.START_REVIEW, A.RETURN)
# The ways a form goes, and how many of a hundred go it: when the round is published, and half-way through.
PAST: Sequence[tuple[int, tuple[Action, ...]]] = (
    (90, (*CHECKED, A.PUBLISH)),
    (7, (*GIVEN_BACK, *CHECKED, A.PUBLISH)),
    (3, ()),  # some never hand in
)
OPEN: Sequence[tuple[int, tuple[Action, ...]]] = (
    (34, ()),
    (15, (A.SUBMIT,)),
    (11, (A.SUBMIT, A.START_REVIEW)),
    (3, (A.SUBMIT, A.START_REVIEW, A.HOLD)),
    (7, GIVEN_BACK),
    (5, (*GIVEN_BACK, A.SUBMIT)),
    (8, CHECKED[:-1]),
    (14, CHECKED),
    (3, (*GIVEN_BACK, *CHECKED)),
)
BY: dict[Action, Role] = dict.fromkeys(A, Role.COMMUNE_OFFICER) | {
    A.SUBMIT: HEAD,
    A.APPROVE: Role.COMMUNE_LEADER,
    A.PUBLISH: next(iter(ADMIN)),
}
LEVELS = 2  # the officer proposes, the leader approves


@dataclass(frozen=True)
class Step:
    """One act on a form: from which state to which, and when."""

    action: Action
    before: State
    after: State
    at: datetime


@dataclass(frozen=True)
class Course:
    """The whole way of one form. `filled` is when the school began to answer, `share` how much it answered
    (0–1; None: it has not even opened the form)."""

    steps: tuple[Step, ...]
    filled: datetime
    share: float | None

    @property
    def state(self) -> State:
        """Where the form is."""
        return self.steps[-1].after if self.steps else State.DRAFT

    def last(self, action: Action) -> Step | None:
        """The latest step of this kind, or None."""
        return next((step for step in reversed(self.steps) if step.action is action), None)

    def first(self, action: Action) -> Step | None:
        """The earliest step of this kind, or None."""
        return next((step for step in self.steps if step.action is action), None)


def choose_course(chance: random.Random, round_: RoundFacts) -> Course:
    """A way for one form of a round; every step is one of the state table."""
    ways = PAST if round_.published_at else OPEN
    actions = chance.choices([way for _, way in ways], [weight for weight, _ in ways])[0]
    moments = _moments(chance, round_, actions)
    steps, state = list[Step](), State.DRAFT
    for action, at in zip(actions, moments[1:], strict=True):
        after = next_state(state, action, BY[action], levels=LEVELS)
        steps.append(Step(action, state, after, at))
        state = after
    share = 1.0 if actions else chance.choice([None, None, 0.0, 0.15, 0.4, 0.7, 0.9, 0.97])
    return Course(tuple(steps), moments[0], share)


def _moments(chance: random.Random, round_: RoundFacts, actions: Sequence[Action]) -> list[datetime]:
    """When the school began and when each act was done: in order, handed in before the round closes."""
    begin = round_.opens_at + timedelta(hours=3)
    handed_in_by = min(round_.closes_at, round_.latest)
    checked = [action for action in actions if action is not A.PUBLISH][1:]
    if checked:  # leaves the authority its time
        handed_in_by = begin + (handed_in_by - begin) * 0.6
    first = sorted(chance.random() for _ in range(2))
    later = sorted(chance.random() for _ in checked)
    moments = [_between(begin, handed_in_by, part) for part in first[: 1 + bool(actions)]]
    moments += [_between(moments[-1], round_.latest, part) for part in later]
    if round_.published_at and actions:
        moments.append(round_.published_at)
    return moments


def _between(first: datetime, last: datetime, part: float) -> datetime:
    return first + timedelta(seconds=int((last - first).total_seconds() * part))
