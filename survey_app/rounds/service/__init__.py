"""Changing rounds: plan, open, move deadlines, change who checks, record facts, publish."""

from survey_app.rounds.service.deadlines import (
    RoundClosed,
    change_deadlines,
    check_accepting,
    extend_deadline,
    may_decide,
)
from survey_app.rounds.service.opening import (
    AlreadyOver,
    CannotTakePart,
    NoUnits,
    add_late_unit,
    open_round,
)
from survey_app.rounds.service.planning import (
    RoundPlan,
    change_round,
    choose_units,
    create_round,
    delete_round,
    exclude_units,
    plan_of,
)
from survey_app.rounds.service.reviewers import BeingChecked, set_reviewing_unit
from survey_app.rounds.service.states import (
    BadField,
    RoundMoved,
    RoundNotOpen,
    mark_published,
    reopen_round,
)
from survey_app.rounds.service.vetoes import AlreadyWithdrawn, VetoFacts, record_veto, withdraw_veto

__all__ = [
    "AlreadyOver",
    "AlreadyWithdrawn",
    "BadField",
    "BeingChecked",
    "CannotTakePart",
    "NoUnits",
    "RoundClosed",
    "RoundMoved",
    "RoundNotOpen",
    "RoundPlan",
    "VetoFacts",
    "add_late_unit",
    "change_deadlines",
    "change_round",
    "check_accepting",
    "choose_units",
    "create_round",
    "delete_round",
    "exclude_units",
    "extend_deadline",
    "mark_published",
    "may_decide",
    "open_round",
    "plan_of",
    "record_veto",
    "reopen_round",
    "set_reviewing_unit",
    "withdraw_veto",
]
