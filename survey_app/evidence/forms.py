"""Forms of the store: a file with its details, a link, the details alone, the reason for hiding."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, HiddenField, SelectChoice, SelectField
from wtforms.widgets import HiddenInput

from survey_app.core.forms import (
    DateField,
    Form,
    TextAreaField,
    TextField,
    WholeNumberField,
    length,
    required,
)
from survey_app.evidence.details import MOST_URL, Details


class DetailsForm(Form):
    """What people say about a file or a link."""

    title = TextField(_l("Tên minh chứng"), validators=[required(_l("Hãy đặt tên minh chứng.")), length(200)])
    document_number = TextField(_l("Số hiệu văn bản"), validators=[length(64)])
    issued_on = DateField(_l("Ngày ban hành"))
    issuer = TextField(_l("Đơn vị ban hành"), validators=[length(255)])
    site = SelectField(_l("Điểm trường"), coerce=int, default=0, choices=[SelectChoice(0, _l("Toàn trường"))])

    def offer_sites(self, sites: Sequence[Any]) -> None:
        """Let the person choose one of the school's sites; with one site there is nothing to choose."""
        if len(sites) > 1:
            whole = SelectChoice(0, gettext("Toàn trường"))
            self.site.choices = [whole, *(SelectChoice(site.id, site.name) for site in sites)]

    def details(self) -> Details:
        """What was typed."""
        return Details(
            title=self.title.data,
            site_id=self.site.data,
            document_number=self.document_number.data or "",
            issued_on=self.issued_on.data,
            issuer=self.issuer.data or "",
        )


class UploadForm(DetailsForm):
    """One file from the camera (`photo`) or from the disk (`file`); another room may post the same fields.

    `captured_on` comes from our script: a picture that it makes smaller before sending loses its date.
    """

    photo = FileField(_l("Chụp ảnh"))
    file = FileField(_l("Chọn tệp"))
    captured_on = HiddenField()
    no_personal = BooleanField(
        _l("Tôi đã che mặt, tên học sinh"),
        validators=[required(_l("Hãy che mặt, tên học sinh trong ảnh, tệp rồi đánh dấu vào ô này."))],
    )

    @property
    def upload(self) -> FileStorage | None:
        """The file that was sent, whichever way."""
        return next((field.data for field in (self.file, self.photo) if field.data), None)

    @property
    def camera_day(self) -> date | None:
        """The day our script found in the picture, or None."""
        try:
            return date.fromisoformat(self.captured_on.data or "")
        except ValueError:
            return None

    def validate(self, extra_validators: Any = None) -> bool:
        """Also ask for a file."""
        good = bool(super().validate(extra_validators))
        if self.upload is None:
            self.file.errors = [gettext("Hãy chụp ảnh hoặc chọn tệp.")]
        return good and self.upload is not None


class LinkForm(DetailsForm):
    """An address in place of a file."""

    url = TextField(
        _l("Đường dẫn"), validators=[required(_l("Hãy dán đường dẫn vào ô này.")), length(MOST_URL)]
    )


class EditForm(DetailsForm):
    """The details as this person saw them."""

    version = WholeNumberField(widget=HiddenInput())


class HideForm(Form):
    """Why a file is hidden; the school reads it."""

    reason = TextAreaField(
        _l("Lý do ẩn"), validators=[required(_l("Hãy ghi lý do để trường biết.")), length(300)]
    )
