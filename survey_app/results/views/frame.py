"""What every page of an overview shares: round, set, filters kept in the address, words of the tiles."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import request, url_for

from survey_app.core.access import acting
from survey_app.frameworks.queries import get_framework
from survey_app.organisations.stages import OWNERSHIP_NAMES, STAGE_NAMES
from survey_app.results.queries import OverviewFilter
from survey_app.rounds.models import Round
from survey_app.rounds.queries import RoundSet, get_visible_round, round_frameworks
from survey_app.rules.errors import N_, NotFound
from survey_app.rules.framework import Framework

FILTERS = ("stage", "ward", "ownership", "set")
PART_NAMES: dict[str, str] = {
    "not_submitted": N_("Chưa nộp"),
    "waiting": N_("Đã nộp, chờ kiểm tra"),
    "in_review": N_("Đang kiểm tra"),
    "returned": N_("Yêu cầu bổ sung"),
    "confirmed": N_("Đã xác nhận"),
}


@dataclass(frozen=True)
class Overview:
    """A round as the caller looks at it: `wanted` is chosen, `shown` the set whose criteria are shown.

    `kept` are the filters as they stand in the address.
    """

    round: Round
    sets: list[RoundSet]
    shown: RoundSet
    wanted: OverviewFilter
    kept: Mapping[str, str]

    @property
    def of_set(self) -> OverviewFilter:
        """The filters, narrowed to the set that is shown."""
        return replace(self.wanted, version_id=self.shown.version_id)

    @property
    def framework(self) -> Framework:
        """The set that is shown."""
        return get_framework(self.shown.version_id)

    def url(self, endpoint: str = "results.overview", **more: Any) -> str:
        """An address of this round that keeps the filters; a value of None drops one."""
        return url_for(endpoint, uid=self.round.uid, **{**self.kept, **more})

    def set_url(self, endpoint: str, **more: Any) -> str:
        """The same, with the shown set in the address."""
        return self.url(endpoint, set=set_key(self.shown), **more)


def set_key(found: RoundSet) -> str:
    """How a set is named in an address: "pho-thong/0.2"."""
    return f"{found.code}/{found.version}"


def read_overview(uid: str) -> Overview:
    """The round of the address in the caller's scope with the filters asked for; unknown ones are dropped.

    Raises `NotFound`, also for a round without a set.
    """
    round_ = get_visible_round(acting(), uid)
    sets = round_frameworks(round_.id)
    if not sets:
        raise NotFound()
    kept = {name: request.args.get(name, "")[:64] for name in FILTERS}
    chosen = next((found for found in sets if set_key(found) == kept["set"]), None)
    kept["set"] = kept["set"] if chosen else ""
    kept["stage"] = kept["stage"] if kept["stage"] in STAGE_NAMES else ""
    kept["ownership"] = kept["ownership"] if kept["ownership"] in OWNERSHIP_NAMES else ""
    wanted = OverviewFilter(
        kept["stage"], kept["ward"], kept["ownership"], chosen.version_id if chosen else None
    )
    shown = chosen or max(sets, key=lambda found: len(found.stages))
    return Overview(round_, sets, shown, wanted, {name: text for name, text in kept.items() if text})
