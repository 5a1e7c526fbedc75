"""Forms of the school's side."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired, NumberRange, Regexp
from wtforms.validators import Optional as Maybe

from survey_app.core.forms import Form, TextAreaField, TextField, WholeNumberField, length, required

LATEST_VERSION = 1_000_000


def whole_number(least: int, most: int) -> NumberRange:
    """A whole number in a range; the sentence does not name fields that people never see."""
    return NumberRange(least, most, _l("Giá trị gửi lên chưa đúng. Hãy tải lại trang rồi chọn lại."))


class AnswerForm(Form):
    """One answer, from our script or from the page's own button. The text's length is a rule of saving."""

    indicator = HiddenField(
        validators=[Regexp(r"[A-Z]{1,4}\d[\d.]{0,9}\Z", message=_l("Không có tiêu chí này."))]
    )
    site = WholeNumberField(default=0, validators=[whole_number(0, 2_000_000_000)])
    value = WholeNumberField(validators=[Maybe(), whole_number(0, 1000)])
    comment = TextAreaField()
    base_version = WholeNumberField(validators=[InputRequired(), whole_number(0, LATEST_VERSION)])
    everywhere = HiddenField()  # the button that gives the value to every site, pressed without our script
    key = HiddenField(validators=[Regexp(r"[0-9a-zA-Z-]{0,48}\Z", message=_l("Hãy tải lại trang."))])


class SettleForm(Form):
    """Why a returned answer is kept. That something is written, and how much, are rules of the service."""

    because = TextAreaField(_l("Vì sao giữ nguyên"))


class VetoForm(Form):
    """The school has read what the authority recorded."""

    answer = HiddenField()
    comment = TextAreaField(_l("Ý kiến của trường"), validators=[length(1000)])


class SubmitForm(Form):
    """Who signs, and that what is written is right."""

    signatory = TextField(_l("Người ký"), validators=[required(), length(120)])
    agreed = BooleanField(
        _l("Tôi xác nhận thông tin trong phiếu là đúng với thực tế của trường."),
        validators=[required(_l("Hãy đánh dấu xác nhận trước khi nộp."))],
    )


def first_error(form: Any) -> str:
    """The first sentence of a form that is not valid."""
    return next(str(sentences[0]) for sentences in form.errors.values() if sentences)
