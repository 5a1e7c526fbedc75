"""Checked, approved and published forms for tests; results come from the service, never by hand."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from survey_app.assessments.models import Assessment
from survey_app.assessments.queries import form_of
from survey_app.core.db import session
from survey_app.organisations.models import OrganisationUnit
from survey_app.results import service
from survey_app.results.models import Result
from survey_app.results.queries import current_result
from survey_app.reviews.models import VerifiedScore
from survey_app.rounds.models import Participation, Round
from survey_app.rules.permissions import Role
from survey_app.rules.scoring import why_not_applicable
from survey_app.rules.workflow import State
from tests.factories.accounts import make_actor
from tests.factories.assessments import LATER, make_submitted
from tests.factories.organisations import make_school
from tests.factories.rounds import make_participation

CHECKED = LATER + timedelta(days=5)


def make_checked(
    participation: Participation,
    own: Mapping[str, int | None],
    verified: Mapping[str, int] | None = None,
    *,
    state: State = State.APPROVED,
    reason: str = "Hồ sơ chưa đủ",
    **columns: object,
) -> Assessment:
    """A form in `state` with a confirmed value for every applicable indicator: the school's own unless
    `verified` has another, which gets `reason`."""
    form = make_submitted(participation, own, state=state, **columns)
    found, changed = form_of(form.id), verified or {}
    for code, indicator in found.framework.by_code.items():
        if why_not_applicable(indicator, found.facts) is None:
            session.add(
                VerifiedScore(
                    assessment_id=form.id,
                    indicator=code,
                    value=changed.get(code, own[code]),
                    reason=reason if changed.get(code, own[code]) != own[code] else "",
                    version=1,
                    updated_at=CHECKED,
                )
            )
    session.flush()
    return form


def make_schools_in(
    round_: Round, commune: OrganisationUnit, count: int, stages: Collection[str] = ("thcs",)
) -> list[Participation]:
    """`count` new schools of a commune, all in the round."""
    return [make_participation(round_, make_school(commune, stages=stages)) for _ in range(count)]


def publish_all(round_: Round) -> int:
    """Publish every approved form of the round as a new administrator; returns how many."""
    actor = make_actor(Role.DEPARTMENT_ADMIN, round_.department)
    return service.finalise_round(round_, actor=actor, now=CHECKED)


def result_of(form: Assessment) -> Result:
    """The published result of a form."""
    found = current_result(form.id)
    assert found is not None
    return found
