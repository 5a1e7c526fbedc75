"""Forms under examination for tests: a school, its commune's people, a form that was handed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from survey_app.assessments.models import Assessment
from survey_app.assessments.queries import Form, form_of
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.frameworks.models import FrameworkVersion
from survey_app.organisations.models import OrganisationUnit
from survey_app.reviews.models import Review, VerifiedScore
from survey_app.rounds.models import Participation, Round
from survey_app.rules.framework import Framework
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.factories.accounts import make_actor
from tests.factories.assessments import LATER, all_at, make_submitted
from tests.factories.organisations import make_school, root_department
from tests.factories.rounds import make_framework_version, make_participation, make_round

REVIEWED = LATER + timedelta(days=1)


@dataclass(frozen=True)
class Scene:
    """One school's form and the people around it: the commune's officer and leader, the school's head."""

    school: OrganisationUnit
    round: Round
    version: FrameworkVersion
    participation: Participation
    row: Assessment
    officer: Actor
    leader: Actor
    head: Actor

    @property
    def form(self) -> Form:
        """The form as it is stored now."""
        return form_of(self.row.id)


def make_scene(
    values: Mapping[str, int | None] | None = None,
    *,
    framework: Framework | None = None,
    levels: int = 2,
    school: OrganisationUnit | None = None,
    state: State = State.SUBMITTED,
    **columns: Any,
) -> Scene:
    """A form handed in with everything at level 2 (or `values`), checked by the school's commune.

    In a state beyond `SUBMITTED` the officer has it.
    """
    school = school or make_school()
    version = make_framework_version(framework)
    round_ = make_round(root_department(school), [version], checking_levels=levels)
    participation = make_participation(round_, school)
    answers = all_at(version, 2) if values is None else values
    row = make_submitted(participation, answers, state=state, **columns)
    checker = participation.reviewing_unit
    commune = checker.kind == "commune"
    officer = make_actor(Role.COMMUNE_OFFICER if commune else Role.DEPARTMENT_OFFICER, checker)
    leader = make_actor(Role.COMMUNE_LEADER if commune else Role.DEPARTMENT_LEADER, checker)
    head = make_actor(Role.UNIT_HEAD, school)
    if state is not State.SUBMITTED:
        make_review(row, officer)
    return Scene(school, round_, version, participation, row, officer, leader, head)


def make_review(row: Assessment, officer: Actor, **columns: Any) -> Review:
    """The examination of a form that an officer has."""
    start = {"officer_id": officer.user_id, "started_at": REVIEWED}
    review = Review(assessment_id=row.id, **(start | columns))
    session.add(review)
    session.flush()
    return review


def make_verified(row: Assessment, values: Mapping[str, int | None], **columns: Any) -> None:
    """Confirmed values of a form ({indicator: value})."""
    start = {"version": 1, "updated_at": REVIEWED}
    session.add_all(
        VerifiedScore(assessment_id=row.id, indicator=code, value=value, **(start | columns))
        for code, value in values.items()
    )
    session.flush()
