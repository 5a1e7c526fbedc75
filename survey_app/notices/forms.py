"""The form an authority writes to many schools with."""

from collections.abc import Sequence

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, ValidationError

from survey_app.core.forms import Form, TextAreaField, TextField, length, required
from survey_app.notices.ports import Offer
from survey_app.organisations.models import OrganisationUnit

LONGEST_TITLE, LONGEST_BODY, LONGEST_URL = 150, 4000, 200


class MessageForm(Form):
    """To whom, the words (plain text), a page of this site to open; one `key` is sent once."""

    to = SelectField(_l("Gửi đến"), validators=[required(_l("Hãy chọn nhóm trường nhận thông báo."))])
    ward = SelectField(_l("Xã, phường"), validators=[Optional()])
    title = TextField(_l("Tiêu đề"), validators=[required(_l("Hãy ghi tiêu đề.")), length(LONGEST_TITLE)])
    body = TextAreaField(_l("Nội dung"), validators=[required(_l("Hãy ghi nội dung.")), length(LONGEST_BODY)])
    url = TextField(_l("Liên kết đến trang trong hệ thống"), validators=[Optional(), length(LONGEST_URL)])
    key = HiddenField()

    def offer(self, offers: Sequence[Offer], wards: Sequence[OrganisationUnit]) -> None:
        """Set the groups and the wards to choose from."""
        self.to.choices = [SelectChoice(one.code, gettext(one.words) % one.params) for one in offers]
        everywhere = SelectChoice("", gettext("Tất cả"))
        self.ward.choices = [everywhere, *(SelectChoice(ward.uid, ward.name) for ward in wards)]

    def validate_url(self, field: Field) -> None:
        """A local address; a whole address of this site is cut down to it."""
        text = field.data.removeprefix(current_app.config["BASE_URL"]) or "/"
        local = text.startswith("/") and not text.startswith("//") and "\\" not in text and " " not in text
        if not local:
            raise ValidationError(
                gettext("Chỉ nhận liên kết trong hệ thống, bắt đầu bằng dấu /, ví dụ /assessments.")
            )
        field.data = text
