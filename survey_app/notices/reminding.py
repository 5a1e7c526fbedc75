"""Reminders before a deadline: 7, 3 and 1 days ahead, each once to each school that has not handed in.

Run it daily or oftener, by one process or several: `unique(unit, occasion)` keeps the second one from telling
anybody twice. A day that was missed is made up for on the next, with the days that are then left.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from survey_app.core.clock import local_date
from survey_app.core.filters import write_deadline
from survey_app.notices.mail_words import REMINDER
from survey_app.notices.ports import DueForms, forms
from survey_app.notices.service import notify_once

DAYS = (1, 3, 7)
PAGE = "/assessments"


def send_due_reminders(now: datetime) -> int:
    """Remind, in the acting transaction, the schools whose forms are due within a week; returns how many.

    An extension is a new deadline: its own three reminders follow.
    """
    until = now + timedelta(days=max(DAYS) + 1)
    return sum(_remind(due, now) for due in forms.get().due(now=now, until=until))


def _remind(due: DueForms, now: datetime) -> int:
    left = (local_date(due.deadline) - local_date(now)).days
    kind = next((days for days in DAYS if left <= days), None)
    if kind is None:
        return 0
    return len(_tell(due, kind, left, now))


def _tell(due: DueForms, kind: int, left: int, now: datetime) -> Sequence[int]:
    when = f"Còn {left} ngày đến hạn" if left > 0 else "Hôm nay là hạn"
    return notify_once(
        due.unit_ids,
        occasion=f"deadline:{due.key}:{kind}",
        kind=REMINDER,
        title=f"{when} nộp phiếu tự đánh giá",
        body=(
            f"{due.title}: hạn nộp {write_deadline(due.deadline)}. Trường chưa nộp đủ phiếu; "
            "hãy hoàn thành, kiểm tra rồi nộp trước hạn."
        ),
        url=PAGE,
        sender_id=due.sender_id,
        now=now,
    )
