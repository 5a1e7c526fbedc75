"""Reading one form as the authority sees it: the form, its examination, the values confirmed."""

from collections.abc import Collection

from sqlalchemy import select

from survey_app.accounts.queries import workplaces_of
from survey_app.assessments.queries import Form, NotHandedIn, get_visible_form
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.reviews.models import Review, VerifiedScore
from survey_app.rules.scoring import WHOLE_UNIT, Scorecard, score
from survey_app.rules.workflow import HANDED_IN


def get_file(actor: Actor, uid: str, *, lock: bool = False) -> Form:
    """A form that was handed in, in the actor's scope; raises `NotFound`, `NotHandedIn`.

    Seeing it does not yet mean checking it: `service.check_may_act` decides that.
    """
    form = get_visible_form(actor, uid, lock=lock)
    if form.assessment.state not in HANDED_IN:
        raise NotHandedIn()
    return form


def find_review(assessment_id: int) -> Review | None:
    """The examination of a form, None while nobody has taken it."""
    return session.get(Review, assessment_id)


def verified_rows(assessment_id: int) -> dict[str, VerifiedScore]:
    """Every row of the examination by indicator code, those without a value too."""
    rows = session.scalars(select(VerifiedScore).where(VerifiedScore.assessment_id == assessment_id))
    return {row.indicator: row for row in rows}


def find_verified(assessment_id: int, code: str) -> VerifiedScore | None:
    """The row of one indicator as it is stored now, None while nobody has written one."""
    return session.get(VerifiedScore, (assessment_id, code), populate_existing=True)


def verified_values(assessment_id: int) -> dict[str, int]:
    """{indicator: confirmed value} of a form; what was not looked at is left out."""
    return verified_values_of([assessment_id]).get(assessment_id, {})


def verified_values_of(assessment_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """{form: {indicator: confirmed value}} of many forms, in one statement."""
    rows = session.execute(
        select(VerifiedScore.assessment_id, VerifiedScore.indicator, VerifiedScore.value).where(
            VerifiedScore.assessment_id.in_(assessment_ids), VerifiedScore.value.is_not(None)
        )
    )
    found: dict[int, dict[str, int]] = {}
    for assessment_id, indicator, value in rows:
        if value is not None:
            found.setdefault(assessment_id, {})[indicator] = value
    return found


def verified_card(form: Form) -> Scorecard:
    """The scorecard of what the authority confirms, by the function that scores the school's own values."""
    values = verified_values(form.assessment.id)
    return score(form.framework, form.facts, {(code, WHOLE_UNIT): value for code, value in values.items()})


def works_at_school(user_id: int, form: Form) -> bool:
    """True when the person has a place at the form's school, or had one after the round opened."""
    places = workplaces_of([user_id], ended=True).get(user_id, [])
    return any(
        place.unit_id == form.participation.unit_id
        and (place.ends_at is None or place.ends_at > form.round.opens_at)
        for place in places
    )
