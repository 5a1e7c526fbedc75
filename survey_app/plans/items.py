"""What an item of a plan says, its words and bounds: known to the form and to the service alike."""

from dataclasses import dataclass
from datetime import date

from survey_app.plans.models import DOING, DONE, TODO
from survey_app.rules.errors import N_

STATUS_NAMES: dict[str, str] = {TODO: N_("Chưa làm"), DOING: N_("Đang làm"), DONE: N_("Xong")}
PRIORITY_NAMES: dict[int, str] = {1: N_("Cao"), 2: N_("Vừa"), 3: N_("Thấp")}
LONGEST_ACTION = 2000
HIGHEST_COST = 1_000_000_000  # thousand đồng


@dataclass(frozen=True)
class ItemValues:
    """What a person writes of one item; `cost` in thousand đồng, `priority` 1 (high) to 3."""

    indicator: str
    action: str
    person: str = ""
    due_on: date | None = None
    cost: int | None = None
    priority: int = 2
    status: str = TODO
