"""The overview of a round: five numbers that add up, filters that stay, one tab at a time."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.organisations.stages import OWNERSHIP_NAMES
from survey_app.results import queries
from survey_app.results.blueprint import bp
from survey_app.results.views.comparing import compare
from survey_app.results.views.frame import FILTERS, PART_NAMES, Overview, read_overview, set_key
from survey_app.results.views.tabs import gap, heat, progress, spread
from survey_app.rounds.models import PLANNED
from survey_app.rounds.queries import get_visible_round, latest_round, wards_of
from survey_app.rules.aggregation import Completion
from survey_app.rules.errors import N_

TABS: dict[str, tuple[str, Callable[[Overview], dict[str, Any]]]] = {
    "progress": (N_("Tiến độ và điểm yếu"), progress),
    "spread": (N_("Phân bố"), spread),
    "heat": (N_("Bảng màu theo phường, xã"), heat),
    "compare": (N_("So sánh trường"), compare),
    "gap": (N_("Tự đánh giá và kết quả kiểm tra"), gap),
}
KEPT = ("tab", *FILTERS)


@bp.get("")
@requires("results.overview")
def overview_current() -> ResponseReturnValue:
    """The overview of the round chosen in the picker, or of the one that matters now."""
    uid = request.args.get("round", "")
    if not uid:
        found = latest_round(acting(), clock.now())
        uid = found.uid if found else ""
    if not uid:
        return render_template("results/none.html")
    kept = {name: request.args[name] for name in KEPT if request.args.get(name)}
    return redirect(url_for(".overview", uid=uid) + (f"?{urlencode(kept)}" if kept else ""))


@bp.get("/<uid>")
@requires("results.overview")
def overview(uid: str) -> ResponseReturnValue:
    """One tab of the overview of a round."""
    actor = acting()
    if (found := get_visible_round(actor, uid)).state == PLANNED:
        return render_template("results/planned.html", round=found)
    view = read_overview(uid)
    asked = request.args.get("tab", "")
    tab = asked if asked in TABS else "progress"
    by_ward = queries.completion_by_ward(actor, view.round.id, view.wanted)
    return render_template(
        f"results/tab_{tab}.html",
        view=view,
        tab=tab,
        tab_names={name: label for name, (label, _) in TABS.items()},
        by_ward=by_ward,
        total=queries.total_of(by_ward.values()),
        part_names=PART_NAMES,
        at=clock.now(),
        rounds=queries.rounds_to_pick(actor),
        wards=wards_of(actor, view.round.id),
        ownership_names=OWNERSHIP_NAMES,
        set_key=set_key,
        slowest=_slowest(by_ward),
        **TABS[tab][1](view),
    )


def _slowest(by_ward: dict[queries.Ward, Completion]) -> list[tuple[queries.Ward, Completion]]:
    late = [(ward, parts) for ward, parts in by_ward.items() if parts.not_submitted]
    return sorted(late, key=lambda row: (row[1].submitted / row[1].total, -row[1].not_submitted))
