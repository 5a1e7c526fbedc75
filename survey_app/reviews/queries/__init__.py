"""Reading examinations: the forms to check, one form with its confirmed values, what schools claim."""

from survey_app.assessments.queries import NotHandedIn
from survey_app.reviews.queries.claims import file_dates_of, own_values_of, prior_values_of
from survey_app.reviews.queries.files import (
    find_review,
    find_verified,
    get_file,
    verified_card,
    verified_rows,
    verified_values,
    verified_values_of,
    works_at_school,
)
from survey_app.reviews.queries.queue import (
    EVERYBODY,
    OPEN,
    VIEW_NAMES,
    QueueFilter,
    QueueRow,
    View,
    queue,
    view_counts,
)

__all__ = [
    "EVERYBODY",
    "OPEN",
    "VIEW_NAMES",
    "NotHandedIn",
    "QueueFilter",
    "QueueRow",
    "View",
    "file_dates_of",
    "find_review",
    "find_verified",
    "get_file",
    "own_values_of",
    "prior_values_of",
    "queue",
    "verified_card",
    "verified_rows",
    "verified_values",
    "verified_values_of",
    "view_counts",
    "works_at_school",
]
