"""What is let go of each day: letters whose day is over, and what askers said of themselves."""

from datetime import datetime, timedelta

from survey_app.core.db import unit_of_work
from survey_app.invitations import queries, service, unit_requests
from survey_app.invitations.store import letter_store

KEEP_UNNAMED = timedelta(days=1)  # a file is stored before its row names it


def tidy(now: datetime) -> tuple[int, int]:
    """Safe to repeat; how many files went, and of how many askers."""
    with unit_of_work():
        service.let_go_of_expired(now=now)
        forgotten = unit_requests.forget_askers(now=now)
    with unit_of_work():  # holds the write lock: no row can appear while the list is compared
        removed = letter_store().files.sweep(queries.wanted_digests(), before=now - KEEP_UNNAMED)
    return removed, forgotten
