"""Forms of the room: a workbook to check, and the decision that puts an edition in force."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileAllowed, FileField, FileRequired

from survey_app.core.forms import Form, TextField, length, required


class ImportForm(Form):
    """One workbook, .xlsx."""

    file = FileField(
        _l("Tệp bộ tiêu chí (.xlsx)"),
        validators=[
            FileRequired(_l("Hãy chọn tệp.")),
            FileAllowed(["xlsx"], _l("Chỉ nhận tệp .xlsx.")),
        ],
    )


class PublishForm(Form):
    """The document by which the edition is in force."""

    decision = TextField(
        _l("Quyết định ban hành"),
        validators=[required(_l("Hãy ghi số, ngày và cơ quan của quyết định ban hành.")), length(255)],
    )
