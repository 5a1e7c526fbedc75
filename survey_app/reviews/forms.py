"""Forms of the authority's side. How long a reason must be is a rule of the service."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, Regexp

from survey_app.core.forms import DateField, Form, TextAreaField, typed

RELOAD = _l("Giá trị gửi lên chưa đúng. Hãy tải lại trang rồi chọn lại.")
HOURS = tuple(f"{hour:02d}" for hour in range(24))


class VerdictForm(Form):
    """One indicator: the confirmed value with its reason, or why it is given back."""

    value = HiddenField(validators=[Regexp(r"\d{0,4}\Z", message=RELOAD)])
    reason = TextAreaField(_l("Lý do điều chỉnh, nhận xét"))
    return_reason = TextAreaField(_l("Lý do trả lại"))
    base_version = HiddenField(validators=[Regexp(r"\d{1,9}\Z", message=RELOAD)])

    @property
    def chosen(self) -> int | None:
        """The chosen value, None for none."""
        return int(self.value.data) if self.value.data else None

    @property
    def version(self) -> int:
        """The version of the row that this change is made on."""
        return int(self.base_version.data or 0)


class ReturnForm(Form):
    """Until when the school has to deal with what is given back, and what is said to it."""

    day = DateField(_l("Hạn bổ sung"), validators=[typed(_l("Hãy ghi hạn bổ sung."))])
    hour = SelectField(
        _l("Giờ"),
        choices=[SelectChoice(hour, f"{hour}g00") for hour in HOURS],
        validate_choice=False,
        validators=[typed(), AnyOf(HOURS, message=RELOAD)],
    )
    message = TextAreaField(_l("Lời nhắn cho trường"))
    late_is_meant = BooleanField(_l("Vẫn đặt hạn này"))


class ReasonForm(Form):
    """Why something is done."""

    reason = TextAreaField(_l("Lý do"), validators=[typed(_l("Hãy ghi lý do."))])


class ConclusionForm(Form):
    """What the officer concludes, in words."""

    conclusion = TextAreaField(_l("Nhận xét chung, kết luận"))
