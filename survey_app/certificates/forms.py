"""Forms of the room: the Decision of a batch, a revocation, a version of who issues."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField

from survey_app.core.forms import DateField, Form, TextAreaField, TextField, length, required, typed
from survey_app.organisations.stages import STAGE_NAMES


class DecisionForm(Form):
    """The Decision of a batch or a reissue, and who signs the papers."""

    decision_number = TextField(
        _l("Số quyết định"), validators=[required(_l("Hãy ghi số quyết định.")), length(64)]
    )
    decision_date = DateField(_l("Ngày quyết định"), validators=[typed(_l("Hãy ghi ngày quyết định."))])
    signer_title = TextField(
        _l("Chức vụ người ký"), validators=[required(_l("Hãy ghi chức vụ người ký.")), length(120)]
    )
    signer_name = TextField(_l("Họ tên người ký"), validators=[length(120)])
    again = BooleanField(_l("Vẫn dùng số này"))


class RevokeForm(Form):
    """Why a certificate is revoked and by which Decision."""

    reason = TextAreaField(
        _l("Lý do thu hồi"), validators=[required(_l("Hãy ghi lý do thu hồi.")), length(500)]
    )
    decision_number = TextField(
        _l("Số quyết định thu hồi"), validators=[required(_l("Hãy ghi số quyết định.")), length(64)]
    )
    decision_date = DateField(_l("Ngày quyết định"), validators=[typed(_l("Hãy ghi ngày quyết định."))])


class IssuerForm(Form):
    """A new version of who issues."""

    stage = SelectField(_l("Áp dụng cho"))
    superior = TextField(_l("Cơ quan chủ quản"), validators=[length(255)])
    agency = TextField(_l("Cơ quan cấp"), validators=[required(), length(255)])
    heading = TextField(_l("Dòng ghi trên giấy chứng nhận"), validators=[required(), length(255)])
    place = TextField(_l("Địa danh"), validators=[required(), length(64)])
    signer_title = TextField(_l("Chức vụ người ký"), validators=[required(), length(120)])
    signer_name = TextField(_l("Họ tên người ký"), validators=[length(120)])
    number_pattern = TextField(_l("Mẫu số giấy"), validators=[required(), length(40)])
    legal_basis = TextAreaField(_l("Căn cứ cấp giấy chứng nhận"), validators=[length(2000)])
    valid_from = DateField(_l("Áp dụng từ ngày"), validators=[typed()])

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        general = ("", gettext("Mọi cấp học chưa có bản riêng"))
        self.stage.choices = [general, *((code, gettext(name)) for code, name in STAGE_NAMES.items())]
