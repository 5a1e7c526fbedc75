"""Dates as people type them."""

from datetime import date

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms.validators import NumberRange

from survey_app.core.forms import DateField, Form, WholeNumberField, read_date, typed


class DayForm(Form):
    """A form with one day that must be filled in."""

    day = DateField("Ngày", validators=[typed()])


class NumberForm(Form):
    """A form with one number in a range."""

    number = WholeNumberField("Số", validators=[NumberRange(-10, 1000)])


@pytest.mark.parametrize(
    "text", ["05/09/2026", "5/9/2026", "5/9/26", " 5-9-26 ", "5.9.2026", "05 / 09 / 2026"]
)
def test_a_day_is_read_as_it_is_typed(text: str) -> None:
    assert read_date(text) == date(2026, 9, 5)


@pytest.mark.parametrize(
    "text", ["", "31/02/2027", "9/13/2026", "2026/09/05", "5/9", "5/9/226", "1/1/0026", "mai", "５/9/26"]
)
def test_what_is_no_day_is_not_guessed(text: str) -> None:
    assert read_date(text) is None


def day_form(app: Flask, text: str) -> DayForm:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.test_request_context(method="POST"):
        form = DayForm(MultiDict({"day": text}))
        form.validate()
        assert text in form.day()
        return form


def test_a_wrong_day_is_said_and_stays_in_the_box(app: Flask) -> None:
    form = day_form(app, "31/02/2027")
    assert form.day.errors == ["Ngày chưa đúng. Hãy ghi ngày/tháng/năm, ví dụ 20/05/2027."]


@pytest.mark.parametrize("text", ["", "  ", "\u3000", "\u00a0 "])
def test_an_empty_day_is_asked_for(app: Flask, text: str) -> None:
    assert [str(said) for said in day_form(app, text).day.errors] == ["Hãy điền ô này."]


@pytest.mark.parametrize(
    ("text", "number"), [("12", 12), ("-7", -7), ("9" * 18, None), ("9" * 19, None), ("9" * 400, None)]
)
def test_a_number_longer_than_any_column_is_refused(app: Flask, text: str, number: int | None) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.test_request_context(method="POST"):
        form = NumberForm(MultiDict({"number": text}))
        assert form.validate() is (number is not None)
        assert number in (None, form.number.data)


def test_a_stored_day_is_written_as_here(app: Flask) -> None:
    with app.test_request_context():
        assert 'value="05/09/2026"' in DayForm(data={"day": date(2026, 9, 5)}).day()


@pytest.mark.parametrize(
    "body", ["1e308", '{"day": {}}', '{"day": [1]}', "[[]]", "null", "{", '{"day": "1/1/2027"}']
)
def test_a_form_reads_nothing_from_json(app: Flask, body: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.test_request_context(method="POST", data=body, content_type="application/json"):
        form = DayForm()
        assert not form.validate_on_submit()
        assert form.day.data is None
