"""Forms of the room: a workbook to check, and the decision that puts an edition in force."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileAllowed, FileField, FileRequired
from wtforms.validators import Regexp, ValidationError

from survey_app.core import clock
from survey_app.core.filters import write_date
from survey_app.core.forms import DateField, Form, TextField, length, required, typed


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

    number = TextField(
        _l("Số quyết định"),
        validators=[
            required(_l("Hãy ghi số quyết định.")),
            length(64),
            Regexp(r".*\d.*[/-].*\w", message=_l("Hãy ghi cả số và ký hiệu, ví dụ 123/QĐ-SGDĐT.")),
        ],
    )
    day = DateField(_l("Ngày quyết định"), validators=[typed(_l("Hãy ghi ngày quyết định."))])
    agency = TextField(
        _l("Người hoặc cơ quan ký ban hành"),
        validators=[required(_l("Hãy ghi cơ quan ban hành.")), length(120, least=5)],
    )

    def validate_day(self, field: DateField) -> None:
        """A decision is signed before anything is locked by it."""
        if field.data and field.data > clock.local_date(clock.now()):
            raise ValidationError(gettext("Ngày quyết định không thể sau ngày hôm nay."))

    def words(self) -> str:
        """The decision as one sentence: locking has no way back, so each part was asked for."""
        return f"Quyết định số {self.number.data} ngày {write_date(self.day.data)} của {self.agency.data}"
