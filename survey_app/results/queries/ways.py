"""The shortest way of one form to its next level: from the published result, else from its own answers."""

from survey_app.assessments.queries import Form, values_of
from survey_app.results.content import plain_values
from survey_app.results.models import Result
from survey_app.rounds.models import BEFORE_YEAR
from survey_app.rounds.queries import active_vetoes
from survey_app.rules.scoring import WHOLE_UNIT, Answers
from survey_app.rules.shortest_path import Way, shortest_way

UNNAMED = ("",)  # of the excluding facts a result keeps only the number (decision 20)


def way_of(form: Form, result: Result | None) -> Way | None:
    """The way to the next level; None where there is no further one to show.

    The check before the school year ranks nobody (decision 21): there the way ends at the first level that
    passes. Two statements at the most.
    """
    answers, vetoes = _standing(form, result)
    ranked = form.round.purpose != BEFORE_YEAR
    passing = next((band.code for band in form.framework.bands if band.requires_pass), None)
    way = shortest_way(form.framework, form.facts, answers, vetoes, band=None if ranked else passing)
    return way if way.raises or (way.no_way and (ranked or way.lacks)) else None


def _standing(form: Form, result: Result | None) -> tuple[Answers, tuple[str, ...]]:
    if result is None:
        events = active_vetoes(form.participation.id, form.assessment.framework_version_id)
        return values_of(form.assessment.id), tuple(event.code for event in events)
    values = {(code, WHOLE_UNIT): value for code, value in plain_values(result.content).items()}
    return values, UNNAMED * result.content["facts"]["vetoes"]
