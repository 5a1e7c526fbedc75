"""Minutes and school years as people type them."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from survey_app.rounds.forms import ExtensionForm, read_moment, whole_number
from survey_app.rounds.school_years import days_of, is_school_year, school_year_at

FIVE = datetime(2027, 5, 20, 10, tzinfo=UTC)  # 17g00 in Vietnam


@pytest.mark.parametrize(
    "text",
    [
        "17g00, 20/05/2027",
        "17g00 ngày 20/05/2027",
        "17:00 20/5/27",
        "20/5/27 17h",
        "20.5.2027, 17h00",
        "17g, 20-05-2027",
        "lúc 17 giờ 00 phút, ngày 20/5/2027",
        "lúc 17 giờ 00 phút, nga\u0300y 20/5/2027",
        "17G00; 20/05/27",
        "20/05/2027",
    ],
)
def test_a_minute_is_read_as_it_is_typed(text: str) -> None:
    assert read_moment(text, hour=17) == FIVE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "17g00",
        "24g00, 20/5/27",
        "17g60, 20/5/27",
        "17, 20/5/27",
        "31/02/2027",
        "20/5/27 chiều",
        "20/5/27 21/5/27",
        "17g00 17g00 20/5/27",
        "\x00",
    ],
)
def test_what_is_no_minute_is_not_guessed(text: str) -> None:
    assert read_moment(text, hour=17) is None


def test_a_wrong_minute_is_said_and_stays_in_the_box(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.test_request_context(method="POST"):
        form = ExtensionForm(MultiDict({"until": "25g00 20/5/27", "reason": "Ngập"}))
        assert not form.validate() and 'value="25g00 20/5/27"' in form.until()
        assert form.until.errors == ["Giờ, ngày chưa đúng. Hãy ghi như 17g00, 20/05/2027."]
    with app.test_request_context():
        assert 'value="17g00, 20/05/2027"' in ExtensionForm(data={"until": FIVE}).until()


def test_a_whole_number_is_short_and_plain() -> None:
    assert [whole_number(text) for text in ("7", " 07 ", "", None, "-1", "1.5", "٣", "9" * 10)] == [
        *(7, 7),
        *[0] * 6,
    ]
    assert whole_number("x", wrong=-1) == -1


def test_a_school_year_is_two_consecutive_years_from_august_to_july() -> None:
    assert is_school_year("2026-2027")
    assert not any(
        map(is_school_year, ("2026-2028", "2027-2026", "2026", "26-27", "2026-2027 ", "2026–2027"))
    )
    assert days_of("2026-2027") == (date(2026, 8, 1), date(2027, 7, 31))
    assert school_year_at(date(2026, 7, 31)) == "2025-2026"
    assert school_year_at(date(2026, 8, 1)) == school_year_at(date(2027, 7, 31)) == "2026-2027"
