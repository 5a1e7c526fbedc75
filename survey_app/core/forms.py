"""Forms: one base class, text fields that store clean NFC text without controls, dates as typed."""

import re
from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, IntegerField, StringField
from wtforms import PasswordField as _PasswordField
from wtforms import TextAreaField as _TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, StopValidation, ValidationError
from wtforms.widgets import TextInput

from survey_app.core.filters import write_date
from survey_app.core.messages import FieldMessages
from survey_app.core.sent import AsTyped
from survey_app.core.vietnamese import BadText, clean

DIGITS = 18
NOT_WHOLE = "Not a valid integer value."  # a sentence of the library, translated in its catalogue


class Form(FlaskForm):
    """Base of every form: CSRF on, unknown fields ignored, errors in the page's language.

    Only what a browser's form sends is read. The library would also fill fields from a JSON body, where a
    value may be a list, an object or a number, and no field expects those.
    """

    class Meta(FlaskForm.Meta):
        """WTForms' own sentences come from our catalogue."""

        def get_translations(self, form: Any) -> FieldMessages:
            """Where the words of errors come from."""
            return FieldMessages()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """The submitted fields and files; None for a page that is only shown and for a JSON body."""
            given = formdata is None or hasattr(formdata, "getlist")
            return None if not given and request.is_json else super().wrap_formdata(form, formdata)


def required(message: Any = None) -> DataRequired:
    """The field must be filled in."""
    return DataRequired(message or _l("Hãy điền ô này."))


class _Typed(InputRequired):
    """The library's takes blanks, any of Unicode, for something typed; a date field reads no day in them."""

    def __call__(self, form: Any, field: Any) -> None:
        if not field.raw_data or not str(field.raw_data[0]).strip():
            field.errors[:] = []
            raise StopValidation(self.message)


def typed(message: Any = None) -> InputRequired:
    """Something must be typed; unlike `required` it keeps what a date field says of a date it cannot read."""
    return _Typed(message or _l("Hãy điền ô này."))


def length(most: int, least: int = 0) -> Length:
    """Bounds of a text's length in characters."""
    if least:
        return Length(least, most, _l("Độ dài phải từ %(min)d đến %(max)d ký tự."))
    return Length(max=most, message=_l("Nội dung dài quá %(max)d ký tự. Hãy rút gọn."))


class _CleanText(Field):
    """Mixin: what the person typed, in the stored form; refused characters become a field error.

    Any other field is refused with the whole request when it has a control character (`core.sent`).
    """

    data: Any
    _bad: str | None = None

    def process(self, formdata: Any, *args: Any, **more: Any) -> None:
        super().process(None if formdata is None else AsTyped(formdata), *args, **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        self._bad = None
        if not valuelist:
            return
        try:
            self.data = clean(valuelist[0])
        except BadText as error:
            self.data, self._bad = "".join(c for c in valuelist[0] if c.isprintable()), str(error)

    def pre_validate(self, form: Any) -> None:
        if self._bad:
            raise ValidationError(self._bad)


class TextField(_CleanText, StringField):
    """One line of clean text."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(
            [" ".join(valuelist[0].split())] if valuelist and "\x00" not in valuelist[0] else valuelist
        )


class TextAreaField(_CleanText, _TextAreaField):
    """Several lines of clean text."""


class PasswordField(_PasswordField):
    """A password as typed: nobody stores it, and one with a control character is simply a wrong one.

    What a new one may hold is for `accounts.passwords.check_new_password`.
    """

    def process(self, formdata: Any, *args: Any, **more: Any) -> None:
        super().process(None if formdata is None else AsTyped(formdata), *args, **more)


class WholeNumberField(IntegerField):
    """A whole number that a database column and a comparison can take: 18 digits at most."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist and len(valuelist[0].strip()) > DIGITS:
            self.data = None
            raise ValueError(self.gettext(NOT_WHOLE))
        super().process_formdata(valuelist)


_THOUSANDS = re.compile(r"\d{1,15}|\d{1,3}(?:[. ]\d{3}){1,4}", re.ASCII)


class ThousandsField(Field):
    """A whole number typed with or without dots between the thousands: "12.500"."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        text = " ".join(valuelist[0].split()) if valuelist else ""
        self.data = int(re.sub("[. ]", "", text)) if _THOUSANDS.fullmatch(text) else None
        if text and self.data is None:
            raise ValueError(gettext("Hãy ghi một số nguyên, ví dụ 12.500."))

    def _value(self) -> str:
        """What was typed; a stored number with dots in every language, so that it can be sent again."""
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:,}".replace(",", ".") if self.data else ""


_DATE = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4}|\d{2})", re.ASCII)


def read_date(text: str) -> date | None:
    """The day in "20/05/2027", "5/9/26" (2026) or "5.9.2026"; None for anything else, 31/02 among it."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    day, month, year = found.groups()
    try:
        read = date(int(year if len(year) == 4 else "20" + year), int(month), int(day))
    except ValueError:
        return None
    return read if 1900 <= read.year < 2100 else None


class DateField(Field):
    """A day typed as text; `data` is a date or None. Use it with `typed()` where it must be filled in."""

    widget = TextInput()
    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0] if valuelist else ""
        self.data = read_date(text)
        if text.strip() and self.data is None:
            raise ValueError(gettext("Ngày chưa đúng. Hãy ghi ngày/tháng/năm, ví dụ 20/05/2027."))

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else write_date(self.data)
