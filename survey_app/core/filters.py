"""How dates and numbers are written in Vietnamese: 14:05:32, 17g00, 20/05/2027, 1.234,5."""

from datetime import date as Date
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from flask import Flask
from flask_babel import format_decimal, get_locale, gettext

from survey_app.core.clock import local_date, to_local
from survey_app.rules.framework import Words


def write_datetime(instant: datetime | None) -> str:
    """ "14:05:32, 12/05/2027" on the wall clock of Vietnam; empty for None."""
    return "" if instant is None else to_local(instant).strftime("%H:%M:%S, %d/%m/%Y")


def write_minute(instant: datetime | None) -> str:
    """ "14:05, 12/05/2027"; empty for None."""
    return "" if instant is None else to_local(instant).strftime("%H:%M, %d/%m/%Y")


def write_clock(instant: datetime | None) -> str:
    """ "14:05:32"; empty for None."""
    return "" if instant is None else to_local(instant).strftime("%H:%M:%S")


def write_date(day: Date | datetime | None) -> str:
    """ "12/05/2027"; an instant is first put on the wall clock of Vietnam; empty for None."""
    if day is None:
        return ""
    return (local_date(day) if isinstance(day, datetime) else day).strftime("%d/%m/%Y")


def write_deadline(instant: datetime | None) -> str:
    """ "17g00, ngày 20/05/2027": how the Department writes a deadline; empty for None."""
    return "" if instant is None else to_local(instant).strftime("%Hg%M, ngày %d/%m/%Y")


def write_school_year(text: str) -> str:
    """ "2026-2027" → "2026 – 2027"."""
    return text.replace("-", " – ")


def write_round(title: str, school_year: str) -> str:
    """A round's title, and its school year ("2026-2027") where the title does not say it already."""
    year = write_school_year(school_year)
    if any(form in title for form in (school_year, year, school_year.replace("-", "–"))):
        return title
    return str(gettext("%(title)s, năm học %(year)s", title=title, year=year))


def rounded(value: Fraction | Decimal | int, digits: int = 1) -> Decimal:
    """The one place that rounds, half up, for display only."""
    exact = (
        Decimal(value.numerator) / Decimal(value.denominator)
        if isinstance(value, Fraction)
        else Decimal(value)
    )
    return exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def write_number(value: Any, digits: int = 0) -> str:
    """A number with the separators of the page's language; "–" for None."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return str(format_decimal(value))
    return str(format_decimal(rounded(value, digits), format="#,##0." + "0" * digits if digits else "#,##0"))


def write_percent(part: Any, whole: Any = 1) -> str:
    """`part` of `whole` as a whole percentage, "–" when there is no whole."""
    return f"{rounded(Fraction(part) * 100 / Fraction(whole), 0)}%" if whole else "–"


def write_size(size: int | None) -> str:
    """A size in KB, MB or GB."""
    if not size:
        return ""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} KB"
    if size < 1024**3:
        return f"{write_number(Decimal(size) / 1024**2, 1)} MB"
    return f"{write_number(Decimal(size) / 1024**3, 1)} GB"


def say(words: Words) -> str:
    """A text of a criteria set in the language of the page."""
    return words.spoken(str(get_locale()))


def init_filters(app: Flask) -> None:
    """Register the filters with the templates."""
    app.jinja_env.filters.update(
        datetime=write_datetime,
        minute=write_minute,
        clock=write_clock,
        date=write_date,
        clock17=write_deadline,
        school_year=write_school_year,
        number=write_number,
        percent=write_percent,
        size=write_size,
        said=say,
        titled=write_round,
    )
