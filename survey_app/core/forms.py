"""Forms: one base class, and text fields that store clean NFC text and refuse control characters."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms import TextAreaField as _TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from survey_app.core.vietnamese import BadText, clean


class Form(FlaskForm):
    """Base of every form: CSRF on, unknown fields ignored."""


def required(message: Any = None) -> DataRequired:
    """The field must be filled in."""
    return DataRequired(message or _l("Hãy điền ô này."))


def length(most: int, least: int = 0) -> Length:
    """Bounds of a text's length in characters."""
    if least:
        return Length(least, most, _l("Độ dài phải từ %(min)d đến %(max)d ký tự."))
    return Length(max=most, message=_l("Nội dung dài quá %(max)d ký tự. Hãy rút gọn."))


class _CleanText:
    """Mixin: what the person typed, in the stored form; refused characters become a field error."""

    data: Any
    _bad: str | None = None

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
