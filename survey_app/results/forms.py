"""Forms of the room."""

from flask_babel import lazy_gettext as _l

from survey_app.core.forms import Form, TextAreaField, length, required


class UnpublishForm(Form):
    """Why a result is withdrawn from publication."""

    reason = TextAreaField(_l("Lý do"), validators=[required(_l("Hãy ghi lý do hủy công bố.")), length(500)])
