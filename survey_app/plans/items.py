"""What an item of a plan says, its words and bounds: known to the form and to the service alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from survey_app.plans.models import DOING, DONE, TODO
from survey_app.rules.errors import N_

LATE = "late"  # never stored: what is not done after its day
STATUS_NAMES: dict[str, str] = {TODO: N_("Chưa làm"), DOING: N_("Đang làm"), DONE: N_("Xong")}
SHOWN_NAMES: dict[str, str] = STATUS_NAMES | {LATE: N_("Quá hạn")}
PRIORITY_NAMES: dict[int, str] = {1: N_("Cao"), 2: N_("Vừa"), 3: N_("Thấp")}
# Five optional marks, 5 always speaking for the action (after the ranking of CDC's School Health Index).
MARK_NAMES: dict[str, str] = {
    "importance": N_("Quan trọng"),
    "cost": N_("Chi phí"),
    "time": N_("Thời gian"),
    "commitment": N_("Quyết tâm"),
    "feasibility": N_("Khả thi"),
}
MARK_HINTS: dict[str, str] = {
    "importance": N_("5: rất quan trọng"),
    "cost": N_("5: ít tốn kém"),
    "time": N_("5: làm nhanh"),
    "commitment": N_("5: mọi người rất muốn làm"),
    "feasibility": N_("5: chắc chắn làm được"),
}
LOWEST_MARK, HIGHEST_MARK = 1, 5
LONGEST_ACTION = 2000
HIGHEST_COST = 1_000_000_000  # thousand đồng


@dataclass(frozen=True)
class ItemValues:
    """What a person writes of one item; `cost` in thousand đồng, `priority` 1 (high) to 3.

    `marks` are those of `MARK_NAMES` that were given, 1–5 each.
    """

    indicator: str
    action: str
    person: str = ""
    due_on: date | None = None
    cost: int | None = None
    priority: int = 2
    status: str = TODO
    marks: Mapping[str, int] = field(default_factory=dict)


def shown_status(status: str, due_on: date | None, today: date) -> str:
    """The stored status, or `LATE` for what is not done although its day is over."""
    return LATE if status != DONE and due_on is not None and due_on < today else status


def marks_total(marks: Mapping[str, int]) -> int | None:
    """The sum of the five marks (5–25), None unless all five are given: a part of them compares nothing."""
    return sum(marks.values()) if MARK_NAMES.keys() <= marks.keys() else None
