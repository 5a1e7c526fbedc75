"""One school beside similar schools: on its own page and on a tab of the overview."""

from typing import Any

from flask import request

from survey_app.assessments.queries import Form, get_visible_form
from survey_app.core.access import acting
from survey_app.results import queries
from survey_app.results.content import read_scorecard
from survey_app.results.models import Result
from survey_app.results.views.frame import Overview
from survey_app.rules.aggregation import similar_size
from survey_app.rules.errors import NotFound
from survey_app.rules.permissions import DEPARTMENT


def compare(view: Overview) -> dict[str, Any]:
    """One published school beside its peers, or a search for one."""
    actor, text = acting(), request.args.get("q", "")[:120]
    chosen = request.args.get("school", "")[:32]
    if chosen:
        form = get_visible_form(actor, chosen)
        result = queries.current_result(form.assessment.id)
        if form.round.id != view.round.id or result is None:
            raise NotFound()
        return {"q": text, "found": None, "form": form} | comparison(form, result)
    found = None
    if text:
        listed = queries.ListFilter(text=text, published=True)
        found = queries.list_schools(actor, view.round.id, view.of_set, listed)
    return {"q": text, "found": found, "form": None, "framework": view.framework}


def comparison(form: Form, result: Result) -> dict[str, Any]:
    """A result beside its peers. Sums over few schools are for the department only."""
    framework = form.framework
    card = read_scorecard(framework, result.content)
    peers = queries.peers_of(form, framework, result)
    return {
        "framework": framework,
        "card": card,
        "result": result,
        "peers": peers,
        "peers_shown": peers.enough or (acting().role in DEPARTMENT and peers.n > 0),
        "areas": [
            (area, queries.Part(part.tally.met, part.tally.applicable), peers.areas.get(area.code))
            for area, part in zip(framework.areas, card.areas, strict=True)
            if part.tally.applicable
        ],
        "sizes": similar_size(form.profile.pupils) if form.profile and form.profile.pupils else None,
        "matched": [item for item in framework.profile if item.code in queries.matched_facts(framework)],
    }
