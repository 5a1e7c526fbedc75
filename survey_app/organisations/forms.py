"""Forms of units: a list of schools, the facts of one unit, its end."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileAllowed, FileField, FileRequired
from wtforms.validators import Optional, Regexp

from survey_app.core.forms import DateField, Form, TextField, length, required, typed
from survey_app.organisations.row_checks import EMAIL, PHONE


class ImportForm(Form):
    """One file, .csv or .xlsx."""

    file = FileField(
        _l("Tệp danh sách trường (.xlsx hoặc .csv)"),
        validators=[
            FileRequired(_l("Hãy chọn tệp.")),
            FileAllowed(["csv", "xlsx"], _l("Chỉ nhận tệp .xlsx hoặc .csv.")),
        ],
    )


class UnitForm(Form):
    """What of a unit is changed by hand."""

    name = TextField(_l("Tên đơn vị"), validators=[required(_l("Hãy ghi tên đơn vị.")), length(255)])
    address = TextField(_l("Địa chỉ"), validators=[length(500)])
    contact_name = TextField(_l("Người liên hệ"), validators=[length(120)])
    contact_phone = TextField(
        _l("Điện thoại cơ quan"),
        validators=[Optional(), length(32), Regexp(PHONE, message=_l("Số điện thoại chưa đúng."))],
    )
    contact_email = TextField(
        _l("Thư điện tử cơ quan"),
        validators=[Optional(), length(254), Regexp(EMAIL, message=_l("Địa chỉ thư điện tử chưa đúng."))],
    )


class EndForm(Form):
    """From which day a unit no longer exists, by which document, and who goes on in its place."""

    on = DateField(_l("Kết thúc từ ngày"), validators=[typed(_l("Hãy ghi ngày."))])
    document = TextField(
        _l("Văn bản (số, ngày, cơ quan)"), validators=[required(_l("Hãy ghi văn bản.")), length(120)]
    )
    successor = TextField(_l("Mã đơn vị tiếp nối"), validators=[length(32)])
