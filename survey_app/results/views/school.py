"""The result of one school: for its council on one page, for the authority the same."""

from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.assessments.following import recognition_of, recognitions
from survey_app.assessments.queries import Form, get_visible_form, list_forms_of_unit, own_scorecard
from survey_app.core.access import acting, requires
from survey_app.documents.qr import qr_picture
from survey_app.results import queries
from survey_app.results.before import beside_previous
from survey_app.results.blocks import OWN, SIDES, Block, blocks_of, sides_of
from survey_app.results.blueprint import bp
from survey_app.results.content import read_outcome, read_scorecard
from survey_app.results.models import Result
from survey_app.results.ports import plans
from survey_app.results.report import area_lines
from survey_app.results.strengths import strengths_of
from survey_app.results.views.comparing import comparison
from survey_app.results.years import line_of, years_of
from survey_app.rules.errors import NotFound
from survey_app.rules.permissions import SCHOOL
from survey_app.rules.scoring import Scorecard


@bp.get("/own")
@requires("results.read")
def own() -> ResponseReturnValue:
    """The results of the caller's own school, and what it says of itself where none is published yet."""
    actor = acting()
    if actor.role not in SCHOOL:
        return redirect(url_for(".overview_current"))
    forms = list_forms_of_unit(actor)
    results = queries.results_of_forms([form.assessment.id for form in forms])
    return render_template("results/own.html", forms=forms, results=results, recognised=recognitions(forms))


@bp.get("/forms/<uid>")
@requires("results.read")
def show(uid: str) -> ResponseReturnValue:
    """The published result of one form; before that only the school itself sees its own scorecard."""
    form = get_visible_form(acting(), uid)
    result = result_shown(form)
    if result is not None:
        return render_template("results/show.html", **_published(form, result))
    card = own_scorecard(form)
    return render_template(
        "results/claim.html",
        form=form,
        framework=form.framework,
        card=card,
        blocks=blocks_shown(form, None, card, None),
        sides=OWN,
        **_way(form, None),
        **_shared(form),
    )


def result_shown(form: Form) -> Result | None:
    """The published result of a form, or None where its own school sees what it claims.

    Raises `NotFound` for everybody else as long as nothing is published.
    """
    result = queries.current_result(form.assessment.id)
    if result is None and acting().role not in SCHOOL:
        raise NotFound()
    return result


def blocks_shown(form: Form, result: Result | None, own: Scorecard, card: Scorecard | None) -> list[Block]:
    """A form nội dung by nội dung; why values differ is for those who may read the form itself."""
    reasons = result.content["reasons"] if result and acting().may("assessments.read") else {}
    return blocks_of(form.framework, own, card, reasons)


def _shared(form: Form) -> dict[str, str]:
    """The address to pass on, which asks to sign in, and its QR code."""
    address = current_app.config["BASE_URL"] + url_for(".show", uid=form.assessment.uid)
    return {"address": address, "address_qr": qr_picture(address)}


def _published(form: Form, result: Result) -> dict[str, Any]:
    framework = form.framework
    beside = comparison(form, result)
    card, own_card = beside["card"], read_scorecard(framework, result.own)
    over_time = list(queries.results_over_time(form))
    place, years = over_time.index(result), years_of(over_time)
    before = beside_previous(framework, result, over_time[place - 1] if place else None)
    peers = beside["peers"] if beside["peers_shown"] else None
    blocks = blocks_shown(form, result, own_card, card)
    return (
        beside
        | _way(form, result)
        | _shared(form)
        | {
            "form": form,
            "facts": result.content["facts"],
            "own_card": own_card,
            "outcome": read_outcome(result.content),
            "award": next((award for award in framework.awards if award.code == result.award), None),
            "blocks": blocks,
            "strengths": strengths_of(blocks),
            "sides": sides_of(request.args.get("show", "")),
            "every_side": SIDES,
            "lines": area_lines(framework, own_card, card, before, peers),
            "years": years,
            "year_line": line_of(years, place),
            "before": before,
            "recognised": recognition_of(form),
            "may_unpublish": acting().may("results.finalise"),
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
