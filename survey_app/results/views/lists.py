"""The list behind a number of an overview."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey_app.core.access import acting, requires
from survey_app.core.web import page_number
from survey_app.organisations.stages import OWNERSHIP_NAMES
from survey_app.results import queries
from survey_app.results.blueprint import bp
from survey_app.results.views.frame import PART_NAMES, Overview, read_overview, set_key
from survey_app.rounds.queries import wards_of
from survey_app.rules.framework import Band, Criterion, Indicator


@dataclass(frozen=True)
class Asked:
    """What the address asks for: at most one of part, band, indicator and criterion."""

    part: str = ""
    band: Band | None = None
    indicator: Indicator | None = None
    criterion: Criterion | None = None

    @property
    def of_one_set(self) -> bool:
        """True when the list is of the forms of one set, not of schools."""
        return bool(self.band or self.indicator or self.criterion)


def _asked(view: Overview) -> Asked:
    args, framework = request.args, view.framework
    if code := args.get("indicator"):
        return Asked(indicator=framework.by_code.get(code))
    if code := args.get("criterion"):
        return Asked(criterion=framework.criteria.get(code))
    if code := args.get("level"):
        return Asked(band=framework.band_of.get(code))
    return Asked(part=args["part"] if args.get("part") in PART_NAMES else "")


def _filter(asked: Asked, text: str) -> queries.ListFilter:
    if asked.indicator:
        points = asked.indicator.scale.points
        unmet = tuple(point.value for point in points if not point.met)
        return queries.ListFilter(text, indicators=(asked.indicator.code,), values=unmet)
    if asked.criterion:
        values = {value for item in asked.criterion.indicators for value in item.scale.values}
        codes = tuple(item.code for item in asked.criterion.indicators)
        return queries.ListFilter(text, indicators=codes, values=tuple(sorted(values)))
    return queries.ListFilter(text, part=asked.part, level=asked.band.code if asked.band else "")


@bp.get("/<uid>/schools")
@requires("results.overview")
def schools(uid: str) -> ResponseReturnValue:
    """The schools that a number of the overview counts, 50 a page."""
    actor, view, text = acting(), read_overview(uid), request.args.get("q", "")[:120]
    asked = _asked(view)
    wanted = view.of_set if asked.of_one_set else view.wanted
    page = queries.list_schools(actor, view.round.id, wanted, _filter(asked, text), page_number())
    return render_template(
        "results/schools.html",
        view=view,
        asked=asked,
        page=page,
        q=text,
        framework=view.framework,
        values=_values(asked, page.rows),
        set_titles={found.version_id: found for found in view.sets},
        part_names=PART_NAMES,
        wards=wards_of(actor, view.round.id),
        ownership_names=OWNERSHIP_NAMES,
        set_key=set_key,
    )


def _values(asked: Asked, rows: Sequence[queries.SchoolRow]) -> dict[int, dict[str, int]]:
    if asked.indicator:
        codes = [asked.indicator.code]
    elif asked.criterion:
        codes = [item.code for item in asked.criterion.indicators]
    else:
        return {}
    return queries.confirmed_values([form.id for row in rows for form in row.forms], codes)
