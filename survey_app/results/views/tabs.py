"""What each tab of an overview shows beyond the frame: plain values for its template."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask import request
from flask_babel import gettext
from markupsafe import Markup

from survey_app.core.access import acting
from survey_app.documents.chart_specs import histogram
from survey_app.documents.charts import render_chart
from survey_app.organisations.stages import STAGE_NAMES
from survey_app.results import queries
from survey_app.results.heat import heat_of
from survey_app.results.views.frame import Overview
from survey_app.rules.aggregation import distribution, most_unmet

SHOWN = 5
SHOWN_WARDS = 12


def progress(view: Overview) -> dict[str, Any]:
    """Slowest wards, indicators that most schools do not meet, wards with the lowest means."""
    actor, framework, full = acting(), view.framework, request.args.get("full", "")
    if full == "wards":  # needs only what the frame has counted
        return {"full": full}
    rows = queries.value_counts(actor, view.round.id, view.of_set)
    claims = queries.own_claims(actor, view.round.id, view.of_set)
    return {
        "framework": framework,
        "full": full,
        "shown": SHOWN,
        "unmet": most_unmet(framework, queries.by_all(rows)),
        "heat": heat_of(framework, claims, rows).lowest(SHOWN_WARDS),
        "wards_with_data": len(claims),
    }


def heat(view: Overview) -> dict[str, Any]:
    """The coloured table of every ward."""
    actor, framework = acting(), view.framework
    rows = queries.value_counts(actor, view.round.id, view.of_set)
    claims = queries.own_claims(actor, view.round.id, view.of_set)
    return {"framework": framework, "heat": heat_of(framework, claims, rows)}


def spread(view: Overview) -> dict[str, Any]:
    """Published results by level, by stages, and by tenths of the quality score."""
    framework = view.framework
    counts = queries.level_counts(acting(), view.round.id, view.of_set)
    levels: dict[str, int] = {}
    stages: dict[tuple[str, ...], dict[str, int]] = {}
    tenths = [0] * 10
    for found in counts:
        levels[found.level] = levels.get(found.level, 0) + found.schools
        of_stages = stages.setdefault(found.stages, {})
        of_stages[found.level] = of_stages.get(found.level, 0) + found.schools
        tenths[found.tenth] += found.schools
    bins = [(10 * place, 10 * place + 10, count) for place, count in enumerate(tenths)]
    return {
        "framework": framework,
        "published": sum(levels.values()),
        "levels": distribution(framework, levels),
        "by_stages": [
            (_stage_words(group), [count for _, count in distribution(framework, found)])
            for group, found in sorted(stages.items(), key=lambda item: _teaching_order(item[0]))
        ],
        "bins": bins,
        "chart": _quality_chart(bins) if levels else None,
    }


def _teaching_order(stages: tuple[str, ...]) -> list[int]:
    order = list(STAGE_NAMES)
    return [order.index(stage) for stage in stages if stage in order]


def _stage_words(stages: tuple[str, ...]) -> str:
    return ", ".join(gettext(STAGE_NAMES.get(stage, stage)) for stage in stages)


def _quality_chart(bins: list[tuple[int, int, int]]) -> Markup | None:
    spec = histogram(
        bins,
        description=gettext("Số trường theo điểm chất lượng"),
        over=gettext("Điểm chất lượng (0–100)"),
    )
    drawn = render_chart(spec, prefix="quality")
    return Markup(drawn) if drawn else None  # noqa: S704 - drawn and cleaned by our own code


def gap(view: Overview) -> dict[str, Any]:
    """Indicators met by the schools' own account and by the examination, by ward, the widest gap first."""
    actor, framework = acting(), view.framework
    verified: dict[str, queries.Part] = {}
    for ward, code, value, schools in queries.value_counts(actor, view.round.id, view.of_set):
        met = schools if framework.by_code[code].scale.is_met(value) else 0
        verified[ward] = verified.get(ward, queries.Part(0, 0)) + queries.Part(met, schools)
    rows = [
        GapRow(ward, claim.forms, queries.Part(claim.met, claim.applicable), verified[ward.uid])
        for ward, claim in queries.own_claims(actor, view.round.id, view.of_set).items()
        if ward.uid in verified and claim.applicable
    ]
    rows.sort(key=lambda row: -row.gap)
    return {"framework": framework, "rows": rows}


@dataclass(frozen=True)
class GapRow:
    """One ward: its confirmed schools, what they claimed and what was confirmed."""

    ward: queries.Ward
    schools: int
    own: queries.Part
    verified: queries.Part

    @property
    def gap(self) -> Fraction:
        """By how much of the whole the claim is higher."""
        return (self.own.share or Fraction(0)) - (self.verified.share or Fraction(0))
