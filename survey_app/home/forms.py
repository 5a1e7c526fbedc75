"""The filter of the audit trail."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField
from wtforms.validators import Optional as Maybe
from wtforms.validators import ValidationError

from survey_app.core.forms import DateField, Form, TextField, length


class AuditForm(Form):
    """Who, what, from when to when; read from the address."""

    class Meta:
        csrf = False

    person = TextField(_l("Người thực hiện"), validators=[length(120)])
    action = SelectField(_l("Việc"), validate_choice=False)
    first = DateField(_l("Từ ngày"), validators=[Maybe()])
    last = DateField(_l("Đến ngày"), validators=[Maybe()])
    denied = BooleanField(_l("Chỉ thao tác bị từ chối"))

    def validate_last(self, field: DateField) -> None:
        """A span that ends before it begins finds nothing and looks like an empty trail."""
        if self.first.data and field.data and field.data < self.first.data:
            raise ValidationError(gettext("“Đến ngày” phải từ “Từ ngày” trở đi."))
