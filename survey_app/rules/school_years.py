"""Which school year a day belongs to."""

from datetime import date

FIRST_MONTH = 8  # schools prepare the new year from 1 August; lessons begin on 5 September


def school_year_of(day: date) -> str:
    """The school year of a day, as "2026-2027"."""
    start = day.year if day.month >= FIRST_MONTH else day.year - 1
    return f"{start}-{start + 1}"
