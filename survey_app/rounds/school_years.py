"""School years as text: "2026-2027", from 1 August to 31 July."""

import re
from datetime import date

_FORM = re.compile(r"(20\d\d)-(20\d\d)")


def is_school_year(text: str) -> bool:
    """True for two consecutive years of this century written "2026-2027"."""
    found = _FORM.fullmatch(text)
    return found is not None and int(found[2]) == int(found[1]) + 1


def days_of(school_year: str) -> tuple[date, date]:
    """The first and the last day of a school year written "2026-2027"."""
    start = int(school_year[:4])
    return date(start, 8, 1), date(start + 1, 7, 31)


def school_year_at(day: date) -> str:
    """The school year a day lies in."""
    start = day.year if day.month >= 8 else day.year - 1
    return f"{start}-{start + 1}"
