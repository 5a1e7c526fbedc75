"""Notices for tests."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from survey_app.notices import service
from survey_app.notices.models import Notice
from survey_app.organisations.models import OrganisationUnit

_numbers = itertools.count(1)
FIRST = datetime(2026, 10, 1, tzinfo=UTC)


def make_notice(unit: OrganisationUnit, **values: Any) -> Notice:
    """A notice to a unit, each a minute younger than the one before."""
    number = next(_numbers)
    start = {
        "kind": "test",
        "title": f"Thông báo thử {number}",
        "now": FIRST + timedelta(minutes=number),
    }
    return service.notify(unit.id, **(start | values))
