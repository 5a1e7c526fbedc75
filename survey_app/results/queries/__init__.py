"""Reading results: what finalising needs, the numbers of an overview, the lists behind them, one school."""

from survey_app.results.queries.counts import (
    PARTS,
    LevelCount,
    OwnClaim,
    Ward,
    by_all,
    completion_by_ward,
    level_counts,
    own_claims,
    total_of,
    value_counts,
)
from survey_app.results.queries.finalising import (
    CheckedForm,
    Preview,
    approved_ids,
    checked_forms,
    count_approved,
    count_unpublished,
    hold_results,
    last_numbers,
    lock_round,
    preview_round,
)
from survey_app.results.queries.lists import (
    FormRow,
    ListFilter,
    SchoolRow,
    confirmed_values,
    list_schools,
)
from survey_app.results.queries.peers import Part, Peers, matched_facts, peers_of
from survey_app.results.queries.schools import (
    current_result,
    get_visible_result,
    previous_result,
    results_of_forms,
    results_over_time,
)
from survey_app.results.queries.scope import OverviewFilter, is_current, rounds_to_pick
from survey_app.results.queries.ways import way_of

__all__ = [
    "PARTS",
    "CheckedForm",
    "FormRow",
    "LevelCount",
    "ListFilter",
    "OverviewFilter",
    "OwnClaim",
    "Part",
    "Peers",
    "Preview",
    "SchoolRow",
    "Ward",
    "approved_ids",
    "by_all",
    "checked_forms",
    "completion_by_ward",
    "confirmed_values",
    "count_approved",
    "count_unpublished",
    "current_result",
    "get_visible_result",
    "is_current",
    "last_numbers",
    "level_counts",
    "list_schools",
    "hold_results",
    "lock_round",
    "matched_facts",
    "own_claims",
    "peers_of",
    "preview_round",
    "previous_result",
    "results_of_forms",
    "results_over_time",
    "rounds_to_pick",
    "total_of",
    "value_counts",
    "way_of",
]
