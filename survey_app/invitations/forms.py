"""Forms of the room: in what form letters come, and the request of a school that is not on the list."""

from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileAllowed, FileField, FileRequired
from wtforms import Field, RadioField, SelectField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.validators import Email, InputRequired, Optional, Regexp, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from survey_app.config import MAILBOX
from survey_app.core.forms import Form, TextAreaField, TextField, length, required
from survey_app.invitations.packing import BOTH, PDF, XLSX
from survey_app.organisations.models import OrganisationUnit
from survey_app.organisations.stages import OWNERSHIP_NAMES, STAGE_NAMES, UNIT_TYPE_NAMES

LONGEST_NOTE, LONGEST_REASON = 1000, 500
_PHONE = Regexp(r"\+?[0-9][0-9 .-]{7,18}$", message=_l("Số điện thoại gồm 8 đến 15 chữ số."))


class LettersForm(Form):
    """In what form the codes are handed out."""

    form = RadioField(
        _l("Tệp nhận được"),
        choices=[
            SelectChoice(PDF, _l("Một tệp PDF khổ A4: mỗi xã, phường một tờ giao nhận và các phiếu cắt rời")),
            SelectChoice(BOTH, _l("Một tệp nén: mỗi xã, phường một tệp PDF, kèm bảng Excel")),
            SelectChoice(XLSX, _l("Bảng Excel: đơn vị, xã, mã đăng nhập, mã kích hoạt")),
        ],
        default=PDF,
        validators=[InputRequired()],
    )

    def names(self) -> dict[str, str]:
        """{form: its words}."""
        return {choice.value: str(choice.label) for choice in self.form.choices}


class AskForm(Form):
    """My school is not on the list: which school, where, who asks and how to reach them."""

    name = TextField(_l("Tên trường"), validators=[required(_l("Hãy ghi tên trường.")), length(255, 3)])
    ward = SelectField(_l("Xã, phường"), validators=[InputRequired(_l("Hãy chọn xã, phường."))])
    code = TextField(_l("Mã trường của ngành"), validators=[Optional(), length(32)])
    asker = TextField(
        _l("Họ và tên người đề nghị"), validators=[required(_l("Hãy nhập họ và tên.")), length(120)]
    )
    phone = TextField(_l("Điện thoại"), validators=[Optional(), _PHONE])
    email = TextField(
        _l("Thư điện tử"),
        validators=[
            Optional(),
            length(254),
            Email(_l("Thư điện tử chưa đúng, ví dụ: ten@truong.edu.vn.")),
            Regexp(MAILBOX, message=_l("Thư điện tử chưa đúng, ví dụ: ten@truong.edu.vn.")),
        ],
    )
    note = TextAreaField(_l("Ghi chú"), validators=[Optional(), length(LONGEST_NOTE)])

    def offer(self, wards: Sequence[OrganisationUnit]) -> None:
        """Set the wards to choose from."""
        nothing = SelectChoice("", gettext("Chọn xã, phường"))
        self.ward.choices = [nothing, *(SelectChoice(ward.uid, ward.name) for ward in wards)]

    def validate(self, extra_validators: object = None) -> bool:
        """A way to reach the person must be there."""
        fine = bool(super().validate(extra_validators))
        if not self.phone.data and not self.email.data:
            self.phone.errors = [gettext("Hãy ghi điện thoại hoặc thư điện tử để cán bộ liên hệ lại.")]
            fine = False
        return fine


class RefuseForm(Form):
    """Why a request is refused."""

    reason = TextAreaField(_l("Lý do"), validators=[required(_l("Hãy ghi lý do.")), length(LONGEST_REASON)])


class _Ticks(SelectMultipleField):
    """Several of a few."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class NewUnitForm(Form):
    """A unit made of a request, as the administrator has checked it."""

    code = TextField(_l("Mã trường"), validators=[required(_l("Hãy ghi mã trường của ngành.")), length(32)])
    name = TextField(_l("Tên trường"), validators=[required(_l("Hãy ghi tên trường.")), length(255)])
    stages = _Ticks(_l("Cấp học"))
    ward = SelectField(_l("Xã, phường"), validators=[InputRequired(_l("Hãy chọn xã, phường."))])
    unit_type = SelectField(_l("Loại đơn vị"), validators=[InputRequired()])
    ownership = SelectField(_l("Loại hình"), validators=[InputRequired()])
    address = TextField(_l("Địa chỉ"), validators=[Optional(), length(500)])

    def offer(self, wards: Sequence[OrganisationUnit]) -> None:
        """Set the wards and words to choose from."""
        self.ward.choices = [SelectChoice(ward.uid, ward.name) for ward in wards]
        self.stages.choices = [SelectChoice(code, gettext(name)) for code, name in STAGE_NAMES.items()]
        self.unit_type.choices = [SelectChoice(code, gettext(name)) for code, name in UNIT_TYPE_NAMES.items()]
        self.ownership.choices = [SelectChoice(code, gettext(name)) for code, name in OWNERSHIP_NAMES.items()]

    def validate_stages(self, field: Field) -> None:
        """At least one stage."""
        if not field.data:
            raise ValidationError(gettext("Hãy chọn ít nhất một cấp học."))


class PeopleListForm(Form):
    """One file, .csv or .xlsx, with a person in each row."""

    file = FileField(
        _l("Tệp danh sách người dùng (.xlsx hoặc .csv)"),
        validators=[
            FileRequired(_l("Hãy chọn tệp.")),
            FileAllowed(["csv", "xlsx"], _l("Chỉ nhận tệp .xlsx hoặc .csv.")),
        ],
    )
