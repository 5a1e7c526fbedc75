"""What one page of the forms to check says of each: stages, days of waiting, claims to look at twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from survey_app.assessments.queries import Form, unit_facts
from survey_app.core.clock import local_date
from survey_app.frameworks.queries import get_framework
from survey_app.reviews import queries
from survey_app.reviews.flags import Claim, flags_of
from survey_app.reviews.queries import QueueRow
from survey_app.rounds.school_years import days_of
from survey_app.rules.framework import Framework
from survey_app.rules.scoring import Answers, UnitFacts, unit_value, why_not_applicable


@dataclass(frozen=True)
class ListLine:
    """One form of the list. `waited` in days since it was handed in, None when the authority is not awaited;
    `flags` counts the indicators that deserve a second look."""

    row: QueueRow
    stages: tuple[str, ...]
    waited: int | None
    flags: int


def list_lines(rows: Sequence[QueueRow], *, now: datetime) -> list[ListLine]:
    """The lines of one page; the number of statements does not grow with the page."""
    ids = [row.form.assessment.id for row in rows]
    values, dates = queries.own_values_of(ids), queries.file_dates_of(ids)
    priors = queries.prior_values_of(ids)
    sets = {key: get_framework(key) for key in {row.form.assessment.framework_version_id for row in rows}}
    lines = []
    for key, row in zip(ids, rows, strict=True):
        form, framework = row.form, sets[row.form.assessment.framework_version_id]
        facts = unit_facts(framework, form.participation, form.profile)
        claims = _claims(framework, facts, values.get(key, {}), dates.get(key, {}), priors.get(key, {}))
        year_start = days_of(form.round.school_year)[0]
        flagged = [
            code
            for code, claim in claims.items()
            if flags_of(framework.by_code[code], claim, year_start=year_start)
        ]
        stages = tuple(stage for stage in form.participation.stages if stage in facts.stages)
        lines.append(ListLine(row, stages, _waited(form, now), len(flagged)))
    return lines


def _claims(
    framework: Framework,
    facts: UnitFacts,
    values: Answers,
    dates: Mapping[str, tuple[date | None, ...]],
    prior: Mapping[str, int],
) -> dict[str, Claim]:
    """What the school says of each indicator that applies."""
    return {
        code: Claim(
            unit_value(framework, indicator, facts, values),
            indicator.is_mandatory(facts.unit_type),
            dates.get(code, ()),
            prior.get(code),
        )
        for code, indicator in framework.by_code.items()
        if not why_not_applicable(indicator, facts)
    }


def _waited(form: Form, now: datetime) -> int | None:
    submitted = form.assessment.submitted_at
    if submitted is None or form.assessment.state not in queries.OPEN:
        return None
    return (local_date(now) - local_date(submitted)).days
