"""The form that takes a list of schools."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileAllowed, FileField, FileRequired

from survey_app.core.forms import Form


class ImportForm(Form):
    """One file, .csv or .xlsx."""

    file = FileField(
        _l("Tệp danh sách trường (.xlsx hoặc .csv)"),
        validators=[
            FileRequired(_l("Hãy chọn tệp.")),
            FileAllowed(["csv", "xlsx"], _l("Chỉ nhận tệp .xlsx hoặc .csv.")),
        ],
    )
