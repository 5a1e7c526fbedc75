"""The result of one school: for its council on one page, for the authority the same."""

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.assessments.queries import Form, get_visible_form, list_forms_of_unit, own_scorecard
from survey_app.core.access import acting, requires
from survey_app.results import queries
from survey_app.results.blueprint import bp
from survey_app.results.content import read_outcome, read_scorecard
from survey_app.results.models import Result
from survey_app.results.ports import plans
from survey_app.results.views.comparing import comparison
from survey_app.rules.errors import NotFound
from survey_app.rules.framework import Area, Criterion, Framework, Indicator
from survey_app.rules.permissions import SCHOOL
from survey_app.rules.scoring import IndicatorScore, PartScore, Scorecard


@dataclass(frozen=True)
class Line:
    """One indicator: what the school claims, what the authority confirms (None before that), and why."""

    indicator: Indicator
    own: IndicatorScore
    verified: IndicatorScore | None
    reason: str = ""

    @property
    def difference(self) -> int:
        """The confirmed value less the claimed one; 0 when one is missing."""
        if self.verified is None or self.verified.value is None or self.own.value is None:
            return 0
        return self.verified.value - self.own.value


@dataclass(frozen=True)
class Block:
    """One nội dung with its applicable indicators; `verified` is None before publication."""

    area: Area
    criterion: Criterion
    own: PartScore
    verified: PartScore | None
    lines: tuple[Line, ...]


@bp.get("/own")
@requires("results.read")
def own() -> ResponseReturnValue:
    """The results of the caller's own school, and what it says of itself where none is published yet."""
    actor = acting()
    if actor.role not in SCHOOL:
        return redirect(url_for(".overview_current"))
    forms = list_forms_of_unit(actor)
    results = queries.results_of_forms([form.assessment.id for form in forms])
    return render_template("results/own.html", forms=forms, results=results)


@bp.get("/forms/<uid>")
@requires("results.read")
def show(uid: str) -> ResponseReturnValue:
    """The published result of one form; before that only the school itself sees its own scorecard."""
    actor = acting()
    form = get_visible_form(actor, uid)
    result = queries.current_result(form.assessment.id)
    if result is not None:
        return render_template("results/show.html", **_published(form, result))
    if actor.role not in SCHOOL:
        raise NotFound()
    card = own_scorecard(form)
    return render_template(
        "results/claim.html",
        form=form,
        framework=form.framework,
        card=card,
        blocks=_blocks(form.framework, card),
        **_way(form, None),
    )


def _published(form: Form, result: Result) -> dict[str, Any]:
    framework, actor = form.framework, acting()
    beside = comparison(form, result)
    card, own_card = beside["card"], read_scorecard(framework, result.own)
    reasons = result.content["reasons"] if actor.may("assessments.read") else {}
    years = list(queries.results_over_time(form))
    return (
        beside
        | _way(form, result)
        | {
            "form": form,
            "facts": result.content["facts"],
            "own_card": own_card,
            "outcome": read_outcome(result.content),
            "award": next((award for award in framework.awards if award.code == result.award), None),
            "blocks": _blocks(framework, own_card, card, reasons),
            "bars": [
                (area.name, _share(own_part), _share(part))
                for area, own_part, part in zip(framework.areas, own_card.areas, card.areas, strict=True)
                if part.tally.applicable
            ],
            "years": years,
            "before": years[place - 1] if (place := years.index(result)) else None,
            "may_unpublish": actor.may("results.finalise"),
        }
    )


def _way(form: Form, result: Result | None) -> dict[str, Any]:
    """The shortest way to the next level, for those who may read the form; the school itself may plan it."""
    actor = acting()
    if not actor.may("assessments.read"):
        return {"way": None}
    own = form.participation.unit_id == actor.unit_id and actor.may("plans.edit")
    return {
        "way": queries.way_of(form, result),
        "may_plan": own,
        "planned": plans.get().planned(form.assessment.id) if own else frozenset(),
        "site_names": {site["id"]: site["name"] for site in form.participation.sites},
    }


def _share(part: PartScore) -> Any:
    return queries.Part(part.tally.met, part.tally.applicable).share


def _blocks(
    framework: Framework,
    own: Scorecard,
    verified: Scorecard | None = None,
    reasons: dict[str, str] | None = None,
) -> list[Block]:
    own_lines = {line.code: line for line in own.indicators}
    lines = {line.code: line for line in verified.indicators} if verified else {}
    own_parts = {part.code: part for part in own.criteria}
    parts = {part.code: part for part in verified.criteria} if verified else {}
    blocks = []
    for criterion in framework.criteria.values():
        members = tuple(
            Line(item, own_lines[item.code], lines.get(item.code), (reasons or {}).get(item.code, ""))
            for item in criterion.indicators
            if own_lines[item.code].applicable
        )
        if members:
            area = framework.area_of[criterion.code]
            blocks.append(
                Block(area, criterion, own_parts[criterion.code], parts.get(criterion.code), members)
            )
    return blocks
