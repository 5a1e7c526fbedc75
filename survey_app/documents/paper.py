"""A paper from a template: Vietnamese whatever the language of the page, no request, plain values only.

    {% import "documents/letterhead.html" as paper %}
    {{ paper.letterhead(head) }} {{ paper.title("Báo cáo", "Kết quả tự đánh giá") }}
    <p>…</p> {{ paper.signing([signature]) }}

Templates of every room are found by their path ("certificates/letter.html"). Filters: date, long_date,
minute, datetime, clock17, school_year, number (decimal comma), percent.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from survey_app.core import filters
from survey_app.documents.letterhead import write_long_date
from survey_app.documents.pdf import NO_ASSETS, render_pdf

ROOMS = Path(__file__).parents[1]
PAPER_CSS = (Path(__file__).parent / "paper.css").read_text("utf-8")


def render_paper(
    template: str,
    values: Mapping[str, object],
    *,
    title: str,
    stylesheets: Sequence[str] = (),
    assets: Mapping[str, bytes] = NO_ASSETS,
) -> bytes:
    """The PDF of a template in the official form of `paper.css`; `stylesheets` come after it.

    Raises what `pdf.render_pdf` raises, and jinja2.UndefinedError for a value the template needs.
    """
    return render_pdf(
        fill(template, values), stylesheets=(PAPER_CSS, *stylesheets), assets=assets, title=title
    )


def fill(template: str, values: Mapping[str, object]) -> str:
    """The HTML of a template with every value escaped."""
    return _environment().get_template(template).render(values)


def write_vietnamese_number(value: int | Decimal | Fraction | None, digits: int = 0) -> str:
    """ "1.234,5" rounded half up to `digits` decimals; "–" for None."""
    if value is None:
        return "–"
    pattern = "#,##0." + "0" * digits if digits else "#,##0"
    return format_decimal(filters.rounded(value, digits), format=pattern, locale="vi")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    folders = sorted(ROOMS.glob("*/templates"))
    environment = Environment(
        loader=FileSystemLoader(folders), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(
        date=filters.write_date,
        long_date=write_long_date,
        minute=filters.write_minute,
        datetime=filters.write_datetime,
        clock17=filters.write_deadline,
        school_year=filters.write_school_year,
        number=write_vietnamese_number,
        percent=filters.write_percent,
    )
    return environment
