"""One school: its current result and its earlier ones."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import aliased, contains_eager

from survey_app.assessments.models import Assessment
from survey_app.assessments.queries import Form
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.frameworks.models import FrameworkVersion
from survey_app.results.models import Result
from survey_app.results.queries.scope import is_current
from survey_app.rounds.models import Participation, Round
from survey_app.rounds.queries import visible_participations
from survey_app.rules.errors import NotFound


def current_result(assessment_id: int) -> Result | None:
    """The published result of a form, or None."""
    return session.scalar(select(Result).where(Result.assessment_id == assessment_id, is_current()))


def get_visible_result(actor: Actor, uid: str) -> Result:
    """The published result of the form with this address, in the actor's scope. Raises `NotFound`."""
    found = session.scalar(
        select(Result)
        .join(Assessment, Assessment.id == Result.assessment_id)
        .join(Participation, Participation.id == Assessment.participation_id)
        .where(Assessment.uid == uid, visible_participations(actor), is_current())
    )
    if found is None:
        raise NotFound()
    return found


def results_of_forms(form_ids: Sequence[int]) -> dict[int, Result]:
    """The current results of these forms, by form."""
    rows = session.scalars(select(Result).where(Result.assessment_id.in_(form_ids), is_current()))
    return {result.assessment_id: result for result in rows}


@cache
def _previous_result() -> Select[Result]:
    """Built once: every page of a form asks for it, and building it takes longer (2.3 ms) than running it."""
    part, own = aliased(Participation), aliased(Round)
    form, version = aliased(Assessment), aliased(FrameworkVersion)
    here = (
        select(part.unit_id, own.purpose, own.opens_at, version.framework_id)
        .select_from(form)
        .join(part, part.id == form.participation_id)
        .join(own, own.id == form.round_id)
        .join(version, version.id == form.framework_version_id)
        .where(form.id == bindparam("form"))
        .subquery()
    )
    return (
        _results_of_unit(here.c.unit_id, here.c.purpose, here.c.framework_id)
        .where(Round.opens_at < here.c.opens_at)
        .order_by(Round.opens_at.desc(), Round.id.desc())
        .limit(1)
    )


def previous_result(assessment_id: int) -> Result | None:
    """The current result of the same unit, purpose and set in the round before this form's, or None."""
    return session.scalar(_previous_result(), {"form": assessment_id})


def results_over_time(form: Form) -> Sequence[Result]:
    """The current results of the form's unit and their forms: same purpose, same set, oldest first."""
    version = session.get_one(FrameworkVersion, form.assessment.framework_version_id)
    statement = _results_of_unit(form.participation.unit_id, form.round.purpose, version.framework_id)
    in_turn = statement.order_by(Round.opens_at, Round.id).options(contains_eager(Result.assessment))
    return session.scalars(in_turn).all()


def _results_of_unit(
    unit_id: int | ColumnElement[int],
    purpose: str | ColumnElement[str],
    framework_id: int | ColumnElement[int],
) -> Select[Result]:
    return (
        select(Result)
        .join(Assessment, Assessment.id == Result.assessment_id)
        .join(Participation, Participation.id == Assessment.participation_id)
        .join(Round, Round.id == Assessment.round_id)
        .join(FrameworkVersion, FrameworkVersion.id == Assessment.framework_version_id)
        .where(
            Participation.unit_id == unit_id,
            Round.purpose == purpose,
            FrameworkVersion.framework_id == framework_id,
            is_current(),
        )
    )
