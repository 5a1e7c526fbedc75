"""Dates and numbers are typed as people write them, in every form there is."""

import importlib
import pkgutil
import re
from datetime import date
from pathlib import Path

import pytest
import wtforms
from flask import Flask
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict

import survey_app
from survey_app.core.forms import DateField, Form, ThousandsField

ROOMS = Path(survey_app.__file__).parent
NATIVE = re.compile(r'(?:type|kind)="(?:date|number|time|datetime-local|month|week)"')


def every_form() -> list[type[Form]]:
    """Each form of each room."""
    for module in pkgutil.walk_packages(survey_app.__path__, "survey_app."):
        if module.name.endswith("forms"):
            importlib.import_module(module.name)
    found, waiting = [], [Form]
    while waiting:
        for child in waiting.pop().__subclasses__():
            found.append(child)
            waiting.append(child)
    return [one for one in found if one.__module__.startswith("survey_app.")]


def fields_of(form: type[Form], kind: type) -> list[str]:
    """The names of a form's fields of a kind."""
    made = ((name, getattr(form, name)) for name in dir(form) if not name.startswith("_"))
    return [
        name
        for name, field in made
        if isinstance(getattr(field, "field_class", None), type) and issubclass(field.field_class, kind)
    ]


def test_a_short_date_is_read_in_every_box_for_a_day(app: Flask) -> None:
    boxes = [(form, name) for form in every_form() for name in fields_of(form, DateField)]
    assert len(boxes) >= 8
    for form, name in boxes:
        with app.test_request_context(method="POST"):
            filled = form(MultiDict({name: "5/9/26"}))
        assert filled[name].data == date(2026, 9, 5), (form, name)


def test_no_box_leaves_the_reading_to_the_browser() -> None:
    """A browser set to English shows month before day, and takes no comma as the decimal mark."""
    strange = (wtforms.DateField, wtforms.DateTimeField, wtforms.DecimalField, wtforms.FloatField)
    assert [(form, name) for form in every_form() for name in fields_of(form, strange)] == []  # type: ignore[arg-type]
    pages = [page for page in ROOMS.glob("*/templates/**/*.html") if NATIVE.search(page.read_text("utf-8"))]
    assert pages == []


@pytest.mark.parametrize(
    ("typed", "read"), [("12.500", 12500), ("12500", 12500), ("1.234.567", 1234567), ("12 500", 12500)]
)
def test_dots_stand_between_the_thousands(app: Flask, typed: str, read: int) -> None:
    class OneNumber(Form):
        cost = ThousandsField("")

    with app.test_request_context(method="POST"):
        form = OneNumber(MultiDict({"cost": typed}), meta={"csrf": False})
        assert form.cost.data == read and form.validate()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_stored_number_can_be_sent_again_in_every_language(app: Flask, language: str) -> None:
    class OneNumber(Form):
        cost = ThousandsField("")

    with app.test_request_context(method="POST"), force_locale(language):
        drawn = str(OneNumber(None, data={"cost": 1234567}, meta={"csrf": False}).cost._value())
        again = OneNumber(MultiDict({"cost": drawn}), meta={"csrf": False})
        assert again.cost.data == 1234567 and again.validate()


@pytest.mark.parametrize("typed", ["12,5", "12.5", "1.2345", "1..000", "-3", "ba", "9" * 16, "1٣"])
def test_what_is_no_whole_number_is_not_made_one(app: Flask, typed: str) -> None:
    class OneNumber(Form):
        cost = ThousandsField("")

    with app.test_request_context(method="POST"):
        form = OneNumber(MultiDict({"cost": typed}), meta={"csrf": False})
        assert form.cost.data is None and not form.validate() and typed in str(form.cost())
